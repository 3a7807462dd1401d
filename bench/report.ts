/**
 * What a benchmark run found, as Markdown tables.
 *
 * @module
 */

import {
  done,
  type EchoCell,
  findCell,
  type IdleCell,
  middle,
  missingText,
  ratio,
  thrift,
} from "./cells.ts";
import { BASELINE, type Row } from "./peers.ts";
import type { Scenario } from "./scenarios.ts";
import { median, number, range, table, withRatio } from "./tables.ts";

/** The machine that a run took place on. */
export interface Environment {
  cpus: number;
  deno: string;
  v8: string;
  target: string;
  /** Processes that wanted a CPU, on average over the minute before the run. */
  loadAverage: number;
}

/** Puts together what the results depend on. */
export function describeEnvironment(loadAverage: number): Environment {
  const { deno, v8 } = Deno.version;
  const { hardwareConcurrency: cpus } = navigator;
  return { cpus, deno, v8, target: Deno.build.target, loadAverage };
}

/** The report of an echo run: one table with messages a second and ratios, one with the details. */
export function echoReport(
  rows: readonly Row[],
  scenarios: readonly Scenario[],
  cells: readonly EchoCell[],
): string {
  const overview = rows.map((row) => [
    row.label,
    ...scenarios.map((scenario) => {
      const cell = findCell(cells, scenario, row.key);
      return cell ? overviewText(cell, findCell(cells, scenario, BASELINE)) : missingText(row);
    }),
  ]);
  const details = scenarios.flatMap((scenario) =>
    rows.flatMap((row) => {
      const cell = findCell(cells, scenario, row.key);
      return cell && done(cell).length > 0
        ? [[row.label, scenario.name, ...detailTexts(cell, findCell(cells, scenario, BASELINE))]]
        : [];
    })
  );
  return [
    "Messages a second, and in brackets the ratio to the bare `Deno.upgradeWebSocket` echo:\n",
    table(["server", ...scenarios.map(scenarioTitle)], overview),
    "",
    table([
      "server",
      "scenario",
      "MB/s",
      "batch p50",
      "batch p99",
      "slowest to fastest round",
      "server CPU a message",
      "generator busy",
    ], details),
  ].join("\n");
}

/** The report of an idle run. */
export function idleReport(
  rows: readonly Row[],
  cells: readonly IdleCell[],
  connections: number,
): string {
  const lines = rows.map((row) => {
    const cell = cells.find(({ row: key }) => key === row.key);
    if (cell === undefined) return [row.label, missingText(row)];
    const results = done(cell);
    if (results.length === 0) return [row.label, "failed"];
    const megabytes = (key: "before" | "after") =>
      `${number((median(results.map((result) => result[key])) ?? 0) / 1e6)} MB`;
    const bytes = results.map((result) => result.bytesPerConnection);
    return [
      row.label,
      number(median(bytes)),
      range(bytes),
      megabytes("before"),
      megabytes("after"),
    ];
  });
  const head = ["server", "bytes a connection", "lowest to highest round"];
  const first = number(Math.ceil(connections / 5));
  return table([...head, `with ${first} open`, `with ${number(connections)} open`], lines);
}

/** One line that says where the results come from. */
export function environmentText(environment: Environment): string {
  const { cpus, deno, v8, target, loadAverage } = environment;
  return `${cpus} CPUs, Deno ${deno} (V8 ${v8}), ${target}, load average ${loadAverage} before`;
}

/** A scenario in one line. */
export function scenarioTitle({ name, connections, bytes, inFlight }: Scenario): string {
  const size = bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} B`;
  return `${name}: ${connections} connections, ${size}, ${inFlight} in flight`;
}

function overviewText(cell: EchoCell, baseline: EchoCell | undefined): string {
  const value = middle(cell, "messagesPerSecond");
  return value === undefined ? "failed" : withRatio(number(value), ratio(cell, baseline));
}

function detailTexts(cell: EchoCell, baseline: EchoCell | undefined): string[] {
  const time = `${number(middle(cell, "serverMicroseconds"))} µs`;
  return [
    number(middle(cell, "megabytesPerSecond")),
    `${number(middle(cell, "p50Microseconds"))} µs`,
    `${number(middle(cell, "p99Microseconds"))} µs`,
    range(done(cell).map((result) => result.messagesPerSecond)),
    withRatio(time, ratio(cell, baseline, thrift)),
    `${number((middle(cell, "generatorBusy") ?? 0) * 100)} %`,
  ];
}
