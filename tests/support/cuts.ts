/**
 * The same bytes cut in many ways: whatever reads a stream has to read the same from each.
 *
 * @module
 */

/** The pieces between the positions `cuts`, each a copy with memory of its own. */
export function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array<ArrayBuffer>[] {
  const ends = [...cuts, bytes.length];
  return ends.map((end, index) => bytes.slice(ends[index - 1] ?? 0, end));
}

/** Pieces of `size` bytes and what is left. */
export function piecesOf(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer>[] {
  const cuts = Array.from(
    { length: Math.ceil(bytes.length / size) - 1 },
    (_, index) => (index + 1) * size,
  );
  return cutAt(bytes, cuts);
}

/**
 * Every way of cutting that is worth the time: whole, in two at each position, and in
 * pieces of one size, from a byte on.
 */
export function* everyCut(bytes: Uint8Array): Generator<Uint8Array<ArrayBuffer>[]> {
  yield cutAt(bytes, []);
  for (let at = 0; at <= bytes.length; at++) yield cutAt(bytes, [at]);
  for (const size of [1, 2, 3, 4, 5, 7, 8, 13, 16, 64]) yield piecesOf(bytes, size);
}
