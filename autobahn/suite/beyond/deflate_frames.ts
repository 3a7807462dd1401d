/**
 * Compressed payloads, and frames that bring them.
 *
 * @module
 */
import { constants, deflateRawSync, type ZlibOptions } from "node:zlib";
import { fromHex } from "../cases/bytes.ts";
import { frame } from "../cases/frames.ts";
import type { DeflateRequest, FrameSpec } from "../model/case.ts";
import { OPCODE } from "../wire/frame.ts";

/** Nothing is asked of the testee's compressor. */
export const ANY_DEFLATE: readonly DeflateRequest[] = [
  { noContextTakeover: false, maxWindowBits: 0 },
];
/** RSV1 among the reserved bits: the message is compressed (RFC 7692 §6). */
export const RSV1 = 4;
const TAIL_BYTES = 4;

/** A payload, compressed. */
export function deflated(payload: Uint8Array, options: ZlibOptions = {}): Uint8Array {
  const { Z_SYNC_FLUSH } = constants;
  return deflateRawSync(payload, { ...options, finishFlush: Z_SYNC_FLUSH }).subarray(
    0,
    -TAIL_BYTES,
  );
}

/** A compressed text, in fragments of these bytes. */
export function compressed(...pieces: readonly (string | Uint8Array)[]): FrameSpec[] {
  return pieces.map((piece, index) =>
    frame(
      index === 0 ? OPCODE.text : OPCODE.continuation,
      typeof piece === "string" ? fromHex(piece) : piece,
      { rsv: index === 0 ? RSV1 : 0, fin: index === pieces.length - 1 },
    )
  );
}
