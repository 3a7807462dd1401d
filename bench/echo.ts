/**
 * `deno task bench`: echo throughput of this library's engines beside peers, in one run. With the
 * argument `idle`: the memory that idle connections cost.
 *
 * @module
 */

import { dirname } from "node:path";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { EXIT } from "./load/errors.ts";
import {
  loadAverage,
  measureEcho,
  measureIdle,
  MeasurementError,
  openFilesLimit,
  type Scenario,
} from "./measure.ts";
import { type Peer, PEER_NAMES, type PeerName, preparePeer } from "./peers.ts";
import { Processes } from "./processes.ts";
import {
  describeEnvironment,
  type EchoCell,
  echoReport,
  environmentText,
  idleReport,
  type IdleRow,
} from "./report.ts";

const SCENARIOS: readonly Scenario[] = [
  { name: "single", connections: 64, inFlight: 1, bytes: 32 },
  { name: "batched", connections: 64, inFlight: 16, bytes: 32 },
  { name: "many", connections: 500, inFlight: 1, bytes: 128 },
  { name: "large", connections: 16, inFlight: 1, bytes: 65536 },
];
const SCENARIO_NAMES = SCENARIOS.map((scenario) => scenario.name);

/** Descriptors that a server needs beside those of its connections. */
const SPARE_FILES = 100;

interface Flags {
  only: PeerName[];
  scenarios: string[];
  rounds: number;
  seconds: number;
  connections: number;
  json?: string;
}

/** The lines of a report, and what `--json` writes. */
interface Findings {
  text: string;
  results: readonly (EchoCell | IdleRow)[];
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
  async run(mode: string): Promise<number> {
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
      const servers = peers.map(({ name, label, missing }) => ({ name, label, missing }));
      const record = { mode, environment, settings: this.#flags, servers, results };
      await Deno.writeTextFile(json, `${JSON.stringify(record, undefined, 2)}\n`);
    }
    return this.#exitCode;
  }

  async #echo(peers: readonly Peer[]): Promise<Findings> {
    const { seconds } = this.#flags;
    const scenarios = SCENARIOS.filter(({ name }) => this.#flags.scenarios.includes(name));
    const cells: EchoCell[] = [];
    for (const scenario of scenarios) {
      const rounds = await this.#rounds(peers, async (peer) => {
        const result = await measureEcho(this.#processes, peer, { scenario, seconds });
        note(`${scenario.name} ${peer.name}: ${Math.round(result.messagesPerSecond)} messages/s`);
        return result;
      });
      for (const [server, results] of rounds) {
        cells.push({ scenario: scenario.name, server, rounds: results });
      }
    }
    return { text: echoReport(peers, scenarios, cells), results: cells };
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
    const rounds = await this.#rounds(peers, async (peer) => {
      const result = await measureIdle(this.#processes, peer, { connections });
      note(`${peer.name}: ${Math.round(result.bytesPerConnection)} bytes a connection`);
      return result;
    });
    const rows = rounds.map(([server, results]) => ({ server, rounds: results }));
    return { text: idleReport(peers, rows, connections), results: rows };
  }

  /**
   * Measures all servers in turn, then all again, and so on. Each round starts with another
   * server, so that none is always the first or always follows the same one.
   */
  async #rounds<Result>(
    peers: readonly Peer[],
    measure: (peer: Peer) => Promise<Result>,
  ): Promise<[PeerName, (Result | undefined)[]][]> {
    const able = peers.filter((peer) => peer.missing === undefined);
    const results = new Map(able.map(({ name }) => [name, [] as (Result | undefined)[]]));
    for (let round = 0; round < this.#flags.rounds; round++) {
      for (let turn = 0; turn < able.length; turn++) {
        const peer = able[(round + turn) % able.length]!;
        results.get(peer.name)?.push(await measure(peer).catch((error) => this.#fail(peer, error)));
      }
    }
    return [...results];
  }

  #fail(peer: Peer, error: unknown): undefined {
    note(`${peer.name} failed: ${error instanceof Error ? error.message : error}`);
    if (error instanceof MeasurementError && error.wrongEcho) this.#exitCode = EXIT.wrongEcho;
    else this.#exitCode ||= EXIT.failed;
  }

  #settingsText(mode: string): string {
    const { rounds, seconds } = this.#flags;
    const each = mode === "idle" ? "" : ` of ${seconds} s`;
    return rounds === 1 ? `one round${each}` : `medians of ${rounds} rounds${each}`;
  }
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

function parseNames<Name extends string>(names: readonly Name[]): (value: string) => Name[] {
  return (value) =>
    value.split(",").map((given) => {
      const name = names.find((name) => name === given.trim());
      if (name !== undefined) return name;
      throw new InvalidArgumentError(`"${given}" is not one of ${names.join(", ")}.`);
    });
}

function parseNumber(least: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (number >= least && (least < 1 || Number.isSafeInteger(number))) return number;
    const kind = least < 1 ? "number" : "whole number";
    throw new InvalidArgumentError(`It must be a ${kind} from ${least}.`);
  };
}

function buildProgram(processes: Processes): Command {
  return new Command("deno task bench")
    .description("Echo throughput of WebSocket servers, as ratios to a bare Deno.upgradeWebSocket.")
    .argument("[mode]", '"echo" for throughput, "idle" for memory', parseMode, "echo")
    .option("--only <servers>", `of ${PEER_NAMES}`, parseNames(PEER_NAMES), [...PEER_NAMES])
    .option(
      "--scenarios <names>",
      `of ${SCENARIO_NAMES}`,
      parseNames(SCENARIO_NAMES),
      SCENARIO_NAMES,
    )
    .option("--rounds <count>", "how often everything is measured", parseNumber(1), 3)
    .option("--seconds <seconds>", "length of one measurement", parseNumber(0.1), 2)
    .option("--connections <count>", "connections of the idle mode", parseNumber(10), 5000)
    .option("--json <file>", "also write all results to a file")
    .exitOverride()
    .action(async (mode: string, flags: Flags) => {
      if (Deno.build.os !== "linux") {
        note("Cannot run: the load generator drives epoll, which only Linux has.");
        Deno.exit(EXIT.notLinux);
      }
      Deno.exit(await new Run(processes, flags).run(mode));
    });
}

function parseMode(value: string): string {
  if (value === "echo" || value === "idle") return value;
  throw new InvalidArgumentError("It must be echo or idle.");
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
  try {
    await buildProgram(processes).parseAsync(args, { from: "user" });
    Deno.exit(EXIT.ok);
  } catch (error) {
    processes.killAll();
    if (error instanceof CommanderError) Deno.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage);
    note(error instanceof MeasurementError ? error.message : String(error));
    Deno.exit(EXIT.failed);
  }
}

if (import.meta.main) await main(Deno.args);
