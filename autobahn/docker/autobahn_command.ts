/**
 * The command `deno task autobahn`, from its command line to its exit code.
 *
 * @module
 */
import { checkVerdicts } from "../checker/check_report.ts";
import { parseIndex } from "../checker/index_file.ts";
import { AUTOBAHN_CASES } from "../suite/cases/mod.ts";
import { EXIT_CODE, type ExitCode } from "../suite/cli/exit_codes.ts";
import { FileFormatError, parseExpected } from "../suite/cli/expected_file.ts";
import { Interrupts } from "../suite/cli/interrupts.ts";
import { errorText, say, writeText } from "../suite/cli/output.ts";
import type { Verdicts } from "../suite/cli/verdicts.ts";
import { selectCases, SelectionError } from "../suite/select.ts";
import { parseCommandLine, type Settings } from "./command_line.ts";
import { runTestsuite } from "./run.ts";
import { findTestsuite, UnavailableError } from "./testsuite.ts";
import { RunError } from "./waiting.ts";

const EXPECTED = new URL("../expected/", import.meta.url);

/** Runs the command; gives its exit code. */
export async function runAutobahn(args: readonly string[]): Promise<ExitCode> {
  const line = parseCommandLine(args);
  if (line.kind === "exit") return line.code;
  using interrupts = new Interrupts(() => say("Ending, as you wish …"));
  const timeUp = AbortSignal.timeout(line.settings.timeLimit);
  try {
    return await autobahn(line.settings, AbortSignal.any([interrupts.signal, timeUp]));
  } catch (error) {
    if (interrupts.code !== undefined) return interrupts.code;
    return explain(error, line.settings);
  }
}

function explain(error: unknown, settings: Settings): ExitCode {
  if (error instanceof UnavailableError) {
    say(`autobahn: ${error.message}; ${alternative(settings)}`);
    return EXIT_CODE.UNAVAILABLE;
  }
  if (error instanceof DOMException && error.name === "TimeoutError") {
    say("autobahn: The run has taken longer than --time-limit allows; it was ended.");
    return EXIT_CODE.INCOMPLETE;
  }
  say(`autobahn: ${errorText(error)}`);
  if (error instanceof SelectionError) return EXIT_CODE.USAGE;
  if (error instanceof RunError || error instanceof FileFormatError) return EXIT_CODE.INCOMPLETE;
  return EXIT_CODE.UNEXPECTED;
}

/** What does work where the testsuite cannot be run. */
function alternative({ role, engine }: Settings): string {
  const needs = "our own suite runs the same cases without: ";
  return role === "server"
    ? `${needs}deno task serve --engine ${engine}, and beside it ` +
      "deno task conformance ws://localhost:8080/echo"
    : `${needs}deno task conformance --listen 9001, and beside it ` +
      "deno task testee ws://127.0.0.1:9001";
}

async function autobahn(settings: Settings, signal: AbortSignal): Promise<ExitCode> {
  const { engine, role, cases, out } = settings;
  const ids = selectCases({ autobahn: AUTOBAHN_CASES, beyond: [] }, {
    role,
    ...(cases === undefined ? {} : { include: cases }),
  }).map(({ id }) => id);
  const testsuite = await findTestsuite();
  say(`Running ${ids.length} cases by ${testsuite.title}; reports and logs go to ${out}.`);
  const index = await runTestsuite({
    testsuite,
    role,
    engine,
    out,
    signal,
    say,
    ...(cases === undefined ? {} : { cases: ids }),
  });
  return check(index, { settings, ids });
}

/** Compares the report with what is expected of the cases that were to run. */
function check(
  path: string,
  { settings: { engine, role }, ids }: { settings: Settings; ids: readonly string[] },
): ExitCode {
  const [report] = parseIndex(readReport(path), path);
  const [agent, found] = report ?? ["(nobody)", new Map() as Verdicts];
  const name = `${engine}_${role}.json`;
  const source = `autobahn/expected/${name}`;
  const all = parseExpected(Deno.readTextFileSync(new URL(name, EXPECTED)), source);
  const verdicts = new Map([...all].filter(([id]) => ids.includes(id)));
  const { code, text } = checkVerdicts(agent, found, {
    expected: { verdicts, source },
    count: ids.length,
    updateHint: `deno task autobahn:check ${path} --expected ${source} --update`,
  });
  writeText(Deno.stdout, `${text}\n`);
  return code;
}

function readReport(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new RunError(`The testsuite has left no report: ${errorText(error)}`);
  }
}
