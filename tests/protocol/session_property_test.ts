/**
 * Whatever one role's session sends arrives as sent at the other's, wherever the bytes are
 * cut; and whatever comes in, nothing throws. A failure prints its seed, which
 * `TIDEWIRE_SEED` sets.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Session } from "../../lib/protocol/session.ts";
import { FakeCompression } from "../support/fake_compression.ts";
import { hex } from "../support/hex.ts";
import { sameKeys } from "../support/mask_keys.ts";
import {
  anyInput,
  anyStep,
  type ControlStep,
  cutBySizes,
  type FragmentedStep,
  pieceSizes,
  type Step,
} from "../support/protocol_arbitraries.ts";
import { SOME_MASK } from "../support/raw_frame.ts";
import { SessionRecorder } from "../support/recorder.ts";
import { seeded } from "../support/seed.ts";
import { SessionPeer, type SessionPeerOptions } from "../support/session_peer.ts";

const encoder = new TextEncoder();

/** The fragments of a message's bytes; what is left is the last. */
function* fragmentsOf(
  { data, fragments }: FragmentedStep,
): Generator<{ bytes: Uint8Array; fin: boolean; then: readonly ControlStep[] }> {
  const bytes = typeof data === "string" ? encoder.encode(data) : data;
  let at = 0;
  for (const { size, then } of fragments) {
    yield { bytes: bytes.subarray(at, at + size), fin: false, then };
    at += size;
  }
  yield { bytes: bytes.subarray(at), fin: true, then: [] };
}

/** Makes `session` send a step. */
function send(session: Session, step: Step, compress: boolean): void {
  if (step.kind === "control") return session[step.type](step.payload);
  const { data } = step;
  if (step.kind === "fragmented") {
    for (const { bytes, fin, then } of fragmentsOf(step)) {
      session.sendFragment(typeof data === "string" ? "text" : "binary", bytes, { fin, compress });
      for (const control of then) send(session, control, compress);
    }
  } else if (typeof data === "string") session.sendText(data, compress);
  else session.sendBinary(data, compress);
}

/** Tells `sink` what it has to hear of a step. */
function tell(sink: SessionRecorder, step: Step, piecewise: boolean): void {
  if (step.kind === "control") {
    return sink[step.type === "ping" ? "onPing" : "onPong"](step.payload.slice());
  }
  const { data } = step;
  if (piecewise) sink.onMessageStart(typeof data === "string" ? "text" : "binary");
  const fragments = step.kind === "fragmented"
    ? [...fragmentsOf(step)]
    : [{ bytes: typeof data === "string" ? encoder.encode(data) : data, then: [] }];
  for (const { bytes, then } of fragments) {
    if (piecewise && bytes.length > 0) sink.onMessagePiece(bytes.slice());
    for (const control of then) tell(sink, control, piecewise);
  }
  if (piecewise) sink.onMessageEnd();
  else if (typeof data === "string") sink.onText(data.toWellFormed());
  else sink.onBinary(data.slice());
}

/** The payloads of the pings among steps, within fragmented messages too. */
function pingsOf(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => {
    if (step.kind === "control") return step.type === "ping" ? [hex(step.payload)] : [];
    return step.kind === "fragmented" ? pingsOf(step.fragments.flatMap(({ then }) => then)) : [];
  });
}

const conversation = fc.record({
  steps: fc.array(anyStep, { maxLength: 12 }),
  sizes: pieceSizes,
  answerSizes: pieceSizes,
  piecewise: fc.boolean(),
  compression: fc.option(fc.record({
    independent: fc.boolean(),
    threshold: fc.constantFrom(0, 20, 1000),
    // Which of the steps may be compressed, in turn.
    compress: fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
  })),
  close: fc.option(fc.record({
    code: fc.constantFrom(1000, 1001, 1011, 3000, 4999),
    reason: fc.string({ unit: "binary", maxLength: 30 }),
  })),
});

/** What a session that compresses is set up with. */
function compressing(
  options: { independent: boolean; threshold: number } | null,
): SessionPeerOptions {
  if (options === null) return {};
  return {
    compression: new FakeCompression({ ...options, holdsBack: false }),
    compressionThreshold: options.threshold,
    maxFragments: 1_000_000,
  };
}

for (const [writer, reader] of [["server", "client"], ["client", "server"]] as const) {
  Deno.test(`Session: what a ${writer} sends arrives as sent, cut anywhere`, () => {
    const property = fc.property(
      conversation,
      ({ steps, sizes, answerSizes, piecewise, compression, close }) => {
        const from = new SessionPeer(writer, compressing(compression));
        const to = new SessionPeer(reader, { piecewise, ...compressing(compression) });
        const { compress } = compression ?? { compress: [true] };
        steps.forEach((step, at) => send(from.session, step, compress[at % compress.length]!));
        if (close !== null) from.session.close(close.code, close.reason);
        to.sendPieces(cutBySizes(from.session.output.take(), sizes));

        const expected = new SessionRecorder({ piecewise });
        for (const step of steps) tell(expected, step, piecewise);
        if (close !== null) expected.onClose(close.code, close.reason);
        assertEquals(to.told(), expected.events);
        assertEquals(to.session.midMessage, false);

        from.sendPieces(cutBySizes(to.session.output.take(), answerSizes));
        const pongs = pingsOf(steps).map((payload) => `pong ${payload}`);
        const echo = close === null ? [] : [`close ${close.code} ""`];
        assertEquals(from.told(), [...pongs, ...echo]);
        const state = close === null ? "open" : "closed";
        assertEquals([from.session.state, to.session.state], [state, state]);
      },
    );
    fc.assert(property, seeded({ numRuns: 250, interruptAfterTimeLimit: 2000 }));
  });
}

/** All that can be seen of a session that was given `pieces`. */
function outcome(
  role: "server" | "client",
  pieces: readonly Uint8Array[],
  compresses: boolean,
): { told: string[]; state: string; written: string } {
  const peer = new SessionPeer(role, {
    maxFrameBytes: 200,
    maxMessageBytes: 220,
    maxFragments: 4,
    maskKeys: sameKeys(SOME_MASK),
    ...(compresses ? { compression: new FakeCompression() } : {}),
  });
  peer.sendPieces(pieces);
  const { state, output } = peer.session;
  return { told: peer.told(), state, written: hex(output.take()) };
}

Deno.test("Session: any input, cut anywhere, does the same, and nothing after the end", () => {
  const roles = fc.constantFrom("server", "client");
  const property = fc.property(
    anyInput,
    pieceSizes,
    roles,
    fc.boolean(),
    (input, sizes, role, deflate) => {
      const whole = outcome(role, [input], deflate);
      assertEquals(outcome(role, cutBySizes(input, sizes), deflate), whole);
      assertEquals(outcome(role, cutBySizes(input, [1]), deflate), whole);
      const { told } = whole;
      const end = told.findIndex((event) => /^(ERR_|close )/.test(event));
      assert(end === -1 || end === told.length - 1, "nothing follows a failure or a close");
    },
  );
  fc.assert(property, seeded({ numRuns: 800, interruptAfterTimeLimit: 2000 }));
});
