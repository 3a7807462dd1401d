/**
 * What a benchmark run found, as Markdown tables.
 *
 * @module
 */

import type { EchoResult } from "./load/measurement.ts";
import type { IdleMemory, Scenario } from "./measure.ts";
import { BASELINE, type Peer, type PeerName } from "./peers.ts";

/** The results of one server in one scenario, one entry a round. */
export interface EchoCell {
  readonly scenario: string;
  readonly server: PeerName;
  /** An entry is `undefined` when that round failed. */
  readonly rounds: readonly (EchoResult | undefined)[];
}

/** The results of one server that holds idle connections, one entry a round. */
export interface IdleRow {
  readonly server: PeerName;
  /** An entry is `undefined` when that round failed. */
  readonly rounds: readonly (IdleMemory | undefined)[];
}

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

/** The middle value, or the mean of both middle values; `undefined` without any value. */
export function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle]!;
  return sorted.length % 2 === 1 ? upper : (sorted[middle - 1]! + upper) / 2;
}

/**
 * The ratio of a server to the baseline: the median over the rounds of the ratio within a round,
 * so that a machine that is slower in one round does not distort it.
 *
 * @param value what is compared; messages a second by default
 */
export function ratio(
  cell: EchoCell,
  baseline: EchoCell | undefined,
  value: (result: EchoResult) => number = (result) => result.messagesPerSecond,
): number | undefined {
  return median(cell.rounds.flatMap((result, round) => {
    const base = baseline?.rounds[round];
    return result && base ? [value(result) / value(base)] : [];
  }));
}

/** The report of an echo run: one table with messages a second and ratios, one with the details. */
export function echoReport(
  peers: readonly Peer[],
  scenarios: readonly Scenario[],
  cells: readonly EchoCell[],
): string {
  const find = (server: PeerName, scenario: Scenario) =>
    cells.find((cell) => cell.server === server && cell.scenario === scenario.name);
  const overview = peers.map((peer) => [
    peer.label,
    ...scenarios.map((scenario) => {
      const cell = find(peer.name, scenario);
      return cell ? overviewText(cell, find(BASELINE, scenario)) : missingText(peer);
    }),
  ]);
  const details = scenarios.flatMap((scenario) =>
    peers.flatMap((peer) => {
      const cell = find(peer.name, scenario);
      return cell && done(cell).length > 0
        ? [[peer.label, scenario.name, ...detailTexts(cell, find(BASELINE, scenario))]]
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
  peers: readonly Peer[],
  rows: readonly IdleRow[],
  connections: number,
): string {
  const lines = peers.map((peer) => {
    const rounds = rows.find((row) => row.server === peer.name)?.rounds ?? [];
    const done = rounds.filter((round) => round !== undefined);
    if (done.length === 0) return [peer.label, rounds.length > 0 ? "failed" : missingText(peer)];
    const megabytes = (key: "before" | "after") =>
      `${number((median(done.map((round) => round[key])) ?? 0) / 1e6)} MB`;
    const bytes = done.map((round) => round.bytesPerConnection);
    return [
      peer.label,
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

function scenarioTitle({ name, connections, bytes, inFlight }: Scenario): string {
  const size = bytes % 1024 === 0 ? `${bytes / 1024} KiB` : `${bytes} B`;
  return `${name}: ${connections} connections, ${size}, ${inFlight} in flight`;
}

function missingText(peer: Peer): string {
  return `not measured: ${peer.missing ?? "left out"}`;
}

function overviewText(cell: EchoCell, baseline: EchoCell | undefined): string {
  const value = median(done(cell).map((result) => result.messagesPerSecond));
  if (value === undefined) return "failed";
  return withRatio(number(value), ratio(cell, baseline));
}

function withRatio(text: string, times: number | undefined): string {
  return times === undefined ? text : `${text} (${times.toFixed(2)})`;
}

function detailTexts(cell: EchoCell, baseline: EchoCell | undefined): string[] {
  const results = done(cell);
  const middle = (key: keyof EchoResult) => median(results.map((result) => result[key] ?? NaN));
  // The inverse of time is speed: above 1 is better, as for messages a second.
  const bySpeed = ratio(cell, baseline, (result) => 1 / (result.serverMicroseconds ?? NaN));
  return [
    number(middle("megabytesPerSecond")),
    `${number(middle("p50Microseconds"))} µs`,
    `${number(middle("p99Microseconds"))} µs`,
    range(results.map((result) => result.messagesPerSecond)),
    withRatio(`${number(middle("serverMicroseconds"))} µs`, bySpeed),
    `${number((middle("generatorBusy") ?? 0) * 100)} %`,
  ];
}

function done(cell: EchoCell): EchoResult[] {
  return cell.rounds.filter((result) => result !== undefined);
}

function range(values: readonly number[]): string {
  return `${number(Math.min(...values))} to ${number(Math.max(...values))}`;
}

/** Three digits are more than a busy machine repeats. */
function number(value: number | undefined): string {
  return (value ?? NaN).toLocaleString("en", { maximumSignificantDigits: 3 });
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${head.map((_, column) => cells[column] ?? "").join(" | ")} |`;
  const rule = `| --- |${" ---: |".repeat(head.length - 1)}`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}
