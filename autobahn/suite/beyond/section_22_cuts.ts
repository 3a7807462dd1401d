/**
 * Section 22, last part: frames cut anywhere, many frames at once, and pings.
 *
 * @module
 */
import { toHex } from "../cases/bytes.ts";
import { binary, ends, ping, text, textArrives, textBegins } from "../cases/frames.ts";
import type { Case, FrameSpec, RawCase, RawVerdict } from "../model/case.ts";
import { equalBytes, joinBytes, utf8 } from "../wire/bytes.ts";
import { OPCODE } from "../wire/frame.ts";
import { latin1Text } from "../wire/head.ts";
import { pause } from "./patience.ts";
import { PATIENCE, type RawSocket } from "./raw_socket.ts";
import { answer } from "./scripts.ts";
import { withSocket } from "./sockets.ts";
import { fine, verdict } from "./verdicts.ts";

/** One of each: what is sent, and the messages and pongs that come back. */
const SAMPLE: readonly FrameSpec[] = [
  text("h\u00e9llo"),
  ping("one"),
  textBegins("\u20ac in "),
  ping("two"),
  ends("two parts \u{1f30a}"),
  binary(Uint8Array.from({ length: 130 }, (_, index) => index)),
  text(""),
];
const MESSAGES: readonly string[] = [
  "text h\u00e9llo",
  "text \u20ac in two parts \u{1f30a}",
  `binary ${toHex(Uint8Array.from({ length: 130 }, (_, index) => index))}`,
  "text ",
];

const FIRST_PONG = "pong one";
const LAST_PONG = "pong two";

/** The next answer in the words of `MESSAGES`; messages may come in fragments. */
async function nextAnswer(socket: RawSocket): Promise<string> {
  let kind = "";
  const pieces: Uint8Array[] = [];
  for (;;) {
    const frame = await socket.next();
    if (typeof frame === "string") return frame;
    if (frame.opcode === OPCODE.close) return "close";
    if (frame.opcode === OPCODE.pong) return `pong ${latin1Text(frame.payload)}`;
    if (frame.opcode === OPCODE.ping) continue;
    if (frame.opcode === OPCODE.text) kind = "text";
    if (frame.opcode === OPCODE.binary) kind = "binary";
    pieces.push(frame.payload);
    if (!frame.fin) continue;
    const whole = joinBytes(pieces);
    return `${kind} ${kind === "text" ? new TextDecoder().decode(whole) : toHex(whole)}`;
  }
}

/** What is wrong with the answers to the sample, sent in these parts. */
async function sampleFault(
  socket: RawSocket,
  parts: readonly Uint8Array[],
): Promise<string | undefined> {
  for (const [index, part] of parts.entries()) {
    // Time for the part before to arrive on its own.
    if (index > 0) await pause(1);
    if (!await socket.sendBytes(part)) return "the connection had ended.";
  }
  // A pong may be late, and answer for the ping before as well (RFC 6455 §5.5.3).
  let messages = 0;
  const pongs: string[] = [];
  while (messages < MESSAGES.length || pongs.at(-1) !== LAST_PONG) {
    const got = await nextAnswer(socket);
    if (got === LAST_PONG || got === FIRST_PONG && pongs.length === 0) {
      pongs.push(got);
      continue;
    }
    const wanted = MESSAGES[messages++] ?? LAST_PONG;
    if (got !== wanted) {
      return `"${got.slice(0, 40)}" came where "${wanted.slice(0, 40)}" is right.`;
    }
  }
  return undefined;
}

/** The sample, cut in two at every place. */
const CUT_IN_TWO: RawCase = {
  form: "raw",
  id: "22.12.1",
  description: "Messages, fragments and pings are sent in two writes, again and again, cut at " +
    "every place between two bytes.",
  expectation: "The answers are the same wherever the cut is.",
  rule: "RFC 6455 §5.2, §5.4",
  run: (stage) =>
    withSocket(stage, async (socket) => {
      const length = joinBytes(SAMPLE.map((spec) => socket.encode(spec))).length;
      for (let cut = 1; cut < length; cut++) {
        const bytes = joinBytes(SAMPLE.map((spec) => socket.encode(spec)));
        const fault = await sampleFault(socket, [bytes.subarray(0, cut), bytes.subarray(cut)]);
        if (fault !== undefined) return verdict("FAILED", `Cut after ${cut} bytes: ${fault}`);
      }
      return fine("The answers are always the same.", await socket.closeNormally());
    }),
};

/** The sample, in small pieces. */
const IN_PIECES: RawCase = {
  form: "raw",
  id: "22.12.2",
  description: "Messages, fragments and pings are sent in pieces of 1, 2, 3, 5 and 7 bytes.",
  expectation: "The answers are the same whatever the size.",
  rule: "RFC 6455 §5.2, §5.4",
  run: (stage) =>
    withSocket(stage, async (socket) => {
      for (const chopBytes of [1, 2, 3, 5, 7]) {
        const bytes = joinBytes(SAMPLE.map((spec) => socket.encode(spec)));
        await socket.sendBytes(bytes, { chopBytes });
        const fault = await sampleFault(socket, []);
        if (fault !== undefined) return verdict("FAILED", `${chopBytes} bytes a piece: ${fault}`);
      }
      return fine("The answers are always the same.", await socket.closeNormally());
    }),
};

const MANY = 1_000;
/** No flood yet: those who guard against one let as many pass. */
const PINGS = 50;
const NUMBERS = Array.from({ length: MANY }, (_, index) => String(index));

const MANY_MESSAGES: Case = answer("22.12.3", {
  description: `${MANY} short texts are sent in one go.`,
  expectation: "All are echoed, in order.",
  rule: "RFC 6455 §5.4",
  sends: NUMBERS.map((number) => text(number)),
  answers: NUMBERS.map((number) => textArrives(number)),
  patience: 10_000,
});

/** Pings in one go: a pong may answer for those before it. */
const MANY_PINGS: RawCase = {
  form: "raw",
  id: "22.12.4",
  description: `${PINGS} pings are sent in one go, then a text.`,
  expectation:
    "Pongs come in the order of the pings, that for the last one at least. The text is " +
    "echoed.",
  rule: "RFC 6455 §5.5.2, §5.5.3",
  run: (stage) =>
    withSocket(stage, async (socket) => {
      await socket.send(...NUMBERS.slice(0, PINGS).map((number) => ping(number)), text("hello"));
      return await judgePongs(socket);
    }),
};

async function judgePongs(socket: RawSocket): Promise<RawVerdict> {
  let last = -1;
  let echoed = false;
  while (last < PINGS - 1 || !echoed) {
    const frame = await socket.next(PATIENCE);
    if (typeof frame === "string" || frame.opcode === OPCODE.close) {
      return verdict("FAILED", `After the pong for ping ${last} nothing more came.`);
    }
    if (frame.opcode === OPCODE.text) echoed = true;
    if (frame.opcode !== OPCODE.pong) continue;
    const number = Number(latin1Text(frame.payload));
    if (!(number > last)) return verdict("FAILED", `Pong ${number} came after pong ${last}.`);
    last = number;
  }
  return fine("The last ping was answered, and none out of order.", await socket.closeNormally());
}

/** A ping of every length, one after the other. */
const EVERY_PING: RawCase = {
  form: "raw",
  id: "22.12.5",
  description: "126 pings of 0 to 125 bytes are sent, each when the one before is answered.",
  expectation: "Each is answered with its own payload.",
  rule: "RFC 6455 §5.5.2, §5.5.3",
  run: (stage) =>
    withSocket(stage, async (socket) => {
      for (let length = 0; length <= 125; length++) {
        const payload = Uint8Array.from({ length }, (_, index) => 255 - index);
        await socket.send(ping(payload));
        const pong = await socket.nextPong();
        if (pong === undefined || !equalBytes(pong, payload)) {
          return verdict(
            "FAILED",
            `The ping of ${length} bytes was not answered with its payload.`,
          );
        }
      }
      return fine("Every ping was answered.", await socket.closeNormally());
    }),
};

/** Pongs that nobody asked for. */
const PONGS: Case = answer("22.12.6", {
  description: "Pongs come that nobody asked for: empty, with a payload, and a hundred in one go.",
  expectation: "They are ignored; a text that comes after them is echoed.",
  rule: "RFC 6455 §5.5.3",
  sends: [
    { opcode: OPCODE.pong },
    ...Array.from({ length: 100 }, () => ({ opcode: OPCODE.pong, payload: utf8("unasked") })),
    text("hello"),
  ],
  answers: [textArrives("hello")],
});

/** Cuts, many frames, and pings. */
export const CUTS: readonly Case[] = [
  CUT_IN_TWO,
  IN_PIECES,
  MANY_MESSAGES,
  MANY_PINGS,
  EVERY_PING,
  PONGS,
];
