/**
 * Sending the same again and again, to see when it is enough.
 *
 * @module
 */
import type { CaseStream } from "../model/stage.ts";
import { within } from "./patience.ts";

/** How long a write may take before it counts as not taken, in milliseconds. */
const WRITE_TIME = 2_000;

/**
 * Writes `again` until `limit` bytes are taken, or until the testee ends the connection, sends
 * something, or takes no more.
 *
 * @returns how many bytes were taken.
 */
export async function pour(
  stream: CaseStream,
  { again, limit }: { again: Uint8Array; limit: number },
): Promise<number> {
  for (let taken = 0;; taken += again.length) {
    if (taken >= limit) return taken;
    if (!await within(WRITE_TIME, stream.write(again))) return taken;
    if (await stream.read(1) !== "silence") return taken;
  }
}
