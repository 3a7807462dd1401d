/**
 * One context of zlib: raw DEFLATE in one direction, driven synchronously and piece by
 * piece. It is the handle inside of a stream of `node:zlib`, which is not documented, so
 * `form.ts` tries it before it is used.
 *
 * @module
 */
import { constants, createDeflateRaw, createInflateRaw } from "node:zlib";

/** Gives all that the input so far makes, up to a byte boundary. */
export const SYNC_FLUSH: number = constants.Z_SYNC_FLUSH;
/** To inflate no further than to the end of a block. */
export const BLOCK: number = constants.Z_BLOCK;

/** How to deflate. */
export interface DeflateSettings {
  /** How hard to try: 1 is fast, 9 is small. */
  readonly level: number;
  /** The window, as the exponent of 2: 9 to 15. */
  readonly windowBits: number;
  /** How much memory to take: 1 is little, 9 is fast. */
  readonly memoryLevel: number;
}

/** The part of a stream's handle that works synchronously. */
interface Handle {
  onerror: () => void;
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

/** The parts of a stream that are used here, which it may or may not have. */
interface Stream {
  readonly _handle?: Partial<Handle> | null;
  /** The bytes of output space, then of input, that the last write left over. */
  readonly _writeState?: unknown;
}

/** The stream's own buffer is never used; this is the smallest that it may have, in bytes. */
const CHUNK_SIZE = 64;

let open = 0;

/** How many contexts are open in this process. */
export function openContexts(): number {
  return open;
}

/** A context to deflate with. */
export function openDeflateContext(settings: DeflateSettings): ZlibContext {
  const { level, windowBits, memoryLevel: memLevel } = settings;
  return new ZlibContext(createDeflateRaw({ level, windowBits, memLevel, chunkSize: CHUNK_SIZE }));
}

/** A context to inflate with, whose window is 2 to the power of `windowBits`. */
export function openInflateContext(windowBits: number): ZlibContext {
  return new ZlibContext(createInflateRaw({ windowBits, chunkSize: CHUNK_SIZE }));
}

/**
 * A context. The garbage collector does not see its memory: who opens it has to close it.
 */
export class ZlibContext {
  readonly #handle: Handle;
  readonly #left: Uint32Array;
  #failed = false;
  #closed = false;

  /**
   * Takes a stream of `node:zlib`.
   *
   * @throws {TypeError} when the stream is not made as expected.
   */
  constructor(stream: unknown) {
    const { _handle: handle, _writeState: left } = stream as Stream;
    if (!isHandle(handle) || !(left instanceof Uint32Array)) {
      throw new TypeError("Cannot use zlib: its streams are made in another way");
    }
    // The handler that is there would destroy the stream.
    handle.onerror = (): void => {
      this.#failed = true;
    };
    this.#handle = handle;
    this.#left = left;
    open++;
  }

  /** Whether a write failed since the last reset. */
  get failed(): boolean {
    return this.#failed;
  }

  /** How many bytes of output space the last write left over. */
  get spaceLeft(): number {
    return this.#left[0]!;
  }

  /** How many bytes of input the last write left over. */
  get inputLeft(): number {
    return this.#left[1]!;
  }

  /**
   * Takes `input[start, end)`, and writes to `output[from, to)`. While no space is left
   * over, there may be more to come.
   *
   * @throws {Error} when the context is closed.
   */
  write(
    flush: number,
    input: Uint8Array,
    start: number,
    end: number,
    output: Uint8Array,
    from: number,
    to: number,
  ): void {
    if (this.#closed) throw closedError();
    this.#handle.writeSync(flush, input, start, end - start, output, from, to - from);
  }

  /**
   * Forgets all input and every failure.
   *
   * @throws {Error} when the context is closed.
   */
  reset(): void {
    // With a closed handle this would end the process.
    if (this.#closed) throw closedError();
    this.#handle.reset();
    this.#failed = false;
  }

  /** Frees all memory. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    open--;
    this.#handle.close();
  }
}

function isHandle(handle: Partial<Handle> | null | undefined): handle is Handle {
  return typeof handle?.writeSync === "function" && typeof handle.reset === "function" &&
    typeof handle.close === "function";
}

function closedError(): Error {
  return new Error("Cannot use the zlib context: it is closed");
}
