/**
 * Bytes on their way out: frames are appended to one growing buffer, which then leaves
 * in one write.
 *
 * @module
 */

/** The first buffer's size, in bytes. */
const INITIAL_BYTES = 4096;
/**
 * A buffer that grew beyond this, in bytes, is not kept once it was taken. It is what a
 * message of 64 KiB needs with its header.
 */
const KEPT_BYTES = 131_072;

const EMPTY = new Uint8Array(0);
const EMPTY_VIEW = new DataView(EMPTY.buffer);

/** A buffer that grows at its end. It holds no memory until something is written. */
export class OutputBuffer {
  /** The memory; `bytes[0, length)` is what was written. */
  bytes: Uint8Array<ArrayBuffer> = EMPTY;
  /** The same memory, for words. */
  view: DataView = EMPTY_VIEW;
  /** How many bytes were written. */
  length = 0;
  /** The memory that is taken, or that waits for its next use. */
  #spare: Uint8Array<ArrayBuffer> = EMPTY;
  #spareView: DataView = EMPTY_VIEW;

  /**
   * Makes room for `size` more bytes and returns the position of the first; the caller
   * writes them and then moves `length`.
   */
  reserve(size: number): number {
    const needed = this.length + size;
    if (needed > this.bytes.length) this.#grow(needed);
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
    const { bytes, view } = this;
    const taken = new Uint8Array(bytes.buffer, 0, this.length);
    this.bytes = this.#spare;
    this.view = this.#spareView;
    this.#spare = bytes;
    this.#spareView = view;
    this.length = 0;
    return taken;
  }

  /** What was taken is free again. Memory of an uncommon size is not kept. */
  giveBack(): void {
    if (this.#spare.length > KEPT_BYTES) this.#dropSpare();
    if (this.length > 0) return;
    // With nothing written meanwhile, one buffer is enough for the next time.
    this.bytes = this.#spare;
    this.view = this.#spareView;
    this.#dropSpare();
  }

  /** Gives up the memory, unless something is written or taken. */
  trim(): void {
    if (this.length > 0 || this.#spare.length > 0) return;
    this.bytes = EMPTY;
    this.view = EMPTY_VIEW;
  }

  #dropSpare(): void {
    this.#spare = EMPTY;
    this.#spareView = EMPTY_VIEW;
  }

  #grow(needed: number): void {
    let size = Math.max(INITIAL_BYTES, this.bytes.length);
    while (size < needed) size *= 2;
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes.subarray(0, this.length));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}
