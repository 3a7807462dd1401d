/**
 * Where the body of a request ends, and so where the next request on the connection begins
 * (RFC 9112 §6.3). The bytes themselves are of no interest.
 *
 * @module
 */
import type { RequestHead } from "../../protocol/handshake/head.ts";

/** The size of a chunk in hexadecimal, and perhaps extensions (RFC 9112 §7.1). */
const CHUNK_SIZE = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i;
/** The longest line beside the data of chunks that is followed, in bytes. */
const MAX_LINE = 1024;
const LF = 0x0a;

/** What a line in a chunked body has to be (RFC 9112 §7.1). */
type Line = "chunk size" | "end of chunk" | "trailer";

/**
 * The body of one request whose head was checked. A chunked one whose framing is broken, or
 * merely odd, never ends: two readers could differ about its end, and nothing may hang on that.
 */
export class RequestBody {
  /** How many bytes of data come before anything else. */
  #data = 0;
  /** Which line follows; without one, the body ends behind the data. */
  #next: Line | undefined;
  #line = "";

  /** `head` is that of the request; `checkRequestHead` found no fault with it. */
  constructor({ headers }: RequestHead) {
    if (headers.has("transfer-encoding")) this.#next = "chunk size";
    else this.#data = Number(headers.get("content-length") ?? 0);
  }

  /** Whether all of it was taken. */
  get ended(): boolean {
    return this.#data === 0 && this.#next === undefined;
  }

  /** Says how many of the bytes that come next are the body's: all, unless it ends. */
  take(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && !this.ended) {
      if (this.#data > 0) {
        const count = Math.min(this.#data, bytes.length - at);
        this.#data -= count;
        at += count;
      } else {
        this.#takeOfLine(bytes[at++]!);
      }
    }
    return at;
  }

  #takeOfLine(byte: number): void {
    this.#line += String.fromCharCode(byte);
    if (byte !== LF && this.#line.length < MAX_LINE) return;
    const line = this.#line;
    this.#line = "";
    // What cannot be followed has no end.
    if (!line.endsWith("\r\n") || !this.#endLine(line.slice(0, -2))) this.#data = Infinity;
  }

  /** Whether the line is what it has to be. */
  #endLine(line: string): boolean {
    if (this.#next === "trailer") {
      if (line === "") this.#next = undefined;
      return true;
    }
    if (this.#next === "end of chunk") {
      this.#next = "chunk size";
      return line === "";
    }
    const [, size] = CHUNK_SIZE.exec(line) ?? [];
    if (size === undefined) return false;
    this.#data = parseInt(size, 16);
    this.#next = this.#data === 0 ? "trailer" : "end of chunk";
    return true;
  }
}
