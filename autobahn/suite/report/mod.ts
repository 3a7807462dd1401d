/**
 * Reports: the files that Autobahn|Testsuite writes, a page for people, and formats for terminals
 * and other programs.
 *
 * @module
 */
import { join } from "node:path";
import type { CaseResult } from "../model/result.ts";
import { canonicalJson } from "./canonical_json.ts";
import { GROUPS } from "./groups.ts";
import { reportPage } from "./html.ts";
import { type Index, mergeIndex } from "./index_json.ts";
import { readIndex, readResults } from "./read_report.ts";

export { formatJson } from "./json.ts";
export { formatJunit } from "./junit.ts";
export { InvalidReportError, readIndex, readResults } from "./read_report.ts";
export { type AgentSummary, hasFault, type SectionSummary, summarize } from "./summary.ts";
export { formatTable, type TableOptions } from "./table.ts";

/** Where a report is written. */
export interface ReportOptions {
  /** Made where it does not exist. */
  readonly directory: string;
}

/**
 * Writes a report: a JSON file for each case, `index.json`, and the page `index.html`.
 *
 * A report that lies in the directory already keeps its other agents. An agent that was tested
 * again is replaced as a whole, its files too. Calls for one directory must not overlap.
 *
 * @returns the paths of the files that were written.
 * @throws {InvalidReportError} when what lies there already is no report; nothing is written then.
 */
export async function writeReports(
  results: readonly CaseResult[],
  { directory }: ReportOptions,
): Promise<readonly string[]> {
  const earlier = await readIndex(directory);
  const index = mergeIndex(earlier, results);
  const tested = new Set(results.map((result) => result.agent));
  const kept = await readResults(
    directory,
    new Map([...earlier].filter(([agent]) => !tested.has(agent))),
  );
  await Deno.mkdir(directory, { recursive: true });
  await removeFiles(directory, { earlier, index });
  const paths: string[] = [];
  const write = async (name: string, text: string): Promise<void> => {
    const path = join(directory, name);
    await Deno.writeTextFile(path, text);
    paths.push(path);
  };
  for (const result of results) {
    const entry = index.get(result.agent)?.get(result.id);
    if (entry) await write(entry.reportfile, canonicalJson(result));
  }
  await write("index.json", canonicalJson(index));
  await write("index.html", reportPage([...kept, ...results], GROUPS));
  return paths;
}

/** Removes files of cases that the new index no longer knows. */
async function removeFiles(
  directory: string,
  { earlier, index }: { earlier: Index; index: Index },
): Promise<void> {
  const known = new Set(filesOf(index));
  for (const name of filesOf(earlier)) {
    if (known.has(name)) continue;
    try {
      await Deno.remove(join(directory, name));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

function filesOf(index: Index): string[] {
  return [...index.values()].flatMap((cases) => [...cases.values()])
    .map((entry) => entry.reportfile);
}
