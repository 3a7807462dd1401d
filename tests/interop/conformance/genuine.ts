/** The verdicts of the genuine Autobahn|Testsuite, and where ours are others. */
import type { Behavior } from "../../../autobahn/suite/model/behavior.ts";
import type { CaseResult } from "../../../autobahn/suite/model/result.ts";
import { ROOT } from "../paths.ts";

/** Both verdicts, and the code of the testee's close frame. */
export type GenuineVerdict = readonly [
  behavior: Behavior,
  behaviorClose: Behavior,
  remoteCloseCode: number | null,
];

/** Verdicts by the number of their case. */
export type GenuineVerdicts = ReadonlyMap<string, GenuineVerdict>;

/** Reads a file of `genuine/`, named without its ending. */
export function readGenuine(name: string): GenuineVerdicts {
  const file = `${ROOT}/tests/interop/conformance/genuine/${name}.json`;
  return new Map(Object.entries(JSON.parse(Deno.readTextFileSync(file))));
}

/** A line for each result that is not what the genuine suite says. */
export function differences(results: readonly CaseResult[], genuine: GenuineVerdicts): string[] {
  return results.flatMap(({ id, behavior, behaviorClose, remoteCloseCode, result }) => {
    const ours = [behavior, behaviorClose, remoteCloseCode].join(", ");
    const theirs = genuine.get(id)?.join(", ") ?? "nothing";
    // A join makes no difference of null and an empty text, and neither is a code.
    return ours === theirs ? [] : [`${id}: genuine ${theirs}; ours ${ours}: ${result}`];
  });
}
