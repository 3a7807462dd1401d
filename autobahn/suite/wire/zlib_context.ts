/**
 * Raw DEFLATE, driven synchronously and piece by piece: a stream of `node:zlib` keeps its context
 * from message to message, and the handle in it needs no event loop.
 *
 * @module
 */
import { createDeflateRaw, createInflateRaw } from "node:zlib";

/** The part of a stream of `node:zlib` that works synchronously. */
interface Handle {
  onerror: (message: string) => void;
  writeSync(
    ...write: [
      flush: number,
      input: Uint8Array,
      inputOffset: number,
      inputLength: number,
      output: Uint8Array,
      outputOffset: number,
      outputLength: number,
    ]
  ): void;
  reset(): void;
  close(): void;
}

/** The stream's own buffer is never used; this is the smallest that it may have, in bytes. */
const CHUNK_SIZE = 64;

/** A write: what to take, and where to put what comes of it. */
export interface ZlibWrite {
  readonly flush: number;
  readonly input: Uint8Array;
  /** Where the input begins; it goes on to the end. */
  readonly inputOffset: number;
  readonly output: Uint8Array;
  readonly outputOffset: number;
  readonly outputLength: number;
}

/** A context. It keeps memory that the garbage collector does not see until it is closed. */
export class ZlibContext {
  readonly #handle: Handle;
  readonly #left: Uint32Array;
  #failure: string | undefined;
  #closed = false;

  /**
   * Takes a stream of `node:zlib`.
   *
   * @throws {TypeError} when the stream is not made as expected.
   */
  constructor(stream: unknown) {
    const { _handle: handle, _writeState: left } = stream as {
      _handle?: Handle;
      _writeState?: unknown;
    };
    if (typeof handle?.writeSync !== "function" || !(left instanceof Uint32Array)) {
      throw new TypeError("Cannot compress: the streams of node:zlib are made in another way here");
    }
    // The handler that is there would destroy the stream.
    handle.onerror = (message): void => {
      this.#failure = message;
    };
    this.#handle = handle;
    this.#left = left;
  }

  /** A context to compress with. */
  static deflate({ level, windowBits }: { level: number; windowBits: number }): ZlibContext {
    return new ZlibContext(createDeflateRaw({ level, windowBits, chunkSize: CHUNK_SIZE }));
  }

  /** A context to decompress with. */
  static inflate(windowBits: number): ZlibContext {
    return new ZlibContext(createInflateRaw({ windowBits, chunkSize: CHUNK_SIZE }));
  }

  /** What zlib said when a write failed since the last reset. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** How many bytes of output space the last write left over. */
  get spaceLeft(): number {
    return this.#left[0]!;
  }

  /** How many bytes of input the last write left over. */
  get inputLeft(): number {
    return this.#left[1]!;
  }

  /** Writes. While no space is left over, there may be more to come. */
  write({ flush, input, inputOffset, output, outputOffset, outputLength }: ZlibWrite): void {
    if (this.#closed) throw new Error("Cannot use the zlib context: it is closed");
    this.#handle.writeSync(
      flush,
      input,
      inputOffset,
      input.length - inputOffset,
      output,
      outputOffset,
      outputLength,
    );
  }

  /** Forgets what came before. */
  reset(): void {
    // With a closed handle this would end the process.
    if (this.#closed) throw new Error("Cannot use the zlib context: it is closed");
    this.#handle.reset();
    this.#failure = undefined;
  }

  /** Frees the memory. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handle.close();
  }
}
