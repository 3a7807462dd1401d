/**
 * Section 3, reserved bits: no extension gives them a meaning, so that they must be 0.
 *
 * @module
 */
import type { FrameSpec, ScriptedCase } from "../model/case.ts";
import { fromHex } from "./bytes.ts";
import { OPCODE } from "../wire/frame.ts";
import { binary, chopped, frame, ping, text, textArrives } from "./frames.ts";
import { refused } from "./scripted.ts";

const RULE = "RFC 6455 §5.2";
const GREETING = "Good morning";
const NOT_TEXT = fromHex("00 ff fe fd fc fb 00 ff");

/** A frame with a reserved bit, alone. */
function alone(id: string, what: string, spec: FrameSpec): ScriptedCase {
  return refused(id, {
    description: `${what} whose reserved bits are ${bits(spec.rsv)}.`,
    expectation: "The connection is failed with 1002.",
    rule: RULE,
    frames: [spec],
  });
}

/** A frame with a reserved bit between a good message and a ping. */
function between(id: string, rsv: number, options: { how: string; chopBytes?: number }) {
  const frames = [text(GREETING), text(GREETING, { rsv }), ping()];
  return refused(id, {
    description: `A text message, another whose reserved bits are ${
      bits(rsv)
    }, and a ping, ${options.how}.`,
    expectation:
      "The first message comes back, then the connection is failed with 1002; the ping is not answered.",
    rule: RULE,
    frames: chopped(frames, options.chopBytes),
    answers: [textArrives(GREETING)],
  });
}

function bits(rsv = 0): string {
  return rsv.toString(2).padStart(3, "0");
}

/** The 7 cases of section 3. */
export const SECTION_03: readonly ScriptedCase[] = [
  alone("3.1", "A text message", text(GREETING, { rsv: 1 })),
  between("3.2", 2, { how: "together" }),
  between("3.3", 3, { how: "frame by frame", chopBytes: Infinity }),
  between("3.4", 4, { how: "byte by byte", chopBytes: 1 }),
  alone("3.5", "A binary message", binary(NOT_TEXT, { rsv: 5 })),
  alone("3.6", "A ping", frame(OPCODE.ping, GREETING, { rsv: 6 })),
  alone("3.7", "A close frame", frame(OPCODE.close, "", { rsv: 7 })),
];
