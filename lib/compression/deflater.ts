/**
 * Deflating message by message, each whole or in fragments (RFC 7692 §7.2.1).
 *
 * @module
 */
import type { MessageDeflater } from "../protocol/permessage_deflate/codec.ts";
import type { Reservation } from "./budget.ts";
import type { ContextPool } from "./context_pool.ts";
import { EMPTY, EMPTY_MESSAGE, TAIL } from "./tail.ts";
import { SYNC_FLUSH, type ZlibContext } from "./zlib_context.ts";

/** What makes DEFLATE blocks. */
export interface BlockSource {
  /**
   * Makes blocks of `bytes`, which are not empty, and flushes, but leaves out the
   * {@linkcode TAIL} of the flush; with `afterTail` the one of the flush before comes first.
   * Valid until the next call of any source.
   */
  compress(bytes: Uint8Array, afterTail: boolean): Uint8Array;
  /** The message is complete. */
  end(): void;
  /** Frees all memory. */
  close(): void;
}

/** What there is to know of a deflater. */
export interface DeflaterOptions {
  /** Whether each message is compressed for itself. */
  independent: boolean;
  /** Deflaters of one group make the same bytes of a message. */
  group: string;
  /** What its context counts for in a budget. @default undefined: none */
  reservation?: Reservation | undefined;
}

/** Deflates the messages of one connection. */
export class Deflater implements MessageDeflater {
  readonly independent: boolean;
  readonly group: string;
  readonly #source: BlockSource;
  readonly #reservation: Reservation | undefined;
  /** Something of the message at hand was compressed, and its tail is still owed. */
  #begun = false;
  #closed = false;

  /** Takes what makes the blocks. */
  constructor(source: BlockSource, options: DeflaterOptions) {
    this.independent = options.independent;
    this.group = options.group;
    this.#source = source;
    this.#reservation = options.reservation;
  }

  /**
   * Compresses a piece so that all of it can be read at once.
   *
   * @throws {Error} when it is closed.
   */
  push(bytes: Uint8Array, fin: boolean): Uint8Array {
    if (this.#closed) throw new Error("Cannot compress the message: the deflater is closed");
    const begun = this.#begun;
    this.#begun = !fin && (begun || bytes.length > 0);
    if (bytes.length === 0) {
      // A flush without input writes nothing, and the end of a flush is all that is owed.
      if (!fin) return EMPTY;
      if (!begun) return EMPTY_MESSAGE;
      this.#source.end();
      return EMPTY;
    }
    const blocks = this.#source.compress(bytes, begun);
    if (fin) this.#source.end();
    return blocks;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#source.close();
    this.#reservation?.release();
  }
}

/** How much output there is space for at first, in bytes; all connections share it. */
const OUTPUT_BYTES = 65_536;
let shared: Uint8Array | undefined;

/** Makes blocks with a context of zlib. */
export class ContextBlocks implements BlockSource {
  readonly #pool: ContextPool;
  readonly #takeover: boolean;
  /** With takeover from the first message on, without it for as long as a message lasts. */
  #context: ZlibContext | undefined;

  /** Takes where contexts come from, and whether messages share one. */
  constructor(pool: ContextPool, contextTakeover: boolean) {
    this.#pool = pool;
    this.#takeover = contextTakeover;
  }

  compress(bytes: Uint8Array, afterTail: boolean): Uint8Array {
    const context = this.#context ??= this.#pool.take();
    let output = shared ??= new Uint8Array(OUTPUT_BYTES);
    let length = 0;
    if (afterTail) {
      output.set(TAIL);
      length = TAIL.length;
    }
    for (let at = 0;;) {
      context.write(SYNC_FLUSH, bytes, at, bytes.length, output, length, output.length);
      if (context.failed) throw new Error("Cannot compress the message: zlib failed");
      if (context.spaceLeft > 0) break;
      at = bytes.length - context.inputLeft;
      length = output.length;
      output = grown(output);
    }
    return output.subarray(0, output.length - context.spaceLeft - TAIL.length);
  }

  end(): void {
    if (!this.#takeover) this.close();
  }

  close(): void {
    const context = this.#context;
    this.#context = undefined;
    if (context !== undefined) this.#pool.give(context);
  }
}

function grown(output: Uint8Array): Uint8Array {
  const larger = new Uint8Array(2 * output.length);
  larger.set(output);
  return larger;
}
