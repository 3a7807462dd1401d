/**
 * Results as JSON on standard output.
 *
 * @module
 */
import type { CaseResult } from "../model/result.ts";
import { canonicalJson } from "./canonical_json.ts";
import { byAgent } from "./index_json.ts";

/**
 * Writes both verdicts of every case, as in `index.json`, with their sentences instead of the
 * names of files: `{agent: {case: {behavior, behaviorClose, duration, remoteCloseCode, result,
 * resultClose}}}`. It ends with a line feed.
 */
export function formatJson(results: readonly CaseResult[]): string {
  const agents = [...byAgent(results)].map(([agent, own]) =>
    [agent, new Map(own.map((result) => [result.id, shortened(result)]))] as const
  );
  return `${canonicalJson(new Map(agents))}\n`;
}

function shortened(result: CaseResult): Partial<CaseResult> {
  const { behavior, behaviorClose, duration, remoteCloseCode, resultClose } = result;
  return { behavior, behaviorClose, duration, remoteCloseCode, result: result.result, resultClose };
}
