/**
 * Masking (RFC 6455 §5.3): every byte from a client is XORed with a key of four bytes.
 *
 * A key is held as a 32-bit integer whose highest byte masks first, so that a big-endian
 * word of payload and the key meet in one XOR.
 *
 * @module
 */

/** How many keys are drawn from the generator at a time. */
const KEYS_PER_BATCH = 512;

/**
 * XORs `bytes[start, end)` with `key`, in place; masking and unmasking are the same.
 *
 * Returns the key for the byte at `end`, so that a payload that comes in pieces can be
 * unmasked piece by piece. `view` must look at the same memory as `bytes`.
 */
export function applyMask(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  key: number,
): number {
  if (key === 0) return 0;
  let at = start;
  for (const last = end - 16; at <= last; at += 16) {
    view.setInt32(at, view.getInt32(at) ^ key);
    view.setInt32(at + 4, view.getInt32(at + 4) ^ key);
    view.setInt32(at + 8, view.getInt32(at + 8) ^ key);
    view.setInt32(at + 12, view.getInt32(at + 12) ^ key);
  }
  for (const last = end - 4; at <= last; at += 4) {
    view.setInt32(at, view.getInt32(at) ^ key);
  }
  let next = key;
  for (; at < end; at++) {
    bytes[at]! ^= next >>> 24;
    next = (next << 8) | (next >>> 24);
  }
  return next;
}

/**
 * Fresh masking keys, drawn in batches from a cryptographic generator, because a key must
 * not be predictable (RFC 6455 §10.3) and one call for each frame would be slow.
 */
export class MaskKeys {
  readonly #fillRandom: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly #bytes = new Uint8Array(4 * KEYS_PER_BATCH);
  readonly #keys = new Int32Array(this.#bytes.buffer);
  #used = KEYS_PER_BATCH;

  /** Takes what fills an array with random bytes, such as `crypto.getRandomValues`. */
  constructor(fillRandom: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#fillRandom = fillRandom;
  }

  /** The next key, a signed 32-bit integer. */
  next(): number {
    if (this.#used === KEYS_PER_BATCH) {
      this.#fillRandom(this.#bytes);
      this.#used = 0;
    }
    return this.#keys[this.#used++]!;
  }
}
