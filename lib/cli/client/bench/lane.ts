/**
 * One connection under load: what was sent over it and not answered yet.
 *
 * @module
 */
import type { Connection } from "../../../connection/connection.ts";
import type { CloseEvent } from "../../../connection/transport.ts";

/** What a lane tells. Times are those of `performance.now()`. */
export interface LaneReceiver {
  /** A message was answered that was due at `due`. */
  onAnswer(due: number): void;
  /** The answer to what was due at `due` is not as long as that, or answers nothing. */
  onMismatch(due: number | undefined): void;
  /** The connection has ended. */
  onEnded(event: CloseEvent): void;
}

/** Beyond so many bytes that wait here, a message is not sent. */
const MOST_BUFFERED = 32 * 1024 * 1024;

/** Sends over one connection, and takes answers in the order of what was sent. */
export class Lane {
  readonly #receiver: LaneReceiver;
  readonly #length: number;
  readonly #ended = Promise.withResolvers<void>();
  #connection: Connection | undefined;
  /** When each message without an answer was due. */
  #times: number[] = [];
  #first = 0;

  /** `length` is that of each answer, in bytes or UTF-16 code units. */
  constructor(receiver: LaneReceiver, length: number) {
    this.#receiver = receiver;
    this.#length = length;
  }

  /** How many messages have no answer. */
  get unanswered(): number {
    return this.#times.length - this.#first;
  }

  /** The connection is open. */
  open(connection: Connection): void {
    this.#connection = connection;
  }

  /** Sends a message that was due at `due`; false when it cannot be sent. */
  send(data: string | Uint8Array, due: number): boolean {
    const connection = this.#connection;
    if (connection?.state !== "open" || connection.bufferedAmount > MOST_BUFFERED) return false;
    this.#times.push(due);
    // Waiting for the peer would make the load follow its pace: it has to be open-loop.
    connection.send(data);
    return true;
  }

  /** An answer came. */
  take(data: string | Uint8Array): void {
    const due = this.#times[this.#first];
    if (data.length !== this.#length || due === undefined) this.#receiver.onMismatch(due);
    if (due === undefined) return;
    this.#first++;
    // Cut the answered part once it is the larger one: constant time on average.
    if (this.#first * 2 > this.#times.length) {
      this.#times.splice(0, this.#first);
      this.#first = 0;
    }
    this.#receiver.onAnswer(due);
  }

  /** The connection has ended. */
  end(event: CloseEvent): void {
    this.#connection = undefined;
    this.#times = [];
    this.#first = 0;
    this.#receiver.onEnded(event);
    this.#ended.resolve();
  }

  /** Where the connection is about to end, waits for that: no longer than its `closeTimeout`. */
  async settled(): Promise<void> {
    if (this.#connection?.state === "closing") await this.#ended.promise;
  }

  /** Closes in order. */
  async close(): Promise<void> {
    await this.#connection?.close();
  }
}
