/**
 * Section 23: fragmented messages, what may stand between their frames, and text that is cut within
 * a character.
 *
 * @module
 */
import { fromHex } from "../cases/bytes.ts";
import {
  binary,
  binaryArrives,
  ends,
  frame,
  goesOn,
  ping,
  pong,
  text,
  textArrives,
  textBegins,
} from "../cases/frames.ts";
import type { Case, CaseEvent, FrameSpec, RawCase } from "../model/case.ts";
import { equalBytes, utf8 } from "../wire/bytes.ts";
import { OPCODE } from "../wire/frame.ts";
import { type OffencePlan, offences } from "./offence.ts";
import { answer, type AnswerPlan, failure, type FailurePlan, numbered } from "./scripts.ts";
import { withSocket } from "./sockets.ts";
import { fine, verdict } from "./verdicts.ts";

const RULE = "RFC 6455 §5.4";

const ORDER: readonly FailurePlan[] = [
  ...Object.entries({
    "A text begins within a fragmented binary message.": [
      binary("one half", { fin: false }),
      text("a text"),
    ],
    "A binary message begins within a fragmented text.": [
      textBegins("one half"),
      binary("more", { fin: false }),
    ],
    "An empty text comes within a fragmented text.": [textBegins("one half"), text("")],
    "A text begins within a fragmented text, after two of its fragments and a ping.": [
      textBegins("one"),
      goesOn("two"),
      pong("between"),
      text("a text"),
    ],
    "A continuation comes first, empty and the last of its message.": [ends("")],
    "A continuation comes first, empty and not the last of its message.": [goesOn("")],
    "A continuation comes after a pong, and there is nothing to continue.": [
      pong("hello"),
      ends("more"),
    ],
  }).map(([description, sends]): FailurePlan => ({ description, rule: RULE, sends })),
  {
    description: "A continuation comes after a whole text, which was echoed.",
    rule: RULE,
    sends: async (peer) => {
      peer.send(text("whole"));
      await peer.nextMessage();
      peer.send(ends("more"));
    },
    answers: [textArrives("whole")],
  },
  {
    description: "A continuation comes after a fragmented text, which was echoed.",
    rule: RULE,
    sends: async (peer) => {
      peer.send(textBegins("one half, "));
      peer.send(ends("the other"));
      await peer.nextMessage();
      peer.send(ends("more"));
    },
    answers: [textArrives("one half, the other")],
  },
];

/** A message whose fragments have these payloads, and what else comes between them. */
function fragments(payloads: readonly Uint8Array[], between: readonly FrameSpec[]): FrameSpec[] {
  return payloads.flatMap((payload, index) => [
    ...(index > 0 ? between : []),
    frame(index === 0 ? OPCODE.text : OPCODE.continuation, payload, {
      fin: index === payloads.length - 1,
    }),
  ]);
}

/** The bytes of a text, each on its own. */
function bytewise(words: string): Uint8Array[] {
  return Array.from(utf8(words), (byte) => Uint8Array.of(byte));
}

/** Characters of one, two, three and four bytes, the first and the last of each length. */
const CHARACTERS = "\x00\x7f\u0080\u07ff\u0800\ud7ff\ue000\uffff\u{10000}\u{10ffff}";

const WHOLE: readonly AnswerPlan[] = [
  {
    description: "A text with the first and the last character of each length in UTF-8 comes in " +
      "fragments of one byte.",
    rule: "RFC 6455 §5.4, §8.1",
    sends: fragments(bytewise(CHARACTERS), []),
    answers: [textArrives(CHARACTERS)],
  },
  {
    description: "The same, with an empty fragment after each byte.",
    rule: "RFC 6455 §5.4, §8.1",
    sends: fragments(bytewise(CHARACTERS), [goesOn("")]),
    answers: [textArrives(CHARACTERS)],
  },
  {
    description: "The same, with a pong that nobody asked for before each byte but the first.",
    rule: "RFC 6455 §5.4, §5.5.3",
    sends: fragments(bytewise(CHARACTERS), [pong("unasked")]),
    answers: [textArrives(CHARACTERS)],
  },
  ...[0, 1, 100].map((count): AnswerPlan => ({
    description: `A binary message has ${count} empty fragments between its first and its last, ` +
      "which are empty as well.",
    rule: RULE,
    sends: [
      binary("", { fin: false }),
      ...Array.from({ length: count }, () => goesOn("")),
      ends(""),
    ],
    answers: [binaryArrives("")],
  })),
  {
    description:
      "A text and a binary message come in fragments, one after the other, and a whole " +
      "one between them.",
    rule: RULE,
    sends: [
      textBegins("one "),
      ends("two"),
      text("whole"),
      binary("three ", { fin: false }),
      goesOn("four "),
      ends("five"),
    ],
    answers: [textArrives("one two"), textArrives("whole"), binaryArrives("three four five")],
  },
  {
    description:
      "A binary message of 100,000 bytes comes in fragments of 1 to 446 bytes, and the " +
      "network gets 1,000 bytes at a time.",
    rule: RULE,
    sends: (peer) => {
      const payload = uneven();
      let at = 0;
      for (let length = 1; at < payload.length; length++) {
        peer.send(frame(
          at === 0 ? OPCODE.binary : OPCODE.continuation,
          payload.subarray(
            at,
            at + length,
          ),
          { fin: at + length >= payload.length, chopBytes: 1_000 },
        ));
        at += length;
      }
    },
    answers: [binaryArrives(uneven())],
  },
];

/** 100,000 bytes that do not repeat soon. */
function uneven(): Uint8Array {
  return Uint8Array.from({ length: 100_000 }, (_, index) => (index * index) >> 5);
}

/** A ping between all fragments, each sent when the one before is answered. */
const PING_BETWEEN: RawCase = {
  form: "raw",
  id: "23.3.1",
  description: "A character of four bytes comes in four fragments; between them are pings, and " +
    "each is waited for.",
  expectation: "The pings are answered at once, and the text is echoed.",
  rule: "RFC 6455 §5.4, §5.5.2",
  run: (stage) =>
    withSocket(stage, async (socket) => {
      const character = "\u{1f30a}";
      for (const [index, piece] of bytewise(character).entries()) {
        const fin = index === 3;
        await socket.send(
          frame(index === 0 ? OPCODE.text : OPCODE.continuation, piece, { fin }),
        );
        if (fin) break;
        await socket.send(ping(piece));
        const got = await socket.nextPong();
        if (got === undefined || !equalBytes(got, piece)) {
          return verdict("FAILED", `The ping after fragment ${index + 1} was not answered.`);
        }
      }
      const message = await socket.nextMessage();
      const echoed = typeof message === "object" &&
        equalBytes(message.payload, utf8(character));
      return echoed
        ? fine("Pings and text were answered.", await socket.closeNormally())
        : verdict("FAILED", "The text was not echoed.");
    }),
};

/** A close frame within a message ends the connection, and the message is lost. */
const CLOSE_WITHIN: Case = {
  form: "scripted",
  id: "23.3.2",
  description: "A text begins, and a close frame with 1000 follows instead of its end.",
  expectation: "The close frame is answered, and nothing of the text comes back.",
  rule: "RFC 6455 §5.4, §5.5.1",
  expected: { OK: [] as readonly CaseEvent[] },
  expectedClose: { closedByMe: true, closeCodes: [1000], requireClean: true },
  closesItself: true,
  script: (peer) => {
    peer.send(textBegins("one half"));
    peer.sendClose(1000);
  },
};

/** Text that is not UTF-8, whose fault lies across a border between fragments. */
const BAD_TEXT: Readonly<Record<string, readonly string[]>> = {
  "an overlong form of two bytes": ["c0", "af"],
  "an overlong form of three bytes": ["e0", "80 af"],
  "an overlong form of four bytes": ["f0 80", "80 af"],
  "a surrogate": ["ed", "a0 80"],
  "a pair of surrogates": ["ed a0 bd", "ed b8 80"],
  "a code point beyond U+10FFFF": ["f4", "90 80 80"],
  "a byte that never stands in UTF-8": ["61", "ff"],
  "a continuation byte with nothing before it": ["61", "80"],
  "a character that is cut off by another one": ["e2 82", "61"],
  "a character that is cut off by the end": ["61 e2", "82"],
  "a character that is cut off by the end, in an empty fragment": ["e2 82", ""],
};

const NOT_UTF8: readonly FailurePlan[] = Object.entries(BAD_TEXT).map((
  [what, pieces],
): FailurePlan => ({
  description: `A text in fragments has ${what}: ${pieces.join(" | ")}.`,
  rule: "RFC 6455 §8.1",
  sends: fragments(pieces.map(fromHex), []),
  codes: [1007],
}));

/** Text whose first fragment is wrong already; the last one does not come. */
const EARLY: readonly OffencePlan[] = Object.entries({
  "a byte that never stands in UTF-8": "ff",
  "an overlong form": "c0 af",
  "a surrogate": "ed a0 80",
  "a code point beyond U+10FFFF": "f4 90 80 80",
}).map(([what, hex]): OffencePlan => ({
  description: `The first fragment of a text has ${what}: ${hex}. No other comes.`,
  expectation:
    "The testee fails the connection with 1007 at once. One that waits for the rest is " +
    "not strict, and that is all.",
  rule: "RFC 6455 §8.1",
  level: "SHOULD",
  codes: [1007],
  sends: [text(fromHex(hex), { fin: false })],
  patience: 2_000,
}));

/** Fragmentation. */
export const SECTION_23: readonly Case[] = [
  ...numbered("23.1", { plans: ORDER, make: failure }),
  ...numbered("23.2", { plans: WHOLE, make: answer }),
  PING_BETWEEN,
  CLOSE_WITHIN,
  ...numbered("23.4", { plans: NOT_UTF8, make: failure }),
  ...offences("23.5", EARLY),
];
