/**
 * What a transport tells, passed on to the parts of a connection.
 *
 * @module
 */
import { CloseCode } from "../protocol/close_codes.ts";
import type { MessageType } from "../protocol/opcodes.ts";
import type { Connection } from "./connection.ts";
import { ConnectionClosedError, ConnectionError } from "./errors.ts";
import type { ConnectionHandlers } from "./handlers.ts";
import { Inbox, type InboxOwner } from "./inbox.ts";
import { type IncomingMessage, MessageFeed } from "./incoming_message.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Outbox, OutboxOwner } from "./outbox.ts";
import type { Pings } from "./pings.ts";
import type { CloseEvent, Transport, TransportReceiver } from "./transport.ts";

/** What comes in: whole messages, or with `streaming` messages as streams. */
export type Incoming = string | Uint8Array<ArrayBuffer> | IncomingMessage;

/** The parts of a connection among which a receiver distributes. */
export interface ReceiverParts {
  readonly connection: Connection;
  readonly handlers: ConnectionHandlers;
  readonly transport: Transport;
  readonly options: ResolvedOptions;
  readonly lifecycle: Lifecycle;
  readonly outbox: Outbox;
  readonly pings: Pings;
}

/** Takes what a transport tells; exists once a connection. */
export class Receiver implements TransportReceiver, InboxOwner, OutboxOwner {
  /** What was received and not consumed. */
  readonly inbox: Inbox<Incoming>;
  readonly #streaming: boolean;
  #parts!: ReceiverParts;
  #lifecycle!: Lifecycle;
  #outbox!: Outbox;
  #feed: MessageFeed | undefined;
  /** The `open` handler has not settled. */
  #opening = true;
  #end: CloseEvent | undefined;

  constructor(options: ResolvedOptions) {
    this.inbox = new Inbox(this, options.receiveHighWaterMark);
    this.#streaming = options.streaming;
  }

  /** Connects the parts and begins to receive. */
  start(parts: ReceiverParts): void {
    this.#parts = parts;
    this.#lifecycle = parts.lifecycle;
    this.#outbox = parts.outbox;
    parts.transport.start(this);
    const { open } = parts.handlers;
    const opened = open === undefined ? undefined : this.#call(() => open(parts.connection));
    if (opened instanceof Promise) opened.then(() => this.#beginHandling());
    else this.#beginHandling();
  }

  onMessage(data: string | Uint8Array<ArrayBuffer>): void {
    this.inbox.push(data, data.length);
  }

  onMessageStart(type: MessageType): boolean {
    if (!this.#streaming) return false;
    this.#feed = new MessageFeed(this.inbox);
    this.inbox.push(this.#feed.open(type), 0);
    return true;
  }

  onMessagePiece(piece: Uint8Array<ArrayBuffer>): void {
    this.#feed?.push(piece);
  }

  onMessageEnd(): void {
    this.#feed?.end();
    this.#feed = undefined;
  }

  onPing(payload: Uint8Array<ArrayBuffer>): void {
    const { connection, handlers } = this.#parts;
    if (handlers.ping !== undefined) this.#call(() => handlers.ping?.(connection, payload));
  }

  onPong(payload: Uint8Array<ArrayBuffer>): void {
    const { connection, handlers, lifecycle, pings } = this.#parts;
    const roundTrip = pings.onPong(payload);
    if (roundTrip !== undefined) lifecycle.onAnswer();
    if (handlers.pong === undefined) return;
    this.#call(() => handlers.pong?.(connection, payload, roundTrip));
  }

  onReceived(midMessage: boolean, data: boolean): void {
    this.#lifecycle.onReceived(midMessage, data);
  }

  onSending(): void {
    this.#lifecycle.onSending();
  }

  onSent(pending: boolean): void {
    this.#lifecycle.onSent(pending);
    this.#outbox.onProgress();
  }

  onClosing(): void {
    this.#lifecycle.onPeerClosing();
  }

  onClosed(event: CloseEvent): void {
    const end = this.#lifecycle.end(event);
    const error = new ConnectionClosedError(end);
    this.#end = end;
    this.#feed?.fail(error);
    this.#feed = undefined;
    this.#outbox.end(error);
    this.#parts.pings.end(error);
    this.inbox.end(end.wasClean ? undefined : error);
  }

  pause(): void {
    this.#parts.transport.pause();
  }

  resume(): void {
    this.#lifecycle.onResumed();
    this.#parts.transport.resume();
  }

  onSlowConsumer(): void {
    this.#lifecycle.fail(
      new ConnectionError("ERR_SLOW_CONSUMER"),
      CloseCode.TRY_AGAIN_LATER,
    );
  }

  onSendError(error: unknown): void {
    this.onHandlerError(error);
  }

  onDrain(): void {
    const { connection, handlers } = this.#parts;
    if (handlers.drain !== undefined) this.#call(() => handlers.drain?.(connection));
  }

  onDrained(): void {
    const { connection, handlers } = this.#parts;
    const end = this.#end;
    if (this.#opening || end === undefined || handlers.close === undefined) return;
    this.#end = undefined;
    this.#call(() => handlers.close?.(connection, end));
  }

  onHandlerError(error: unknown): void {
    const { connection, handlers, lifecycle } = this.#parts;
    // The connection went away beneath the handler: its close event says so.
    if (error instanceof ConnectionClosedError && lifecycle.state !== "open") return;
    if (handlers.error === undefined) logError("A handler", error);
    else {attempt(() =>
        handlers.error?.(connection, error), (e) =>
        logError("The error handler", e));}
    this.inbox.discard();
    if (lifecycle.state === "open") lifecycle.close(CloseCode.INTERNAL_ERROR, "");
  }

  /** Messages go to the handler, if there is one for their kind. */
  #beginHandling(): void {
    const { connection, handlers } = this.#parts;
    this.#opening = false;
    if (this.#streaming && handlers.stream !== undefined) {
      this.inbox.handle((item) => handlers.stream?.(connection, item as IncomingMessage));
    } else if (!this.#streaming && handlers.message !== undefined) {
      this.inbox.handle((item) =>
        handlers.message?.(connection, item as string | Uint8Array<ArrayBuffer>)
      );
    } else {
      this.onDrained();
    }
  }

  /** Calls a handler; what it throws or rejects with becomes an error of the connection. */
  #call(handler: () => unknown): unknown {
    return attempt(handler, (error) => this.onHandlerError(error));
  }
}

/** Calls `handler`; what it throws or rejects with goes to `onError`. */
function attempt(handler: () => unknown, onError: (error: unknown) => void): unknown {
  try {
    const result = handler();
    return result instanceof Promise ? result.catch(onError) : result;
  } catch (error) {
    onError(error);
    return undefined;
  }
}

function logError(who: string, error: unknown): void {
  console.error(`${who} of a WebSocket connection failed:`, error);
}
