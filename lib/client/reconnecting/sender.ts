/**
 * The outgoing side across connections: straight through while there is one, and else into
 * the queue, which the next connection is given first.
 *
 * @module
 */
import type { Connection } from "../../connection/connection.ts";
import { ConnectionClosedError } from "../../connection/errors.ts";
import { Gate, refused } from "../../connection/gate.ts";
import type { Sendable, SendOptions } from "../../connection/outbox.ts";
import { ReconnectingError } from "./errors.ts";
import { type QueueOptions, UnsentQueue } from "./unsent_queue.ts";

/** Sends over whichever connection there is. */
export class Sender {
  readonly #queue: UnsentQueue;
  #connection: Connection | undefined;
  /** Opens when nothing waits here and a connection is open. */
  readonly #ready = new Gate();
  #flushing: Promise<void> = Promise.resolve();
  #closed: ConnectionClosedError | undefined;

  constructor(options: Readonly<Required<QueueOptions>>) {
    this.#queue = new UnsentQueue(options);
  }

  /** Bytes that were sent here and that the operating system has not taken yet. */
  get bufferedAmount(): number {
    return this.#queue.bytes + (this.#connection?.bufferedAmount ?? 0);
  }

  /** How many messages did not fit into the queue. */
  get dropped(): number {
    return this.#queue.dropped;
  }

  /** Settles when no message is being handed from the queue to a connection. */
  get flushed(): Promise<void> {
    return this.#flushing;
  }

  /** Sends a message; gives a promise when the caller had better wait. */
  send(data: Sendable, options: SendOptions | undefined): Promise<void> | undefined {
    if (this.#closed !== undefined) return refused(this.#closed);
    if (this.#connection !== undefined && this.#isReady()) {
      const waiting = this.#connection.send(data, options);
      return waiting === undefined ? undefined : this.#acrossConnections(waiting);
    }
    if (this.#queue.push(data, options)) return this.#ready.wait();
    const message = "Cannot send: the queue of unsent messages is full";
    return refused(new ReconnectingError("ERR_QUEUE_FULL", message));
  }

  /** There is a connection: it gets all that waits, in order and at the peer's pace. */
  attach(connection: Connection): void {
    this.#connection = connection;
    this.#flushing = this.#flush(connection);
  }

  /** The connection has ended. */
  detach(): void {
    this.#connection = undefined;
  }

  /** Takes nothing more. What waits still goes to the connection. */
  refuse(): void {
    this.#closed ??= new ConnectionClosedError();
  }

  /** It is over for good; gives how many messages were not sent. */
  end(error: ConnectionClosedError): number {
    this.#closed = error;
    this.#ready.fail(error);
    return this.#queue.clear();
  }

  #isReady(): boolean {
    return this.#connection?.state === "open" && this.#queue.length === 0;
  }

  async #flush(connection: Connection): Promise<void> {
    while (connection.state === "open") {
      const unsent = this.#queue.shift();
      if (unsent === undefined) return this.#ready.open();
      try {
        // Without a promise to wait for, the next one follows in the same turn.
        const waiting = connection.send(unsent.message, unsent.options);
        if (waiting !== undefined) await waiting;
      } catch (error) {
        // Another error than the end of the connection means that it did not take the message.
        if (!(error instanceof ConnectionClosedError)) this.#queue.drop();
      }
    }
  }

  /**
   * Waits for room. When the connection ends meanwhile, it is the next one that has room: a
   * sender that keeps to the pace need not know that they are two.
   */
  #acrossConnections(waiting: Promise<void>): Promise<void> {
    const room = waiting.catch((error) => {
      if (!(error instanceof ConnectionClosedError)) throw error;
      if (this.#closed !== undefined) throw this.#closed;
      return this.#ready.wait();
    });
    room.catch(() => {});
    return room;
  }
}
