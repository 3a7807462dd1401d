/**
 * Memory for small binary messages. Those of one connection that follow each other share a
 * buffer, each with a range of its own, because making a view costs a tenth of making a
 * buffer.
 *
 * @module
 */

/** A longer message, in bytes, gets a buffer of its own. */
const LONGEST_SHARED = 1024;
/**
 * The largest shared buffer, in bytes: what one kept message can keep alive. Buffers double
 * up to this size, so that a connection that says little holds little.
 */
const SLAB_BYTES = 4096;
/** Up to this many bytes a loop beats a call into the runtime. */
const SHORT = 64;

const EMPTY = new Uint8Array(0);

/** Copies messages out of the input, for whoever receives them to keep and to change. */
export class MessageSlab {
  #slab: Uint8Array<ArrayBuffer> = EMPTY;
  #used = 0;
  #inputEnd = 0;

  /** New input begins, which reaches to position `end`. */
  beginInput(end: number): void {
    this.#inputEnd = end;
  }

  /** Gives the memory up that no message has taken yet. */
  trim(): void {
    this.#slab = EMPTY;
    this.#used = 0;
  }

  /** A copy of `bytes[start, end)`. */
  copy(bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
    const length = end - start;
    if (length > LONGEST_SHARED) return new Uint8Array(bytes.subarray(start, end));
    // A receiver may have detached the buffer; then its length is 0, and a new one is made.
    if (this.#slab.length - this.#used < length) {
      const size = Math.max(this.#inputEnd - start, 2 * this.#slab.length);
      this.#slab = new Uint8Array(Math.min(SLAB_BYTES, size));
      this.#used = 0;
    }
    const slab = this.#slab;
    const from = this.#used;
    this.#used = from + length;
    if (length <= SHORT) {
      for (let i = 0; i < length; i++) slab[from + i] = bytes[start + i]!;
    } else {
      slab.set(bytes.subarray(start, end), from);
    }
    return new Uint8Array(slab.buffer, from, length);
  }
}
