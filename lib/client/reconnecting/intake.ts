/**
 * The incoming side across connections: one sequence of messages, in which those of a
 * connection come behind all that came over the ones before it.
 *
 * What is held is bounded, though nobody may consume: by `receiveHighWaterMark` here, by as
 * much in the oldest connection that is not consumed, and by as much in the latest one.
 *
 * @module
 */
import type { WaitOptions } from "../../connection/connection.ts";
import { Gate } from "../../connection/gate.ts";
import type { ConnectionHandlers } from "../../connection/handlers.ts";
import { Inbox, type InboxOwner } from "../../connection/inbox.ts";

/** A message as it comes. */
export type ReceivedMessage = string | Uint8Array<ArrayBuffer>;

/**
 * Callbacks of each connection. Messages are iterated, so there are none for them. What
 * `open` sends over the connection that it gets goes ahead of all that waits to be sent.
 */
export type ReconnectingHandlers = Omit<ConnectionHandlers, "message" | "stream">;

/** The messages of one connection on their way in. */
class Feed {
  /** Settles when the messages may come in, or are to be dropped. */
  readonly turn = Promise.withResolvers<void>();
  /** They are dropped. */
  skipped = false;
}

/** Takes the messages of all connections, one connection behind the other. */
export class Intake implements InboxOwner {
  readonly #inbox: Inbox<ReceivedMessage>;
  readonly #room = new Gate();
  /** The connection whose messages come in. */
  #current: Feed | undefined;
  /** The one behind it. */
  #next: Feed | undefined;
  #missed = 0;
  #end: { readonly error: unknown } | undefined;

  constructor(highWaterMark: number) {
    this.#inbox = new Inbox(this, highWaterMark);
  }

  /** How many messages came and were dropped, because nobody consumed those before. */
  get missed(): number {
    return this.#missed;
  }

  /** The next message; `undefined`, or a rejection, behind the last one. */
  next({ signal }: WaitOptions): Promise<ReceivedMessage | undefined> {
    return this.#inbox.next(signal);
  }

  /** The handlers of a new connection: those of the application, and ours. */
  handlers(theirs: ReconnectingHandlers): ConnectionHandlers {
    const feed = new Feed();
    return {
      open: (connection) => {
        this.#begin(feed);
        const opened = theirs.open?.(connection);
        // When the connection ends, waiting for that handler must not hold up the next one.
        return opened instanceof Promise ? Promise.race([opened, connection.closed]) : undefined;
      },
      message: (_, data) => this.#take(feed, data),
      close: (connection, event) => {
        this.#finish(feed);
        return theirs.close?.(connection, event);
      },
      ...(theirs.drain && { drain: (connection) => theirs.drain?.(connection) }),
      ...(theirs.error && { error: (connection, error) => theirs.error?.(connection, error) }),
      ...(theirs.ping && { ping: (connection, payload) => theirs.ping?.(connection, payload) }),
      ...(theirs.pong && {
        pong: (connection, payload, roundTrip) => theirs.pong?.(connection, payload, roundTrip),
      }),
    };
  }

  /** No connection follows. Whoever asks behind the last message gets `error`, or the end. */
  end(error: unknown): void {
    this.#end = { error };
    if (this.#current === undefined) this.#endInbox();
  }

  /** Each connection stops reading by itself, while its handler waits for room. */
  pause(): void {}

  resume(): void {
    this.#room.open();
  }

  /** Never called: messages are asked for, so there is no handler behind the inbox. */
  onHandlerError(): void {}

  /** Nobody needs to know when all has been taken. */
  onDrained(): void {}

  #begin(feed: Feed): void {
    if (this.#end !== undefined) {
      feed.skipped = true; // a connection that came too late
      return;
    }
    if (this.#current === undefined) {
      this.#current = feed;
      return;
    }
    // The one in between has ended, as there is one connection at a time. What it holds is
    // given up: with each connection that nobody consumes, more would be held.
    if (this.#next !== undefined) {
      this.#next.skipped = true;
      this.#next.turn.resolve();
    }
    this.#next = feed;
  }

  #take(feed: Feed, data: ReceivedMessage): Promise<void> | undefined {
    if (feed.skipped) {
      this.#missed++;
      return undefined;
    }
    if (feed !== this.#current) return feed.turn.promise.then(() => this.#take(feed, data));
    this.#inbox.push(data, data.length);
    return this.#inbox.paused ? this.#room.wait() : undefined;
  }

  #finish(feed: Feed): void {
    if (feed === this.#next) this.#next = undefined;
    if (feed !== this.#current) return;
    this.#current = this.#next;
    this.#next = undefined;
    this.#current?.turn.resolve();
    if (this.#current === undefined && this.#end !== undefined) this.#endInbox();
  }

  #endInbox(): void {
    // The reason of a signal may be anything, and it is passed on as it is.
    this.#inbox.end(this.#end?.error as Error | undefined);
  }
}
