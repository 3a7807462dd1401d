/**
 * Results as JUnit XML, which most services that run tests can show.
 *
 * @module
 */
import XMLBuilder from "fast-xml-builder";
import { isFault } from "../model/behavior.ts";
import { compareIds } from "../model/ids.ts";
import type { CaseResult } from "../model/result.ts";
import { sectionOf } from "./groups.ts";
import { byAgent } from "./index_json.ts";
import { printable } from "./page/printable.js";

/** An element as the builder takes it: attributes begin with `@`, others are children. */
type Element = Readonly<Record<string, unknown>>;

/**
 * Writes a suite for each agent and a test for each case. A verdict that is a fault is a failure
 * with its sentence; what the agent does not offer is skipped. It ends with a line feed.
 */
export function formatJunit(results: readonly CaseResult[]): string {
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    format: true,
    suppressEmptyNode: true,
  });
  const suites = [...byAgent(results)].map(([agent, own]) => suiteElement(agent, own));
  const document = {
    "?xml": { "@version": "1.0", "@encoding": "UTF-8" },
    testsuites: { "@name": "WebSocket conformance", testsuite: suites },
  };
  return `${builder.build(document).trimEnd()}\n`;
}

function suiteElement(agent: string, results: readonly CaseResult[]): Element {
  const sorted = results.toSorted((a, b) => compareIds(a.id, b.id));
  const tests = sorted.map(testElement);
  return {
    "@name": printable(agent),
    "@timestamp": printable(results.map((result) => result.started).sort()[0] ?? ""),
    "@tests": tests.length,
    "@failures": tests.filter((test) => "failure" in test).length,
    "@errors": 0,
    "@skipped": tests.filter((test) => "skipped" in test).length,
    "@time": seconds(results.reduce((sum, result) => sum + result.duration, 0)),
    testcase: tests,
  };
}

function testElement(result: CaseResult): Element {
  const { agent, id, behavior, behaviorClose, description, duration } = result;
  const [title = ""] = description.split("\n", 1);
  const test = {
    "@classname": `${printable(agent)}.section ${sectionOf(id)}`,
    "@name": `${id} ${printable(title)}`.trimEnd(),
    "@time": seconds(duration),
  };
  if (behavior === "UNIMPLEMENTED" && !isFault(behaviorClose)) {
    return { ...test, skipped: { "@message": printable(result.result) } };
  }
  const faults = [
    { verdict: behavior, says: `${behavior}: ${result.result}` },
    { verdict: behaviorClose, says: `closing ${behaviorClose}: ${result.resultClose}` },
  ].filter(({ verdict }) => isFault(verdict));
  if (faults[0] === undefined) return test;
  const message = faults.map(({ says }) => printable(says)).join("; ");
  return { ...test, failure: { "@message": message, "@type": faults[0].verdict } };
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
