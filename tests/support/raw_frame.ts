/**
 * Frames put together and taken apart by hand, for tests.
 *
 * Nothing here imports lib/: a mistake in our codec must not cancel itself out in the
 * tests that look at its bytes. Every field can be given a value that RFC 6455 §5.2
 * forbids, since that is what most of the tests are about.
 *
 * @module
 */

/** Which of the three ways of writing the payload length a frame uses (RFC 6455 §5.2). */
export type LengthForm = 7 | 16 | 64;

/** The fields of a frame to be built; all but the opcode have a default. */
export interface FrameFields {
  /** The four bits of the opcode, 0 to 15. */
  readonly opcode: number;
  /** @default {true} */
  readonly fin?: boolean;
  /** The three reserved bits as a number: RSV1 is 4, RSV2 is 2, RSV3 is 1. @default {0} */
  readonly rsv?: number;
  /** Text is sent as UTF-8. @default {""} */
  readonly payload?: Uint8Array | string;
  /** The four bytes of the masking key; absent for a frame that is not masked. */
  readonly mask?: readonly [number, number, number, number];
  /** The form of the length, the shortest that fits if absent. */
  readonly lengthForm?: LengthForm;
  /** The length the header declares, if it is not that of the payload. */
  readonly declaredLength?: bigint;
}

/** A frame as it was read from the wire. */
export interface RawFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  /** The masking key, or `null` where the frame was not masked. */
  readonly mask: Uint8Array | null;
  readonly lengthForm: LengthForm;
  /** The payload, unmasked. */
  readonly payload: Uint8Array;
}

/** A masking key to use where any will do. */
export const SOME_MASK: readonly [number, number, number, number] = [0x37, 0xfa, 0x21, 0x3d];

/** Builds the bytes of one frame. */
export function buildFrame(fields: FrameFields): Uint8Array<ArrayBuffer> {
  const payload = typeof fields.payload === "string"
    ? new TextEncoder().encode(fields.payload)
    : fields.payload ?? new Uint8Array(0);
  const declared = fields.declaredLength ?? BigInt(payload.length);
  const form = fields.lengthForm ?? (declared > 0xffffn ? 64 : declared > 125n ? 16 : 7);
  const extra = form === 64 ? 8 : form === 16 ? 2 : 0;
  const start = 2 + extra + (fields.mask === undefined ? 0 : 4);
  const bytes = new Uint8Array(start + payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = ((fields.fin ?? true) ? 0x80 : 0) | (fields.rsv ?? 0) << 4 | fields.opcode;
  bytes[1] = (fields.mask === undefined ? 0 : 0x80) |
    (form === 64 ? 127 : form === 16 ? 126 : Number(declared));
  if (form === 16) view.setUint16(2, Number(declared));
  if (form === 64) view.setBigUint64(2, declared);
  bytes.set(payload, start);
  if (fields.mask !== undefined) {
    bytes.set(fields.mask, 2 + extra);
    unmask(bytes.subarray(start), bytes.subarray(2 + extra, start));
  }
  return bytes;
}

/** Builds the payload of a close frame (RFC 6455 §5.5.1), whatever the code is worth. */
export function closePayload(code: number, reason = ""): Uint8Array {
  const text = new TextEncoder().encode(reason);
  const payload = new Uint8Array(2 + text.length);
  new DataView(payload.buffer).setUint16(0, code);
  payload.set(text, 2);
  return payload;
}

/**
 * Reads the frame at the start of `bytes`.
 *
 * @returns the frame and the number of bytes it took, or `null` if it is not all there
 */
export function parseFrame(bytes: Uint8Array): { frame: RawFrame; size: number } | null {
  if (bytes.length < 2) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const first = view.getUint8(0);
  const second = view.getUint8(1);
  const short = second & 0x7f;
  const lengthForm = short === 127 ? 64 : short === 126 ? 16 : 7;
  const afterLength = lengthForm === 64 ? 10 : lengthForm === 16 ? 4 : 2;
  const start = afterLength + (second & 0x80 ? 4 : 0);
  if (bytes.length < start) return null;
  const length = lengthForm === 64
    ? Number(view.getBigUint64(2))
    : lengthForm === 16
    ? view.getUint16(2)
    : short;
  if (bytes.length < start + length) return null;
  const mask = second & 0x80 ? bytes.slice(afterLength, start) : null;
  const payload = bytes.slice(start, start + length);
  if (mask !== null) unmask(payload, mask);
  const frame: RawFrame = {
    fin: (first & 0x80) !== 0,
    rsv: first >> 4 & 7,
    opcode: first & 15,
    mask,
    lengthForm,
    payload,
  };
  return { frame, size: start + length };
}

/** XORs `payload` in place, one byte at a time on purpose (RFC 6455 §5.3). */
function unmask(payload: Uint8Array, key: Uint8Array): void {
  for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] ?? 0) ^ (key[i & 3] ?? 0);
}
