/**
 * The order of case numbers: by their parts as numbers, so that 9.1.2 is before 13.1.1.
 *
 * @module
 */

/** Less than 0 where `a` comes before `b`, more than 0 where it comes after, 0 for the same. */
export function compareIds(a: string, b: string): number {
  const left = a.split(".").map(Number);
  const right = b.split(".").map(Number);
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = (left[at] ?? -1) - (right[at] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
