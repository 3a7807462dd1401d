/**
 * Section 26, first part: messages that are large, that become large, or that come in very many
 * pieces. No limit is asked for: a testee may take all of it, or refuse what is too much; it may not fall over.
 *
 * @module
 */
import { binary, frame } from "../cases/frames.ts";
import type { FrameSpec, RawCase, RawVerdict, Role } from "../model/case.ts";
import { EMPTY } from "../wire/bytes.ts";
import { OPCODE } from "../wire/frame.ts";
import { DeflateBits } from "./deflate_bits.ts";
import { deflated } from "./deflate_frames.ts";
import { judgeClosing } from "./offence.ts";
import { within } from "./patience.ts";
import type { RawSocket } from "./raw_socket.ts";
import { sendAll, STALL } from "./send_all.ts";
import { type OpenOptions, withSocket } from "./sockets.ts";
import { fine, verdict } from "./verdicts.ts";

const MIB = 1024 * 1024;

/** Something that may be too much. */
interface LoadPlan extends OpenOptions {
  readonly description: string;
  readonly rule: string;
  readonly testees?: readonly Role[];
  /** The frames, made one by one; each is sent when the one before is taken. */
  readonly frames: () => Iterable<FrameSpec>;
  /** How long the message is that should come back, in bytes; 0 for none. */
  readonly bytes: number;
  /** Close codes that fit when it is too much. @default {[1009, 1008]} */
  readonly codes?: readonly number[];
}

/** A message in fragments, each the same. */
function* inFragments(piece: Uint8Array, count: number): Generator<FrameSpec> {
  for (let index = 0; index < count; index++) {
    const opcode = index === 0 ? OPCODE.binary : OPCODE.continuation;
    yield frame(opcode, piece, { fin: index === count - 1 });
  }
}

const LARGE: readonly LoadPlan[] = [
  {
    description: "A binary message of 64 MiB comes in one frame.",
    rule: "RFC 6455 §10.4",
    frames: () => [binary(new Uint8Array(64 * MIB))],
    bytes: 64 * MIB,
  },
  {
    description: "A binary message of 64 MiB comes in frames of 1 MiB.",
    rule: "RFC 6455 §10.4",
    frames: () => inFragments(new Uint8Array(MIB), 64),
    bytes: 64 * MIB,
  },
  {
    description: "A binary message comes in 20,000 fragments of one byte.",
    rule: "RFC 6455 §5.4, §10.4",
    frames: () => inFragments(Uint8Array.of(42), 20_000),
    bytes: 20_000,
  },
  {
    description: "A binary message comes in 200,000 empty fragments.",
    rule: "RFC 6455 §5.4, §10.4",
    frames: () => inFragments(EMPTY, 200_000),
    bytes: 0,
  },
];

const COMPRESSED = {
  deflate: {
    offer: "permessage-deflate; server_no_context_takeover",
    answer: "permessage-deflate; client_no_context_takeover",
  },
} as const;
const BOMB_BYTES = 128 * MIB;

/** The frames of a compressed binary message, of at most so many bytes each. */
function* inCompressedFragments(payload: Uint8Array, bytes: number): Generator<FrameSpec> {
  for (let at = 0; at < payload.length; at += bytes) {
    const first = at === 0;
    yield frame(first ? OPCODE.binary : OPCODE.continuation, payload.subarray(at, at + bytes), {
      rsv: first ? 4 : 0,
      fin: at + bytes >= payload.length,
    });
  }
}

let lastBomb: Uint8Array | undefined;

/** Zeros, compressed a thousand times; that takes a while, and is done once. */
function bomb(): Uint8Array {
  lastBomb ??= deflated(new Uint8Array(BOMB_BYTES), { level: 9 });
  return lastBomb;
}

const BOMBS: readonly LoadPlan[] = [
  {
    ...COMPRESSED,
    description: "128 MiB of zeros come compressed, in one frame of some 128 KiB.",
    rule: "RFC 7692 §8, RFC 6455 §10.4",
    frames: () => inCompressedFragments(bomb(), Infinity),
    bytes: BOMB_BYTES,
  },
  {
    ...COMPRESSED,
    description: "128 MiB of zeros come compressed, in frames of 128 bytes.",
    rule: "RFC 7692 §8, RFC 6455 §10.4",
    frames: () => inCompressedFragments(bomb(), 128),
    bytes: BOMB_BYTES,
  },
  {
    ...COMPRESSED,
    description: "A small compressed message is echoed, then 128 MiB of zeros come compressed.",
    rule: "RFC 7692 §8, RFC 6455 §10.4",
    frames: function* () {
      yield* inCompressedFragments(deflated(new Uint8Array(2_000)), Infinity);
      yield* inCompressedFragments(bomb(), Infinity);
    },
    bytes: BOMB_BYTES + 2_000,
  },
  {
    ...COMPRESSED,
    description: "A message of 1,000 bytes comes in 100,000 blocks, nearly all of them empty.",
    rule: "RFC 7692 §7.2.2",
    frames: () => {
      const bits = new DeflateBits().stored(new Uint8Array(1_000));
      for (let count = 0; count < 100_000; count++) bits.block(1).end();
      return inCompressedFragments(bits.flushed(), Infinity);
    },
    bytes: 1_000,
  },
];

/** What may be too much is sent: it comes back, or the connection is failed. */
function load(id: string, plan: LoadPlan): RawCase {
  const { description, rule, codes = [1009, 1008] } = plan;
  return {
    form: "raw",
    id,
    description,
    expectation: `It comes back whole, or the testee fails the connection, with ${
      codes.join(" or ")
    } at best. Nothing hangs; a server goes on serving others.`,
    rule,
    ...(plan.testees ? { testees: plan.testees } : {}),
    run: (stage) => withSocket(stage, (socket) => carry(socket, plan), plan),
  };
}

async function carry(socket: RawSocket, plan: LoadPlan): Promise<RawVerdict> {
  const { bytes, codes = [1009, 1008] } = plan;
  const sending = sendAll(socket, plan.frames());
  let came = 0;
  do {
    const message = await socket.nextMessage(STALL, { restarts: true });
    if (message === "silence") return verdict("FAILED", "Nothing came back in time.");
    if (typeof message === "string") {
      const code = message === "close" ? socket.closeCode : undefined;
      return fine(
        "The testee refused it.",
        judgeClosing({
          message: undefined,
          pongs: [],
          close: message === "close" ? { code } : undefined,
          ended: true,
        }, codes),
      );
    }
    came += message.payload.length;
  } while (came < bytes);
  if (came > bytes) return verdict("FAILED", `${came} bytes came back, and ${bytes} were sent.`);
  if (!await sending) return verdict("FAILED", "The testee did not take all that it echoed.");
  return fine("It came back whole.", await socket.closeNormally());
}

/** A message that never ends is stopped, or goes on as long as the suite does. */
const ENDLESS: RawCase = {
  form: "raw",
  id: "26.3.1",
  description: "A binary message comes in frames of 1 MiB, and does not end before 256 MiB.",
  expectation: "The testee fails the connection, with 1009 at best. That it takes all of it is " +
    "worth knowing.",
  rule: "RFC 6455 §10.4",
  run: (stage) =>
    withSocket(stage, async (socket) => {
      const piece = new Uint8Array(MIB);
      for (let sent = 0; sent < 256; sent++) {
        const opcode = sent === 0 ? OPCODE.binary : OPCODE.continuation;
        const write = socket.send(frame(opcode, piece, { fin: false }));
        if (!await within(STALL, write)) return await stopped(socket);
      }
      const arrival = await socket.next(500);
      return arrival === "silence"
        ? verdict("INFORMATIONAL", "The testee took 256 MiB of one message.")
        : fine("The testee had enough.");
    }),
};

/** The verdict on a testee that takes no more. */
async function stopped(socket: RawSocket): Promise<RawVerdict> {
  const { close, ended } = await socket.untilEnd(2_000);
  if (!ended && close === undefined) {
    return verdict("INFORMATIONAL", "The testee takes no more, and leaves the connection open.");
  }
  return fine("The testee had enough.");
}

/** Messages that may be too much. */
export const LARGE_MESSAGES: readonly RawCase[] = [
  ...LARGE.map((plan, index) => load(`26.1.${index + 1}`, plan)),
  ...BOMBS.map((plan, index) => load(`26.2.${index + 1}`, plan)),
  ENDLESS,
];
