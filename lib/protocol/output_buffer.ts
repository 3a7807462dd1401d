/**
 * Bytes on their way out: frames are appended to one growing buffer, which then leaves
 * in one write.
 *
 * @module
 */
import { giveMemory, NO_MEMORY, type OutputMemory, takeMemory } from "./output_memory.ts";

/** A buffer that grows at its end. It holds memory only for what is written or on its way. */
export class OutputBuffer {
  /** How many bytes were written. */
  length = 0;
  #memory: OutputMemory = NO_MEMORY;
  #taken: OutputMemory = NO_MEMORY;

  /** The memory; `bytes[0, length)` is what was written. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#memory.bytes;
  }

  /** The same memory, for words. */
  get view(): DataView {
    return this.#memory.view;
  }

  /**
   * Makes room for `size` more bytes and returns the position of the first; the caller
   * writes them and then moves `length`.
   */
  reserve(size: number): number {
    const needed = this.length + size;
    if (needed > this.#memory.bytes.length) this.#grow(needed);
    return this.length;
  }

  /** Appends `bytes`. */
  append(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.bytes.set(bytes, at);
    this.length = at + bytes.length;
  }

  /**
   * Hands out all that was written, for a write to borrow, and starts anew in other memory.
   * One at a time: the owner calls {@linkcode OutputBuffer.giveBack} before the next.
   */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#memory.start(this.length);
    this.#taken = this.#memory;
    this.#memory = NO_MEMORY;
    this.length = 0;
    return taken;
  }

  /** What was taken is free again: other connections write to it, so nobody may look at it. */
  giveBack(): void {
    const taken = this.#taken;
    this.#taken = NO_MEMORY;
    giveMemory(taken);
  }

  #grow(needed: number): void {
    const before = this.#memory;
    const memory = takeMemory(needed);
    memory.bytes.set(before.bytes.subarray(0, this.length));
    this.#memory = memory;
    giveMemory(before);
  }
}
