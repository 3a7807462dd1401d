/**
 * Section 2, pings and pongs.
 *
 * @module
 */
import type { FrameSpec, ScriptedCase } from "../model/case.ts";
import { filled, fromHex } from "./bytes.ts";
import { chopped, ping, pong, pongArrives } from "./frames.ts";
import { answered, NORMAL_CLOSE, refused } from "./scripted.ts";

const PING_RULE = "RFC 6455 §5.5.2";
const PONG_RULE = "RFC 6455 §5.5.3";
const EXPECTED_PONG = "One pong with the same payload, then a clean close with 1000.";

/** The longest payload that a control frame may have (RFC 6455 §5.5). */
const LONGEST = filled(0xfe, 125);
const NOT_TEXT = fromHex("00 ff fe fd fc fb 00 ff");

interface PingRow {
  readonly what: string;
  readonly payload: string | Uint8Array;
  readonly chopBytes?: number;
  readonly seconds: number;
}

function pinged(id: string, row: PingRow): ScriptedCase {
  return answered(id, {
    description: `A ping ${row.what}.`,
    expectation: EXPECTED_PONG,
    rule: PING_RULE,
    frames: chopped([ping(row.payload)], row.chopBytes),
    answers: [pongArrives(row.payload)],
    patience: { close: row.seconds * 1_000 },
  });
}

function unasked(id: string, what: string, spec: FrameSpec): ScriptedCase {
  return {
    form: "scripted",
    id,
    description: `A pong ${what} that nobody asked for, then a close frame.`,
    expectation: "The pong is not answered; the connection closes cleanly with 1000.",
    rule: PONG_RULE,
    expected: { OK: [] },
    expectedClose: NORMAL_CLOSE,
    closesItself: true,
    script: (peer) => {
      peer.send(spec);
      peer.sendClose(1000);
      peer.closeAfter(1_000);
    },
  };
}

const TEN_PAYLOADS: readonly string[] = Array.from(
  { length: 10 },
  (_, index) => `ping number ${index}`,
);

function tenPings(id: string, how: string, chopBytes?: number): ScriptedCase {
  return answered(id, {
    description: `Ten pings in a row, each with a payload of its own${how}.`,
    // RFC 6455 §5.5.3 lets an endpoint answer only the last of several pings; to answer each of
    // them, in order, is what is expected all the same.
    expectation: "Ten pongs with these payloads in the same order, then a clean close with 1000.",
    rule: PING_RULE,
    frames: chopped(TEN_PAYLOADS.map((payload) => ping(payload)), chopBytes),
    answers: TEN_PAYLOADS.map((payload) => pongArrives(payload)),
    patience: { close: 3_000 },
  });
}

/** The 11 cases of section 2. */
export const SECTION_02: readonly ScriptedCase[] = [
  pinged("2.1", { what: "without a payload", payload: "", seconds: 1 }),
  pinged("2.2", { what: "with a little text", payload: "Are you there?", seconds: 1 }),
  pinged("2.3", { what: "with bytes that are not UTF-8", payload: NOT_TEXT, seconds: 1 }),
  pinged("2.4", { what: "of 125 bytes, the longest there is", payload: LONGEST, seconds: 1 }),
  refused("2.5", {
    description: "A ping of 126 bytes, one more than a control frame may have.",
    expectation: "The connection is failed with 1002.",
    rule: "RFC 6455 §5.5",
    frames: [ping(filled(0xfe, 126))],
  }),
  pinged("2.6", {
    what: "of 125 bytes, written byte by byte",
    payload: LONGEST,
    chopBytes: 1,
    seconds: 2,
  }),
  unasked("2.7", "without a payload", pong()),
  unasked("2.8", "with a payload", pong("nobody asked")),
  answered("2.9", {
    description: "A pong that nobody asked for, then a ping.",
    expectation: "Only the ping is answered, then the connection closes cleanly with 1000.",
    rule: PONG_RULE,
    frames: [pong("nobody asked"), ping("somebody asks")],
    answers: [pongArrives("somebody asks")],
    patience: { close: 1_000 },
  }),
  tenPings("2.10", ""),
  tenPings("2.11", ", written byte by byte", 1),
];
