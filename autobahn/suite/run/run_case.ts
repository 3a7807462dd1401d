/**
 * Running one case on one testee, from the connection to the result. Whatever happens has a
 * result, within bounds of time, unless the run is aborted.
 *
 * @module
 */
import type { MeasuredCase, RawCase, ScriptedCase } from "../model/case.ts";
import type { CaseResult } from "../model/result.ts";
import { Peer } from "../peer/peer.ts";
import type { ByteStream } from "../wire/stream.ts";
import { StreamReader } from "../wire/stream_reader.ts";
import { WireLog } from "../wire/wire_log.ts";
import { caseResult, type RunFacts, type RunLabel } from "./case_result.ts";
import { neverOpened, type Verdict } from "./judge.ts";
import { openAsClient, openAsServer, type Opening } from "./opening.ts";
import { closeWhenDone, play, within, words } from "./play.ts";
import { type AcceptedClient, type ServerTarget, Stage } from "./raw_stage.ts";

/** How long a raw case may take, in milliseconds. */
const RAW_LIMIT = 180_000;

/** Who is tested: a server that is connected to, or a client that came. */
export type Testee = ServerTarget | AcceptedClient;

/** What a run needs besides the testee. */
export interface RunOptions extends Omit<RunLabel, "isServer"> {
  /** Ends the run, which then has no result. */
  readonly signal: AbortSignal;
  /** How long the case may take, in milliseconds. @default what its form has */
  readonly limit?: number;
}

/** Runs a case; `undefined` when it was aborted. */
export async function runCase(
  testee: Testee,
  { signal, limit, ...label }: RunOptions,
): Promise<CaseResult | undefined> {
  const run = new Run(testee, { ...label, isServer: !("connect" in testee) }, { signal });
  const abort = (): void => run.abort();
  signal.addEventListener("abort", abort);
  try {
    if (signal.aborted) run.abort();
    const facts = await run.facts(limit);
    return signal.aborted ? undefined : caseResult(run.label, facts);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** The facts of a run that it has from the beginning. */
type Beginning = Pick<RunFacts, "log" | "started">;

class Run {
  readonly label: RunLabel;
  readonly #testee: Testee;
  readonly #beginning: Beginning;
  #stream: ByteStream | undefined;
  #stage: Stage | undefined;
  readonly #signal: AbortSignal;

  constructor(testee: Testee, label: RunLabel, { signal }: { signal: AbortSignal }) {
    this.label = label;
    this.#testee = testee;
    this.#signal = signal;
    this.#beginning = {
      log: "connect" in testee ? new WireLog() : testee.log,
      started: new Date(),
    };
  }

  /** Ends what there is of a connection. */
  abort(): void {
    this.#stream?.drop("reset");
    this.#stage?.abort();
  }

  facts(limit: number | undefined): Promise<RunFacts> {
    const { testCase } = this.label;
    return testCase.form === "raw"
      ? this.#raw(testCase, limit ?? RAW_LIMIT)
      : this.#webSocket(testCase, limit);
  }

  async #raw(testCase: RawCase, limit: number): Promise<RunFacts> {
    const stage = new Stage(this.#beginning.log, this.#testee);
    this.#stage = stage;
    const begun = performance.now();
    const verdict =
      await within(testCase.run(stage).catch(failed), limit, { signal: this.#signal }) ??
        failed(new Error(`it did not come to an end within ${limit / 1000} seconds`));
    const duration = performance.now() - begun;
    await stage.end();
    return { ...this.#beginning, verdict, duration, ...stage.heads };
  }

  async #webSocket(
    testCase: ScriptedCase | MeasuredCase,
    limit: number | undefined,
  ): Promise<RunFacts> {
    const testee = this.#testee;
    const { log } = this.#beginning;
    const { deflate = [] } = testCase;
    let reader: StreamReader;
    let opening: Opening;
    if ("connect" in testee) {
      try {
        this.#stream = await testee.connect();
      } catch (error) {
        return this.#neverOpened(words(error));
      }
      if (this.#signal.aborted) this.#stream.drop("reset");
      reader = new StreamReader(this.#stream, log);
      opening = await openAsClient(reader, { path: testee.path, host: testee.host, deflate });
    } else {
      ({ stream: this.#stream, reader } = testee);
      const request = { text: testee.text, head: testee.request };
      opening = await openAsServer(reader, request, { deflate });
    }
    const stream = this.#stream;
    if (opening.failure !== undefined) {
      stream.drop("fin");
      await stream.closed;
      return this.#neverOpened(opening.failure, opening);
    }
    return await this.#open(testCase, { stream, reader, opening, limit });
  }

  /** The case on a connection that is open. */
  async #open(
    testCase: ScriptedCase | MeasuredCase,
    { stream, reader, opening, limit }: {
      stream: ByteStream;
      reader: StreamReader;
      opening: Opening;
      limit: number | undefined;
    },
  ): Promise<RunFacts> {
    const { isServer } = this.label;
    const { log } = this.#beginning;
    const { request, response, deflate } = opening;
    const sizes = { outgoing: request.length, incoming: response.length };
    const peer: Peer = new Peer(stream, {
      isServer,
      log,
      deflate,
      preopen: isServer ? { outgoing: sizes.incoming, incoming: sizes.outgoing } : sizes,
      keepsMessages: testCase.form === "scripted",
      ...(testCase.form === "scripted" ? { onReceived: closeWhenDone(testCase, () => peer) } : {}),
    });
    const begun = performance.now();
    const verdict = await play(testCase, {
      peer,
      rest: reader.takeRest(),
      ...(limit === undefined ? {} : { limit }),
    });
    const duration = performance.now() - begun;
    await stream.closed;
    return {
      ...this.#beginning,
      verdict,
      duration,
      httpRequest: request,
      httpResponse: response,
      closing: peer.closing,
      received: peer.received,
      traffic: testCase.form === "measured" && deflate ? peer.traffic : undefined,
    };
  }

  #neverOpened(reason: string, opening?: Opening): RunFacts {
    return {
      ...this.#beginning,
      verdict: neverOpened(reason),
      duration: 0,
      httpRequest: opening?.request ?? "",
      httpResponse: opening?.response ?? "",
      openingFailure: reason,
      openingTimedOut: opening?.timedOut,
    };
  }
}

/** The verdict on a raw case that could not go on. */
function failed(error: unknown): Verdict {
  const result = `The case itself failed: ${words(error)}.`;
  return { behavior: "FAILED", result, behaviorClose: "FAILED", resultClose: result };
}
