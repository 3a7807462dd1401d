/**
 * The command `deno task conformance`, from its command line to its exit code.
 *
 * @module
 */
import { BEYOND_CASES } from "../beyond/mod.ts";
import { AUTOBAHN_CASES } from "../cases/mod.ts";
import { isFault } from "../model/behavior.ts";
import type { Case } from "../model/case.ts";
import { compareIds } from "../model/ids.ts";
import type { CaseResult } from "../model/result.ts";
import { readIndex, writeReports } from "../report/mod.ts";
import { type Catalogue, selectCases, SelectionError } from "../select.ts";
import { parseCommandLine, type Settings } from "./command_line.ts";
import { EXIT_CODE, type ExitCode } from "./exit_codes.ts";
import { Expectation } from "./expectation.ts";
import { FileFormatError } from "./expected_file.ts";
import { Interrupts } from "./interrupts.ts";
import { listText, resultsText } from "./listing.ts";
import { errorText, say, writeText } from "./output.ts";
import { createProgress } from "./progress.ts";
import { runCases, UnreachableError } from "./run_cases.ts";

const CATALOGUE: Catalogue = { autobahn: AUTOBAHN_CASES, beyond: BEYOND_CASES };

/** Runs the command; gives its exit code. */
export async function runConformance(args: readonly string[]): Promise<ExitCode> {
  const line = parseCommandLine(args);
  if (line.kind === "exit") return line.code;
  try {
    return await conformance(line.settings);
  } catch (error) {
    say(`conformance: ${errorText(error)}`);
    if (error instanceof UnreachableError) return EXIT_CODE.UNREACHABLE;
    if (error instanceof SelectionError || error instanceof FileFormatError) {
      return EXIT_CODE.USAGE;
    }
    if (error instanceof Deno.errors.NotCapable) {
      say("Deno was not given the permission: deno task conformance grants this folder only.");
      return EXIT_CODE.USAGE;
    }
    if (error instanceof Error && error.stack !== undefined) say(error.stack);
    return EXIT_CODE.UNEXPECTED;
  }
}

async function conformance(settings: Settings): Promise<ExitCode> {
  const { target: { role }, cases: include, exclude, beyond, format, out } = settings;
  const cases = selectCases(CATALOGUE, { role, include, exclude, beyond });
  if (settings.list) {
    writeText(Deno.stdout, listText(cases, format));
    return EXIT_CODE.OK;
  }
  // What could go wrong in the end is tried at the start: a run may take minutes.
  const expectation = Expectation.read(settings.expected, {
    mayBeMissing: settings.updateExpected,
  });
  if (out !== undefined) await prepareFolder(out);

  const { results, interrupted, failure } = await run(settings, cases);
  const page = await report(results, out);
  if (page !== undefined) say(`Report: ${page}`);
  writeText(Deno.stdout, resultsText(results, format));
  if (interrupted !== undefined) {
    say(`Interrupted after ${results.length} results.`);
    return interrupted;
  }
  if (failure !== undefined) {
    say(`The run ended after ${results.length} results: ${errorText(failure)}`);
    return EXIT_CODE.INCOMPLETE;
  }
  return settings.expected.length === 0
    ? codeOf(results, cases.length)
    : judge(results, { settings, cases, expectation });
}

/** What there is when a run has ended, in whatever way. */
interface Outcome {
  readonly results: readonly CaseResult[];
  /** The exit code that an interrupt asks for. */
  readonly interrupted: ExitCode | undefined;
  /** What kept the run from going on. */
  readonly failure?: unknown;
}

/** Runs the cases, with progress; an interrupt ends it with the results that there are. */
async function run(settings: Settings, cases: readonly Case[]): Promise<Outcome> {
  const { target, out } = settings;
  const results = new ResultList();
  let written = Promise.resolve();
  const progress = createProgress(cases.length);
  using interrupts = new Interrupts(() => progress.say("Ending, as you wish …"));
  try {
    await runCases(target, {
      cases,
      signal: interrupts.signal,
      say: (line) => progress.say(line),
      onResult: (result) => {
        results.add(result);
        progress.add(result);
      },
      onReport: async (agent) => {
        const name = JSON.stringify(agent);
        if (!results.has(agent)) {
          return progress.say(`${name} asks for a report, and has ended no case: there is none.`);
        }
        if (out === undefined) {
          return progress.say(`${name} asks for a report; with --no-out none is written.`);
        }
        // One after the other, also where several clients ask at a time.
        written = written.then(() => report(results.list, out)).then(
          () => progress.say(`${name} has its report.`),
          (error) => progress.say(`Cannot write the report: ${errorText(error)}`),
        );
        await written;
      },
    });
    return { results: results.list, interrupted: interrupts.code };
  } catch (failure) {
    // What was found so far is worth a report.
    if (results.list.length === 0) throw failure;
    return { results: results.list, interrupted: interrupts.code, failure };
  } finally {
    progress.end();
  }
}

/** The results so far. A client may run a case again: then the last result counts. */
class ResultList {
  readonly #results = new Map<string, CaseResult>();

  /** Agent by agent as they came, and each in numeric order. */
  get list(): readonly CaseResult[] {
    const agents = Map.groupBy(this.#results.values(), ({ agent }) => agent);
    return [...agents.values()].flatMap((results) =>
      results.sort((a, b) => compareIds(a.id, b.id))
    );
  }

  /** Whether there is a result of an agent. */
  has(agent: string): boolean {
    return this.list.some((result) => result.agent === agent);
  }

  add(result: CaseResult): void {
    this.#results.set(JSON.stringify([result.agent, result.id]), result);
  }
}

/** Makes the folder for the report; one that is there already may hold a report, nothing else. */
async function prepareFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
    await readIndex(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new FileFormatError(`Cannot write the report to ${path}: ${errorText(error)}`);
  }
}

/** Writes the report; gives the path of its page. */
async function report(
  results: readonly CaseResult[],
  directory: string | undefined,
): Promise<string | undefined> {
  if (directory === undefined || results.length === 0) return undefined;
  const paths = await writeReports(results, { directory });
  return paths.find((path) => path.endsWith("index.html"));
}

/** Without expected results: whether everything has run, and without a fault. */
function codeOf(results: readonly CaseResult[], total: number): ExitCode {
  const faulty = results.some(({ behavior, behaviorClose }) =>
    isFault(behavior) || isFault(behaviorClose)
  );
  if (faulty) return EXIT_CODE.FAULTS;
  const agents = [...Map.groupBy(results, ({ agent }) => agent).values()];
  const whole = agents.length > 0 && agents.every(({ length }) => length === total);
  if (!whole) say(`Not all of the ${total} cases have run.`);
  return whole ? EXIT_CODE.OK : EXIT_CODE.INCOMPLETE;
}

/** Compares each agent's results with what is expected, or keeps them as what is expected. */
function judge(
  results: readonly CaseResult[],
  { settings, cases, expectation }: {
    settings: Settings;
    cases: readonly Case[];
    expectation: Expectation;
  },
): ExitCode {
  const agents = [...Map.groupBy(results, ({ agent }) => agent).values()];
  // Where no client came, all that is expected is missing.
  if (agents.length === 0) agents.push([]);
  if (settings.updateExpected && agents.length > 1) {
    throw new FileFormatError("--update-expected takes the results of one agent, not of several");
  }
  const known = new Set([...CATALOGUE.autobahn, ...CATALOGUE.beyond].map(({ id }) => id));
  const ids = cases.map(({ id }) => id);
  const comparisons = agents.map((each) =>
    settings.updateExpected ? expectation.update(each, known) : expectation.compare(each, ids)
  );
  for (const { text } of comparisons) say(text);
  return comparisons.find(({ code }) => code !== EXIT_CODE.OK)?.code ?? EXIT_CODE.OK;
}
