/**
 * What a benchmark run found about compressed connections, as Markdown tables.
 *
 * @module
 */

import { done, type EchoCell, findCell, middle, missingText, ratio, thrift } from "./cells.ts";
import { BUN_LEVEL, deflateBaseline, type DeflateRow } from "./deflate_rows.ts";
import { scenarioTitle } from "./report.ts";
import type { Scenario } from "./scenarios.ts";
import { number, range, table, withRatio } from "./tables.ts";

/** The report of compressed echo: a table for each scenario. */
export function deflateReport(
  rows: readonly DeflateRow[],
  scenarios: readonly Scenario[],
  cells: readonly EchoCell[],
): string {
  const tables = scenarios.map((scenario) => {
    const find = (key: string) => findCell(cells, scenario, key);
    const lines = rows.map((row) => {
      const cell = find(row.key);
      if (cell === undefined) return [row.label, missingText(row)];
      if (done(cell).length === 0) return [row.label, "failed"];
      return [row.label, ...cellTexts(cell, find(deflateBaseline(row)), find("bun"))];
    });
    return `${scenarioTitle(scenario)}, compressed:\n\n${table(HEAD, lines)}`;
  });
  return [
    "Compressed echo of JSON text, without context takeover. The first ratio is to `ws` at the same " +
    `level, and for Bun, whose level cannot be set, at level ${BUN_LEVEL}.`,
    ...tables,
  ].join("\n\n");
}

const HEAD = [
  "server",
  "messages/s",
  "ratio to `ws`",
  "ratio to Bun",
  "slowest to fastest round",
  "server CPU a message",
  "bytes to the server",
  "bytes from it",
  "batch p50",
  "batch p99",
  "generator busy",
];

function cellTexts(
  cell: EchoCell,
  ws: EchoCell | undefined,
  bun: EchoCell | undefined,
): string[] {
  const time = `${number(middle(cell, "serverMicroseconds"))} µs`;
  return [
    number(middle(cell, "messagesPerSecond")),
    ratio(cell, ws)?.toFixed(2) ?? "",
    ratio(cell, bun)?.toFixed(2) ?? "",
    range(done(cell).map((result) => result.messagesPerSecond)),
    withRatio(time, ratio(cell, ws, thrift)),
    number(middle(cell, "bytesSent")),
    number(middle(cell, "bytesReceived")),
    `${number(middle(cell, "p50Microseconds"))} µs`,
    `${number(middle(cell, "p99Microseconds"))} µs`,
    `${number((middle(cell, "generatorBusy") ?? 0) * 100)} %`,
  ];
}
