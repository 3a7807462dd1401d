/**
 * The client's end of a byte stream as it is, over whatever carries it: for plain HTTP, for
 * responses that `connect` does not show, and for frames that it does not send.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { type HeadChanges, parseHead, type RawHead, upgradeRequest } from "../support/raw_head.ts";

/** A response to plain HTTP. */
export interface PlainResponse {
  readonly status: number;
  readonly body: Uint8Array;
}

/** A request of plain HTTP. */
export interface PlainRequest {
  /** @default {"GET"} */
  readonly method?: string;
  readonly path: string;
  /** @default none */
  readonly body?: Uint8Array;
}

/** A stream on which the test itself writes and reads. */
export class RawClient implements Disposable {
  readonly #stream: Deno.Conn;
  #input = new Uint8Array(0);
  #closed = false;

  constructor(stream: Deno.Conn) {
    this.#stream = stream;
  }

  /** Our end, as the server sees it. */
  get localAddress(): Deno.Addr {
    return this.#stream.localAddr;
  }

  /** Writes bytes as they are, or text as UTF-8. */
  async write(data: Uint8Array | string): Promise<void> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    let at = 0;
    while (at < bytes.length) at += await this.#stream.write(bytes.subarray(at));
  }

  /** Asks for a WebSocket and reads the head of the answer. */
  async upgrade(changes?: HeadChanges): Promise<RawHead> {
    await this.write(upgradeRequest(changes));
    return await this.readHead();
  }

  /** Sends frames along with the request for a WebSocket, in one write. */
  async upgradeWith(frames: readonly Uint8Array<ArrayBuffer>[]): Promise<RawHead> {
    await this.write(await new Blob([upgradeRequest(), ...frames]).bytes());
    return await this.readHead();
  }

  /** One exchange of plain HTTP, on a connection that is kept alive. */
  async request({ method = "GET", path, body }: PlainRequest): Promise<PlainResponse> {
    const fields = body === undefined ? "" : `Content-Length: ${body.length}\r\n`;
    await this.write(`${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${fields}\r\n`);
    if (body !== undefined) await this.write(body);
    const { startLine, fields: answered } = await this.readHead();
    const [length = ""] = answered.get("content-length") ?? [];
    return { status: Number(startLine.split(" ")[1]), body: await this.readBytes(Number(length)) };
  }

  /** Reads up to the empty line that ends a head. */
  async readHead(): Promise<RawHead> {
    const decoder = new TextDecoder("latin1");
    while (true) {
      const end = decoder.decode(this.#input).indexOf("\r\n\r\n") + 4;
      if (end >= 4) return parseHead(decoder.decode(await this.readBytes(end)));
      await this.#fill();
    }
  }

  /** Reads exactly `count` bytes. */
  async readBytes(count: number): Promise<Uint8Array> {
    while (this.#input.length < count) await this.#fill();
    const bytes = this.#input.slice(0, count);
    this.#input = this.#input.slice(count);
    return bytes;
  }

  /** Asserts that the server ends the stream and that nothing more comes before. */
  async assertEnd(): Promise<void> {
    const count = await this.#stream.read(new Uint8Array(1024)).catch(() => null);
    assertEquals([this.#input.length, count], [0, null]);
  }

  /** Closes the stream, if it is not closed yet. */
  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stream.close();
  }

  async #fill(): Promise<void> {
    const chunk = new Uint8Array(65_536);
    const count = await this.#stream.read(chunk);
    if (count === null) throw new Error(`The stream ended after ${this.#input.length} bytes`);
    const input = new Uint8Array(this.#input.length + count);
    input.set(this.#input);
    input.set(chunk.subarray(0, count), this.#input.length);
    this.#input = input;
  }
}
