/**
 * The body of a response that refused a WebSocket, for the error that tells of it.
 *
 * @module
 */
import type { ResponseHead } from "../protocol/handshake/head.ts";
import { listContains } from "../protocol/handshake/grammar.ts";

/** No more of a body is read, in bytes. */
const MAX_BODY_BYTES = 65_536;
/** The longest line with a chunk's size, its extensions included, in bytes. */
const MAX_SIZE_LINE = 256;
/** The size of a chunk in hexadecimal, and perhaps extensions (RFC 9112 §7.1). */
const CHUNK_SIZE = /^([0-9a-f]{1,12})[ \t]*(;.*)?$/i;

/** Where the bytes of a body come from. */
export interface BodySource {
  /** What was read along with the head. */
  readonly first: Uint8Array;
  /** Gives the bytes that follow, piece by piece; `null` at the end of the stream. */
  read(): Promise<Uint8Array | null>;
}

/**
 * Reads the body: chunked, of a stated length, or up to the end of the stream (RFC 9112
 * §6.3), and never more than 64 KiB of it. What is malformed or cut short ends it.
 */
export async function readBody(
  head: ResponseHead,
  source: BodySource,
): Promise<Uint8Array<ArrayBuffer>> {
  const { headers, status } = head;
  if (status < 200 || status === 204 || status === 304) return new Uint8Array(0);
  const reader = new BodyReader(source);
  if (listContains(headers.get("transfer-encoding"), "chunked")) return await readChunks(reader);
  const length = headers.get("content-length");
  const limit = length !== undefined && /^\d+$/.test(length) ? Number(length) : Infinity;
  return await reader.take(Math.min(limit, MAX_BODY_BYTES));
}

/** The data of all chunks, without their sizes, extensions and trailers (RFC 9112 §7.1). */
async function readChunks(reader: BodyReader): Promise<Uint8Array<ArrayBuffer>> {
  const body = new Uint8Array(MAX_BODY_BYTES);
  let length = 0;
  while (true) {
    const digits = CHUNK_SIZE.exec(await reader.line() ?? "")?.[1] ?? "0";
    const size = parseInt(digits, 16);
    if (size === 0) break;
    const data = await reader.take(Math.min(size, MAX_BODY_BYTES - length));
    body.set(data, length);
    length += data.length;
    if (length === MAX_BODY_BYTES || data.length < size || await reader.line() !== "") break;
  }
  return body.slice(0, length);
}

/** Bytes that come in pieces, taken by count or by line. */
class BodyReader {
  readonly #source: BodySource;
  #piece: Uint8Array;

  constructor(source: BodySource) {
    this.#source = source;
    this.#piece = source.first;
  }

  /** The next `count` bytes, or fewer at the end of the stream. */
  async take(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const taken = new Uint8Array(count);
    let length = 0;
    while (length < count && await this.#fill()) {
      const part = this.#piece.subarray(0, count - length);
      this.#piece = this.#piece.subarray(part.length);
      taken.set(part, length);
      length += part.length;
    }
    return taken.slice(0, length);
  }

  /** The next line, without its end; `undefined` where there is none, or one that is too long. */
  async line(): Promise<string | undefined> {
    let line = "";
    while (line.length < MAX_SIZE_LINE && await this.#fill()) {
      const code = this.#piece[0]!;
      this.#piece = this.#piece.subarray(1);
      if (code === 0x0a) return line.replace(/\r$/, "");
      line += String.fromCharCode(code);
    }
    return undefined;
  }

  /** Makes sure that there is a piece with bytes in it; false at the end of the stream. */
  async #fill(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const piece = await this.#source.read();
      if (piece === null) return false;
      this.#piece = piece;
    }
    return true;
  }
}
