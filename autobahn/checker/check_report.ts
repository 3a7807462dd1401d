/**
 * Checks a report: every case is there, and its verdicts are those that are expected.
 *
 * @module
 */
import { EXIT_CODE, type ExitCode } from "../suite/cli/exit_codes.ts";
import { compareVerdicts, driftText, isGain, type Verdicts } from "../suite/cli/verdicts.ts";
import { isFault } from "../suite/model/behavior.ts";
import { summaryText } from "./summary.ts";

/** What a report is held against. */
export interface CheckOptions {
  /** What is expected, and the file where it stands. @default no fault in any case */
  readonly expected?: { readonly verdicts: Verdicts; readonly source: string } | undefined;
  /** How many cases there must be. */
  readonly count: number;
  /** How to make what is found the expected. */
  readonly updateHint: string;
}

/** What the check came to. */
export interface Check {
  readonly code: ExitCode;
  /** A table, and what is wrong with it. */
  readonly text: string;
}

/** Checks the verdicts of one agent. */
export function checkVerdicts(agent: string, found: Verdicts, options: CheckOptions): Check {
  const { expected, count } = options;
  const problems = found.size === count
    ? []
    : [`There must be ${count} cases, and there are ${found.size}.`];
  const comparison = expected === undefined ? withoutFaults(found) : asExpected(found, options);
  const drifted = problems.length > 0 ? EXIT_CODE.DRIFT : comparison.code;
  const text = [summaryText(agent, found), "", ...problems, comparison.text].join("\n");
  return { code: drifted, text };
}

function withoutFaults(found: Verdicts): Check {
  const faults =
    [...found.values()].filter(({ behavior, behaviorClose }) =>
      isFault(behavior) || isFault(behaviorClose)
    ).length;
  if (faults === 0) return { code: EXIT_CODE.OK, text: "No case has a fault." };
  return { code: EXIT_CODE.FAULTS, text: `${faults} of ${found.size} cases have a fault.` };
}

function asExpected(
  found: Verdicts,
  { expected = { verdicts: new Map(), source: "" }, updateHint }: CheckOptions,
): Check {
  const drifts = compareVerdicts(found, expected.verdicts);
  const text = driftText(drifts, { total: expected.verdicts.size, source: expected.source });
  if (drifts.length === 0) return { code: EXIT_CODE.OK, text };
  const hint = isGain(drifts) ? `\nNothing is worse: keep it with ${updateHint}.` : "";
  return { code: EXIT_CODE.DRIFT, text: text + hint };
}
