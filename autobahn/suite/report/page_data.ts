/**
 * What the report page carries: a small index of everything, and the results of each section of
 * each agent, packed.
 *
 * @module
 */
import { deflateRawSync } from "node:zlib";
import type { Behavior } from "../model/behavior.ts";
import type { CaseResult, WireLogLine } from "../model/result.ts";
import { byAgent } from "./index_json.ts";
import { compareIds } from "../model/ids.ts";

/**
 * One agent in one case: both verdicts, the duration in milliseconds, the agent's close code, and
 * the places of both sentences in the list of sentences; null where the case was not run.
 */
export type PageCell =
  | [Behavior, Behavior, duration: number, code: number | null, result: number, close: number]
  | null;

/** The index of the page. */
export interface PageIndex {
  /** Names of sections and groups by their numbers. */
  readonly groups: Readonly<Record<string, string>>;
  readonly behaviors: readonly Behavior[];
  /** In the order of their numbers. */
  readonly cases: readonly PageCase[];
  readonly agents: readonly PageAgent[];
  readonly sentences: readonly string[];
}

/** What is the same of a case for all agents. */
export interface PageCase {
  readonly id: string;
  readonly description: string;
  readonly rule: string;
}

/** An agent, with a cell for every case. */
export interface PageAgent {
  readonly name: string;
  readonly role: "client" | "server";
  /** When its last case began, in ISO 8601. */
  readonly tested: string;
  readonly cells: readonly PageCell[];
}

/** The packed results of one section of one agent. */
export interface PagePack {
  /** The place of the agent in the index. */
  readonly agent: number;
  readonly section: string;
  /** JSON of the results by number, compressed with raw deflate, in base64. */
  readonly packed: string;
}

/** Lines of a wire log that a page keeps; the JSON of the case has all. */
const MAX_LINES = 1_500;

/** Makes the index of the page. */
export function pageIndex(
  results: readonly CaseResult[],
  { groups, behaviors }: Pick<PageIndex, "groups" | "behaviors">,
): PageIndex {
  const known = new Map(results.map((result) => [result.id, result]));
  const cases = [...known.values()].sort((a, b) => compareIds(a.id, b.id))
    .map(({ id, description, rule }) => ({ id, description, rule }));
  const sentences = new Map<string, number>();
  const place = (sentence: string): number => {
    const known = sentences.get(sentence) ?? sentences.size;
    sentences.set(sentence, known);
    return known;
  };
  const agents = [...byAgent(results)].map(([name, own]) => {
    const byId = new Map(own.map((result) => [result.id, result]));
    return {
      name,
      role: own.some((result) => result.isServer) ? "client" as const : "server" as const,
      tested: own.map((result) => result.started).sort().at(-1) ?? "",
      cells: cases.map(({ id }) => cellOf(byId.get(id), place)),
    };
  });
  return { groups, behaviors, cases, agents, sentences: [...sentences.keys()] };
}

function cellOf(result: CaseResult | undefined, place: (sentence: string) => number): PageCell {
  if (result === undefined) return null;
  const { behavior, behaviorClose, duration, remoteCloseCode } = result;
  const sentences = [place(result.result), place(result.resultClose)] as const;
  return [behavior, behaviorClose, duration, remoteCloseCode, ...sentences];
}

/** Packs the results, section by section, so that a page unpacks only what is looked at. */
export function packResults(results: readonly CaseResult[]): PagePack[] {
  return [...byAgent(results).values()].flatMap((own, agent) =>
    [...Map.groupBy(own, (result) => result.id.split(".", 1)[0] ?? "")].map(([section, part]) => {
      const byId = Object.fromEntries(
        part.map((result) => [result.id, { ...result, wirelog: shortened(result.wirelog) }]),
      );
      const packed = deflateRawSync(JSON.stringify(byId), { level: 9 }).toString("base64");
      return { agent, section, packed };
    })
  );
}

/** The beginning and the end of a very long log, with a gap between them. */
function shortened(wirelog: readonly WireLogLine[]): readonly WireLogLine[] {
  if (wirelog.length <= MAX_LINES) return wirelog;
  const half = MAX_LINES / 2;
  return [...wirelog.slice(0, half), ["WLM", false], ["WLM", true], ...wirelog.slice(-half)];
}
