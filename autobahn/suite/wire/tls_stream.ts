/**
 * A byte stream over TLS. It pulls, for `node:tls` goes on reading from the network while its
 * socket is paused: a testee would never meet a full window.
 *
 * @module
 */
import { type ByteStream, LINGER, type StreamSink } from "./stream.ts";

const READ_BYTES = 64 * 1024;

/** A byte stream over a TLS connection of the runtime. */
export class TlsStream implements ByteStream {
  readonly closed: Promise<void>;
  readonly #connection: Deno.TlsConn;
  #resolveClosed: () => void = () => {};
  #sink: StreamSink | undefined;
  #waiting: Uint8Array[] = [];
  #ended: { failure: string | undefined } | undefined;
  #writing: Promise<boolean> = Promise.resolve(true);
  #writingEnded: Promise<void> | undefined;
  #paused: PromiseWithResolvers<void> | undefined;
  #dropped = false;
  #gone = false;

  /** Takes a connection whose TLS handshake is complete, and begins to read. */
  constructor(connection: Deno.TlsConn) {
    this.#connection = connection;
    this.closed = new Promise((resolve) => this.#resolveClosed = resolve);
    void this.#readAll();
  }

  attach(sink: StreamSink): void {
    this.#sink = sink;
    for (const bytes of this.#waiting.splice(0)) sink.data(bytes);
    if (this.#ended) sink.end(this.#ended.failure);
  }

  write(bytes: Uint8Array): Promise<boolean> {
    if (this.#gone || this.#writingEnded) return Promise.resolve(false);
    return this.#writing = this.#writing.then((works) => works && this.#writeAll(bytes));
  }

  pause(paused: boolean): void {
    if (paused && !this.#dropped) this.#paused ??= Promise.withResolvers();
    else this.#resume();
  }

  endWriting(): void {
    this.#writingEnded ??= this.#writing.then(() => this.#connection.closeWrite()).catch(() => {
      // The testee was faster.
    }).then(() => {
      if (this.#ended) this.#close();
    });
  }

  drop(how: "fin" | "reset"): void {
    if (this.#gone) return;
    this.#dropped = true;
    this.#resume();
    if (how === "reset") return this.#close();
    this.endWriting();
    // The end of the other side may never come, nor that of a write.
    const timer = setTimeout(() => this.#close(), LINGER);
    void this.closed.then(() => clearTimeout(timer));
  }

  #resume(): void {
    this.#paused?.resolve();
    this.#paused = undefined;
  }

  async #readAll(): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES);
    let failure: string | undefined;
    try {
      for (let length = await this.#read(buffer); length !== null;) {
        if (!this.#dropped) this.#data(buffer.slice(0, length));
        length = await this.#read(buffer);
      }
    } catch (error) {
      // Many servers end TCP without a word of TLS before.
      const ended = this.#gone || error instanceof Deno.errors.UnexpectedEof;
      if (!ended) failure = error instanceof Error ? error.message : String(error);
    }
    this.#end(failure);
  }

  /** Reads; what comes while reading is paused waits. */
  async #read(buffer: Uint8Array): Promise<number | null> {
    await this.#paused?.promise;
    const length = await this.#connection.read(buffer);
    await this.#paused?.promise;
    return length;
  }

  #data(bytes: Uint8Array): void {
    if (this.#sink) this.#sink.data(bytes);
    else this.#waiting.push(bytes);
  }

  #end(failure: string | undefined): void {
    this.#ended = { failure };
    this.#sink?.end(failure);
    if (failure !== undefined) this.#close();
    else if (this.#writingEnded) void this.#writingEnded.then(() => this.#close());
  }

  async #writeAll(bytes: Uint8Array): Promise<boolean> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.#connection.write(bytes.subarray(at));
      return true;
    } catch {
      // What the testee sent before is read still.
      return false;
    }
  }

  #close(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#connection.close();
    this.#resolveClosed();
  }
}
