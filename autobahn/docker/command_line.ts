/**
 * The command line of `deno task autobahn`.
 *
 * @module
 */
import { InvalidArgumentError, Option } from "commander";
import { EXIT_CODE, type ExitCode } from "../suite/cli/exit_codes.ts";
import { collectList, createProgram, parseProgram, usageError } from "../suite/cli/program.ts";
import type { Role } from "../suite/model/case.ts";

/** An engine that can be tested. */
export type EngineName = "native" | "codec";

/** What a run is to do. */
export interface Settings {
  readonly engine: EngineName;
  readonly role: Role;
  /** Patterns of cases; `undefined` for all. */
  readonly cases: readonly string[] | undefined;
  /** The folder for reports and logs. */
  readonly out: string;
  /** How long the run may take, in milliseconds. */
  readonly timeLimit: number;
}

/** What the command line asks for: a run, or nothing more than an exit code. */
export type CommandLine =
  | { readonly kind: "run"; readonly settings: Settings }
  | { readonly kind: "exit"; readonly code: ExitCode };

interface Flags {
  readonly engine: EngineName;
  readonly role: Role;
  readonly cases?: readonly string[];
  readonly out?: string;
  readonly timeLimit: number;
}

const MINUTE = 60_000;

/** Reads the command line; what is wrong with it is said on standard error. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const program = createProgram("autobahn", {
    description: "Runs the genuine Autobahn|Testsuite, by Docker or by a wstest on the PATH, " +
      "against our server or our client, and compares its report with autobahn/expected/. The " +
      "whole takes ten to fifteen minutes.",
    exitCodes: [
      EXIT_CODE.OK,
      EXIT_CODE.USAGE,
      EXIT_CODE.DRIFT,
      EXIT_CODE.UNAVAILABLE,
      EXIT_CODE.INCOMPLETE,
      EXIT_CODE.UNEXPECTED,
      EXIT_CODE.INTERRUPTED,
      EXIT_CODE.TERMINATED,
    ],
    // It always compares, and has no --expected.
    exitWords: new Map([[EXIT_CODE.OK, "all is as expected"]]),
    examples: [
      "deno task autobahn",
      "deno task autobahn --engine native",
      "deno task autobahn --role client",
      "deno task autobahn --cases '1.*,7.*'",
    ],
  })
    .addOption(
      new Option("--engine <engine>", "the engine of our server; our client has only the codec")
        .choices(["native", "codec"]).default("codec"),
    )
    .addOption(
      new Option("--role <role>", "what is tested").choices(["server", "client"])
        .default("server"),
    )
    .option("--cases <patterns>", "run only these cases, such as '1.*,7.*'", collectList)
    .option(
      "--out <dir>",
      "the folder for reports and logs (default: .cache/autobahn/, and there <engine>_<role>)",
    )
    .option("--time-limit <minutes>", "how long the whole may take", parseMinutes, 45 * MINUTE);
  const option = program.options.find(({ long }) => long === "--time-limit");
  option?.default(45 * MINUTE, "45");
  const parsed = parseProgram(program, args);
  if (parsed.kind === "exit") return parsed;
  const { engine, role, cases, out, timeLimit } = program.opts<Flags>();
  if (engine === "native" && role === "client") {
    usageError(program, "our client always uses the codec: --engine native is for --role server");
    return { kind: "exit", code: EXIT_CODE.USAGE };
  }
  const folder = out ?? `.cache/autobahn/${engine}_${role}`;
  return { kind: "run", settings: { engine, role, cases, out: folder, timeLimit } };
}

function parseMinutes(value: string): number {
  const minutes = Number(value);
  if (/^\d+(\.\d+)?$/.test(value) && minutes > 0 && minutes <= 1440) return minutes * MINUTE;
  throw new InvalidArgumentError("It must be a number of minutes, at most 1440.");
}
