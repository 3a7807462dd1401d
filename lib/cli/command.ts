/**
 * The shell of both commands: their name, `--help`, `--version`, and what happens when the
 * command line is wrong.
 *
 * Nothing here ends the process or reads the environment: the caller is told what to do.
 *
 * @module
 */
import { Command, CommanderError } from "commander";
import { EXIT_CODE, EXIT_CODE_HELP, type ExitCode } from "./exit_codes.ts";
import { writeText } from "./output.ts";
import { VERSION } from "./version.ts";

/** What a command says of itself, and where its words go. */
export interface ProgramOptions {
  /** One sentence for the top of `--help`. */
  readonly description: string;
  /**
   * Lines for the end of `--help`: how the command is called.
   *
   * @default {[]}
   */
  readonly examples?: readonly string[] | undefined;
  /**
   * The exit codes that `--help` explains.
   *
   * @default all of {@linkcode EXIT_CODE}
   */
  readonly exitCodes?: readonly ExitCode[] | undefined;
  /**
   * Takes help and version.
   *
   * @default standard output
   */
  readonly writeOut?: ((text: string) => void) | undefined;
  /**
   * Takes errors.
   *
   * @default standard error
   */
  readonly writeError?: ((text: string) => void) | undefined;
}

/**
 * What to do after the command line was read: go on, or leave with a code because help or version
 * were asked for (0) or an option was wrong (2), which has been said already.
 */
export type ParseResult =
  | { readonly kind: "run" }
  | { readonly kind: "exit"; readonly code: ExitCode };

/**
 * Makes a command with `--help` and `--version`, which writes help to standard output and errors
 * to standard error. The caller adds its options, and reads it with {@linkcode parseProgram}.
 *
 * @param name How the command is called, for example `"server"`.
 */
export function createProgram(name: string, options: ProgramOptions): Command {
  const {
    description,
    examples = [],
    exitCodes = [...EXIT_CODE_HELP.keys()],
    writeOut = (text) => void writeText(Deno.stdout, text),
    writeError = (text) => void writeText(Deno.stderr, text),
  } = options;
  return new Command(name)
    .description(description)
    .version(VERSION, "-V, --version", "print the version and exit")
    .helpOption("-h, --help", "print this help and exit")
    .addHelpText("after", () => helpEnd({ examples, exitCodes }))
    .showHelpAfterError(`Run with --help to see what can be given.`)
    .configureOutput({
      writeOut,
      writeErr: writeError,
      // Nothing is coloured, so no environment variable needs to be asked whether it may be.
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .exitOverride();
}

/**
 * Reads the command line. Afterwards `program.opts()` and `program.args` hold what was given.
 *
 * @param program What {@linkcode createProgram} made, with its options.
 * @param args The words behind the name of the script: `Deno.args`.
 */
export function parseProgram(program: Command, args: readonly string[]): ParseResult {
  try {
    program.parse(args, { from: "user" });
    return { kind: "run" };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: "exit", code: error.exitCode === 0 ? EXIT_CODE.OK : EXIT_CODE.USAGE };
  }
}

function helpEnd(
  { examples, exitCodes }: { examples: readonly string[]; exitCodes: readonly ExitCode[] },
): string {
  const codes = exitCodes.map((code) => `  ${String(code).padEnd(5)}${EXIT_CODE_HELP.get(code)}`);
  const parts = ["", "Exit codes:", ...codes];
  if (examples.length > 0) parts.push("", "Examples:", ...examples.map((line) => `  ${line}`));
  return parts.join("\n");
}
