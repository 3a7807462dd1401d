/**
 * Which cases are run on an implementation that compresses. All 517 take minutes, most of them for
 * long messages of sections 12 and 13. So these take turns: each day has its part, and after four
 * weeks every case has had its turn.
 *
 * `TIDEWIRE_CONFORMANCE` names a day, 1 to 28, to repeat it; with `all`, nothing is left out.
 */
import type { Case } from "../../../autobahn/suite/model/case.ts";

/** How many days it takes until the turns begin anew. */
export const DAYS = 28;

const VARIABLE = "TIDEWIRE_CONFORMANCE";
const DAY_MS = 24 * 60 * 60 * 1000;

/** The cases of each group that are run every time: 256 bytes, and 4 KiB. */
const ALWAYS: readonly number[] = [3, 5];

/** Groups of text that does not compress well: the fragments are many. */
const DEAR: readonly string[] = ["12.2", "12.3", "12.5"];
/** What the 18 cases of a group cost, and those of a dear one: seconds where it was measured. */
const COSTS = [1.4, 1.3, 1, 1.3, 1.2, 1.7, 1.5, 1.9, 2.6, 3.4, 2.4, 2.6, 3.8, 7.7, 14, 7, 5.5, 3.6];
const DEAR_COSTS = [1.3, 1.1, 1.1, 2.2, 2.3, 2.6, 3.9, 6, 10, 14, 12, 13, 20, 50, 105, 35, 22, 16];

/** What is run: the part of a day, from 1, or everything. */
export type Choice = number | "all";

/**
 * What the environment asks for, else today.
 *
 * @throws {TypeError} when it asks for something else.
 */
export function readChoice(text: string | undefined = variable(), now = Date.now()): Choice {
  if (text === undefined || text === "") return Math.floor(now / DAY_MS) % DAYS + 1;
  if (text === "all") return text;
  const day = Number(text);
  if (/^\d+$/.test(text) && day >= 1 && day <= DAYS) return day;
  throw new TypeError(`${VARIABLE} must be "all" or a day, 1 to ${DAYS}: ${text}`);
}

/** A choice in words. */
export function choiceText(choice: Choice): string {
  return choice === "all" ? "none left out" : `day ${choice} of ${DAYS}`;
}

/** How a run with this choice is repeated. */
export function repeatText(choice: Choice): string {
  return `Repeat it with ${VARIABLE}=${choice} in the environment`;
}

/**
 * The cases that are run. Those of the day, the dearest first, stand among the others, which wait
 * more than they work: where several run at a time, the work goes into the waits.
 *
 * @param shift So many days ahead: no two implementations have the dearest cases on the same day.
 */
export function chosen(
  cases: readonly Case[],
  choice: Choice,
  { shift = 0 }: { readonly shift?: number } = {},
): readonly Case[] {
  if (choice === "all") return cases;
  const part = deal(cases.filter(takesTurns))[(choice - 1 + shift) % DAYS]!;
  const others = cases.filter((each) => !takesTurns(each));
  const gap = Math.ceil(others.length / part.length);
  return others.flatMap((each, index) =>
    index % gap === 0 ? [...part.slice(index / gap, index / gap + 1), each] : [each]
  );
}

/** What a case of section 12 or 13 costs, beside others; another one nothing. */
export function costOf({ id }: Case): number {
  const [section, group, position] = id.split(".").map(Number);
  if (section !== 12 && section !== 13) return 0;
  const costs = DEAR.includes(`${section}.${group}`) ? DEAR_COSTS : COSTS;
  return costs[position! - 1]!;
}

function takesTurns(testCase: Case): boolean {
  return costOf(testCase) > 0 && !ALWAYS.includes(Number(testCase.id.split(".")[2]));
}

/** Deals cases out to the days, the dearest first, each to the day that costs least so far. */
function deal(cases: readonly Case[]): readonly (readonly Case[])[] {
  const days = Array.from({ length: DAYS }, () => ({ cases: [] as Case[], cost: 0 }));
  for (const testCase of cases.toSorted((a, b) => costOf(b) - costOf(a))) {
    const day = days.reduce((least, each) => each.cost < least.cost ? each : least);
    day.cases.push(testCase);
    day.cost += costOf(testCase);
  }
  return days.map(({ cases }) => cases);
}

/** Never prompts: without the permission it is not read. */
function variable(): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: VARIABLE });
  return state === "granted" ? Deno.env.get(VARIABLE) : undefined;
}
