/**
 * Frames to send (RFC 6455 §5.2): whatever a case asks for, also what no endpoint may send.
 *
 * @module
 */
import type { FrameSpec } from "../model/case.ts";
import { EMPTY } from "./bytes.ts";
import { applyMask, randomMask } from "./mask.ts";

/** The opcodes that RFC 6455 §5.2 defines. */
export const OPCODE = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

const MAX_16 = 0xffff;
const MAX_64 = 0xffff_ffff_ffff_ffffn;

/**
 * The bytes of a frame.
 *
 * @param masked Whether a random key masks it where the frame says nothing about that.
 * @throws {RangeError} when a field does not fit into its bits.
 */
export function encodeFrame(spec: FrameSpec, { masked }: { masked: boolean }): Uint8Array {
  const { opcode, payload = EMPTY, fin = true, rsv = 0 } = spec;
  if (!Number.isInteger(opcode) || opcode < 0 || opcode > 15) {
    throw new RangeError(`opcode must be 0 to 15; got ${opcode}`);
  }
  if (!Number.isInteger(rsv) || rsv < 0 || rsv > 7) {
    throw new RangeError(`rsv must be 0 to 7; got ${rsv}`);
  }
  const key = spec.mask === undefined ? masked && randomMask() : spec.mask;
  if (key && key.length !== 4) {
    throw new RangeError(`mask must be 4 bytes; got ${key.length}`);
  }
  const declared = spec.declaredLength ?? BigInt(payload.length);
  const bits = lengthForm(declared, spec.lengthBits);
  const head = 2 + (bits === 7 ? 0 : bits / 8) + (key ? 4 : 0);
  // The payload lies on a word's boundary, so that it is masked by words.
  const frame = new Uint8Array(head + payload.length + 3).subarray(-head & 3);
  frame[0] = (fin ? 0x80 : 0) | rsv << 4 | opcode;
  frame[1] = (key ? 0x80 : 0) | (bits === 7 ? Number(declared) : bits === 16 ? 126 : 127);
  writeLength(frame, { declared, bits });
  frame.set(payload, head);
  if (key) {
    frame.set(key, head - 4);
    applyMask(frame, { key, start: head, end: head + payload.length });
  }
  return frame.subarray(0, head + payload.length);
}

/** The form that a length is written in: the one that is asked for, or the shortest. */
function lengthForm(declared: bigint, asked: 7 | 16 | 64 | undefined): 7 | 16 | 64 {
  if (declared < 0n || declared > MAX_64) {
    throw new RangeError(`declaredLength must be 0 to 2^64 - 1; got ${declared}`);
  }
  const shortest = declared <= 125n ? 7 : declared <= BigInt(MAX_16) ? 16 : 64;
  if (asked !== undefined && asked < shortest) {
    throw new RangeError(`A length of ${declared} takes ${shortest} bits; lengthBits is ${asked}`);
  }
  return asked ?? shortest;
}

function writeLength(
  frame: Uint8Array,
  { declared, bits }: { declared: bigint; bits: 7 | 16 | 64 },
): void {
  if (bits === 7) return;
  const view = new DataView(frame.buffer, frame.byteOffset);
  if (bits === 16) view.setUint16(2, Number(declared));
  else view.setBigUint64(2, declared);
}

/** A message in fragments, as one stretch of bytes. */
export interface EncodedFragments {
  readonly bytes: Uint8Array;
  /** How long each frame is, its header included. */
  readonly frameLengths: readonly number[];
}

/**
 * The frames of a message whose payload on the wire is `payload`, one after the other. Where the
 * payload fills the last of them, an empty one follows, as of a sender that did not know that the
 * end was there; Autobahn|Testsuite does so, and some testees count fragments.
 */
export function encodeFragments(
  payload: Uint8Array,
  options: { opcode: number; rsv: number; fragmentBytes: number; masked: boolean },
): EncodedFragments {
  const { opcode, rsv, fragmentBytes, masked } = options;
  const count = Math.floor(payload.length / fragmentBytes) + 1;
  const bytes = new Uint8Array(payload.length + count * (masked ? 14 : 10));
  const view = new DataView(bytes.buffer);
  const frameLengths: number[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    const from = index * fragmentBytes;
    const to = Math.min(payload.length, from + fragmentBytes);
    const begin = at;
    const first = index === 0 ? rsv << 4 | opcode : OPCODE.continuation;
    bytes[at++] = (index === count - 1 ? 0x80 : 0) | first;
    at = writeShortestLength(view, { at, length: to - from, masked });
    const key = masked ? randomMask() : undefined;
    if (key) {
      bytes.set(key, at);
      at += 4;
    }
    bytes.set(payload.subarray(from, to), at);
    if (key) applyMask(bytes, { key, start: at, end: at + to - from });
    at += to - from;
    frameLengths.push(at - begin);
  }
  return { bytes: bytes.subarray(0, at), frameLengths };
}

/** Writes the second byte of a header and what belongs to the length; returns where it ends. */
function writeShortestLength(
  view: DataView,
  { at, length, masked }: { at: number; length: number; masked: boolean },
): number {
  const bit = masked ? 0x80 : 0;
  if (length <= 125) {
    view.setUint8(at, bit | length);
    return at + 1;
  }
  if (length <= MAX_16) {
    view.setUint8(at, bit | 126);
    view.setUint16(at + 1, length);
    return at + 3;
  }
  view.setUint8(at, bit | 127);
  view.setUint32(at + 1, Math.floor(length / 2 ** 32));
  view.setUint32(at + 5, length >>> 0);
  return at + 9;
}
