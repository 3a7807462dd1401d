/**
 * Bytes of payloads: from hex, and repeated.
 *
 * @module
 */

/** The bytes that `digits` stands for, two a byte; spaces are ignored. */
export function fromHex(digits: string): Uint8Array {
  const pairs = digits.replaceAll(" ", "").match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

/** Bytes as hex digits, two a byte, without spaces. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** `length` times the same byte. */
export function filled(byte: number, length: number): Uint8Array {
  return new Uint8Array(length).fill(byte);
}

/** `pattern`, which is not empty, repeated to `length` bytes. */
export function repeated(pattern: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set(pattern.subarray(0, length));
  // What is there already is doubled, so that a long payload takes few copies.
  for (let have = Math.min(pattern.length, length); have < length; have *= 2) {
    bytes.copyWithin(have, 0, Math.min(have, length - have));
  }
  return bytes;
}
