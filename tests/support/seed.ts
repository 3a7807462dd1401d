/**
 * The seed of randomised tests: from `TIDEWIRE_SEED` if that is set and may be read, else
 * a new one each time. fast-check prints it with every failure.
 *
 * ```sh
 * TIDEWIRE_SEED=1234 deno task test
 * ```
 *
 * @module
 */

/** How many runs a property is given, and how long they may take together. */
export interface Effort {
  readonly numRuns: number;
  /** Stops early after this many milliseconds, without failing. */
  readonly interruptAfterTimeLimit: number;
}

/** Parameters for `fc.assert`. */
export function seeded(effort: Effort): Effort & { seed?: number } {
  const seed = environmentSeed();
  return seed === undefined ? effort : { ...effort, seed };
}

/** Never prompts: without the permission there is no seed. */
function environmentSeed(): number | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: "TIDEWIRE_SEED" });
  if (state !== "granted") return undefined;
  const text = Deno.env.get("TIDEWIRE_SEED");
  if (text === undefined || text === "") return undefined;
  const seed = Number(text);
  if (!Number.isInteger(seed)) throw new TypeError(`TIDEWIRE_SEED must be an integer: ${text}`);
  return seed;
}
