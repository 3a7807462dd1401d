/**
 * Reads a report that lies in a directory: ours, or one of Autobahn|Testsuite.
 *
 * @module
 */
import { join } from "node:path";
import { BEHAVIORS } from "../model/behavior.ts";
import type { CaseResult } from "../model/result.ts";
import { stemOf } from "./file_names.ts";
import type { Index, IndexEntry } from "./index_json.ts";

/** Numbers of cases become parts of names in the page, so that nothing else must pass for one. */
const CASE_ID = /^\d+(\.\d+)*$/;

/** What is thrown when the files of a report are not what they should be. */
export class InvalidReportError extends Error {
  /** The name of the class. */
  override readonly name = "InvalidReportError";
}

/**
 * Reads the index of the report in `directory`; it is empty when there is none.
 *
 * @throws {InvalidReportError} when `index.json` is no index of a report.
 */
export async function readIndex(directory: string): Promise<Index> {
  const path = join(directory, "index.json");
  const text = await readIfThere(path);
  if (text === undefined) return new Map();
  const index = new Map<string, Map<string, IndexEntry>>();
  for (const [agent, cases] of entriesOf(parse(text, path), path)) {
    const entries = entriesOf(cases, path).map(([id, entry]) => {
      if (!CASE_ID.test(id) || !isIndexEntry(entry)) {
        throw new InvalidReportError(
          `${path}: case ${id} of ${JSON.stringify(agent)} is no entry of an index`,
        );
      }
      return [id, entry] as const;
    });
    index.set(agent, new Map(entries));
  }
  return index;
}

/**
 * Reads the results that an index tells of. A case whose file is gone is left out.
 *
 * @throws {InvalidReportError} when a file is no result of a case.
 */
export async function readResults(directory: string, index: Index): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const [agent, cases] of index) {
    for (const [id, { reportfile }] of cases) {
      const path = join(directory, reportfile);
      const text = await readIfThere(path);
      if (text === undefined) continue;
      const value = parse(text, path);
      if (!isResult(value)) throw new InvalidReportError(`${path} is no result of a case`);
      // What Autobahn does not have is empty in its reports.
      results.push({ ...value, rule: value.rule ?? "", level: value.level ?? "MUST", agent, id });
    }
  }
  return results;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidReportError(`${path} is no JSON`, { cause: error });
  }
}

function entriesOf(value: unknown, path: string): [key: string, value: unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidReportError(`${path} must have agents, and these must have cases`);
  }
  return Object.entries(value);
}

function isIndexEntry(value: unknown): value is IndexEntry {
  if (typeof value !== "object" || value === null) return false;
  const entry = value as Partial<Record<keyof IndexEntry, unknown>>;
  return isBehavior(entry.behavior) && isBehavior(entry.behaviorClose) &&
    typeof entry.duration === "number" && isCode(entry.remoteCloseCode) &&
    // A name that leads elsewhere must never be opened, nor removed.
    typeof entry.reportfile === "string" && stemOf(entry.reportfile) !== undefined;
}

const STRINGS = ["description", "expectation", "result", "resultClose", "started"] as const;

function isResult(value: unknown): value is CaseResult {
  if (typeof value !== "object" || value === null) return false;
  const result = value as Partial<Record<keyof CaseResult, unknown>>;
  return isBehavior(result.behavior) && isBehavior(result.behaviorClose) &&
    typeof result.duration === "number" && isCode(result.remoteCloseCode) &&
    Array.isArray(result.wirelog) && Array.isArray(result.received) &&
    STRINGS.every((key) => typeof result[key] === "string");
}

function isBehavior(value: unknown): boolean {
  return (BEHAVIORS as readonly unknown[]).includes(value);
}

function isCode(value: unknown): boolean {
  return value === null || typeof value === "number";
}
