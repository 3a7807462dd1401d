/**
 * Reading from a TCP connection by so many bytes.
 *
 * @module
 */

const MAX_HEAD_BYTES = 16_384;

/** Reads from a connection, with what came too early kept. */
export class ByteReader {
  readonly #connection: Deno.Conn;
  #kept = new Uint8Array(0);

  /** Takes the connection. */
  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** What has come, at least a byte of it and at most `limit`; `undefined` at the end. */
  async some(limit: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (this.#kept.length === 0) {
      const chunk = new Uint8Array(65_536);
      const length = await this.#connection.read(chunk);
      if (length === null) return undefined;
      this.#kept = chunk.subarray(0, length);
    }
    const bytes = this.#kept.subarray(0, limit);
    this.#kept = this.#kept.subarray(bytes.length);
    return bytes;
  }

  /** Exactly `length` bytes; `undefined` when the end comes before. */
  async exactly(length: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const piece = await this.some(length - at);
      if (piece === undefined) return undefined;
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  /** A head of HTTP, with its empty line; `undefined` when it is too long, or not whole. */
  async head(): Promise<string | undefined> {
    let head = "";
    while (!head.endsWith("\r\n\r\n")) {
      if (head.length === MAX_HEAD_BYTES) return undefined;
      const byte = await this.some(1);
      if (byte === undefined) return undefined;
      head += String.fromCharCode(byte[0]!);
    }
    return head;
  }
}
