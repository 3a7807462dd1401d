/**
 * A link over a stream of `node:stream`, such as the socket of an upgrade in `node:http`.
 * The stream pushes its chunks.
 *
 * @module
 */
import type { Duplex } from "node:stream";
import type { Link, LinkReceiver } from "../link.ts";

/**
 * The most that is given to the stream at a time, in bytes: a stream tells of a write only
 * when it is whole, and a slow peer is to be seen taking some of it. A message of 64 KiB fits,
 * with its header.
 */
const WRITE_BYTES = 69_632;

/** The byte stream of one `Duplex`, which the link owns. */
export class NodeLink implements Link {
  readonly engine = "codec";
  readonly #stream: Duplex;
  #receiver!: LinkReceiver;
  /** What was borrowed and has not left. */
  #unwritten: Uint8Array = new Uint8Array(0);
  /** The stream is being read; before, resuming it would lose what comes. */
  #reading = false;
  #paused = false;
  /** It failed or was destroyed: the receiver hears no more. */
  #over = false;

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  start(receiver: LinkReceiver, first: Uint8Array): void {
    this.#receiver = receiver;
    this.#stream.on("error", this.#onFailed);
    // Without an error and before its time: someone else destroyed the stream.
    this.#stream.on("close", () => this.#onFailed(new Error("the stream was closed")));
    queueMicrotask(() => this.#read(plainBytes(first))); // never from within `start`
  }

  pause(): void {
    this.#paused = true;
    this.#stream.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#reading) this.#stream.resume();
  }

  write(bytes: Uint8Array): number {
    this.#unwritten = bytes;
    this.#write();
    return 0;
  }

  end(): void {
    if (!this.#over) this.#stream.end();
  }

  destroy(): void {
    this.#over = true;
    this.#stream.destroy();
  }

  #read(first: Uint8Array): void {
    if (this.#stream.destroyed) this.#onFailed(new Error("the stream was closed"));
    if (this.#over) return;
    if (first.length > 0) this.#deliver(first);
    if (this.#over) return;
    this.#reading = true;
    this.#stream.on("data", this.#onData);
    this.#stream.on("end", this.#onEnd);
    if (!this.#paused) this.#stream.resume();
  }

  #deliver(bytes: Uint8Array): void {
    try {
      this.#receiver.onBytes(bytes, 0, bytes.length);
    } catch (error) {
      // Thrown out of an event, it would end the process and every other connection.
      this.#onFailed(error instanceof Error ? error : new Error(String(error)));
    }
  }

  readonly #onData = (chunk: Uint8Array): void => {
    if (!this.#over) this.#deliver(plainBytes(chunk));
  };

  readonly #onEnd = (): void => {
    if (!this.#over) this.#receiver.onEnd();
  };

  #write(): void {
    // A copy, because a stream may keep what it is given beyond the write, and this is borrowed.
    const part = this.#unwritten.slice(0, WRITE_BYTES);
    this.#stream.write(part, (error) => {
      if (error) this.#onFailed(error);
      else this.#onWritten(part.length);
    });
  }

  /** Goes on with the write until all of it has left. */
  #onWritten(count: number): void {
    if (this.#over) return;
    this.#unwritten = this.#unwritten.subarray(count);
    if (this.#unwritten.length > 0) this.#write();
    this.#receiver.onWritten(count);
  }

  readonly #onFailed = (error: Error): void => {
    if (this.#over) return;
    this.#over = true;
    this.#receiver.onError(error);
  };
}

/** The bytes of a chunk, which may be a `Buffer`, as a plain array over the same memory. */
export function plainBytes(chunk: Uint8Array): Uint8Array {
  return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
