/**
 * Section 24, first part: the closing handshake: codes and reasons, and what comes with a close
 * frame.
 *
 * @module
 */
import { filled, fromHex } from "../cases/bytes.ts";
import { binary, frame, ping, text } from "../cases/frames.ts";
import type { FrameSpec, RawCase, RawVerdict } from "../model/case.ts";
import { OPCODE } from "../wire/frame.ts";
import { allFrames, close, endOf, type Everything } from "./close_frames.ts";
import { type OffencePlan, offences } from "./offence.ts";
import type { RawSocket } from "./raw_socket.ts";
import { withSocket } from "./sockets.ts";
import { broken, fine, type Level, verdict } from "./verdicts.ts";

/** Closes that a testee goes along with. */
interface ClosePlan {
  readonly description: string;
  readonly rule: string;
  readonly code: number;
  /** @default {"MUST"} */
  readonly level?: Level;
  readonly sends: FrameSpec;
}

const GOOD: readonly ClosePlan[] = [
  ...[1000, 1001, 3000, 4999].map((code): ClosePlan => ({
    description: `A close frame with ${code} comes a byte at a time.`,
    rule: "RFC 6455 §5.5.1, §7.4",
    code,
    sends: { ...close(code, "good bye"), chopBytes: 1 },
  })),
  ...[1012, 1013, 1014].map((code): ClosePlan => ({
    description: `A close frame with ${code} comes, which was registered after the RFC.`,
    rule: "RFC 6455 §7.4.2, §11.7",
    level: "SHOULD",
    code,
    sends: close(code, "good bye"),
  })),
  {
    description: "The reason has 123 bytes, in characters of three bytes each.",
    rule: "RFC 6455 §5.5.1",
    code: 1000,
    sends: close(1000, "\u20ac".repeat(41)),
  },
  {
    description: "The reason has a NUL and a line end.",
    rule: "RFC 6455 §5.5.1",
    code: 1000,
    sends: close(1000, "good\0\r\nbye"),
  },
];

/** A close frame is answered with one, and nothing comes after that. */
function goodClose(id: string, plan: ClosePlan): RawCase {
  const { description, rule, level = "MUST", code, sends } = plan;
  return {
    form: "raw",
    id,
    description,
    expectation: `The testee answers with a close frame, with ${code} at best; a server ends TCP.`,
    rule,
    level,
    run: (stage) =>
      withSocket(stage, async (socket) => {
        await socket.sendBytes(
          socket.encode(sends),
          sends.chopBytes === undefined ? {} : { chopBytes: sends.chopBytes },
        );
        return await judgeAnswer(socket, plan);
      }),
  };
}

async function judgeAnswer(socket: RawSocket, plan: ClosePlan): Promise<RawVerdict> {
  const { code, level } = plan;
  const came = await allFrames(socket);
  if (came.closes.length === 0) return verdict(broken(level), "The close frame was not answered.");
  const answered = came.closes[0];
  if (answered !== undefined && answered !== code && answered !== 1000) {
    return verdict(broken(level), `The close frame was answered with ${answered}.`);
  }
  return fine(`The close frame was answered with ${answered ?? "no code"}.`, endOf(socket, came));
}

/** Codes that nobody may send; RFC 6455 does not say what to do with them. */
const BAD_CODES: readonly OffencePlan[] = [1, 500, 1015, 1050, 1500].map((code): OffencePlan => ({
  description: `A close frame with ${code} comes, which no endpoint may send.`,
  expectation: "The testee closes with 1002, or just ends the connection. One that answers as if " +
    "it were a good code is not strict, and that is all.",
  rule: "RFC 6455 §7.4",
  level: "SHOULD",
  sends: [close(code)],
}));

const BAD_REASONS: readonly OffencePlan[] = Object.entries({
  "an overlong form": "c0 af",
  "a surrogate": "ed a0 80",
  "a code point beyond U+10FFFF": "f4 90 80 80",
  "a byte that never stands in UTF-8": "ff",
  "a character that is cut off": "61 e2 82",
}).map(([what, hex]): OffencePlan => ({
  description: `A close frame with 1000 has a reason with ${what}: ${hex}.`,
  rule: "RFC 6455 §5.5.1, §8.1",
  codes: [1007, 1002],
  sends: [close(1000, fromHex(hex))],
}));

/** What comes after a close frame, or with it. */
interface AfterPlan {
  readonly description: string;
  readonly sends: readonly FrameSpec[];
  /** Bytes of messages that may come back before the close frame, if any do. @default {0} */
  readonly bytes?: number;
  /** The codes that fit. @default {[1000]} */
  readonly codes?: readonly number[];
}

const LONG = 1_000_000;

const AFTER: readonly AfterPlan[] = [
  {
    description: "A close frame comes, and in the same write a text.",
    sends: [close(1000), text("too late")],
  },
  {
    description: "A close frame comes, and in the same write a ping.",
    sends: [close(1000), ping("too late")],
  },
  {
    description: "A close frame comes, and in the same write another one, with another code.",
    sends: [close(1000), close(1001)],
  },
  {
    description: "A close frame comes, and in the same write a frame with all reserved bits set.",
    sends: [close(1000), frame(OPCODE.text, "too late", { rsv: 7 })],
  },
  {
    description: "A text comes, and in the same write a close frame.",
    sends: [text("hello"), close(1000)],
    bytes: 5,
  },
  {
    description: "A binary message of 1,000,000 bytes comes, and right behind it a close frame.",
    sends: [binary(filled(0x2a, LONG)), close(1000)],
    bytes: LONG,
  },
  {
    description: "A frame with all reserved bits set comes, and in the same write a close frame.",
    sends: [frame(OPCODE.text, "bad", { rsv: 7 }), close(1000)],
    codes: [1002],
  },
];

/** There is one close frame, at the end, and messages before it are whole. */
function after(id: string, plan: AfterPlan): RawCase {
  const { description, sends, bytes = 0, codes = [1000] } = plan;
  return {
    form: "raw",
    id,
    description,
    expectation: `One close frame comes back, with ${codes.join(" or ")}, and nothing after it.` +
      (bytes > 0 ? " Before it, the message is echoed whole, or not at all." : ""),
    rule: "RFC 6455 §5.5.1, §1.4",
    run: (stage) =>
      withSocket(stage, async (socket) => {
        await socket.send(...sends);
        const came = await allFrames(socket);
        const fault = afterFault(came, { bytes, codes });
        return fault === undefined
          ? fine("One close frame came, and nothing after it.", endOf(socket, came))
          : verdict("FAILED", fault);
      }),
  };
}

function afterFault(
  came: Everything,
  { bytes, codes }: { bytes: number; codes: readonly number[] },
): string | undefined {
  const { closes, opcodes } = came;
  const failing = codes[0] !== 1000;
  if (closes.length === 0 && !(failing && came.ended)) return "No close frame came.";
  if (closes.length > 1) return `${closes.length} close frames came.`;
  if (closes.length === 1 && opcodes.at(-1) !== OPCODE.close) {
    return `A frame with opcode ${opcodes.at(-1)} came after the close frame.`;
  }
  if (opcodes.includes(OPCODE.pong)) return "A ping was answered that came after the close frame.";
  if (!came.whole || came.bytes !== 0 && came.bytes !== bytes) {
    return `${came.bytes} bytes of messages came, and ${bytes} were sent before the close frame.`;
  }
  const code = closes[0];
  return code === undefined || codes.includes(code) ? undefined : `The close code is ${code}.`;
}

/** The closing handshake. */
export const CLOSING_HANDSHAKES: readonly RawCase[] = [
  ...GOOD.map((plan, index) => goodClose(`24.1.${index + 1}`, plan)),
  ...offences("24.2", BAD_CODES),
  ...offences("24.3", BAD_REASONS),
  ...AFTER.map((plan, index) => after(`24.4.${index + 1}`, plan)),
];
