/**
 * The shell of the conformance commands: `--help`, where their words go, and what happens when the
 * command line is wrong.
 *
 * @module
 */
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { EXIT_CODE, type ExitCode, helpEnd } from "./exit_codes.ts";
import { writeText } from "./output.ts";

/** What a command says of itself. */
export interface ProgramOptions {
  /** A few sentences for the top of `--help`. */
  readonly description: string;
  /** Lines for the end of `--help`: how it is called. */
  readonly examples: readonly string[];
  /** The exit codes that `--help` explains. */
  readonly exitCodes: readonly ExitCode[];
  /** What those of them mean that have another meaning here. @default the usual meanings */
  readonly exitWords?: ReadonlyMap<ExitCode, string>;
}

/**
 * What to do after the command line was read: go on, or leave with a code because help was asked
 * for (0) or an option was wrong (2), which has been said already.
 */
export type ParseResult =
  | { readonly kind: "run" }
  | { readonly kind: "exit"; readonly code: ExitCode };

/** Makes a command, which writes help to standard output and errors to standard error. */
export function createProgram(name: string, options: ProgramOptions): Command {
  const { description, examples, exitCodes, exitWords: words = new Map() } = options;
  return new Command(name)
    .description(description)
    .helpOption("-h, --help", "print this help and exit")
    .addHelpText("after", () => helpEnd(exitCodes, { examples, words }))
    .showHelpAfterError("Run with --help to see what can be given.")
    .configureOutput({
      writeOut: (text) => writeText(Deno.stdout, text),
      writeErr: (text) => writeText(Deno.stderr, text),
      // Nothing is coloured, so no environment variable needs to be asked whether it may be.
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .allowExcessArguments(false)
    .exitOverride();
}

/** Reads the command line. Afterwards `program.opts()` and `program.args` hold what was given. */
export function parseProgram(program: Command, args: readonly string[]): ParseResult {
  return guarded(() => program.parse(args, { from: "user" }));
}

/** Says on standard error what is wrong with the command line. */
export function usageError(program: Command, message: string): ParseResult {
  return guarded(() => program.error(`error: ${message}`));
}

function guarded(step: () => void): ParseResult {
  try {
    step();
    return { kind: "run" };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: "exit", code: error.exitCode === 0 ? EXIT_CODE.OK : EXIT_CODE.USAGE };
  }
}

/** A parser of whole numbers from `from` to `to`, both included. */
export function wholeNumber(from: number, to: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= from && number <= to) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${from} to ${to}.`);
  };
}

/** A parser of lists: what is given, separated by commas, adds to what was given before. */
export function collectList(value: string, previous: readonly string[] = []): string[] {
  const entries = value.split(",").map((entry) => entry.trim());
  if (entries.every((entry) => entry !== "")) return [...previous, ...entries];
  throw new InvalidArgumentError("It must be a list, separated by commas, without empty entries.");
}
