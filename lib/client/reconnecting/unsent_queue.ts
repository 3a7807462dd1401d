/**
 * Messages that wait for a connection: so many, so many bytes, and no more.
 *
 * @module
 */
import type { Sendable, SendOptions } from "../../connection/outbox.ts";
import { PreparedMessage } from "../../connection/prepared_message.ts";

/**
 * What happens to a message that does not fit into the queue:
 *
 * - `"reject"`: it is not taken, and what `send` gives rejects with `ERR_QUEUE_FULL`;
 * - `"drop-newest"`: it is dropped;
 * - `"drop-oldest"`: it is taken, and the oldest that wait are dropped to make room.
 */
export type QueuePolicy = "reject" | "drop-newest" | "drop-oldest";

/**
 * How much is kept for the next connection while there is none, and until that one has taken
 * all of it.
 */
export interface QueueOptions {
  /** The most messages that wait; 0: none. @default 1000 */
  maxMessages?: number;
  /** The most bytes that wait, as they would be sent without compression. @default 1048576 */
  maxBytes?: number;
  /** What happens to a message that does not fit. @default "reject" */
  policy?: QueuePolicy;
}

/** A message that waits. */
export interface UnsentMessage {
  /** The message; what it consists of belongs to the queue. */
  readonly message: string | Uint8Array | PreparedMessage;
  /** Its length in bytes. */
  readonly bytes: number;
  /** How it is to be sent. */
  readonly options: SendOptions | undefined;
}

const encoder = new TextEncoder();

/** The messages that wait, first in, first out. */
export class UnsentQueue {
  readonly #options: Readonly<Required<QueueOptions>>;
  #waiting: UnsentMessage[] = [];
  /** Position of the oldest message; what lies before it was taken out. */
  #first = 0;
  #bytes = 0;
  #dropped = 0;

  constructor(options: Readonly<Required<QueueOptions>>) {
    this.#options = options;
  }

  /** How many messages wait. */
  get length(): number {
    return this.#waiting.length - this.#first;
  }

  /** How many bytes wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many messages did not fit, whatever the policy made of them. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Takes a message, or does with it what the policy says; false when it is to be refused.
   *
   * @throws {TypeError} when `data` cannot be sent.
   */
  push(data: Sendable, options: SendOptions | undefined): boolean {
    const message = ownCopy(data);
    const bytes = bytesOf(message);
    const { maxMessages, maxBytes, policy } = this.#options;
    const fitsAlone = maxMessages > 0 && bytes <= maxBytes;
    const fits = () => this.length < maxMessages && this.#bytes + bytes <= maxBytes;
    if (!fitsAlone || (policy !== "drop-oldest" && !fits())) {
      this.#dropped++;
      return policy !== "reject";
    }
    while (!fits()) {
      this.shift();
      this.#dropped++;
    }
    this.#waiting.push({ message, bytes, options });
    this.#bytes += bytes;
    return true;
  }

  /** Takes the oldest message out; `undefined` when none waits. */
  shift(): UnsentMessage | undefined {
    const oldest = this.#waiting[this.#first];
    if (oldest === undefined) return undefined;
    this.#bytes -= oldest.bytes;
    this.#first++;
    // Cut the part that was taken out once it is the larger one: constant time on average.
    if (this.#first * 2 > this.#waiting.length) {
      this.#waiting.splice(0, this.#first);
      this.#first = 0;
    }
    return oldest;
  }

  /** A message that was taken out could not be sent after all. */
  drop(): void {
    this.#dropped++;
  }

  /** Forgets all that waits, and says how many messages that were. */
  clear(): number {
    const count = this.length;
    this.#waiting = [];
    this.#first = 0;
    this.#bytes = 0;
    return count;
  }
}

function bytesOf(message: UnsentMessage["message"]): number {
  const data = message instanceof PreparedMessage ? message.data : message;
  return typeof data === "string" ? encoder.encode(data).length : data.length;
}

/** The message, for us to keep: the caller may change its buffer as soon as `send` is over. */
function ownCopy(data: Sendable): UnsentMessage["message"] {
  if (typeof data === "string" || data instanceof PreparedMessage) return data;
  if (ArrayBuffer.isView(data)) {
    const { buffer, byteOffset, byteLength } = data;
    return new Uint8Array(new Uint8Array(buffer, byteOffset, byteLength));
  }
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) {
    return new Uint8Array(new Uint8Array(data));
  }
  throw new TypeError(
    "Cannot send: the message must be a string, an ArrayBuffer, a view of one, " +
      `or a PreparedMessage; got ${data === null ? "null" : typeof data}`,
  );
}
