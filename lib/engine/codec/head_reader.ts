/**
 * Reads the head of one request from a connection.
 *
 * @module
 */
import { HeadParser } from "../../protocol/handshake/head_parser.ts";
import type { ByteStream } from "./byte_stream.ts";

/** A head, or what was wrong with it, and what lay behind it. */
export interface ReadHead {
  /** The parser, which is done or has failed. */
  readonly parser: HeadParser<"request">;
  /** What was read behind the head: frames, or the start of a body. */
  readonly rest: Uint8Array<ArrayBuffer>;
}

/**
 * Reads a head, of which `first` was read already; `undefined` when the stream ends before the
 * head does.
 */
export async function readRequestHead(
  stream: ByteStream,
  first: Uint8Array<ArrayBuffer> = new Uint8Array(0),
): Promise<ReadHead | undefined> {
  const parser = new HeadParser("request");
  let piece: Uint8Array<ArrayBuffer> | null = first;
  while (piece !== null) {
    const used = parser.push(piece);
    if (parser.state !== "reading") return { parser, rest: piece.subarray(used) };
    piece = await stream.read();
  }
  return undefined;
}
