/**
 * The body of a response that refused a WebSocket, for the error that tells of it.
 *
 * @module
 */
import type { ResponseHead } from "../protocol/handshake/head.ts";
import { listContains } from "../protocol/handshake/grammar.ts";

/** No more of a body is read, in bytes. */
const MAX_BODY_BYTES = 65_536;
/** The longest line of a chunk's size that is looked at, in bytes. */
const MAX_SIZE_LINE = 256;

/** Gives the next bytes of the stream; `null` at its end. */
export type ReadBytes = () => Promise<Uint8Array | null>;

/**
 * Reads the body: chunked, of a stated length, or up to the end of the stream (RFC 9112
 * §6.3), and never more than 64 KiB of it. What is malformed or cut short ends it.
 */
export async function readBody(
  head: ResponseHead,
  read: ReadBytes,
): Promise<Uint8Array<ArrayBuffer>> {
  const { headers, status } = head;
  if (status < 200 || status === 204 || status === 304) return new Uint8Array(0);
  if (listContains(headers.get("transfer-encoding"), "chunked")) {
    return await readChunked(new ByteSource(read));
  }
  const length = headers.get("content-length");
  const limit = length !== undefined && /^\d+$/.test(length) ? Number(length) : Infinity;
  return await new ByteSource(read).take(Math.min(limit, MAX_BODY_BYTES));
}

/** The data of all chunks, without their sizes, extensions and trailers (RFC 9112 §7.1). */
async function readChunked(source: ByteSource): Promise<Uint8Array<ArrayBuffer>> {
  const body = new Uint8Array(MAX_BODY_BYTES);
  let length = 0;
  while (length < MAX_BODY_BYTES) {
    const size = parseInt(await source.line(), 16);
    if (!(size > 0)) break;
    const data = await source.take(Math.min(size, MAX_BODY_BYTES - length));
    body.set(data, length);
    length += data.length;
    if (data.length < size) break;
    await source.line();
  }
  return body.slice(0, length);
}

/** Bytes that come in pieces, taken by count or by line. */
class ByteSource {
  readonly #read: ReadBytes;
  #piece: Uint8Array = new Uint8Array(0);

  constructor(read: ReadBytes) {
    this.#read = read;
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

  /** The next line, without its end. */
  async line(): Promise<string> {
    let line = "";
    while (line.length < MAX_SIZE_LINE && await this.#fill()) {
      const code = this.#piece[0]!;
      this.#piece = this.#piece.subarray(1);
      if (code === 0x0a) return line.trimEnd();
      line += String.fromCharCode(code);
    }
    return line;
  }

  async #fill(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const piece = await this.#read();
      if (piece === null) return false;
      this.#piece = piece;
    }
    return true;
  }
}
