/**
 * The verdicts of a report as a table for the terminal: how many of which, section by section, and
 * every case that is not OK.
 *
 * @module
 */
import { alignColumns } from "../suite/cli/columns.ts";
import { type Verdict, type Verdicts, verdictText } from "../suite/cli/verdicts.ts";
import { type Behavior, BEHAVIORS } from "../suite/model/behavior.ts";

/** The table of one agent. */
export function summaryText(agent: string, verdicts: Verdicts): string {
  const sections = Map.groupBy(verdicts, ([id]) => id.split(".")[0]!);
  const row = (title: string, entries: readonly (readonly [string, Verdict])[]): string[] => [
    title,
    String(entries.length),
    counts(entries.map(([, { behavior }]) => behavior)),
    counts(entries.map(([, { behaviorClose }]) => behaviorClose)),
  ];
  const lines = alignColumns([
    ["section", "cases", "behavior", "behaviorClose"],
    ...[...sections].map(([section, entries]) => row(section, entries)),
    row("all", [...verdicts]),
  ]);
  return [agent, "", ...lines, ...otherLines(verdicts)].join("\n");
}

/** `298 OK, 3 INFORMATIONAL`. */
function counts(behaviors: readonly Behavior[]): string {
  return BEHAVIORS
    .map((word) => [behaviors.filter((each) => each === word).length, word] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(", ");
}

/** The cases that are not OK in both columns; a group that has one verdict takes one line. */
function otherLines(verdicts: Verdicts): string[] {
  const others = [...verdicts].filter(([, { behavior, behaviorClose }]) =>
    behavior !== "OK" || behaviorClose !== "OK"
  );
  if (others.length === 0) return [];
  const groups = Map.groupBy(
    others,
    ([id, verdict]) => `${id.slice(0, id.lastIndexOf("."))} ${verdictText(verdict)}`,
  );
  const rows = [...groups.values()].map((group) => [
    rangeText(group.map(([id]) => id)),
    verdictText(group[0]![1]),
  ]);
  return ["", ...alignColumns([["not OK", "verdicts"], ...rows])];
}

function rangeText(ids: readonly string[]): string {
  if (ids.length <= 3) return ids.join(", ");
  return `${ids[0]} … ${ids.at(-1)} (${ids.length})`;
}
