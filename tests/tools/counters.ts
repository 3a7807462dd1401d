/**
 * Keeps count for the modules that `instrument.ts` has rewritten, and writes what was
 * seen to `.cache/conditions/seen/` when the program ends.
 *
 * @module
 */

/** Bits by the index of the condition: 1 for its first outcome, 2 for its second. */
const seen: number[] = [];

/** Notes that a condition was false (1) or true (2), and hands its value on. */
export function seeTruth<T>(index: number, value: T): T {
  seen[index] = (seen[index] ?? 0) | (value ? 2 : 1);
  return value;
}

/** Notes that a value was there (1) or missing (2), and hands it on. */
export function seePresence<T>(index: number, value: T): T {
  seen[index] = (seen[index] ?? 0) | (value === null || value === undefined ? 2 : 1);
  return value;
}

/** Notes that a default value was used (1), and hands it on. */
export function seeUse<T>(index: number, value: T): T {
  seen[index] = 1;
  return value;
}

globalThis.addEventListener("unload", () => {
  const path = `../../.cache/conditions/seen/${crypto.randomUUID()}.json`;
  Deno.writeTextFileSync(new URL(path, import.meta.url), JSON.stringify(seen));
});
