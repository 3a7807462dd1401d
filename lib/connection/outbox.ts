/**
 * What is to be sent: straight to the transport while the peer keeps up, and by the policy
 * for slow consumers while it does not.
 *
 * @module
 */
import { ConnectionClosedError, ConnectionError } from "./errors.ts";
import { Gate, refused } from "./gate.ts";
import { LONG_BYTES, LongMessage } from "./long_message.ts";
import { lengthOf, type Message, messageOf, ownCopy, type Sendable } from "./message.ts";
import type { ResolvedOptions } from "./options.ts";
import { PreparedMessage } from "./prepared_message.ts";
import type { Transport } from "./transport.ts";
import { type WaitingMessage, WaitingMessages } from "./waiting_messages.ts";

export type { Sendable } from "./message.ts";

/** How one message is sent. */
export interface SendOptions {
  /** Under the policy `"coalesce"`: the message takes the place of a waiting one of this key. */
  key?: string;
  /** Whether the message may be compressed, where that was agreed on. @default true */
  compress?: boolean;
}

/** What an outbox asks of the connection around it. */
export interface OutboxOwner {
  /** The peer is too slow: `sendLimit` was reached under `"disconnect"` or `"coalesce"`. */
  onSlowConsumer(): void;
  /** The backlog is gone. */
  onDrain(): void;
  /** A message that was taken cannot be sent. */
  onSendError(error: unknown): void;
}

/** A long message that is being compressed. */
interface Long {
  /** Bytes of it that are not with the transport. */
  readonly bytesLeft: number;
  /** Gives it up. */
  withdraw(): void;
}

/** The outgoing side of a connection. */
export class Outbox {
  readonly #transport: Transport;
  readonly #owner: OutboxOwner;
  readonly #options: ResolvedOptions;
  /** Whether messages for a slow peer wait here and not in the transport. */
  readonly #holdsBack: boolean;
  /** From this length on a message is compressed in turns. */
  readonly #longFrom: number;
  /** The message that is being compressed in turns; all others wait for it. */
  #long: Long | undefined;
  readonly #waiting = new WaitingMessages();
  #dropped = 0;
  /** The high-water mark was reached and the backlog is not gone yet. */
  #wasBehind = false;
  /** Opens when the backlog is gone. */
  readonly #drained = new Gate();
  /** Opens when the transport has room again, whatever waits here. */
  readonly #room = new Gate();
  /** Opens when the long message has been sent. */
  readonly #longSent = new Gate();
  /** Why no more is taken. */
  #closed: ConnectionClosedError | undefined;
  /** Called when all that waits is with the transport, once the connection is closing. */
  #onHandedOver: (() => void) | undefined;

  constructor(transport: Transport, owner: OutboxOwner, options: ResolvedOptions) {
    this.#transport = transport;
    this.#owner = owner;
    this.#options = options;
    this.#holdsBack = options.slowConsumer !== "disconnect" && options.slowConsumer !== "block";
    this.#longFrom = Math.max(LONG_BYTES, transport.compressesFrom);
  }

  /** Bytes that wait, here and in the transport. */
  get bufferedAmount(): number {
    return this.#transport.bufferedAmount + this.#waiting.bytes + (this.#long?.bytesLeft ?? 0);
  }

  /** How many messages were dropped for a slow peer. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Sends a message; gives a promise when the caller had better wait. */
  send(data: Sendable, options: SendOptions | undefined): Promise<void> | undefined {
    const message = messageOf(data);
    if (this.#closed !== undefined) return refused(this.#closed);
    const buffered = this.#transport.bufferedAmount;
    if (this.#waiting.bytes > 0 || this.#transport.fragmenting || this.#long !== undefined) {
      return this.#sendLater(message, options);
    }
    if (buffered >= this.#options.sendHighWaterMark) {
      if (this.#holdsBack) return this.#sendLater(message, options);
      if (buffered >= this.#options.sendLimit) return this.#refuse();
    }
    const { compress = true } = options ?? {};
    if (this.#isLong(message, compress)) this.#writeInTurns(ownCopy(message));
    else this.#write(message, compress);
    return this.wait();
  }

  /** A promise that settles once the backlog is gone; `undefined` when there is none. */
  wait(): Promise<void> | undefined {
    return this.#waitAt(this.bufferedAmount, this.#drained);
  }

  /**
   * The same for whoever sends fragments: messages that wait for the last of them do not
   * count.
   */
  waitToWrite(): Promise<void> | undefined {
    return this.#waitAt(this.#transport.bufferedAmount, this.#room);
  }

  /** A promise that settles once no message waits here; `undefined` when none does. */
  turn(): Promise<void> | undefined {
    if (this.#long !== undefined) return this.#longSent.wait();
    return this.#waiting.length === 0 ? undefined : this.wait();
  }

  /** Whether a message is being compressed in turns. */
  get compressing(): boolean {
    return this.#long !== undefined;
  }

  /** The transport sent something, or a message in fragments has ended. */
  onProgress(): void {
    if (this.#waiting.bytes > 0) this.#pump();
    if (!this.#wasBehind) return;
    const low = this.#options.sendHighWaterMark / 4;
    if (this.#transport.bufferedAmount <= low) this.#room.open();
    if (this.bufferedAmount > low) return;
    this.#wasBehind = false;
    this.#drained.open();
    this.#owner.onDrain();
  }

  /**
   * Takes no more, and hands all that waits to the transport, however slow the peer is: at once,
   * but for long messages, which are compressed in their turns. Then, if the connection has not
   * ended before, `onHandedOver` is called.
   */
  close(onHandedOver: () => void): void {
    this.#refuseAll();
    this.#onHandedOver = onHandedOver;
    this.#handOver();
  }

  /** Takes no more, and drops all that waits: the transport sends none of it any more. */
  abandon(): void {
    this.#refuseAll();
    this.#drop();
  }

  /** The connection has ended. */
  end(error: ConnectionClosedError): void {
    this.#closed = error;
    this.#drop();
    this.#drained.fail(error);
    this.#room.fail(error);
    this.#longSent.fail(error);
  }

  #refuseAll(): void {
    this.#closed ??= new ConnectionClosedError();
    // Whoever waits to begin a stream need not wait to hear that there will be none.
    this.#longSent.fail(this.#closed);
  }

  #drop(): void {
    this.#waiting.clear();
    this.#long?.withdraw();
    this.#long = undefined;
    this.#onHandedOver = undefined;
  }

  #handOver(): void {
    // Behind a message that will never be complete no other can be sent.
    while (
      this.#waiting.length > 0 && !this.#transport.fragmenting && this.#long === undefined
    ) {
      this.#writeWaiting(this.#waiting.shift());
    }
    if (this.#long !== undefined) return;
    this.#waiting.clear();
    const onHandedOver = this.#onHandedOver;
    this.#onHandedOver = undefined;
    onHandedOver?.();
  }

  #waitAt(buffered: number, gate: Gate): Promise<void> | undefined {
    if (buffered < this.#options.sendHighWaterMark) return undefined;
    this.#wasBehind = true;
    if (!this.#transport.capabilities.drain) return undefined;
    return this.#closed === undefined ? gate.wait() : refused(this.#closed);
  }

  #isLong(message: Message, compress: boolean): boolean {
    return compress && lengthOf(message) >= this.#longFrom;
  }

  /** Writes a message that is not long. */
  #write(message: Message, compress: boolean): void {
    const transport = this.#transport;
    if (message instanceof PreparedMessage) transport.sendPrepared(message, compress);
    else if (typeof message === "string") transport.sendText(message, compress);
    else transport.sendBinary(message, compress);
  }

  /** Has a long message, which is our own, compressed and sent bit by bit. */
  #writeInTurns(message: Message): void {
    if (message instanceof PreparedMessage) return this.#writePreparedInTurns(message);
    const long = new LongMessage(this.#transport, message, (error) => this.#onLongEnd(error));
    this.#long = long;
    long.begin();
  }

  #writePreparedInTurns(message: PreparedMessage): void {
    const transport = this.#transport;
    const preparing = transport.prepare?.(message, (error) => {
      if (error !== undefined) return this.#onLongEnd(error);
      try {
        transport.sendPrepared(message, true);
      } catch (failure) {
        return this.#onLongEnd(failure);
      }
      this.#onLongEnd();
    }) ?? "alone";
    if (preparing === "ready") transport.sendPrepared(message, true);
    else if (preparing === "alone") this.#writeInTurns(message.data);
    else this.#long = { bytesLeft: message.data.length, withdraw: preparing };
  }

  /** The long message is with the transport; or it cannot be compressed, and why. */
  #onLongEnd(error?: unknown): void {
    this.#long = undefined;
    if (error !== undefined) this.#fail(error);
    else this.#longSent.open();
    if (this.#onHandedOver !== undefined) this.#handOver();
    if (error === undefined) this.onProgress();
  }

  /** The caller has gone, so what goes wrong is told to the owner. */
  #writeWaiting({ message, compress }: WaitingMessage): void {
    try {
      if (this.#isLong(message, compress)) this.#writeInTurns(message);
      else this.#write(message, compress);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** A message that was taken is lost: none may follow it, and who waits hears of the end. */
  #fail(error: unknown): void {
    this.#wasBehind = false;
    this.#closed ??= new ConnectionClosedError();
    this.#waiting.clear();
    this.#owner.onSendError(error);
  }

  #sendLater(message: Message, options: SendOptions | undefined): Promise<void> | undefined {
    const { slowConsumer, sendHighWaterMark, sendLimit } = this.#options;
    // A message that is being compressed does not count: taken as it was, it is allowed to be
    // longer than any limit. What waits for it does, for it takes as much memory as what waits
    // for a slow peer.
    const backlog = this.#transport.bufferedAmount + this.#waiting.bytes;
    const behind = backlog >= sendHighWaterMark;
    if (slowConsumer === "drop-newest" && behind) {
      this.#dropped++;
      return this.wait();
    }
    const { key, compress = true } = options ?? {};
    const waiting = { message, key, compress };
    if (slowConsumer === "coalesce" && key !== undefined && this.#waiting.replace(waiting)) {
      this.#dropped++;
      // It may be longer than the one before it.
      const grown = this.#transport.bufferedAmount + this.#waiting.bytes;
      return grown > Math.max(backlog, sendLimit) ? this.#refuse() : this.wait();
    }
    if (slowConsumer !== "drop-oldest" && backlog >= sendLimit) return this.#refuse();
    this.#waiting.push(waiting);
    if (slowConsumer === "drop-oldest") this.#dropOldest();
    return this.wait();
  }

  #dropOldest(): void {
    while (this.#waiting.length > 1 && this.#waiting.bytes > this.#options.sendHighWaterMark) {
      this.#waiting.shift();
      this.#dropped++;
    }
  }

  /** At `sendLimit`: the policy decides who has to bear it. */
  #refuse(): Promise<void> {
    const code = this.#options.slowConsumer === "block" ? "ERR_SEND_LIMIT" : "ERR_SLOW_CONSUMER";
    if (code === "ERR_SLOW_CONSUMER") this.#owner.onSlowConsumer();
    return refused(new ConnectionError(code));
  }

  #pump(): void {
    const transport = this.#transport;
    while (
      this.#waiting.length > 0 && !transport.fragmenting && this.#long === undefined &&
      transport.bufferedAmount < this.#options.sendHighWaterMark
    ) {
      this.#writeWaiting(this.#waiting.shift());
    }
  }
}
