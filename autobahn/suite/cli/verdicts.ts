/**
 * The two verdicts of each case, and where they differ from those that were expected.
 *
 * A difference for the better counts as well: what was gained once is written down, so that it
 * cannot be lost unnoticed.
 *
 * @module
 */
import { type Behavior, BEHAVIORS } from "../model/behavior.ts";
import { alignColumns } from "./columns.ts";

/** What one case says. */
export interface Verdict {
  readonly behavior: Behavior;
  readonly behaviorClose: Behavior;
}

/** Verdicts by the number of the case. */
export type Verdicts = ReadonlyMap<string, Verdict>;

/**
 * How a verdict differs: `"changed"` is better in one column and worse in the other; `"missing"`
 * was expected and is not there, `"new"` is there and was not expected.
 */
export type Change = "worse" | "better" | "changed" | "missing" | "new";

/** One case that is not as expected. */
export interface Drift {
  readonly id: string;
  readonly change: Change;
  readonly expected: Verdict | undefined;
  readonly found: Verdict | undefined;
}

/** The cases whose verdicts differ, in the order of `expected`, new ones at the end. */
export function compareVerdicts(found: Verdicts, expected: Verdicts): readonly Drift[] {
  const drifts: Drift[] = [];
  for (const id of new Set([...expected.keys(), ...found.keys()])) {
    const change = changeOf(found.get(id), expected.get(id));
    if (change === undefined) continue;
    drifts.push({ id, change, expected: expected.get(id), found: found.get(id) });
  }
  return drifts;
}

function changeOf(found: Verdict | undefined, expected: Verdict | undefined): Change | undefined {
  if (expected === undefined) return "new";
  if (found === undefined) return "missing";
  const steps = [
    rank(found.behavior) - rank(expected.behavior),
    rank(found.behaviorClose) - rank(expected.behaviorClose),
  ];
  if (steps.every((step) => step === 0)) return undefined;
  if (steps.every((step) => step >= 0)) return "worse";
  return steps.every((step) => step <= 0) ? "better" : "changed";
}

function rank(behavior: Behavior): number {
  return BEHAVIORS.indexOf(behavior);
}

/** Both columns in words: `OK / FAILED BY CLIENT`. */
export function verdictText(verdict: Verdict | undefined): string {
  return verdict === undefined ? "(none)" : `${verdict.behavior} / ${verdict.behaviorClose}`;
}

/** Says line by line what differs, aligned for a terminal, and how many of how many cases. */
export function driftText(
  drifts: readonly Drift[],
  { total, source }: { readonly total: number; readonly source: string },
): string {
  if (drifts.length === 0) return `All of ${total} results are as in ${source}.`;
  const rows = [
    ["case", "", "expected", "found"],
    ...drifts.map(({ id, change, expected, found }) => [
      id,
      change,
      verdictText(expected),
      verdictText(found),
    ]),
  ];
  return [
    ...alignColumns(rows),
    `${drifts.length} of ${total} results are not as in ${source}.`,
  ].join("\n");
}

/** Whether nothing of it is for the worse, so that the expected results are to be updated. */
export function isGain(drifts: readonly Drift[]): boolean {
  return drifts.every(({ change }) => change === "better" || change === "new");
}
