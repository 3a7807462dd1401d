/**
 * Short ways to write the frames that cases send and the events that they expect.
 *
 * @module
 */
import type { CaseEvent, FrameSpec } from "../model/case.ts";
import { utf8 } from "../wire/bytes.ts";
import { OPCODE } from "../wire/frame.ts";

/** Every reserved opcode: of data frames, and of control frames. */
export const RESERVED_OPCODES = { data: [3, 4, 5, 6, 7], control: [11, 12, 13, 14, 15] } as const;

type Payload = string | Uint8Array;
type Rest = Omit<FrameSpec, "opcode" | "payload">;

function bytesOf(payload: Payload): Uint8Array {
  return typeof payload === "string" ? utf8(payload) : payload;
}

/** A frame of any opcode. */
export function frame(opcode: number, payload: Payload = "", rest: Rest = {}): FrameSpec {
  return { opcode, payload: bytesOf(payload), ...rest };
}

/** A text frame, a whole message unless told otherwise. */
export function text(payload: Payload, rest: Rest = {}): FrameSpec {
  return frame(OPCODE.text, payload, rest);
}

/** A binary frame, a whole message unless told otherwise. */
export function binary(payload: Payload, rest: Rest = {}): FrameSpec {
  return frame(OPCODE.binary, payload, rest);
}

/** The first frame of a text message that goes on. */
export function textBegins(payload: Payload): FrameSpec {
  return text(payload, { fin: false });
}

/** A continuation frame that is not the last one. */
export function goesOn(payload: Payload): FrameSpec {
  return frame(OPCODE.continuation, payload, { fin: false });
}

/** The continuation frame that ends a message. */
export function ends(payload: Payload): FrameSpec {
  return frame(OPCODE.continuation, payload);
}

/** A ping. */
export function ping(payload: Payload = ""): FrameSpec {
  return frame(OPCODE.ping, payload);
}

/** A pong that nobody asked for. */
export function pong(payload: Payload = ""): FrameSpec {
  return frame(OPCODE.pong, payload);
}

/** The same frames, written `chopBytes` at a time; as they were without. */
export function chopped(
  frames: readonly FrameSpec[],
  chopBytes: number | undefined,
): readonly FrameSpec[] {
  return chopBytes === undefined ? frames : frames.map((spec) => ({ ...spec, chopBytes }));
}

/** A text message arrives. */
export function textArrives(payload: Payload): CaseEvent {
  return { type: "message", payload: bytesOf(payload), binary: false };
}

/** A binary message arrives. */
export function binaryArrives(payload: Payload): CaseEvent {
  return { type: "message", payload: bytesOf(payload), binary: true };
}

/** A pong arrives. */
export function pongArrives(payload: Payload = ""): CaseEvent {
  return { type: "pong", payload: bytesOf(payload) };
}

/** A wait of the case ended while the connection was open. */
export function waited(label: string): CaseEvent {
  return { type: "timeout", label };
}
