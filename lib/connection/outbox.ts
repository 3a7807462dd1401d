/**
 * What is to be sent: straight to the transport while the peer keeps up, and by the policy
 * for slow consumers while it does not.
 *
 * @module
 */
import { workQueue } from "../compression/work_queue.ts";
import { ConnectionClosedError, ConnectionError } from "./errors.ts";
import { Gate, refused } from "./gate.ts";
import { LONG_BYTES, LongMessage } from "./long_message.ts";
import type { ResolvedOptions } from "./options.ts";
import { PreparedMessage } from "./prepared_message.ts";
import type { Transport } from "./transport.ts";
import { type Message, ownCopy, type WaitingMessage, WaitingMessages } from "./waiting_messages.ts";

/**
 * What can be sent: a string as a text message; a buffer or any view of one, shared or not,
 * as a binary message; or what was prepared.
 */
export type Sendable = string | ArrayBufferLike | ArrayBufferView | PreparedMessage;

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
  #long: LongMessage | undefined;
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
    this.#write(this.#isLong(message, compress) ? ownCopy(message) : message, compress);
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

  /** Hands all that waits to the transport, and takes no more. */
  close(): void {
    if (this.#closed !== undefined) return;
    // What a handler of the drain event sends from here on comes too late.
    this.#closed = new ConnectionClosedError();
    this.#finishLong();
    // Behind a message that will never be complete no other can be sent.
    while (this.#waiting.length > 0 && !this.#transport.fragmenting) {
      this.#writeWaiting(this.#waiting.shift());
      this.#finishLong();
    }
    this.#waiting.clear();
  }

  /** The connection has ended. */
  end(error: ConnectionClosedError): void {
    this.#closed = error;
    this.#waiting.clear();
    if (this.#long !== undefined) workQueue.withdraw(this.#long);
    this.#long = undefined;
    this.#drained.fail(error);
    this.#room.fail(error);
    this.#longSent.fail(error);
  }

  #waitAt(buffered: number, gate: Gate): Promise<void> | undefined {
    if (buffered < this.#options.sendHighWaterMark) return undefined;
    this.#wasBehind = true;
    if (!this.#transport.capabilities.drain) return undefined;
    return this.#closed === undefined ? gate.wait() : refused(this.#closed);
  }

  #isLong(message: Message, compress: boolean): message is string | Uint8Array {
    return compress && !(message instanceof PreparedMessage) && message.length >= this.#longFrom;
  }

  /** Writes a message, which is our own if it is long. */
  #write(message: Message, compress: boolean): void {
    const transport = this.#transport;
    if (this.#isLong(message, compress)) this.#writeInTurns(message);
    else if (message instanceof PreparedMessage) transport.sendPrepared(message, compress);
    else if (typeof message === "string") transport.sendText(message, compress);
    else transport.sendBinary(message, compress);
  }

  #writeInTurns(message: string | Uint8Array): void {
    const long = new LongMessage(this.#transport, message, (error) => {
      workQueue.withdraw(long);
      this.#long = undefined;
      if (error !== undefined) return this.#fail(error);
      this.#longSent.open();
      this.onProgress();
    });
    this.#long = long;
    workQueue.add(long);
  }

  /** The caller has gone, so what goes wrong is told to the owner. */
  #writeWaiting({ message, compress }: WaitingMessage): void {
    try {
      this.#write(message, compress);
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

  #finishLong(): void {
    while (this.#long !== undefined) this.#long.finish();
  }

  #sendLater(message: Message, options: SendOptions | undefined): Promise<void> | undefined {
    const { slowConsumer, sendHighWaterMark, sendLimit } = this.#options;
    // What is still to be compressed does not count: it is no fault of the peer's.
    const backlog = this.#transport.bufferedAmount + this.#waiting.bytes;
    if (this.#long !== undefined && backlog >= sendLimit) {
      // Nor is what waits for that; but there is a limit, where it is compressed at once.
      this.#finishLong();
      return this.send(message, options);
    }
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

function messageOf(data: Sendable): Message {
  if (typeof data === "string" || data instanceof Uint8Array) return data;
  if (data instanceof PreparedMessage) return data;
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return new Uint8Array(data);
  throw new TypeError(
    "Cannot send: the message must be a string, an ArrayBuffer, a view of one, " +
      `or a PreparedMessage; got ${data === null ? "null" : typeof data}`,
  );
}
