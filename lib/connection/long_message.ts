/**
 * A long message that is compressed: in turns, so that other connections are served meanwhile. It
 * leaves in fragments, one a turn (RFC 6455 §5.4), between which control frames may go. Peers limit
 * the fragments of a message, as `maxFragments` does here, so there are only so many.
 *
 * @module
 */
import { type Work, workQueue } from "../compression/work_queue.ts";
import type { MessageType } from "../protocol/opcodes.ts";
import type { Transport } from "./transport.ts";

/** From this length on, in bytes, a message is compressed in turns. */
export const LONG_BYTES = 262_144;
/** What is compressed in one turn, in bytes: a few milliseconds at the highest level. */
export const TURN_BYTES = 65_536;
/** The most fragments of a message. A message that is too long for these has longer turns. */
export const MOST_FRAGMENTS = 256;

const encoder = new TextEncoder();

/** A message, cut into what is compressed in one turn each. */
export class TurnPieces {
  readonly type: MessageType;
  /** All of it. */
  readonly bytes: Uint8Array;
  readonly #turnBytes: number;
  #taken = 0;

  /** Takes the message, whose bytes must not change any more. */
  constructor(message: string | Uint8Array) {
    this.type = typeof message === "string" ? "text" : "binary";
    this.bytes = typeof message === "string" ? encoder.encode(message) : message;
    this.#turnBytes = Math.max(TURN_BYTES, Math.ceil(this.bytes.length / MOST_FRAGMENTS));
  }

  /** Bytes that were not taken. */
  get left(): number {
    return this.bytes.length - this.#taken;
  }

  /** Takes the next piece. */
  next(): Uint8Array {
    const from = this.#taken;
    this.#taken = Math.min(from + this.#turnBytes, this.bytes.length);
    return this.bytes.subarray(from, this.#taken);
  }

  /** Begins again with the first piece. */
  restart(): void {
    this.#taken = 0;
  }
}

/** One long message on its way out, on one connection. */
export class LongMessage implements Work {
  readonly #transport: Transport;
  readonly #pieces: TurnPieces;
  readonly #onEnd: (error?: unknown) => void;

  /**
   * Takes the message, whose bytes must not change any more, and what is called when it has been
   * sent, or cannot be.
   */
  constructor(
    transport: Transport,
    message: string | Uint8Array,
    onEnd: (error?: unknown) => void,
  ) {
    this.#transport = transport;
    this.#pieces = new TurnPieces(message);
    this.#onEnd = onEnd;
  }

  /** Bytes that have not been compressed. */
  get bytesLeft(): number {
    return this.#pieces.left;
  }

  /** Waits for its turns from now on. */
  begin(): void {
    workQueue.add(this);
  }

  /** Gives the rest up. */
  withdraw(): void {
    workQueue.withdraw(this);
  }

  turn(): boolean {
    try {
      this.#sendFragment();
    } catch (error) {
      this.#onEnd(error);
      return false;
    }
    if (this.bytesLeft > 0) return true;
    this.#onEnd();
    return false;
  }

  #sendFragment(): void {
    const pieces = this.#pieces;
    const piece = pieces.next();
    this.#transport.sendFragment(pieces.type, piece, { fin: pieces.left === 0, compress: true });
  }
}
