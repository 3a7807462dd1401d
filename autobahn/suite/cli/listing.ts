/**
 * What goes to standard output: the cases that would run, or the results.
 *
 * @module
 */
import type { Case } from "../model/case.ts";
import type { CaseResult } from "../model/result.ts";
import { formatJson, formatJunit, formatTable } from "../report/mod.ts";
import type { Format } from "./command_line.ts";

/** The cases, a line each; in JSON with all that is said of them. */
export function listText(cases: readonly Case[], format: Format): string {
  if (format === "json") {
    const rows = cases.map(({ id, description, expectation, rule, level = "MUST", testees }) => ({
      id,
      description,
      expectation,
      rule,
      level,
      testees: testees ?? ["server", "client"],
    }));
    return `${JSON.stringify(rows, null, 2)}\n`;
  }
  const width = Math.max(...cases.map(({ id }) => id.length));
  const lines = cases.map(({ id, description }) => `${id.padEnd(width)}  ${description}\n`);
  return `${lines.join("")}${cases.length} cases\n`;
}

/** The results in the form that was asked for. */
export function resultsText(results: readonly CaseResult[], format: Format): string {
  const text = render(results, format);
  return text.endsWith("\n") ? text : `${text}\n`;
}

function render(results: readonly CaseResult[], format: Format): string {
  switch (format) {
    case "json":
      return formatJson(results);
    case "junit":
      return formatJunit(results);
    case "table":
      return formatTable(results, terminal());
  }
}

/** What standard output can show. */
function terminal(): { colour: boolean; width?: number } {
  if (!Deno.stdout.isTerminal()) return { colour: false };
  return { colour: !Deno.noColor, width: Deno.consoleSize().columns };
}
