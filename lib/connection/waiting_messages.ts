/**
 * Messages that wait to be sent, the oldest first, and what they cost.
 *
 * @module
 */
import { lengthOf, type Message, ownCopy } from "./message.ts";

/** What a message costs beside its bytes while it waits outside of the transport. */
const WAITING_BYTES = 64;

/** A message that waits. */
export interface WaitingMessage {
  readonly message: Message;
  /** What replaces it; see the policy `"coalesce"`. */
  readonly key: string | undefined;
  /** Whether it may be compressed. */
  readonly compress: boolean;
}

/** A queue of messages. */
export class WaitingMessages {
  /** Not cut at each message that leaves, for that takes longer the more there are. */
  #queue: (WaitingMessage | undefined)[] = [];
  /** Position of the oldest; what lies before it has left. */
  #first = 0;
  /** How many positions were cut off in front. */
  #cut = 0;
  /** Where the messages with a key are: their positions, had nothing been cut. */
  #places: Map<string, number> | undefined;
  #bytes = 0;

  /** How many wait. */
  get length(): number {
    return this.#queue.length - this.#first;
  }

  /** What they cost, in bytes; 0 when there are none, and only then. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Puts a copy of a message behind all others. */
  push(waiting: WaitingMessage): void {
    if (waiting.key !== undefined) {
      this.#places ??= new Map();
      this.#places.set(waiting.key, this.#cut + this.#queue.length);
    }
    this.#queue.push(kept(waiting));
    this.#bytes += costOf(waiting);
  }

  /** Takes the oldest; there has to be one. */
  shift(): WaitingMessage {
    const oldest = this.#queue[this.#first]!;
    this.#forget(oldest.key, this.#cut + this.#first);
    this.#queue[this.#first++] = undefined;
    this.#bytes -= costOf(oldest);
    // Cut the part that has left once it is the larger one: constant time on average.
    if (this.#first * 2 > this.#queue.length) {
      this.#queue.splice(0, this.#first);
      this.#cut += this.#first;
      this.#first = 0;
    }
    return oldest;
  }

  /** Puts a copy of a message in the place of the last one with the same key, if there is one. */
  replace(by: WaitingMessage): boolean {
    const place = by.key === undefined ? undefined : this.#places?.get(by.key);
    if (place === undefined) return false;
    const at = place - this.#cut;
    this.#bytes += costOf(by) - costOf(this.#queue[at]!);
    this.#queue[at] = kept(by);
    return true;
  }

  /** Drops all. */
  clear(): void {
    this.#queue = [];
    this.#first = 0;
    this.#cut = 0;
    this.#places = undefined;
    this.#bytes = 0;
  }

  /** A later message with the same key keeps its place. */
  #forget(key: string | undefined, place: number): void {
    if (key !== undefined && this.#places?.get(key) === place) this.#places.delete(key);
  }
}

function kept(waiting: WaitingMessage): WaitingMessage {
  return { ...waiting, message: ownCopy(waiting.message) };
}

function costOf({ message }: WaitingMessage): number {
  return lengthOf(message) + WAITING_BYTES;
}
