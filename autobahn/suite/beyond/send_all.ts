/**
 * Sending many frames, as fast as they are taken.
 *
 * @module
 */
import type { FrameSpec } from "../model/case.ts";
import { joinBytes } from "../wire/bytes.ts";
import { within } from "./patience.ts";
import type { RawSocket } from "./raw_socket.ts";

/** How long what was sent may go without any progress, in milliseconds. */
export const STALL = 30_000;
/** Frames are put together to writes of this size, in bytes. */
const WRITE_BYTES = 256 * 1024;

/** Sends frames in writes of some size, as fast as they are taken; false when they are not. */
export async function sendAll(socket: RawSocket, frames: Iterable<FrameSpec>): Promise<boolean> {
  let batch: Uint8Array[] = [];
  let size = 0;
  for (const spec of frames) {
    const bytes = socket.encode(spec);
    batch.push(bytes);
    size += bytes.length;
    if (size < WRITE_BYTES) continue;
    if (!await within(STALL, socket.sendBytes(joinBytes(batch)))) return false;
    batch = [];
    size = 0;
  }
  return await within(STALL, socket.sendBytes(joinBytes(batch))) ?? false;
}
