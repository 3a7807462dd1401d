/**
 * A `Deno.Conn` as a stream of Node's, for `node:tls` to speak TLS on.
 *
 * @module
 */
import { Duplex } from "node:stream";
import { closeQuietly } from "./byte_stream.ts";

/** How much is read at a time from a quiet connection, in bytes. */
const SMALL_BYTES = 4096;
/** How much is read at a time from one that had more than that, in bytes. */
const LARGE_BYTES = 65_536;

/** How a stream of Node's is told that a write is done. */
type Done = (error?: Error | null) => void;

/** One read and one write at a time. The stream owns the connection. */
export class ConnectionDuplex extends Duplex {
  readonly #connection: Deno.Conn;
  #buffer: Uint8Array = new Uint8Array(0);
  #readBytes = SMALL_BYTES;
  /** What is being written. */
  #unwritten: Uint8Array = new Uint8Array(0);
  #done: Done = () => {};

  constructor(connection: Deno.Conn) {
    super();
    this.#connection = connection;
  }

  /**
   * `node:tls` destroys what it speaks on within the call that tells it of a fault, and would
   * write the alert that says so (RFC 8446 §6.2) right after. So that comes first.
   */
  override destroy(error?: Error): this {
    queueMicrotask(() => queueMicrotask(() => super.destroy(error)));
    return this;
  }

  override _read(): void {
    this.#buffer = new Uint8Array(this.#readBytes);
    this.#connection.read(this.#buffer).then(this.#onRead, this.#onReadFailed);
  }

  override _write(chunk: Uint8Array, _encoding: string, done: Done): void {
    this.#unwritten = chunk;
    this.#done = done;
    this.#write();
  }

  override _final(done: Done): void {
    // The peer may have cut the stream already; then there is no direction to end.
    this.#connection.closeWrite().then(() => done(), () => done());
  }

  override _destroy(error: Error | null, done: Done): void {
    closeQuietly(this.#connection);
    done(error);
  }

  readonly #onRead = (count: number | null): void => {
    if (count === null) return void this.push(null);
    this.#readBytes = count < SMALL_BYTES ? SMALL_BYTES : LARGE_BYTES;
    this.push(this.#buffer.subarray(0, count));
  };

  readonly #onReadFailed = (error: Error): void => {
    this.destroy(error);
  };

  #write(): void {
    this.#connection.write(this.#unwritten).then(this.#onWritten, this.#done);
  }

  /** Goes on with the write until all of it has left. */
  readonly #onWritten = (count: number): void => {
    if (count === this.#unwritten.length) return this.#done();
    this.#unwritten = this.#unwritten.subarray(count);
    this.#write();
  };
}
