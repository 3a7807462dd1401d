/**
 * Section 25, last part: compressed messages that are wrong, and agreements that are broken.
 *
 * @module
 */
import { filled, fromHex } from "../cases/bytes.ts";
import { binary, frame, textArrives, textBegins } from "../cases/frames.ts";
import type { Case, FrameSpec, RawCase, RawVerdict } from "../model/case.ts";
import { equalBytes, joinBytes, utf8 } from "../wire/bytes.ts";
import { MessageInflater } from "../wire/deflate.ts";
import { OPCODE } from "../wire/frame.ts";
import { DeflateBits } from "./deflate_bits.ts";
import { ANY_DEFLATE, compressed, deflated, RSV1 } from "./deflate_frames.ts";
import { PATIENCE, type RawSocket } from "./raw_socket.ts";
import { failure, type FailurePlan, numbered } from "./scripts.ts";
import { withSocket } from "./sockets.ts";
import { fine, type Level, verdict } from "./verdicts.ts";

/** RFC 7692 names no code for what cannot be decompressed. */
const ANY_CODE = [1007, 1002, 1003, 1008, 1011];

const FRAMES: readonly FailurePlan[] = Object.entries({
  "The second fragment of a compressed text has RSV1 set.": [
    ...compressed("f2 48 cd", "c9 c9 07 00").slice(0, 1),
    frame(OPCODE.continuation, fromHex("c9 c9 07 00"), { rsv: RSV1 }),
  ],
  "The second fragment of a text has RSV1 set, and the first has not.": [
    textBegins("one half"),
    frame(OPCODE.continuation, fromHex("f2 48 cd c9 c9 07 00"), { rsv: RSV1 }),
  ],
  "A ping has RSV1 set.": [frame(OPCODE.ping, fromHex("f2 48 cd c9 c9 07 00"), { rsv: RSV1 })],
  "A pong has RSV1 set.": [frame(OPCODE.pong, "", { rsv: RSV1 })],
  "A compressed text has RSV2 set as well.": [
    frame(OPCODE.text, fromHex("f2 48 cd c9 c9 07 00"), { rsv: RSV1 + 2 }),
  ],
  "A text that is not compressed has RSV3 set.": [frame(OPCODE.text, "hello", { rsv: 1 })],
  "A frame with the reserved opcode 3 has RSV1 set.": [
    frame(3, fromHex("f2 48 cd c9 c9 07 00"), { rsv: RSV1 }),
  ],
}).map(([description, sends]): FailurePlan => ({
  description,
  rule: "RFC 7692 §6, RFC 6455 §5.2",
  deflate: ANY_DEFLATE,
  sends,
}));

/**
 * Payloads that cannot be decompressed; and, as a SHOULD, those that have no end, or codes that a
 * compressor never makes.
 */
const BROKEN: Readonly<Record<string, readonly [payload: () => Uint8Array, level: Level]>> = {
  "A block has the type 3, which is reserved.": [() => fromHex("06 00 00 00"), "MUST"],
  "The two lengths of a stored block do not go together.": [
    () => fromHex("00 05 00 05 00 48 65 6c 6c 6f 00"),
    "MUST",
  ],
  "A match goes back beyond the first byte of the first message.": [
    () => new DeflateBits().block(1).literals(utf8("a")).match(3, 4).end().flushed(),
    "MUST",
  ],
  "A match goes back 32,768 bytes, and there is one.": [
    () => new DeflateBits().block(1).literals(utf8("a")).match(3, 32_768).end().flushed(),
    "MUST",
  ],
  "A block has a code of a distance that is reserved.": [
    () =>
      new DeflateBits().block(1).literals(utf8("a")).symbol(257).distanceCode(30).end().flushed(),
    "SHOULD",
  ],
  "A block has a code of a length that is reserved.": [
    () =>
      new DeflateBits().block(1).literals(utf8("a")).symbol(286).distanceCode(0).end().flushed(),
    "SHOULD",
  ],
  "A block has dynamic codes that are more than there can be.": [
    // HLIT, HDIST, HCLEN, and nineteen codes of the length 1.
    () => {
      const bits = new DeflateBits().block(2).bits(0, 5).bits(0, 5).bits(15, 4);
      for (let code = 0; code < 19; code++) bits.bits(1, 3);
      return bits.flushed();
    },
    "MUST",
  ],
  "A hundred bytes of ff come.": [() => filled(0xff, 100), "MUST"],
  "A text comes that is not compressed, though its frame says so.": [
    () => utf8("this is plain text, and no DEFLATE at all"),
    "MUST",
  ],
  "A compressed text is cut off in the middle.": [
    () => deflated(utf8("cut off in the middle, cut off in the middle".repeat(20))).subarray(0, 20),
    "SHOULD",
  ],
  "A stored block declares a hundred bytes, and five come.": [
    () => new DeflateBits().stored(utf8("hello"), { declared: 100 }).written(),
    "SHOULD",
  ],
  "A block with fixed codes has no end.": [
    () => new DeflateBits().block(1).literals(utf8("no end")).align().written(),
    "SHOULD",
  ],
};

const PAYLOADS: readonly FailurePlan[] = [
  ...Object.entries(BROKEN).map(([description, [payload, level]]): FailurePlan => ({
    description,
    rule: "RFC 7692 §7.2.2, RFC 1951 §3.2",
    level,
    deflate: ANY_DEFLATE,
    sends: (peer) => peer.send(binary(payload(), { rsv: RSV1 })),
    codes: ANY_CODE,
  })),
  {
    description: "A good compressed text is echoed, then one comes with a block of the type 3.",
    rule: "RFC 7692 §7.2.2, RFC 1951 §3.2",
    deflate: ANY_DEFLATE,
    sends: async (peer) => {
      for (const spec of compressed("f2 48 cd c9 c9 07 00")) peer.send(spec);
      await peer.nextMessage();
      peer.send(binary(fromHex("06 00 00 00"), { rsv: RSV1 }));
    },
    answers: [textArrives("Hello")],
    codes: ANY_CODE,
  },
  ...Object.entries({
    "a surrogate": "ed a0 80",
    "an overlong form": "c0 af",
    "a character that is cut off": "61 e2 82",
    "a byte that never stands in UTF-8, after 10,000 good ones": `${"61".repeat(10_000)} ff`,
  }).map(([what, hex]): FailurePlan => ({
    description: `A compressed text has ${what}.`,
    rule: "RFC 6455 §8.1, RFC 7692 §7.2.2",
    deflate: ANY_DEFLATE,
    sends: (peer) => {
      for (const spec of compressed(deflated(fromHex(hex)))) peer.send(spec);
    },
    codes: [1007],
  })),
];

/** An agreement, and messages that break it: they come back right, or the connection is failed. */
interface BreachPlan {
  readonly description: string;
  readonly offer: string;
  readonly answer: string;
  readonly sends: readonly FrameSpec[];
  readonly wanted: readonly Uint8Array[];
}

const NAME = "permessage-deflate";

const BREACHES: readonly BreachPlan[] = [
  {
    description: "The suite may not refer to the message before, and does.",
    offer: `${NAME}; client_no_context_takeover; client_max_window_bits`,
    answer: `${NAME}; server_no_context_takeover`,
    sends: [...compressed("f2 48 cd c9 c9 07 00"), ...compressed("f2 00 11 00 00")],
    wanted: [utf8("Hello"), utf8("Hello")],
  },
  {
    description: "The suite may not refer further back than 512 bytes, and refers 1,000 back.",
    offer: `${NAME}; client_max_window_bits=9`,
    answer: `${NAME}; server_max_window_bits=9`,
    sends: [
      binary(
        new DeflateBits().stored(ramp(1_000)).block(1).match(100, 1_000).end().flushed(),
        { rsv: RSV1 },
      ),
    ],
    wanted: [joinBytes([ramp(1_000), ramp(100)])],
  },
];

/** Bytes that do not repeat soon. */
function ramp(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * index) >> 3);
}

function breach(id: string, plan: BreachPlan): RawCase {
  const { description, offer, answer, sends, wanted } = plan;
  return {
    form: "raw",
    id,
    description,
    expectation: "The messages come back as they were meant, or the testee fails the connection. " +
      "They never come back changed.",
    rule: "RFC 7692 §7.1.1, §7.1.2",
    run: (stage) =>
      withSocket(stage, async (socket) => {
        await socket.send(...sends);
        for (const payload of wanted) {
          const message = await socket.nextMessage();
          if (message === "silence") return verdict("FAILED", "Nothing came back in time.");
          if (typeof message === "string") return fine("The testee failed the connection.");
          if (!equalBytes(message.payload, payload)) {
            return verdict("FAILED", "A message came back changed.");
          }
        }
        return fine("The messages came back as they were meant.", await socket.closeNormally());
      }, { deflate: { offer, answer, mayDecline: true } }),
  };
}

/** A small window is asked of the testee, and its messages must keep to it. */
function smallWindow(id: string, windowBits: number): RawCase {
  return {
    form: "raw",
    id,
    description: `The testee is asked for a window of ${1 << windowBits} bytes, and has to echo ` +
      "20,000 bytes in which some repeats after 200, after 600 and after 5,000 bytes.",
    expectation: "Where it agrees, what it sends can be decompressed with that window.",
    rule: "RFC 7692 §7.1.2",
    testees: ["server"],
    run: (stage) => {
      const terms = `${NAME}; server_max_window_bits=${windowBits}`;
      const deflate = { offer: terms, answer: NAME, mayDecline: true };
      return withSocket(stage, async (socket) => {
        if (!agreesOn(socket.extensions, windowBits)) {
          return verdict("INFORMATIONAL", `The testee answers: ${socket.extensions}.`);
        }
        const payload = repeating();
        await socket.send(binary(payload));
        return await judgeWindow(socket, { payload, windowBits });
      }, { deflate });
    },
  };
}

/** Whether an answer holds the testee to a window. */
function agreesOn(answer: string, windowBits: number): boolean {
  const bits = /server_max_window_bits="?(\d+)/.exec(answer)?.[1];
  return bits !== undefined && Number(bits) <= windowBits;
}

/** 20,000 bytes with repetitions near and far. */
function repeating(): Uint8Array {
  const near = joinBytes(
    Array.from({ length: 8 }, () => joinBytes([ramp(400), ramp(400).subarray(200)])),
  );
  return joinBytes(Array.from({ length: 4 }, () => joinBytes([near, filled(7, 200)])));
}

async function judgeWindow(
  socket: RawSocket,
  { payload, windowBits }: { payload: Uint8Array; windowBits: number },
): Promise<RawVerdict> {
  const pieces: Uint8Array[] = [];
  let rsv = 0;
  for (let fin = false; !fin;) {
    const read = await socket.next(PATIENCE);
    if (typeof read === "string" || read.opcode === OPCODE.close) {
      return verdict("FAILED", "No echo came.");
    }
    if (read.opcode >= OPCODE.close) continue;
    rsv |= read.rsv;
    pieces.push(read.payload);
    fin = read.fin;
  }
  if (rsv === 0) {
    return verdict(
      "INFORMATIONAL",
      "The testee sent it uncompressed.",
      await socket.closeNormally(),
    );
  }
  const inflater = new MessageInflater({ noContextTakeover: true, windowBits });
  try {
    const echo = inflater.decompress(joinBytes(pieces));
    return equalBytes(echo, payload)
      ? fine("The echo keeps to the window.", await socket.closeNormally())
      : verdict("FAILED", "The echo is not what was sent.");
  } catch {
    return verdict("FAILED", "The echo cannot be decompressed with the window agreed on.");
  } finally {
    inflater.close();
  }
}

/** What is wrong, or breaks an agreement. */
export const COMPRESSION_FAULTS: readonly Case[] = [
  ...numbered("25.7", { plans: FRAMES, make: failure }),
  ...numbered("25.8", { plans: PAYLOADS, make: failure }),
  ...BREACHES.map((plan, index) => breach(`25.9.${index + 1}`, plan)),
  ...[8, 9, 12].map((bits, index) => smallWindow(`25.10.${index + 1}`, bits)),
];
