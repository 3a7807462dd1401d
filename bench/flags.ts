/**
 * The command line of `deno task bench`.
 *
 * @module
 */

import { Command, InvalidArgumentError } from "commander";
import { PEER_NAMES, type PeerName } from "./peers.ts";
import { SCENARIO_NAMES } from "./scenarios.ts";

const MODES = ["echo", "idle", "compression", "options"] as const;

/** What is measured. */
export type Mode = (typeof MODES)[number];

/** What the command line asks for. */
export interface Flags {
  only: PeerName[];
  scenarios: string[];
  rounds: number;
  seconds: number;
  connections: number;
  json?: string;
}

/** Makes the program; `run` is what it does. */
export function buildProgram(run: (mode: Mode, flags: Flags) => Promise<void>): Command {
  return new Command("deno task bench")
    .description("Echo throughput of WebSocket servers, as ratios to a bare Deno.upgradeWebSocket.")
    .argument(
      "[mode]",
      '"echo" for throughput, "idle" for memory; without a server: "compression" for ways to use ' +
        'zlib, "options" for what each option of compression costs',
      parseMode,
      "echo",
    )
    .option("--only <servers>", `of ${PEER_NAMES}`, parseNames(PEER_NAMES), [...PEER_NAMES])
    .option("--scenarios <names>", `of ${SCENARIO_NAMES}`, parseNames(SCENARIO_NAMES), [
      ...SCENARIO_NAMES,
    ])
    .option("--rounds <count>", "how often everything is measured", parseNumber(1), 3)
    .option("--seconds <seconds>", "length of one measurement of echo", parseNumber(0.1), 2)
    .option(
      "--connections <count>",
      "connections of the idle mode; of compressed ones a tenth",
      parseNumber(10),
      5000,
    )
    .option("--json <file>", "also write all results of echo or idle to a file")
    .exitOverride()
    .action(run);
}

function parseMode(value: string): Mode {
  const mode = MODES.find((mode) => mode === value);
  if (mode !== undefined) return mode;
  throw new InvalidArgumentError(`It must be one of ${MODES.join(", ")}.`);
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
