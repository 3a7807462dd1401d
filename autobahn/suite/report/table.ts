/**
 * Results as a table for the terminal.
 *
 * @module
 */
import { styleText } from "node:util";
import Table from "cli-table3";
import { type Behavior, BEHAVIORS, isFault } from "../model/behavior.ts";
import type { CaseResult } from "../model/result.ts";
import { GROUPS } from "./groups.ts";
import { printable } from "./page/printable.js";
import {
  type AgentSummary,
  hasFault,
  type SectionSummary,
  summarize,
  type Tally,
} from "./summary.ts";

/** How a table is to look. */
export interface TableOptions {
  /** Whether verdicts are coloured with escape sequences. */
  readonly colour: boolean;
  /**
   * Columns of the terminal.
   *
   * @default {80}
   */
  readonly width?: number;
}

type Paint = (text: string, behavior: Behavior) => string;

const STYLES = {
  "OK": "green",
  "INFORMATIONAL": "blue",
  "NON-STRICT": "yellow",
  "UNIMPLEMENTED": "yellow",
  "FAILED BY CLIENT": "red",
  "UNCLEAN": "red",
  "WRONG CODE": "red",
  "FAILED": "red",
} as const satisfies Record<Behavior, string>;

/** Headings on several lines, so that many columns find room. */
const HEADINGS: Readonly<Partial<Record<Behavior, string>>> = {
  "INFORMATIONAL": "INFOR-\nMATIO-\nNAL",
  "NON-STRICT": "NON-\nSTRICT",
  "UNIMPLEMENTED": "UNIM-\nPLE-\nMENTED",
  "FAILED BY CLIENT": "FAILED\nBY\nCLIENT",
  "WRONG CODE": "WRONG\nCODE",
};

/** Columns that the name of a section, a count, and a kind of closing need at least. */
const MIN_NAME = 16;
const MIN_COUNT = 3;
const MIN_CLOSING = 18;
const GAP = "  ";
/** What stands below the number of a case. */
const INDENT = " ".repeat(9);
const VERDICT = new RegExp(BEHAVIORS.toSorted((a, b) => b.length - a.length).join("|"), "g");

/**
 * Writes how many verdicts of each kind every agent has, section by section, and a sentence for
 * every verdict that is a fault. No line is longer than `width`, where that is 40 at least, but
 * for single words that are. It ends with a line feed.
 */
export function formatTable(results: readonly CaseResult[], options: TableOptions): string {
  const { colour, width = 80 } = options;
  const paint: Paint = (text, behavior) =>
    colour ? styleText(STYLES[behavior], text, { validateStream: false }) : text;
  const blocks = summarize(results).map((summary) => formatAgent(summary, { paint, width }));
  return blocks.length === 0 ? "No case was run.\n" : blocks.join("\n");
}

interface Layout {
  readonly paint: Paint;
  readonly width: number;
}

function formatAgent(summary: AgentSummary, layout: Layout): string {
  const { agent, role, total, results } = summary;
  const title = wrap(`${printable(agent)}, a ${role}, ${counted(total.cases)}`, layout);
  const lines = [title, "", formatSections(summary, layout), ""];
  const faults = formatFaults(results, layout);
  return [...lines, ...faults, ...faults.length > 0 ? [""] : []].join("\n");
}

function formatSections({ sections, total }: AgentSummary, layout: Layout): string {
  const seen = BEHAVIORS.filter((behavior) => total.behavior[behavior] > 0);
  const rows = [...sections].map(([section, summary]) =>
    [`${section} ${GROUPS[section] ?? ""}`.trimEnd(), summary] as const
  );
  const all = [...rows, ["All", total] as const];
  const headings = ["Cases", ...seen.map((behavior) => HEADINGS[behavior] ?? behavior)];
  const widths = headings.map((heading) => Math.max(MIN_COUNT, ...heading.split("\n").map(length)));
  const left = (): number =>
    layout.width - widths.reduce((sum, width) => sum + GAP.length + width, 0);
  // What closings are not OK stands in words, since there are few as a rule.
  const closing = Math.max(
    0,
    ...all.map(([, { behaviorClose }]) => faultsOf(behaviorClose).length),
  );
  if (closing > 0) {
    const room = left() - MIN_NAME - GAP.length;
    headings.push("Closing");
    widths.push(Math.max("Closing".length, Math.min(closing, Math.max(room, MIN_CLOSING))));
  }
  const room = left();
  if (room < MIN_NAME) return all.map((row) => formatRow(row, layout)).join("\n");
  const table = new Table({
    colWidths: [Math.min(room, Math.max(...rows.map(([name]) => name.length))), ...widths],
    colAligns: ["left", "right", ...seen.map(() => "right" as const), "left"],
    ...PLAIN,
  });
  table.push(["Section", ...headings].map((content) => ({ content, vAlign: "bottom" as const })));
  for (const [name, summary] of all) {
    const counts = seen.map((behavior) => {
      const count = summary.behavior[behavior];
      return count === 0 ? "" : layout.paint(String(count), behavior);
    });
    const faults = faultsOf(summary.behaviorClose, layout.paint);
    table.push([name, String(summary.cases), ...counts, ...closing > 0 ? [faults] : []]);
  }
  return trimLines(table.toString());
}

/** A row where a table has no room. */
function formatRow([name, summary]: readonly [string, SectionSummary], layout: Layout): string {
  const counts = BEHAVIORS.filter((behavior) => summary.behavior[behavior] > 0)
    .map((behavior) => `${summary.behavior[behavior]} ${behavior}`);
  const closing = faultsOf(summary.behaviorClose);
  const text = [...counts, ...closing === "" ? [] : [`closing ${closing}`]].join(", ");
  return wrap(`${name}: ${text}`, { ...layout, indent: "  " });
}

/** The faults of a tally, for example `2 WRONG CODE, 1 FAILED`. */
function faultsOf(tally: Tally, paint: Paint = (text) => text): string {
  return BEHAVIORS.filter((behavior) => isFault(behavior) && tally[behavior] > 0)
    .map((behavior) => paint(`${tally[behavior]} ${behavior}`, behavior)).join(", ");
}

/**
 * What is wrong, case by case. Neighbours of one group of which the same is told share a line.
 */
function formatFaults(results: readonly CaseResult[], layout: Layout): string[] {
  const runs: { first: CaseResult; last: CaseResult; count: number; told: string }[] = [];
  let before: CaseResult | undefined;
  for (const result of results) {
    const told = JSON.stringify([groupOf(result.id), faultsIn(result)]);
    const run = runs.at(-1);
    if (run !== undefined && run.last === before && run.told === told) {
      run.last = result;
      run.count++;
    } else if (hasFault(result)) {
      runs.push({ first: result, last: result, count: 1, told });
    }
    before = result;
  }
  return runs.map(({ first, last, count }) => {
    const ids = [...new Set([first.id, last.id])].join(count > 2 ? " to " : ", ");
    return faultsIn(first).map((fault, index) => {
      const start = (index === 0 ? ids : "").padEnd(INDENT.length - 1);
      return formatFault(fault, { ...layout, start });
    }).join("\n");
  });
}

interface Fault {
  /** What is wrong: a verdict, or both. */
  readonly title: string;
  readonly sentence: string;
}

function faultsIn({ behavior, behaviorClose, result, resultClose }: CaseResult): Fault[] {
  const faults = [
    ...isFault(behavior) ? [{ title: behavior, sentence: result }] : [],
    ...isFault(behaviorClose) ? [{ title: `closing ${behaviorClose}`, sentence: resultClose }] : [],
  ];
  if (faults.length < 2 || result !== resultClose) return faults;
  return [{ title: faults.map(({ title }) => title).join(", "), sentence: result }];
}

function formatFault(fault: Fault, { start, width, paint }: Layout & { start: string }): string {
  const text = wrap(`${fault.title}: ${printable(fault.sentence)}`, {
    width,
    indent: INDENT,
    start: `${start} `,
  });
  // Colour comes last, since escape sequences have no width.
  const end = text.indexOf(":");
  const title = text.slice(0, end).replace(VERDICT, (word) => paint(word, word as Behavior));
  return title + text.slice(end);
}

function groupOf(id: string): string {
  return id.slice(0, id.lastIndexOf("."));
}

/** No frames: columns stand apart, and that is all. */
const PLAIN = {
  style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
  wordWrap: true,
  chars: {
    "top": "",
    "top-mid": "",
    "top-left": "",
    "top-right": "",
    "bottom": "",
    "bottom-mid": "",
    "bottom-left": "",
    "bottom-right": "",
    "left": "",
    "left-mid": "",
    "mid": "",
    "mid-mid": "",
    "right": "",
    "right-mid": "",
    "middle": GAP,
  },
};

function trimLines(text: string): string {
  return text.split("\n").map((line) => line.trimEnd()).join("\n");
}

function length(text: string): number {
  return text.length;
}

function counted(cases: number): string {
  return `${cases} ${cases === 1 ? "case" : "cases"}`;
}

interface Wrapping {
  readonly width: number;
  /** What further lines begin with. @default nothing */
  readonly indent?: string;
  /** What the first line begins with. @default nothing */
  readonly start?: string;
}

/** Breaks a line between words. */
function wrap(text: string, { width, indent = "", start = "" }: Wrapping): string {
  const lines: string[] = [];
  let line = start;
  let isEmpty = true;
  for (const word of text.split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].join("\n");
}
