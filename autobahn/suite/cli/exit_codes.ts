/**
 * The exit codes of the conformance commands. They are an interface: scripts depend on them.
 *
 * @module
 */

/** Exit codes by name. */
export const EXIT_CODE = {
  /** Every case is OK or INFORMATIONAL; with expected results, everything is as expected. */
  OK: 0,
  /** The run is whole, and at least one case has another verdict. */
  FAULTS: 1,
  /** An option, an argument or a file that it names is wrong; nothing was run. */
  USAGE: 2,
  /** The server cannot be reached, or the address cannot be listened on. */
  UNREACHABLE: 3,
  /** A result is not the expected one, in whichever direction. */
  DRIFT: 4,
  /** There is neither Docker nor `wstest` to run Autobahn|Testsuite with. */
  UNAVAILABLE: 5,
  /** The run did not come to its end: time was up, or a program that it needs failed. */
  INCOMPLETE: 6,
  /** A fault of this program. Please report it. */
  UNEXPECTED: 70,
  /** Interrupted (SIGINT); what there was has been written. */
  INTERRUPTED: 130,
  /** Terminated (SIGTERM); what there was has been written. */
  TERMINATED: 143,
} as const;

/** One of the codes in {@linkcode EXIT_CODE}. */
export type ExitCode = typeof EXIT_CODE[keyof typeof EXIT_CODE];

const WORDS: ReadonlyMap<ExitCode, string> = new Map([
  [EXIT_CODE.OK, "all is OK or INFORMATIONAL; with --expected: all is as expected"],
  [EXIT_CODE.FAULTS, "faults were found"],
  [EXIT_CODE.USAGE, "an option, an argument or a file that it names is wrong"],
  [EXIT_CODE.UNREACHABLE, "the server cannot be reached, or the port cannot be listened on"],
  [EXIT_CODE.DRIFT, "a result is not as expected: worse, better, missing or new"],
  [EXIT_CODE.UNAVAILABLE, "neither Docker nor wstest is there"],
  [EXIT_CODE.INCOMPLETE, "the run did not come to its end"],
  [EXIT_CODE.UNEXPECTED, "a fault of this program"],
  [EXIT_CODE.INTERRUPTED, "interrupted; what there was has been written"],
  [EXIT_CODE.TERMINATED, "terminated; what there was has been written"],
]);

/**
 * The end of a `--help`: what the codes mean, and how the command is called. `words` has the
 * meanings of those codes that mean something else for this command.
 */
export function helpEnd(
  codes: readonly ExitCode[],
  { examples, words }: {
    readonly examples: readonly string[];
    readonly words: ReadonlyMap<ExitCode, string>;
  },
): string {
  const meanings = new Map([...WORDS, ...words]);
  return [
    "",
    "Exit codes:",
    ...codes.map((code) => `  ${String(code).padEnd(5)}${meanings.get(code)}`),
    "",
    "Examples:",
    ...examples.map((line) => `  ${line}`),
  ].join("\n");
}
