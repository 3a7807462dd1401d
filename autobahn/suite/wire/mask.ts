/**
 * Masking (RFC 6455 §5.3): keys that cannot be foreseen, and the exclusive or.
 *
 * @module
 */

/** As much as the source gives at a time. */
const POOL_BYTES = 65_536;
let pool = new Uint8Array(0);
let used = 0;

/** Four bytes from a strong source of randomness, which belong to the caller. */
export function randomMask(): Uint8Array {
  if (used === pool.length) {
    pool = crypto.getRandomValues(new Uint8Array(POOL_BYTES));
    used = 0;
  }
  used += 4;
  return pool.subarray(used - 4, used);
}

/**
 * Masks, or unmasks, `bytes[start, end)` where it lies. `phase` is how many bytes of the payload
 * came before.
 */
export function applyMask(
  bytes: Uint8Array,
  { key, start, end, phase = 0 }: { key: Uint8Array; start: number; end: number; phase?: number },
): void {
  let at = start;
  let turn = phase & 3;
  const [k0, k1, k2, k3] = [key[turn]!, key[turn + 1 & 3]!, key[turn + 2 & 3]!, key[turn + 3 & 3]!];
  const turned = [k0, k1, k2, k3];
  turn = 0;
  while (at < end && (bytes.byteOffset + at & 3) !== 0) {
    bytes[at]! ^= turned[turn++ & 3]!;
    at++;
  }
  const words = end - at >> 2;
  if (words > 0) {
    const word = new Uint8Array(4);
    for (let i = 0; i < 4; i++) word[i] = turned[turn + i & 3]!;
    // One word holds the key in the order in which memory holds it, whatever the machine.
    const mask = new Uint32Array(word.buffer)[0]!;
    const view = new Uint32Array(bytes.buffer, bytes.byteOffset + at, words);
    for (let i = 0; i < words; i++) view[i]! ^= mask;
    at += words * 4;
  }
  for (; at < end; at++) bytes[at]! ^= turned[turn++ & 3]!;
}
