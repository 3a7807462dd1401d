/**
 * One connection that is spliced to the private HTTP server, from its first request until it
 * ends, or until it asks for something that is not plain HTTP.
 *
 * The server alone knows when a request has been answered, and we alone can know where the
 * next one begins. So we follow where requests end; at one that is not plain HTTP we ask the
 * server to tell when all before is answered, and hand the connection over.
 *
 * @module
 */
import { checkRequestHead } from "../../protocol/handshake/request_check.ts";
import type { RequestHead } from "../../protocol/handshake/head.ts";
import { isUpgradeRequest } from "../../protocol/handshake/server_handshake.ts";
import type { Barrier } from "./barrier.ts";
import { type ByteStream, LINGER } from "./byte_stream.ts";
import { type ReadHead, readRequestHead } from "./head_reader.ts";
import { RequestBody } from "./request_body.ts";

/** A spliced connection on which nothing moves for so long is cut, in milliseconds. */
const IDLE_TIMEOUT = 120_000;

/** Whether a request is for the HTTP server: no upgrade, and safe to be read again. */
export function isPlainHttp(head: RequestHead | undefined): head is RequestHead {
  return head !== undefined && !isUpgradeRequest(head) && checkRequestHead(head) === undefined;
}

/** The two streams of a connection. */
export interface SplicedStreams {
  /** To the client. */
  readonly outer: ByteStream;
  /** To the server. */
  readonly inner: ByteStream;
}

/** Passes on what the client asks and what the server answers. */
export class SplicedConnection {
  readonly #outer: ByteStream;
  readonly #inner: ByteStream;
  readonly #barrier: Barrier;
  readonly #idle: IdleTimer;
  /** The client has asked for something else, and the barrier was sent. */
  #atBarrier = false;

  constructor({ outer, inner }: SplicedStreams, barrier: Barrier) {
    this.#outer = outer;
    this.#inner = inner;
    this.#barrier = barrier;
    this.#idle = new IdleTimer(IDLE_TIMEOUT, () => {
      outer.close();
      inner.close();
    });
  }

  /**
   * Runs the connection, of which `first` was read. Gives the head of the first request that is
   * not plain HTTP, once all before it is answered; else the client's stream is closed at the
   * end. The server's is in any case.
   */
  async run(first: ReadHead): Promise<ReadHead | undefined> {
    // If it fails, one of the two ends is gone, and the other one has no use for the rest.
    const next = await this.#pass(first).catch(() => undefined);
    this.#idle.stop();
    this.#inner.close();
    if (next === undefined) this.#outer.close();
    return next;
  }

  async #pass(first: ReadHead): Promise<ReadHead | undefined> {
    const [next, allAnswered] = await Promise.all([this.#passRequests(first), this.#passAnswers()]);
    if (allAnswered) return next;
    // The server ended the connection. What came behind must be read, or the answer is lost.
    while (next !== undefined && await this.#outer.read() !== null);
    return undefined;
  }

  /** Gives the first request that is not plain HTTP, if it comes to one. */
  async #passRequests(first: ReadHead): Promise<ReadHead | undefined> {
    let read: ReadHead | undefined = first;
    while (read !== undefined && isPlainHttp(read.parser.head)) {
      const rest = await this.#passRequest(read, new RequestBody(read.parser.head));
      read = rest && await readRequestHead(this.#outer, rest);
      this.#idle.touch();
    }
    if (read === undefined) {
      await this.#inner.end();
    } else {
      this.#atBarrier = true;
      await this.#inner.write(this.#barrier.request);
    }
    return read;
  }

  /** Gives what was read behind the request; `undefined` when the stream ends before it does. */
  async #passRequest(
    { parser, rest }: ReadHead,
    body: RequestBody,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    let used = body.take(rest);
    await this.#inner.write(join(parser.raw, rest.subarray(0, used)));
    while (!body.ended) {
      const piece = await this.#outer.read();
      if (piece === null) return undefined;
      this.#idle.touch();
      rest = piece;
      used = body.take(rest);
      await this.#inner.write(rest.subarray(0, used));
      this.#idle.touch();
    }
    return rest.subarray(used);
  }

  /** Passes on all that the server says. True once it has come to the barrier. */
  async #passAnswers(): Promise<boolean> {
    let held: Uint8Array = new Uint8Array(0);
    for (let piece = await this.#inner.read(); piece !== null; piece = await this.#inner.read()) {
      this.#idle.touch();
      const bytes = join(held, piece);
      const end = this.#atBarrier ? this.#barrier.find(bytes) : bytes.length;
      await this.#answer(bytes.subarray(0, end));
      held = bytes.subarray(end);
      if (this.#barrier.isWhole(held)) return true;
    }
    await this.#answer(held);
    await this.#outer.end();
    // When the server has nothing more to say, the client has a moment left to end as well.
    this.#idle.last(LINGER);
    return false;
  }

  async #answer(bytes: Uint8Array): Promise<void> {
    // Within TLS, nobody tells when the write of nothing is done.
    if (bytes.length > 0) await this.#outer.write(bytes);
    this.#idle.touch();
  }
}

/** Calls back once when it was not touched for a while. */
class IdleTimer {
  readonly #timeout: number;
  readonly #onIdle: () => void;
  #touched = true;
  #timer: ReturnType<typeof setTimeout>;

  constructor(timeout: number, onIdle: () => void) {
    this.#timeout = timeout;
    this.#onIdle = onIdle;
    this.#timer = setTimeout(() => this.#look(), timeout);
  }

  touch(): void {
    this.#touched = true;
  }

  /** However often it is touched, there is only so much time left. */
  last(timeout: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onIdle, timeout);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    if (!this.#touched) return this.#onIdle();
    this.#touched = false;
    this.#timer = setTimeout(() => this.#look(), this.#timeout);
  }
}

/** Both as one; no copy where one of them is empty. */
function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
