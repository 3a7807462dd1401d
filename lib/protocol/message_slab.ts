/**
 * Memory for small binary messages. Those that arrive in one input share one buffer, each
 * with a range of its own, because making a view costs a tenth of making a buffer.
 *
 * @module
 */

/** A longer message, in bytes, gets a buffer of its own. */
const LONGEST_SHARED = 1024;
/** The largest shared buffer, in bytes: what one kept message can keep alive. */
const SLAB_BYTES = 4096;
/** Up to this many bytes a loop beats a call into the runtime. */
const SHORT = 64;

const EMPTY = new Uint8Array(0);

/** Copies messages out of the input, for whoever receives them to keep and to change. */
export class MessageSlab {
  #slab: Uint8Array<ArrayBuffer> = EMPTY;
  #used = 0;
  #inputEnd = 0;

  /** New input begins, which reaches to position `end`. Nothing is shared across inputs. */
  beginInput(end: number): void {
    this.#slab = EMPTY;
    this.#used = 0;
    this.#inputEnd = end;
  }

  /** A copy of `bytes[start, end)`. */
  copy(bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
    const length = end - start;
    if (length > LONGEST_SHARED) return new Uint8Array(bytes.subarray(start, end));
    // A receiver may have detached the buffer; then its length is 0, and a new one is made.
    if (this.#slab.length - this.#used < length) {
      this.#slab = new Uint8Array(Math.min(SLAB_BYTES, this.#inputEnd - start));
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
