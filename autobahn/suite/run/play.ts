/**
 * Playing a scripted or a measured case on a connection that is open, within bounds of time.
 *
 * @module
 */
import type { MeasuredCase, Measurement, ScriptedCase } from "../model/case.ts";
import type { Peer } from "../peer/peer.ts";
import { sameEvents } from "./events.ts";
import { type CaseFacts, judgeMeasured, judgeScripted, type Verdict } from "./judge.ts";

/** How long a case may take whatever happens, in milliseconds. */
const LIMITS = { scripted: 120_000, measured: 1_100_000 } as const;
/** How long a case may go on when its connection is gone, in milliseconds. */
const AFTERMATH = 1000;

/** How long a connection may stay open when a measured case is over, in milliseconds. */
const CLOSING_TIME = 5000;

/** What a case is played with. */
export interface Play {
  readonly peer: Peer;
  /** What came with the opening handshake. */
  readonly rest: Uint8Array;
  /** @default the limit of its form */
  readonly limit?: number;
}

/** The peer's `onReceived`: closes when all that is expected has come. */
export function closeWhenDone(testCase: ScriptedCase, peer: () => Peer): () => void {
  const { expected, expectedClose, closesItself = false } = testCase;
  if (closesItself || !expectedClose.closedByMe) return () => {};
  const lists = Object.values(expected);
  return () => {
    const { received } = peer();
    if (lists.every((events) => sameEvents(received, events))) {
      peer().sendClose(expectedClose.closeCodes[0]);
    }
  };
}

/** Plays a case to the end of the connection, and judges. */
export async function play(
  testCase: ScriptedCase | MeasuredCase,
  { peer, rest, limit = LIMITS[testCase.form] }: Play,
): Promise<Verdict> {
  const deflateMissing = testCase.deflate !== undefined && testCase.deflate.length > 0 &&
    peer.deflate === undefined;
  let failure: string | undefined;
  const stop = (words: string): void => {
    failure ??= words;
    peer.closing.drop("at once");
  };
  const run = deflateMissing
    ? Promise.resolve(peer.sendClose(1000))
    : perform(testCase, peer).catch((error) => {
      stop(`The case itself failed: ${words(error)}.`);
    });
  peer.start(rest);
  const timer = setTimeout(
    () => stop(`The case did not come to an end within ${limit / 1000} seconds.`),
    limit,
  );
  await peer.ended;
  clearTimeout(timer);
  const measurement = await within(run, AFTERMATH);
  return verdict(testCase, {
    peer,
    deflateMissing,
    failure,
    measurement: measurement ?? undefined,
  });
}

/** Runs what the case has to do. */
async function perform(
  testCase: ScriptedCase | MeasuredCase,
  peer: Peer,
): Promise<Measurement | void> {
  if (testCase.form === "scripted") return void await testCase.script(peer);
  const measurement = await testCase.measure(peer);
  // Whoever should have closed has had the time.
  void within(peer.ended, CLOSING_TIME).then(() => peer.sendClose(1000));
  return measurement;
}

function verdict(
  testCase: ScriptedCase | MeasuredCase,
  { peer, deflateMissing, failure, measurement }: {
    peer: Peer;
    deflateMissing: boolean;
    failure: string | undefined;
    measurement: Measurement | undefined;
  },
): Verdict {
  const { closedByMe, droppedByMe, wasClean, remoteCloseCode } = peer.closing;
  const facts: CaseFacts = {
    isServer: peer.testee === "client",
    closedByMe,
    droppedByMe,
    wasClean,
    remoteCloseCode,
    deflateMissing,
    failure,
  };
  if (testCase.form === "measured") return judgeMeasured(testCase, { ...facts, measurement });
  const review = deflateMissing ? undefined : testCase.review?.(peer);
  return judgeScripted(testCase, { ...facts, received: peer.received, review });
}

/** What a promise resolves to, if it does so within `milliseconds`, and before `signal` fires. */
export async function within<Value>(
  promise: Promise<Value>,
  milliseconds: number,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Value | undefined> {
  const late = Promise.withResolvers<undefined>();
  const end = (): void => late.resolve(undefined);
  const timer = setTimeout(end, milliseconds);
  signal?.addEventListener("abort", end);
  if (signal?.aborted) end();
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  }
}

/** The words of what was thrown. */
export function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
