/**
 * Reads the head of one request from a fresh connection.
 *
 * @module
 */
import { HeadParser } from "../../protocol/handshake/head_parser.ts";

/** Read at a time, in bytes. */
const READ_BYTES = 4096;

/** A head, or what was wrong with it, and what lay behind it. */
export interface ReadHead {
  /** The parser, which is done or has failed. */
  readonly parser: HeadParser<"request">;
  /** What was read behind the head: frames, or the start of a body. */
  readonly rest: Uint8Array<ArrayBuffer>;
}

/** Reads a head; `undefined` when the stream ends before the head does. */
export async function readRequestHead(connection: Deno.Conn): Promise<ReadHead | undefined> {
  const parser = new HeadParser("request");
  const buffer = new Uint8Array(READ_BYTES);
  while (true) {
    const count = await connection.read(buffer);
    if (count === null) return undefined;
    const used = parser.push(buffer.subarray(0, count));
    if (parser.state === "reading") continue;
    return { parser, rest: buffer.slice(used, count) };
  }
}
