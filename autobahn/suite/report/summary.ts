/**
 * Counts verdicts, section by section.
 *
 * @module
 */
import { type Behavior, BEHAVIORS, isFault } from "../model/behavior.ts";
import { compareIds } from "../model/ids.ts";
import type { CaseResult } from "../model/result.ts";
import { sectionOf } from "./groups.ts";
import { byAgent } from "./index_json.ts";

/** How often each verdict was given; those that were not given are 0. */
export type Tally = Readonly<Record<Behavior, number>>;

/** The verdicts of one section, or of all. */
export interface SectionSummary {
  /** How many cases were run. */
  readonly cases: number;
  /** What the agent did. */
  readonly behavior: Tally;
  /** How its connections ended. */
  readonly behaviorClose: Tally;
}

/** The verdicts of one agent. */
export interface AgentSummary {
  /** Its name. */
  readonly agent: string;
  /** The part that it played. */
  readonly role: "client" | "server";
  /** By the number of the section, in order. */
  readonly sections: ReadonlyMap<string, SectionSummary>;
  /** All sections together. */
  readonly total: SectionSummary;
  /** All cases, in order. */
  readonly results: readonly CaseResult[];
  /** Those in which one of both verdicts is a fault, in order. */
  readonly faults: readonly CaseResult[];
}

/** Sums up the results of each agent. */
export function summarize(results: readonly CaseResult[]): AgentSummary[] {
  return [...byAgent(results)].map(([agent, own]) => {
    const sorted = own.toSorted((a, b) => compareIds(a.id, b.id));
    const sections = Map.groupBy(sorted, (result) => sectionOf(result.id));
    return {
      agent,
      role: own.some((result) => result.isServer) ? "client" : "server",
      sections: new Map([...sections].map(([section, part]) => [section, summary(part)])),
      total: summary(own),
      results: sorted,
      faults: sorted.filter(hasFault),
    };
  });
}

/** Whether one of both verdicts is a fault. */
export function hasFault({ behavior, behaviorClose }: CaseResult): boolean {
  return isFault(behavior) || isFault(behaviorClose);
}

function summary(results: readonly CaseResult[]): SectionSummary {
  return {
    cases: results.length,
    behavior: tally(results.map((result) => result.behavior)),
    behaviorClose: tally(results.map((result) => result.behaviorClose)),
  };
}

function tally(verdicts: readonly Behavior[]): Tally {
  const counts = BEHAVIORS.map((behavior) =>
    [behavior, verdicts.filter((verdict) => verdict === behavior).length] as const
  );
  return Object.fromEntries(counts) as Record<Behavior, number>;
}
