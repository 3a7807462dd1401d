/**
 * Section 22, first part: masking, and what the frames of the testee look like.
 *
 * @module
 */
import { filled, fromHex } from "../cases/bytes.ts";
import {
  binary,
  binaryArrives,
  frame,
  ping,
  text,
  textArrives,
  textBegins,
} from "../cases/frames.ts";
import type { Case, FrameSpec, RawCase, RawVerdict, ScriptedCase } from "../model/case.ts";
import { OPCODE } from "../wire/frame.ts";
import type { ReadFrame } from "../wire/frame_reader.ts";
import { closeCode, type RawSocket } from "./raw_socket.ts";
import { answer, type AnswerPlan, failure, type FailurePlan, numbered } from "./scripts.ts";
import { withSocket } from "./sockets.ts";
import { fine, verdict } from "./verdicts.ts";

const KEY = fromHex("37 fa 21 3d");
const ZERO_KEY = new Uint8Array(4);

/** Frames whose masking is wrong, for either part: `mask` is the wrong one. */
function wronglyMasked(mask: Uint8Array | false): Record<string, readonly FrameSpec[]> {
  return {
    "a text": [text("hello", { mask })],
    "an empty text": [text("", { mask })],
    "a binary message of 70,000 bytes": [binary(filled(0x2a, 70_000), { mask })],
    "a ping": [frame(OPCODE.ping, "hello", { mask })],
    "a pong": [frame(OPCODE.pong, "", { mask })],
    "the second fragment of a text": [
      textBegins("one half"),
      frame(OPCODE.continuation, "the other half", { mask }),
    ],
  };
}

const UNMASKED: readonly FailurePlan[] = [
  ...Object.entries(wronglyMasked(false)).map(([what, sends]): FailurePlan => ({
    description: `To a server comes ${what} that is not masked.`,
    rule: "RFC 6455 §5.1",
    testees: ["server"],
    sends,
  })),
  {
    description: "To a server comes a masked text, and once it is echoed, one that is not masked.",
    rule: "RFC 6455 §5.1",
    testees: ["server"],
    sends: async (peer) => {
      peer.send(text("masked"));
      await peer.nextMessage();
      peer.send(text("bare", { mask: false }));
    },
    answers: [textArrives("masked")],
  },
  {
    description: "To a server comes a close frame with 1000 that is not masked.",
    rule: "RFC 6455 §5.1",
    testees: ["server"],
    sends: [frame(OPCODE.close, fromHex("03 e8"), { mask: false })],
    codes: [1002, 1000],
  },
];

const MASKED: readonly FailurePlan[] = [
  ...Object.entries(wronglyMasked(KEY)).map(([what, sends]): FailurePlan => ({
    description: `To a client comes ${what} that is masked.`,
    rule: "RFC 6455 §5.1",
    testees: ["client"],
    sends,
  })),
  {
    description: "To a client comes a text that is masked with a key of zeros.",
    rule: "RFC 6455 §5.1",
    testees: ["client"],
    sends: [text("hello", { mask: ZERO_KEY })],
  },
  {
    description: "To a client comes a text, and once it is echoed, a masked one.",
    rule: "RFC 6455 §5.1",
    testees: ["client"],
    sends: async (peer) => {
      peer.send(text("bare"));
      await peer.nextMessage();
      peer.send(text("masked", { mask: KEY }));
    },
    answers: [textArrives("bare")],
  },
];

/** Lengths around the words in which a fast implementation unmasks. */
const LENGTHS = Array.from({ length: 40 }, (_, length) => length);

/** Bytes that are all different, so that a shift of the key shows. */
function ramp(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index * 7 + length);
}

const RIGHTLY_MASKED: readonly AnswerPlan[] = [
  ...Object.entries({
    "of zeros": "00 00 00 00",
    "of ones": "ff ff ff ff",
    "of one bit": "00 00 00 01",
    "of four different bytes": "01 23 45 67",
  }).map(([which, hex]): AnswerPlan => ({
    description: `40 binary messages of 0 to 39 bytes come in one go, masked with a key ${which}.`,
    rule: "RFC 6455 §5.3",
    testees: ["server"],
    sends: (peer) => {
      for (const length of LENGTHS) peer.send(binary(ramp(length), { mask: fromHex(hex) }));
    },
    answers: LENGTHS.map((length) => binaryArrives(ramp(length))),
  })),
  {
    description: "The payload is the key, repeated, so that zeros are on the wire.",
    rule: "RFC 6455 §5.3",
    testees: ["server"],
    sends: [text("abcdabcdabcd", { mask: fromHex("61 62 63 64") })],
    answers: [textArrives("abcdabcdabcd")],
  },
  {
    description: "A masked binary message of 1,000 bytes comes 7 bytes at a time.",
    rule: "RFC 6455 §5.3",
    testees: ["server"],
    sends: [binary(ramp(1_000), { mask: KEY, chopBytes: 7 })],
    answers: [binaryArrives(ramp(1_000))],
  },
];

/** How many frames of a client are looked at for their keys. */
const KEYS = 64;

/** A client must choose a new key for each frame. */
const FRESH_KEYS: RawCase = {
  form: "raw",
  id: "22.4.1",
  description: `The masking keys of a client are looked at, over ${KEYS} echoes.`,
  expectation: "Every frame has a new key; none can be told from those before.",
  rule: "RFC 6455 §5.3, §10.3",
  testees: ["client"],
  run: (stage) =>
    withSocket(stage, async (socket) => {
      const keys: number[] = [];
      for (let count = 0; count < KEYS; count++) {
        await socket.send(text("hello"));
        const echo = await socket.next();
        if (typeof echo === "string") return verdict("FAILED", "An echo did not come.");
        if (echo.mask === undefined) return verdict("FAILED", "A frame was not masked.");
        keys.push(new DataView(echo.mask.buffer, echo.mask.byteOffset).getUint32(0));
      }
      return judgeKeys(keys, socket);
    }),
};

async function judgeKeys(keys: readonly number[], socket: RawSocket): Promise<RawVerdict> {
  // By chance two of 64 are the same once in two million runs; three, never.
  if (new Set(keys).size < keys.length - 1) {
    return verdict("FAILED", "The same masking key came again and again.");
  }
  const steps = keys.slice(1).map((key, index) => (key - keys[index]!) >>> 0);
  if (new Set(steps).size === 1) return verdict("FAILED", "The masking keys are counted up.");
  return fine("The masking keys are all different.", await socket.closeNormally());
}

/** What is wrong with a frame that a testee sent. */
function frameFault(read: ReadFrame, socket: RawSocket): string | undefined {
  const { opcode, length, lengthBits, rsv, mask } = read;
  const shortest = length < 126 ? 7 : length < 65_536 ? 16 : 64;
  if (rsv !== 0) return `A frame has the reserved bits ${rsv}.`;
  if (lengthBits !== shortest) return `A length of ${length} is written in ${lengthBits} bits.`;
  if ((mask === undefined) !== (socket.testee === "server")) {
    return socket.testee === "server" ? "A frame is masked." : "A frame is not masked.";
  }
  if (![0, 1, 2, 8, 9, 10].includes(opcode)) return `A frame has the opcode ${opcode}.`;
  if (opcode < OPCODE.close) return undefined;
  if (!read.fin) return "A control frame is fragmented.";
  return length > 125 ? `A control frame has ${length} bytes.` : undefined;
}

const SIZES = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000];

/** All that a testee sends is looked at. */
const OWN_FRAMES: RawCase = {
  form: "raw",
  id: "22.4.2",
  description: `Messages of ${SIZES.join(", ")} bytes and pings of 0 and 125 bytes are sent, and ` +
    "every frame that comes back is looked at, up to the close frame.",
  expectation: "Each has the shortest form of its length, no reserved bit and opcode, and the " +
    "masking that belongs to its sender; control frames are whole and short.",
  rule: "RFC 6455 §5.1, §5.2, §5.5",
  run: (stage) =>
    withSocket(stage, async (socket) => {
      for (const size of SIZES) await socket.send(binary(filled(0x2a, size)));
      await socket.send(ping(), ping(filled(0x2a, 125)));
      await socket.send(frame(OPCODE.close, fromHex("03 e8")));
      return await judgeFrames(socket);
    }),
};

async function judgeFrames(socket: RawSocket): Promise<RawVerdict> {
  let payload = 0;
  for (;;) {
    const read = await socket.next();
    if (typeof read === "string") return verdict("FAILED", "No close frame came.");
    const fault = frameFault(read, socket);
    if (fault !== undefined) return verdict("FAILED", fault);
    if (read.opcode < OPCODE.close) payload += read.length;
    if (read.opcode !== OPCODE.close) continue;
    const whole = SIZES.reduce((sum, size) => sum + size, 0);
    if (payload !== whole) return verdict("FAILED", `${payload} of ${whole} bytes came back.`);
    if (closeCode(read.payload) !== 1000) return verdict("FAILED", "The close code is not 1000.");
    return fine("All frames are as they should be.");
  }
}

/** Masking. */
export const MASKING: readonly Case[] = [
  ...numbered("22.1", { plans: UNMASKED, make: failure }),
  ...numbered("22.2", { plans: MASKED, make: failure }),
  ...numbered("22.3", { plans: RIGHTLY_MASKED, make: answer }),
  FRESH_KEYS,
  OWN_FRAMES,
] satisfies readonly (ScriptedCase | RawCase)[];
