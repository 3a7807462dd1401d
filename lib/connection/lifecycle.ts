/**
 * The life of a connection after it opened: its state, its deadlines, its heartbeat, and
 * its one end.
 *
 * @module
 */
import { CloseCode, encodeClose } from "../protocol/close_codes.ts";
import type { Clock } from "./clock.ts";
import { Deadline, type DeadlineKind, Deadlines } from "./deadlines.ts";
import { ConnectionError, type ConnectionErrorCode } from "./errors.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Pings } from "./pings.ts";
import type { CloseEvent, Transport } from "./transport.ts";

/** Where a connection stands. It is open from the start, and closed for ever at its end. */
export type ConnectionState = "open" | "closing" | "closed";

/**
 * How often the writes are looked at within `writeTimeout`: a peer that takes nothing is cut
 * off after that time, or at most a quarter of it later.
 */
const WRITE_LOOKS = 4;

/** How often the consumer is looked at within `closeTimeout`. */
const CONSUMER_LOOKS = 5;

/** What the life of a connection depends on. */
export interface LifecycleParts {
  readonly transport: Transport;
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  readonly pings: Pings;
  /** Whether reading is stopped because our own consumer is behind. */
  readonly isPaused: () => boolean;
  /** Whether a message is being compressed, bit by bit. */
  readonly isCompressing: () => boolean;
  /**
   * The connection begins to close, at our wish: no more may be sent, and `onHandedOver` is to be
   * called once all that waits is with the transport, for the close frame goes behind it.
   */
  readonly onClosing: (onHandedOver: () => void) => void;
  /** The connection begins to close, at the peer's wish or fault: nothing more can be sent. */
  readonly onPeerClosing: () => void;
  /** While closing: what waits has had its time to be consumed. */
  readonly onConsumerDue: () => void;
}

/** The state, the deadlines and the end of one connection. */
export class Lifecycle {
  readonly #parts: LifecycleParts;
  readonly #deadlines: Deadlines;
  readonly #closed = Promise.withResolvers<CloseEvent>();
  #state: ConnectionState = "open";
  /** A close frame is with the transport, or the connection has ended: see `closeTimeout`. */
  #ending = false;
  /** Data came since the heartbeat began to wait for a pong. */
  #alive = false;
  /** Output waits for the peer. */
  #writePending = false;
  /** The peer took some of it since the last look. */
  #writeProgressed = false;
  /** Looks in a row that saw output wait and nothing be taken. */
  #stalledLooks = 0;
  /** Why we gave the connection up, when it was us. */
  #failure: ConnectionError | undefined;

  constructor(parts: LifecycleParts) {
    this.#parts = parts;
    this.#deadlines = new Deadlines(parts.clock, (kind) => this.#onExpired(kind));
    const { heartbeat, maxLifetime } = parts.options;
    if (heartbeat !== false && parts.transport.capabilities.ping) {
      this.#deadlines.set(Deadline.PING, heartbeat.interval);
    }
    this.#awaitData();
    if (maxLifetime > 0) this.#deadlines.set(Deadline.LIFETIME, maxLifetime);
  }

  /** Where the connection stands. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** Settles when the connection has ended; never rejects. */
  get closed(): Promise<CloseEvent> {
    return this.#closed.promise;
  }

  /** The peer closes, or broke a rule, and was answered: from now on there is a deadline. */
  onPeerClosing(): void {
    // Our own close frame came first, and its deadline runs.
    if (this.#ending) return;
    this.#state = "closing";
    this.#parts.onPeerClosing();
    this.#awaitEnd();
  }

  /**
   * Begins to close, and sends a close frame behind all that waits. While that is held up by a
   * long message that is being compressed, which no peer can make last, the only deadline is the
   * one of the writes. Later calls do nothing.
   *
   * @throws {RangeError} when the code must not be sent, or the reason is too long.
   * @throws {TypeError} when the reason is no string.
   */
  close(code: number | undefined, reason: string): void {
    if (typeof reason !== "string") {
      throw new TypeError(`Cannot close: the reason must be a string, got ${typeof reason}`);
    }
    encodeClose(code, reason); // for its errors: a wrong argument must change nothing
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#deadlines.keepOnly(Deadline.WRITE);
    this.#parts.onClosing(() => {
      this.#awaitEnd();
      this.#parts.transport.close(code, reason);
    });
  }

  /** Data is sent. */
  onSend(): void {
    if (this.#state === "open") this.#awaitData();
  }

  /** A batch of input was handled. */
  onReceived(midMessage: boolean, data: boolean): void {
    if (this.#state !== "open") return;
    if (data) {
      this.#alive = true;
      this.#awaitData();
    }
    if (!midMessage) this.#deadlines.clear(Deadline.MESSAGE);
    else if (data || !this.#deadlines.has(Deadline.MESSAGE)) this.#awaitMessage();
  }

  /** Output has begun to wait for the peer. */
  onSending(): void {
    this.#writePending = true;
    if (!this.#ending && !this.#deadlines.has(Deadline.WRITE)) this.#watchWrites();
  }

  /** The peer took output; `pending` when more waits. */
  onSent(pending: boolean): void {
    this.#writePending = pending;
    this.#writeProgressed = true;
  }

  /** Reading goes on after a pause of ours, so whatever the peer owes may be here already. */
  onResumed(): void {
    if (this.#deadlines.has(Deadline.MESSAGE)) this.#awaitMessage();
    if (this.#deadlines.has(Deadline.PONG)) this.#awaitPong();
  }

  /** A pong answered a ping. */
  onAnswer(): void {
    this.#deadlines.clear(Deadline.PONG);
  }

  /** The connection has ended. Returns the event with all that is known of the cause. */
  end(event: CloseEvent): CloseEvent {
    this.#state = "closed";
    this.#ending = true;
    this.#deadlines.stop();
    // Why we gave it up says more than how it then ended.
    const error = this.#failure ?? event.error;
    const whole = error === undefined ? event : { ...event, error };
    this.#closed.resolve(whole);
    return whole;
  }

  /** Gives the connection up: tells the peer why, and notes it for the close event. */
  fail(error: ConnectionError, closeCode: number): void {
    this.#failure ??= error;
    this.close(closeCode, error.message);
  }

  #awaitEnd(): void {
    this.#ending = true;
    this.#deadlines.stop();
    this.#deadlines.set(Deadline.CLOSE, this.#parts.options.closeTimeout);
    this.#awaitConsumer();
  }

  /** Looks after the writes from now on, for as long as some are pending. */
  #watchWrites(): void {
    this.#stalledLooks = 0;
    this.#writeProgressed = false;
    this.#deadlines.set(Deadline.WRITE, this.#parts.options.writeTimeout / WRITE_LOOKS);
  }

  /** Writes come with every batch, so they only leave a mark, and a look now and then judges. */
  #judgeWrites(): void {
    if (!this.#writePending) return;
    this.#stalledLooks = this.#writeProgressed ? 0 : this.#stalledLooks + 1;
    if (this.#stalledLooks === WRITE_LOOKS) return this.#cut("ERR_WRITE_TIMEOUT");
    this.#writeProgressed = false;
    this.#deadlines.set(Deadline.WRITE, this.#parts.options.writeTimeout / WRITE_LOOKS);
  }

  #awaitData(): void {
    const { idleTimeout } = this.#parts.options;
    if (idleTimeout > 0) this.#deadlines.set(Deadline.IDLE, idleTimeout);
  }

  #awaitPong(): void {
    const { heartbeat } = this.#parts.options;
    if (heartbeat !== false) this.#deadlines.set(Deadline.PONG, heartbeat.timeout);
  }

  #awaitConsumer(): void {
    this.#deadlines.set(Deadline.CONSUMER, this.#parts.options.closeTimeout / CONSUMER_LOOKS);
  }

  #awaitMessage(): void {
    this.#deadlines.set(Deadline.MESSAGE, this.#parts.options.messageTimeout);
  }

  #onExpired(kind: DeadlineKind): void {
    switch (kind) {
      case Deadline.PING:
        return this.#beat();
      case Deadline.PONG:
        return this.#judgePeer();
      case Deadline.MESSAGE:
        // While we do not read, the peer cannot be blamed for what does not arrive.
        if (this.#parts.isPaused()) return this.#awaitMessage();
        return this.fail(new ConnectionError("ERR_MESSAGE_TIMEOUT"), CloseCode.POLICY_VIOLATION);
      case Deadline.WRITE:
        return this.#judgeWrites();
      case Deadline.CLOSE:
        return this.#cut("ERR_CLOSE_TIMEOUT");
      case Deadline.CONSUMER:
        this.#parts.onConsumerDue();
        return this.#awaitConsumer();
      case Deadline.IDLE:
        // Data is on its way; should the peer take none of it, the write deadline says so.
        if (this.#writePending || this.#parts.isCompressing()) return this.#awaitData();
        return this.fail(new ConnectionError("ERR_IDLE_TIMEOUT"), CloseCode.GOING_AWAY);
      case Deadline.LIFETIME:
        return this.close(CloseCode.GOING_AWAY, "the connection has lasted its time");
    }
  }

  #beat(): void {
    const { heartbeat } = this.#parts.options;
    if (heartbeat === false) return;
    this.#parts.transport.trim();
    this.#parts.pings.beat();
    if (!this.#deadlines.has(Deadline.PONG)) {
      this.#alive = false;
      this.#awaitPong();
    }
    this.#deadlines.set(Deadline.PING, heartbeat.interval);
  }

  /**
   * No pong in time. A peer that sends data lives; one that we do not read may well do; and
   * while output waits, the ping may wait behind it, which the write deadline looks after.
   */
  #judgePeer(): void {
    const excused = this.#alive || this.#parts.isPaused() || this.#writePending;
    if (!excused) return this.#cut("ERR_HEARTBEAT_TIMEOUT");
    this.#alive = false;
    this.#awaitPong();
  }

  #cut(error: ConnectionErrorCode): void {
    this.#parts.transport.destroy(new ConnectionError(error));
  }
}
