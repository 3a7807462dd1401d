/**
 * Testing a server: the suite connects to it once a case, and plays the client.
 *
 * @module
 */
import type { Case } from "../model/case.ts";
import type { CaseResult } from "../model/result.ts";
import { connectStream } from "../wire/connect.ts";
import type { ServerTarget } from "./raw_stage.ts";
import { runCase } from "./run_case.ts";

/** What to test, and how. */
export interface TestServerOptions {
  /** `ws:` or `wss:`. */
  readonly url: URL;
  /** The name of the server in results. */
  readonly agent: string;
  /** Those for clients only are left out. */
  readonly cases: readonly Case[];
  /** How many cases run at a time. */
  readonly jobs: number;
  /** Ends the cases that run, without results. @default nothing does */
  readonly signal?: AbortSignal;
  /** Takes results as they come. */
  readonly onResult: (result: CaseResult) => void;
  /** Certificates to trust besides those of the system, in PEM. @default none */
  readonly caCerts?: readonly string[];
}

/**
 * Runs the cases on a server. Resolves when all have run, or the signal has fired.
 *
 * @throws {RangeError} when `jobs` is no whole number from 1 on.
 * @throws {TypeError} when the URL's scheme is neither `ws:` nor `wss:`.
 * @throws {Error} when the server cannot be reached at the start; the message names it.
 */
export async function testServer(options: TestServerOptions): Promise<void> {
  const { url, agent, jobs, onResult, signal = new AbortController().signal } = options;
  if (!Number.isSafeInteger(jobs) || jobs < 1) {
    throw new RangeError(`jobs must be a whole number from 1 on; got ${jobs}`);
  }
  const server = serverTarget(url, options.caCerts);
  const cases = options.cases.filter(({ testees }) => testees?.includes("server") ?? true);
  if (signal.aborted) return;
  await reach(server, url);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < cases.length && !signal.aborted) {
      const position = ++next;
      const testCase = cases[position - 1]!;
      const result = await runCase(server, { testCase, agent, position, signal });
      if (result !== undefined) onResult(result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, cases.length) }, work));
}

function serverTarget(url: URL, caCerts: readonly string[] | undefined): ServerTarget {
  const { protocol, hostname, host, pathname, search } = url;
  if (protocol !== "ws:" && protocol !== "wss:") {
    throw new TypeError(`The URL must begin with ws:// or wss://; got "${url}"`);
  }
  const secure = protocol === "wss:";
  const port = url.port === "" ? secure ? 443 : 80 : Number(url.port);
  return {
    path: pathname + search,
    host,
    port,
    secure,
    connect: () => connectStream({ hostname, port, secure, caCerts }),
  };
}

/** Looks whether there is anybody. */
async function reach(server: ServerTarget, url: URL): Promise<void> {
  try {
    const stream = await server.connect();
    stream.attach({ data: () => {}, end: () => {} });
    stream.drop("fin");
    await stream.closed;
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The server at ${url} cannot be reached: ${words}`, { cause });
  }
}
