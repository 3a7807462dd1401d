/**
 * Runs cases against what the command line names: a server, or the clients that come.
 *
 * @module
 */
import type { Case } from "../model/case.ts";
import type { CaseResult } from "../model/result.ts";
import { testClients } from "../run/test_clients.ts";
import { testServer } from "../run/test_server.ts";
import type { ClientTarget, ServerTarget } from "./command_line.ts";
import { FileFormatError } from "./expected_file.ts";
import { errorText } from "./output.ts";

/** How long a client that has its report is given to close its connection, in milliseconds. */
const FAREWELL = 500;

/** The first of the sections that Autobahn does not have. */
const FIRST_BEYOND = 20;
/** The one whose cases wait until a testee has lost its patience. */
const WAITING_SECTION = 27;

/** The server cannot be reached, or the address cannot be listened on. */
export class UnreachableError extends Error {
  override readonly name: string = "UnreachableError";
}

/** What is run, and who is told. */
export interface RunOptions {
  readonly cases: readonly Case[];
  /** Ends the run. */
  readonly signal: AbortSignal;
  /** Takes a line for whoever watches. */
  readonly say: (line: string) => void;
  readonly onResult: (result: CaseResult) => void;
  /** A client has asked for its report. */
  readonly onReport: (agent: string) => Promise<void>;
}

/**
 * Runs until all cases have, or, with clients, until `signal` fires or the first report where the
 * target says so.
 *
 * @throws {UnreachableError} when there is nobody to test.
 */
export async function runCases(
  target: ServerTarget | ClientTarget,
  options: RunOptions,
): Promise<void> {
  if (target.role === "server") await againstServer(target, options);
  else await againstClients(target, options);
}

async function againstServer(target: ServerTarget, options: RunOptions): Promise<void> {
  const { url, agent, jobs, ca } = target;
  const { cases, signal, onResult } = options;
  const shared = { url, agent, signal, ...(ca === undefined ? {} : { caCerts: [readFile(ca)] }) };
  const positions = new Map(cases.map(({ id }, index) => [id, index + 1]));
  let reached = false;
  const test = (part: Part): Promise<void> =>
    testServer({
      ...shared,
      ...part,
      onResult: (result) => {
        reached = true;
        onResult({ ...result, case: positions.get(result.id) ?? result.case });
      },
    });
  try {
    for (const parts of partsOf(cases, jobs)) await Promise.all(parts.map(test));
  } catch (error) {
    throw reached ? error : new UnreachableError(errorText(error), { cause: error });
  }
}

/** Cases that are run, `jobs` at a time. */
interface Part {
  readonly cases: readonly Case[];
  readonly jobs: number;
}

/**
 * What runs one after the other, and in each of it what runs side by side: cases that do nothing
 * but wait for long do so together, beside others that do not keep the processors busy.
 */
function partsOf(cases: readonly Case[], jobs: number | undefined): readonly (readonly Part[])[] {
  if (jobs !== undefined) return [[{ cases, jobs }]];
  const processors = navigator.hardwareConcurrency;
  const section = ({ id }: Case): number => Number(id.split(".")[0]);
  const waiting = cases.filter((each) => section(each) === WAITING_SECTION);
  const parts: Part[][] = [
    [{ cases: cases.filter((each) => section(each) < FIRST_BEYOND), jobs: processors }],
    [
      {
        cases: cases.filter((each) => section(each) >= FIRST_BEYOND && !waiting.includes(each)),
        jobs: processors,
      },
      { cases: waiting, jobs: Math.max(waiting.length, 1) },
    ],
  ];
  return parts.map((side) => side.filter((part) => part.cases.length > 0));
}

async function againstClients(target: ClientTarget, options: RunOptions): Promise<void> {
  const { hostname, port, exitAfterReport } = target;
  const { cases, signal, say, onResult, onReport } = options;
  const reported = new AbortController();
  let listening = false;
  const run = testClients({
    hostname,
    port,
    cases,
    signal: AbortSignal.any([signal, reported.signal]),
    onListen: ({ hostname, port }) => {
      listening = true;
      const host = hostname.includes(":") ? `[${hostname}]` : hostname;
      say(`Listening at ws://${host}:${port} for ${cases.length} cases; an interrupt ends it.`);
    },
    onResult,
    onUpdateReports: async (agent) => {
      await onReport(agent);
      // The client is to see the end of its own connection before everything ends.
      if (exitAfterReport) setTimeout(() => reported.abort(), FAREWELL);
    },
  });
  await run.catch((error) => {
    if (listening) throw error;
    throw new UnreachableError(errorText(error), { cause: error });
  });
}

function readFile(file: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    throw new FileFormatError(`Cannot read the file of --ca: ${errorText(error)}`);
  }
}
