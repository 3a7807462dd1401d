/**
 * Inflating with a context of zlib: strictly, to the limit and one byte, and never with an
 * exception for what a peer has sent (RFC 7692 §7.2.2).
 *
 * @module
 */
import type { ProtocolErrorCode } from "../protocol/errors.ts";
import type { InflatedSink, MessageInflater } from "../protocol/permessage_deflate/codec.ts";
import type { Reservation } from "./budget.ts";
import type { ContextPool } from "./context_pool.ts";
import { chunkBytes, MAX_CHUNK } from "./tail.ts";
import { BLOCK, SYNC_FLUSH, type ZlibContext } from "./zlib_context.ts";

/**
 * The four bytes that the wire leaves out, and one more: a whole message ends with the
 * block of the four, and so leaves exactly the one.
 */
const TAIL_AND_PROBE = Uint8Array.of(0, 0, 0xff, 0xff, 0);

/** Where all connections inflate to. A sink that inflates in turn gets memory of its own. */
let spare: Uint8Array | undefined;

/** How to inflate. */
export interface ContextInflaterOptions {
  /** The window, as the exponent of 2: 9 to 15. */
  windowBits: number;
  /** Whether a message may refer to the ones before it. */
  contextTakeover: boolean;
  /** What its context counts for in a budget. @default undefined: none */
  reservation?: Reservation | undefined;
}

/** Inflates the messages of one connection. */
export class ContextInflater implements MessageInflater {
  readonly #pool: ContextPool;
  readonly #takeover: boolean;
  readonly #chunk: number;
  readonly #reservation: Reservation | undefined;
  /** With takeover from the first message on, without it for as long as a message lasts. */
  #context: ZlibContext | undefined;
  /** Something came of the message at hand. */
  #begun = false;
  #closed = false;

  /** Takes where contexts come from; their window has to be that of the options. */
  constructor(pool: ContextPool, options: ContextInflaterOptions) {
    this.#pool = pool;
    this.#takeover = options.contextTakeover;
    this.#chunk = chunkBytes(options.windowBits);
    this.#reservation = options.reservation;
  }

  /** Inflates a piece. When the sink closes it meanwhile, it stops without a fault. */
  push(
    bytes: Uint8Array,
    start: number,
    end: number,
    sink: InflatedSink,
  ): ProtocolErrorCode | undefined {
    if (this.#closed || start === end) return undefined;
    this.#begun = true;
    const context = this.#context ??= this.#pool.take();
    const output = spare ?? new Uint8Array(MAX_CHUNK);
    spare = undefined;
    const fault = this.#inflate(context, bytes, start, end, output, sink);
    spare = output;
    if (fault !== undefined) this.#discard();
    return fault;
  }

  #inflate(
    context: ZlibContext,
    bytes: Uint8Array,
    start: number,
    end: number,
    output: Uint8Array,
    sink: InflatedSink,
  ): ProtocolErrorCode | undefined {
    let at = start;
    let restartedAt = -1;
    for (;;) {
      const room = sink.inflatedRoom;
      const space = Math.min(this.#chunk, room + 1);
      context.write(SYNC_FLUSH, bytes, at, end, output, 0, space);
      if (context.failed) return "ERR_DEFLATE_DATA";
      const { spaceLeft } = context;
      const length = space - spaceLeft;
      at = end - context.inputLeft;
      if (length > room) return "ERR_MESSAGE_TOO_LARGE";
      if (length > 0) {
        const fault = sink.onInflated(output, 0, length);
        if (fault !== undefined) return fault;
        // Closed by the sink: someone else may have the context already.
        if (this.#context !== context) return undefined;
      }
      if (spaceLeft === 0) continue;
      if (at === end) return undefined;
      // RFC 7692 §7.2.3.4: after a block with BFINAL others may follow. Their window is
      // empty, as it is for who has ended a stream of DEFLATE and begun another.
      if (at === restartedAt) return "ERR_DEFLATE_DATA";
      restartedAt = at;
      context.reset();
    }
  }

  /** Finds what was cut short; nothing is left to give. */
  finish(): ProtocolErrorCode | undefined {
    const context = this.#context;
    // RFC 7692 §7.2.3.6: an empty message has a byte; one without is as empty.
    if (!this.#begun || context === undefined) return undefined;
    this.#begun = false;
    const end = endOfMessage(context);
    if (end === "broken") {
      this.#discard();
      return "ERR_DEFLATE_DATA";
    }
    if (!this.#takeover) this.#giveBack();
    else if (end === "final") context.reset();
    return undefined;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#giveBack();
    this.#reservation?.release();
  }

  #giveBack(): void {
    const context = this.#context;
    this.#context = undefined;
    this.#begun = false;
    if (context !== undefined) this.#pool.give(context);
  }

  #discard(): void {
    this.#context?.close();
    this.#context = undefined;
    this.#begun = false;
  }
}

/** Where the end probe writes to; of a whole message it makes nothing. */
const PROBE_SPACE = 64;
let probeOutput: Uint8Array | undefined;

/**
 * How the input of a context ended: at the header of the block that the tail completes; in a
 * block with BFINAL, which needs no tail; or anywhere else. What the tail makes bytes of
 * was cut within a block.
 */
function endOfMessage(context: ZlibContext): "whole" | "final" | "broken" {
  const output = probeOutput ??= new Uint8Array(PROBE_SPACE);
  context.write(BLOCK, TAIL_AND_PROBE, 0, TAIL_AND_PROBE.length, output, 0, PROBE_SPACE);
  if (context.failed || context.spaceLeft < PROBE_SPACE) return "broken";
  if (context.inputLeft === 1) return "whole";
  if (context.inputLeft < TAIL_AND_PROBE.length) return "broken";
  // It stops so at the end of every block. Only what has ended takes nothing any more.
  context.write(SYNC_FLUSH, TAIL_AND_PROBE, 0, 1, output, 0, PROBE_SPACE);
  return context.inputLeft === 1 ? "final" : "broken";
}
