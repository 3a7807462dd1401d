/**
 * `index.json`: what every agent did in every case, in short.
 *
 * @module
 */
import type { Behavior } from "../model/behavior.ts";
import type { CaseResult } from "../model/result.ts";
import { caseFileName, fileStem, stemOf } from "./file_names.ts";

/** One case of one agent in the index. */
export interface IndexEntry {
  readonly behavior: Behavior;
  readonly behaviorClose: Behavior;
  /** Milliseconds from the open connection to its end. */
  readonly duration: number;
  readonly remoteCloseCode: number | null;
  /** The file beside the index that has the whole result. */
  readonly reportfile: string;
}

/** The index: agents, each with its cases by number. */
export type Index = ReadonlyMap<string, ReadonlyMap<string, IndexEntry>>;

/** Results by agent, in the order in which agents first appear. */
export function byAgent(results: readonly CaseResult[]): Map<string, CaseResult[]> {
  return Map.groupBy(results, (result) => result.agent);
}

/**
 * Makes the index of `results`, and keeps in it the agents of `earlier` that have no new results.
 *
 * An agent that was tested again is replaced as a whole, so that what is told of it stems from
 * one run.
 */
export function mergeIndex(earlier: Index, results: readonly CaseResult[]): Index {
  const tested = byAgent(results);
  const merged = new Map([...earlier].filter(([agent]) => !tested.has(agent)));
  const taken = new Set(
    [...merged.values()].flatMap((cases) => [...cases.values()])
      .flatMap((entry) => stemOf(entry.reportfile) ?? []),
  );
  for (const [agent, own] of tested) {
    const stem = fileStem(agent, taken);
    taken.add(stem);
    merged.set(agent, new Map(own.map((result) => [result.id, indexEntry(result, stem)])));
  }
  return merged;
}

function indexEntry(result: CaseResult, stem: string): IndexEntry {
  const { behavior, behaviorClose, duration, remoteCloseCode } = result;
  const reportfile = caseFileName(stem, result.id);
  return { behavior, behaviorClose, duration, remoteCloseCode, reportfile };
}
