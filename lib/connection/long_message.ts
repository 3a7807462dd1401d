/**
 * A long message that is compressed: in turns, so that other connections are served meanwhile. It
 * leaves in fragments, one a turn (RFC 6455 §5.4), between which control frames may go. Peers limit
 * the fragments of a message, as `maxFragments` does here, so there are only so many.
 *
 * @module
 */
import type { Work } from "../compression/work_queue.ts";
import type { MessageType } from "../protocol/opcodes.ts";
import type { Transport } from "./transport.ts";

/** From this length on, in bytes, a message is compressed in turns. */
export const LONG_BYTES = 262_144;
/** What is compressed in one turn, in bytes: a few milliseconds at the highest level. */
export const TURN_BYTES = 65_536;
/** The most fragments of a message. A message that is too long for these has longer turns. */
export const MOST_FRAGMENTS = 256;

const encoder = new TextEncoder();

/** One long message on its way out. */
export class LongMessage implements Work {
  readonly #transport: Transport;
  readonly #type: MessageType;
  readonly #bytes: Uint8Array;
  readonly #onEnd: (error?: unknown) => void;
  readonly #turnBytes: number;
  #sent = 0;

  /**
   * Takes the message, whose bytes are its own, and what is called when it has been sent, or
   * cannot be.
   */
  constructor(
    transport: Transport,
    message: string | Uint8Array,
    onEnd: (error?: unknown) => void,
  ) {
    this.#transport = transport;
    this.#type = typeof message === "string" ? "text" : "binary";
    this.#bytes = typeof message === "string" ? encoder.encode(message) : message;
    this.#onEnd = onEnd;
    this.#turnBytes = Math.max(TURN_BYTES, Math.ceil(this.#bytes.length / MOST_FRAGMENTS));
  }

  /** Bytes that have not been compressed. */
  get bytesLeft(): number {
    return this.#bytes.length - this.#sent;
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

  /** All that is left, at once. */
  finish(): void {
    while (this.turn());
  }

  #sendFragment(): void {
    const end = Math.min(this.#sent + this.#turnBytes, this.#bytes.length);
    const piece = this.#bytes.subarray(this.#sent, end);
    this.#sent = end;
    const fin = end === this.#bytes.length;
    this.#transport.sendFragment(this.#type, piece, { fin, compress: true });
  }
}
