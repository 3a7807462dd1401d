/**
 * Compressing and decompressing the messages of one connection (RFC 7692 §7.2).
 *
 * @module
 */
import { constants } from "node:zlib";
import { EMPTY } from "./bytes.ts";
import { ZlibContext } from "./zlib_context.ts";

const { Z_BLOCK, Z_SYNC_FLUSH } = constants;

/** The end of a flush, which is not sent (RFC 7692 §7.2.1), and a byte that must be left over. */
const TAIL_AND_PROBE = Uint8Array.of(0x00, 0x00, 0xff, 0xff, 0x00);
const TAIL_BYTES = 4;
/** What an empty message is compressed to (RFC 7692 §7.2.3.6). */
const EMPTY_MESSAGE = Uint8Array.of(0x00);
/** The suite is to be quick, not thrifty. */
const LEVEL = 1;
const MAX_WINDOW_BITS = 15;
/** Up to so many bytes a connection, the window of a testee is held against it. */
const STRICT_BYTES = 2 ** 20;

/** How one direction is compressed. */
export interface DeflateDirection {
  readonly noContextTakeover: boolean;
  /** 9 to 15. */
  readonly windowBits: number;
}

/** Space for what comes of a message; no two are at work at the same time. */
let scratch = new Uint8Array(256 * 1024);

/** Doubles the space, and keeps what is in it. */
function grow(): void {
  const larger = new Uint8Array(scratch.length * 2);
  larger.set(scratch);
  scratch = larger;
}

/** Compresses messages. */
export class MessageDeflater {
  readonly #direction: DeflateDirection;
  #context: ZlibContext | undefined;

  /** Takes what was agreed on. */
  constructor(direction: DeflateDirection) {
    this.#direction = direction;
  }

  /** The payload of `message` on the wire. */
  compress(message: Uint8Array): Uint8Array {
    if (message.length === 0) return EMPTY_MESSAGE;
    const { windowBits, noContextTakeover } = this.#direction;
    this.#context ??= ZlibContext.deflate({ level: LEVEL, windowBits });
    const context = this.#context;
    let at = 0;
    let inputOffset = 0;
    do {
      if (at === scratch.length) grow();
      context.write({
        flush: Z_SYNC_FLUSH,
        input: message,
        inputOffset,
        output: scratch,
        outputOffset: at,
        outputLength: scratch.length - at,
      });
      if (context.failure !== undefined) throw new Error(`Cannot compress: ${context.failure}`);
      at = scratch.length - context.spaceLeft;
      inputOffset = message.length - context.inputLeft;
    } while (context.spaceLeft === 0);
    if (noContextTakeover) context.reset();
    return scratch.slice(0, at - TAIL_BYTES);
  }

  /** Frees its memory. Idempotent. */
  close(): void {
    this.#context?.close();
  }
}

/** Decompresses messages, strictly: each must be whole, and within the window. */
export class MessageInflater {
  readonly #direction: DeflateDirection;
  #context: ZlibContext | undefined;
  #total = 0;

  /** Takes what was agreed on. */
  constructor(direction: DeflateDirection) {
    this.#direction = direction;
  }

  /**
   * The message that `payload` was on the wire.
   *
   * @throws {DeflateError} when it is not whole, or not valid.
   */
  decompress(payload: Uint8Array): Uint8Array {
    if (payload.length === 0) return EMPTY;
    const { windowBits, noContextTakeover } = this.#direction;
    this.#context ??= ZlibContext.inflate(windowBits);
    const context = this.#context;
    let end = this.#write(payload, { flush: Z_SYNC_FLUSH, from: 0 });
    // A final block may be followed by others (RFC 7692 §7.2.3.4), which zlib leaves alone.
    while (context.inputLeft > 0) {
      const rest = payload.subarray(payload.length - context.inputLeft);
      context.reset();
      end = this.#write(rest, { flush: Z_SYNC_FLUSH, from: end });
    }
    end = this.#write(TAIL_AND_PROBE, { flush: Z_BLOCK, from: end });
    // Within a block, zlib would take the probe as well; after a final block, not even the tail.
    if (context.inputLeft !== 1 && context.inputLeft !== TAIL_AND_PROBE.length) {
      throw new DeflateError("the compressed message ends within a block");
    }
    if (noContextTakeover || context.inputLeft !== 1) context.reset();
    this.#total += end;
    return scratch.slice(0, end);
  }

  /** Frees its memory. Idempotent. */
  close(): void {
    this.#context?.close();
  }

  /** Decompresses `input` into the space from `from` on; returns where it ends. */
  #write(input: Uint8Array, { flush, from }: { flush: number; from: number }): number {
    const context = this.#context!;
    let at = from;
    let inputOffset = 0;
    let step: number;
    do {
      if (at === scratch.length) grow();
      step = Math.min(scratch.length - at, this.#step(at));
      context.write({
        flush,
        input,
        inputOffset,
        output: scratch,
        outputOffset: at,
        outputLength: step,
      });
      if (context.failure !== undefined) {
        throw new DeflateError(`the compressed message is not valid: ${context.failure}`);
      }
      at += step - context.spaceLeft;
      inputOffset = input.length - context.inputLeft;
    } while (context.spaceLeft === 0);
    return at;
  }

  /**
   * How much to decompress at a time. Within one call zlib lets a message refer to all that the
   * call has made, so that only small steps tell whether a testee keeps to its window.
   */
  #step(made: number): number {
    const { windowBits } = this.#direction;
    if (windowBits === MAX_WINDOW_BITS || this.#total + made > STRICT_BYTES) return scratch.length;
    return Math.max(64, 2 ** windowBits / 8);
  }
}

/** What a testee compressed cannot be decompressed. */
export class DeflateError extends Error {
  override readonly name = "DeflateError";
}
