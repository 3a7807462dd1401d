/**
 * `deno task bench`: echo throughput of this library's engines beside peers, in one run, plain and
 * compressed. With the argument `idle`: the memory that open connections cost. With `compression`:
 * ways to use zlib.
 *
 * @module
 */

import { dirname } from "node:path";
import { CommanderError } from "commander";
import type { EchoCell, IdleCell } from "./cells.ts";
import { deflateReport } from "./deflate_report.ts";
import { deflateMemoryRows, deflateRows } from "./deflate_rows.ts";
import { buildProgram, type Flags, type Mode } from "./flags.ts";
import { EXIT } from "./load/errors.ts";
import {
  loadAverage,
  measureEcho,
  measureIdle,
  MeasurementError,
  openFilesLimit,
} from "./measure.ts";
import { denoCommand, type Peer, PEER_NAMES, preparePeer, type Row } from "./peers.ts";
import { Processes } from "./processes.ts";
import { describeEnvironment, echoReport, environmentText, idleReport } from "./report.ts";
import { DEFLATE_TRAFFIC, type Scenario, SCENARIOS } from "./scenarios.ts";

/** Descriptors that a server needs beside those of its connections. */
const SPARE_FILES = 100;

/** The lines of a report, and what `--json` writes. */
interface Findings {
  text: string;
  results: readonly (EchoCell | IdleCell)[];
}

/** A benchmark run: its flags, its servers, and what went wrong so far. */
class Run {
  readonly #processes: Processes;
  readonly #flags: Flags;
  #exitCode: number = EXIT.ok;

  constructor(processes: Processes, flags: Flags) {
    this.#processes = processes;
    this.#flags = flags;
  }

  /** Measures, prints, writes; answers the exit code. */
  async run(mode: "echo" | "idle"): Promise<number> {
    const { only, json } = this.#flags;
    if (json !== undefined) await touch(json);
    const peers: Peer[] = [];
    for (const name of PEER_NAMES) {
      if (only.includes(name)) peers.push(await preparePeer(name, this.#processes));
    }
    const environment = describeEnvironment(await loadAverage(this.#processes));
    const { text, results } = mode === "idle" ? await this.#idle(peers) : await this.#echo(peers);
    console.log(`${text}\n\n${environmentText(environment)}; ${this.#settingsText(mode)}.`);
    if (json !== undefined) {
      const servers = peers.map(({ key, label, missing }) => ({ key, label, missing }));
      const record = { mode, environment, settings: this.#flags, servers, results };
      await Deno.writeTextFile(json, `${JSON.stringify(record, undefined, 2)}\n`);
    }
    return this.#exitCode;
  }

  async #echo(peers: readonly Peer[]): Promise<Findings> {
    const scenarios = SCENARIOS.filter(({ name }) => this.#flags.scenarios.includes(name));
    const plain = scenarios.filter(({ deflate }) => !deflate);
    const compressed = scenarios.filter(({ deflate }) => deflate);
    const plainCells = await this.#scenarios(peers, plain);
    const rows = deflateRows(peers);
    const compressedCells = await this.#scenarios(rows, compressed);
    const texts = [
      ...(plain.length > 0 ? [echoReport(peers, plain, plainCells)] : []),
      ...(compressed.length > 0 ? [deflateReport(rows, compressed, compressedCells)] : []),
    ];
    return { text: texts.join("\n\n"), results: [...plainCells, ...compressedCells] };
  }

  async #scenarios(rows: readonly Row[], scenarios: readonly Scenario[]): Promise<EchoCell[]> {
    const { seconds } = this.#flags;
    const cells: EchoCell[] = [];
    for (const scenario of scenarios) {
      const found = await this.#rounds(rows, async (row) => {
        const result = await measureEcho(this.#processes, row, { scenario, seconds });
        note(`${scenario.name} ${row.key}: ${Math.round(result.messagesPerSecond)} messages/s`);
        return result;
      });
      for (const [row, rounds] of found) cells.push({ scenario: scenario.name, row, rounds });
    }
    return cells;
  }

  async #idle(peers: readonly Peer[]): Promise<Findings> {
    const { connections } = this.#flags;
    const limit = await openFilesLimit(this.#processes);
    if (limit < connections + SPARE_FILES) {
      throw new MeasurementError(
        `Cannot hold ${connections} connections: a process may open only ${limit} files. ` +
          `Raise that with "ulimit -n ${connections + SPARE_FILES}", or give --connections.`,
      );
    }
    const plain = await this.#memory(peers, (row) => {
      return measureIdle(this.#processes, row, { connections });
    });
    const rows = deflateMemoryRows(peers);
    const fewer = Math.ceil(connections / 10);
    const compressed = await this.#memory(rows, (row) => {
      const { takeover } = row;
      const options = { connections: fewer, traffic: DEFLATE_TRAFFIC, takeover };
      return measureIdle(this.#processes, row, options);
    });
    const text = `Idle connections, before any message:\n\n${
      idleReport(peers, plain, connections)
    }\n\nConnections that have received and sent compressed messages:\n\n${
      idleReport(rows, compressed, fewer)
    }`;
    return { text, results: [...plain, ...compressed] };
  }

  async #memory<Measured extends Row>(
    rows: readonly Measured[],
    measure: (row: Measured) => ReturnType<typeof measureIdle>,
  ): Promise<IdleCell[]> {
    const found = await this.#rounds(rows, async (row) => {
      const result = await measure(row);
      note(`${row.key}: ${Math.round(result.bytesPerConnection)} bytes a connection`);
      return result;
    });
    return found.map(([row, rounds]) => ({ row, rounds }));
  }

  /**
   * Measures all rows in turn, then all again, and so on. Each round starts with another row, so
   * that none is always the first or always follows the same one.
   */
  async #rounds<Measured extends Row, Result>(
    rows: readonly Measured[],
    measure: (row: Measured) => Promise<Result>,
  ): Promise<[string, (Result | undefined)[]][]> {
    const able = rows.filter((row) => row.missing === undefined);
    const results = new Map(able.map(({ key }) => [key, [] as (Result | undefined)[]]));
    for (let round = 0; round < this.#flags.rounds; round++) {
      for (let turn = 0; turn < able.length; turn++) {
        const row = able[(round + turn) % able.length]!;
        results.get(row.key)?.push(await measure(row).catch((error) => this.#fail(row, error)));
      }
    }
    return [...results];
  }

  #fail(row: Row, error: unknown): undefined {
    note(`${row.key} failed: ${error instanceof Error ? error.message : error}`);
    if (error instanceof MeasurementError && error.wrongEcho) this.#exitCode = EXIT.wrongEcho;
    else this.#exitCode ||= EXIT.failed;
  }

  #settingsText(mode: Mode): string {
    const { rounds, seconds } = this.#flags;
    const each = mode === "idle" ? "" : ` of ${seconds} s`;
    return rounds === 1 ? `one round${each}` : `medians of ${rounds} rounds${each}`;
  }
}

/** What needs no server is a program of its own. */
async function runAlone(processes: Processes, command: readonly string[]): Promise<number> {
  note("measuring without a server; the table comes at the end");
  const { code, stdout, stderr } = await processes.run(command);
  console.log(stdout.trimEnd());
  if (code !== 0) note(stderr.trim());
  return code === 0 ? EXIT.ok : EXIT.failed;
}

/** Makes sure that a file can be written, before minutes are spent on what goes into it. */
async function touch(path: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  (await Deno.open(path, { write: true, create: true })).close();
}

/** Progress goes to stderr, so that stdout is the report alone. */
function note(text: string): void {
  console.error(text);
}

async function main(args: string[]): Promise<never> {
  const processes = new Processes();
  globalThis.addEventListener("unload", () => processes.killAll());
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => {
      processes.killAll();
      Deno.exit(130);
    });
  }
  const program = buildProgram(async (mode, flags) => {
    if (mode === "compression") {
      const command = [...denoCommand([], "compression.ts"), "--rounds", `${flags.rounds}`];
      Deno.exit(await runAlone(processes, command));
    }
    if (mode === "options") Deno.exit(await runAlone(processes, denoCommand([], "options.ts")));
    if (Deno.build.os !== "linux") {
      note("Cannot run: the load generator drives epoll, which only Linux has.");
      Deno.exit(EXIT.notLinux);
    }
    Deno.exit(await new Run(processes, flags).run(mode));
  });
  try {
    await program.parseAsync(args, { from: "user" });
    Deno.exit(EXIT.ok);
  } catch (error) {
    processes.killAll();
    if (error instanceof CommanderError) Deno.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage);
    note(error instanceof MeasurementError ? error.message : String(error));
    Deno.exit(EXIT.failed);
  }
}

if (import.meta.main) await main(Deno.args);
