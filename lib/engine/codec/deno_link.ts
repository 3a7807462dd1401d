/**
 * A link over a `Deno.Conn`: TCP, TLS or a unix socket. One read is under way while nobody
 * has paused it; one write at a time, begun in a round with those of other links.
 *
 * @module
 */
import type { Link, LinkReceiver } from "../link.ts";
import { closeQuietly } from "./byte_stream.ts";
import { endBatch, joinRound, type RoundMember } from "./write_round.ts";

/** The read buffer of a quiet connection, in bytes. */
const SMALL_BYTES = 4096;
/** The read buffer of a connection that filled the small one, in bytes. */
const LARGE_BYTES = 65_536;
/** After so many reads that a small buffer would have held, it is small again. */
const QUIET_READS = 32;

/** The byte stream of one `Deno.Conn`, which the link owns. */
export class DenoLink implements Link, RoundMember {
  readonly engine = "codec";
  readonly #connection: Deno.Conn;
  #receiver!: LinkReceiver;
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(SMALL_BYTES);
  #quietReads = 0;
  #paused = false;
  /** Lets the reading go on after a pause. */
  #onResume: (() => void) | undefined;
  #destroyed = false;
  /** What was borrowed and has not left. */
  #unwritten: Uint8Array = new Uint8Array(0);

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  start(receiver: LinkReceiver, first: Uint8Array): void {
    this.#receiver = receiver;
    this.#read(first).catch(this.#onFailed);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#onResume?.();
    this.#onResume = undefined;
  }

  write(bytes: Uint8Array): number {
    this.#unwritten = bytes;
    joinRound(this);
    return 0;
  }

  /** The round has come. */
  beginWrite(): void {
    if (!this.#destroyed) this.#write();
  }

  end(): void {
    if (this.#destroyed) return;
    // The peer may have cut the stream already; then there is no direction to end.
    this.#connection.closeWrite().catch(() => {});
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.resume();
    closeQuietly(this.#connection);
  }

  async #read(first: Uint8Array): Promise<void> {
    await undefined; // never from within `start`
    if (first.length > 0 && !this.#destroyed) this.#receiver.onBytes(first, 0, first.length);
    while (true) {
      while (this.#paused) await this.#resumed();
      if (this.#destroyed) return;
      const count = await this.#connection.read(this.#buffer);
      if (this.#destroyed) return;
      if (count === null) return this.#receiver.onEnd();
      this.#receiver.onBytes(this.#buffer, 0, count);
      endBatch();
      this.#fitBuffer(count);
    }
  }

  #resumed(): Promise<void> {
    return new Promise((resolve) => this.#onResume = resolve);
  }

  /** A connection that has much to say gets a large buffer, until it falls quiet. */
  #fitBuffer(count: number): void {
    if (this.#buffer.length === SMALL_BYTES) {
      if (count === SMALL_BYTES) this.#buffer = new Uint8Array(LARGE_BYTES);
      return;
    }
    this.#quietReads = count < SMALL_BYTES ? this.#quietReads + 1 : 0;
    if (this.#quietReads < QUIET_READS) return;
    this.#quietReads = 0;
    this.#buffer = new Uint8Array(SMALL_BYTES);
  }

  /** Goes on with the write until all of it has left. */
  readonly #onWritten = (count: number): void => {
    if (this.#destroyed) return;
    if (count < this.#unwritten.length) {
      this.#unwritten = this.#unwritten.subarray(count);
      this.#write();
    }
    this.#receiver.onWritten(count);
  };

  #write(): void {
    this.#connection.write(this.#unwritten).then(this.#onWritten, this.#onFailed);
  }

  readonly #onFailed = (error: unknown): void => {
    if (this.#destroyed) return;
    this.#receiver.onError(error instanceof Error ? error : new Error(String(error)));
  };
}
