/**
 * One open WebSocket, whatever engine carries it and whichever end it is.
 *
 * @module
 */
import { CloseCode } from "../protocol/close_codes.ts";
import type { MessageType } from "../protocol/opcodes.ts";
import { type Clock, systemClock } from "./clock.ts";
import { ConnectionClosedError, ConnectionError } from "./errors.ts";
import { refused } from "./gate.ts";
import type { ConnectionHandlers } from "./handlers.ts";
import type { IncomingMessage } from "./incoming_message.ts";
import { type ConnectionState, Lifecycle } from "./lifecycle.ts";
import { openMessageWriter } from "./message_writer.ts";
import type { ResolvedOptions } from "./options.ts";
import { Outbox, type Sendable, type SendOptions } from "./outbox.ts";
import { Pings } from "./pings.ts";
import { Receiver } from "./receiver.ts";
import type { Capabilities, CloseEvent, EngineName, PeerAddress, Transport } from "./transport.ts";

/** What is known of a connection when it opens. */
export interface ConnectionInfo {
  /** Which end of the connection this is. */
  readonly role: "client" | "server";
  /** What was connected to, with the scheme ws or wss. */
  readonly url: string;
  /** The subprotocol agreed upon; `""` when there is none (RFC 6455 §1.9). */
  readonly subprotocol: string;
  /** The extensions agreed upon, as in the header field; `""` when there are none. */
  readonly extensions: string;
  /** The other end. */
  readonly remoteAddress: PeerAddress;
}

/** What a connection is made of. */
export interface ConnectionParts {
  /** The engine's end, not started. */
  readonly transport: Transport;
  /** What is known of it. */
  readonly info: ConnectionInfo;
  /** Limits, marks and deadlines. */
  readonly options: ResolvedOptions;
  /** Callbacks. @default none: messages wait until someone asks for them */
  readonly handlers?: ConnectionHandlers;
  /** What the application keeps with the connection. @default undefined */
  readonly data?: unknown;
  /** Where time comes from. @default the runtime's clock */
  readonly clock?: Clock;
}

/** How a message is sent piece by piece. */
export interface SendStreamOptions {
  /** Whether the message may be compressed, where that was agreed on. @default true */
  compress?: boolean;
}

/** A piece of a message on its way out. */
interface Fragment {
  readonly type: MessageType;
  readonly bytes: Uint8Array;
  readonly fin: boolean;
  readonly compress: boolean;
}

/** How long an operation may wait. */
export interface WaitOptions {
  /** Ends the waiting; the operation rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * One open WebSocket: messages, pings and the closing handshake, in both roles and on
 * every engine. `connect` and `serve` make it.
 *
 * Messages that come are iterated, or go to the `message` handler. Whoever is slow to
 * consume makes the peer wait; whoever sends faster than the peer reads is given a promise.
 *
 * @example An echo
 * ```ts
 * import type { Connection } from "@tidewire/tidewire";
 *
 * async function echo(connection: Connection): Promise<void> {
 *   for await (const message of connection) {
 *     await connection.send(message);
 *   }
 *   const { code, wasClean } = await connection.closed;
 *   console.log(`closed with ${code}, ${wasClean ? "cleanly" : "not cleanly"}`);
 * }
 * ```
 */
export class Connection
  implements AsyncIterable<string | Uint8Array<ArrayBuffer>>, AsyncDisposable {
  /** Which end of the connection this is. */
  readonly role: "client" | "server";
  /** What was connected to, with the scheme ws or wss. */
  readonly url: string;
  /** The subprotocol agreed upon; `""` when there is none (RFC 6455 §1.9). */
  readonly subprotocol: string;
  /** The extensions agreed upon, as in the header field; `""` when there are none. */
  readonly extensions: string;
  /** The other end. */
  readonly remoteAddress: PeerAddress;
  /** What the application keeps with the connection. */
  data: unknown;

  readonly #transport: Transport;
  readonly #streaming: boolean;
  readonly #receiver: Receiver;
  readonly #lifecycle: Lifecycle;
  readonly #outbox: Outbox;
  readonly #pings: Pings;
  /** A message writer is open; it has begun once its first fragment was sent. */
  #writing: false | "open" | "begun" = false;

  /** Made by an engine, with a transport that was not started. */
  constructor(parts: ConnectionParts) {
    const { transport, info, options, clock = systemClock } = parts;
    this.role = info.role;
    this.url = info.url;
    this.subprotocol = info.subprotocol;
    this.extensions = info.extensions;
    this.remoteAddress = info.remoteAddress;
    this.data = parts.data;
    this.#transport = transport;
    this.#streaming = options.streaming;
    const receiver = new Receiver(options);
    this.#receiver = receiver;
    this.#pings = new Pings(clock, (payload) => transport.ping(payload));
    this.#outbox = new Outbox(transport, receiver, options);
    this.#lifecycle = new Lifecycle({
      transport,
      options,
      clock,
      pings: this.#pings,
      isPaused: () => receiver.inbox.paused,
      isCompressing: () => this.#outbox.compressing,
      onClosing: (onHandedOver) => this.#outbox.close(onHandedOver),
      onPeerClosing: () => this.#outbox.abandon(),
      onConsumerDue: () => receiver.inbox.unblock(),
    });
    receiver.start({
      connection: this,
      handlers: parts.handlers ?? {},
      transport,
      options,
      lifecycle: this.#lifecycle,
      outbox: this.#outbox,
      pings: this.#pings,
    });
  }

  /** Which engine carries the connection. */
  get engine(): EngineName {
    return this.#transport.engine;
  }

  /** What that engine can do. */
  get capabilities(): Capabilities {
    return this.#transport.capabilities;
  }

  /** Where the connection stands. */
  get state(): ConnectionState {
    return this.#lifecycle.state;
  }

  /** How the connection ended, once it has; never rejects. */
  get closed(): Promise<CloseEvent> {
    return this.#lifecycle.closed;
  }

  /** Bytes that were sent here and that the operating system has not taken yet. */
  get bufferedAmount(): number {
    return this.#outbox.bufferedAmount;
  }

  /** How many outgoing messages were dropped under a policy for slow consumers. */
  get droppedMessages(): number {
    return this.#outbox.dropped;
  }

  /** The latest round trip of a ping, in milliseconds; `undefined` before the first. */
  get latency(): number | undefined {
    return this.#pings.latency;
  }

  /**
   * Sends a message: a string as text, a buffer or a view of one as binary. What is sent
   * is copied, so the caller may change it at once.
   *
   * While fewer than `sendHighWaterMark` bytes wait this returns `undefined`. From there on
   * it gives a promise that resolves when the backlog is gone: `await` it, and a fast sender
   * keeps to the peer's pace. On a connection that is closing or closed, the promise rejects
   * with a `ConnectionClosedError`; a promise that nobody waits for does no harm.
   *
   * @throws {TypeError} when `data` is none of these.
   */
  send(data: Sendable, options?: SendOptions): Promise<void> | undefined {
    this.#lifecycle.onSend();
    return this.#outbox.send(data, options);
  }

  /**
   * Opens a message that is sent piece by piece, for what is larger than memory or not
   * known yet. Each chunk leaves as a fragment; closing the stream completes the message;
   * aborting it closes the connection with 1011. Other messages wait meanwhile.
   *
   * @throws {ConnectionError} with `ERR_NOT_SUPPORTED` where the engine cannot do this, with
   * `ERR_INVALID_STATE` while another such message is open, with `ERR_CLOSED` when the
   * connection is not open.
   */
  sendStream(
    type: MessageType,
    options: SendStreamOptions = {},
  ): WritableStream<string | Uint8Array> {
    this.#needs("streaming");
    if (this.state !== "open") throw new ConnectionClosedError();
    if (this.#writing !== false) {
      throw new ConnectionError("ERR_INVALID_STATE", { detail: "a message stream is open" });
    }
    this.#writing = "open";
    const { compress = true } = options;
    return openMessageWriter(type, {
      sendFragment: (bytes, fin) => this.#sendFragment({ type, bytes, fin, compress }),
      abandon: () => this.#abandon(),
    });
  }

  /** The next message; `undefined` at the end, as with iteration. */
  async receive(options: WaitOptions = {}): Promise<string | Uint8Array<ArrayBuffer> | undefined> {
    if (this.#streaming) throw this.#wrongMode("streams()");
    return await this.#receiver.inbox.next(options.signal) as
      | string
      | Uint8Array<ArrayBuffer>
      | undefined;
  }

  /**
   * Iterates over the messages as they come. The iteration ends when the connection has
   * closed cleanly, and throws a `ConnectionClosedError` when it has not. Leaving the loop
   * leaves the connection open.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<string | Uint8Array<ArrayBuffer>, void, void> {
    while (true) {
      const message = await this.receive();
      if (message === undefined) return;
      yield message;
    }
  }

  /** With the option `streaming`: iterates over the messages, each one a stream. */
  async *streams(): AsyncGenerator<IncomingMessage, void, void> {
    if (!this.#streaming) throw this.#wrongMode("for await (… of connection)");
    while (true) {
      const message = await this.#receiver.inbox.next();
      if (message === undefined) return;
      yield message as IncomingMessage;
    }
  }

  /**
   * Sends a ping and gives the round trip in milliseconds (RFC 6455 §5.5.2).
   *
   * Without a `payload`, one is made that tells this ping from the others. When the
   * connection ends first, the promise rejects with a `ConnectionClosedError`; a promise
   * that nobody waits for does no harm.
   *
   * @throws {ConnectionError} with `ERR_NOT_SUPPORTED` where the engine cannot do this.
   * @throws {TypeError} when `payload` is no Uint8Array.
   * @throws {RangeError} when `payload` is longer than 125 bytes.
   */
  ping(payload?: Uint8Array, options: WaitOptions = {}): Promise<number> {
    this.#needs("ping");
    if (payload !== undefined) checkBytes(payload);
    if (this.state !== "open") return refused(new ConnectionClosedError());
    return this.#pings.ping(payload, options.signal);
  }

  /**
   * Sends a pong that nobody asked for, as a one-way heartbeat (RFC 6455 §5.5.3).
   *
   * @throws {ConnectionError} with `ERR_NOT_SUPPORTED` where the engine cannot do this.
   * @throws {TypeError} when `payload` is no Uint8Array.
   * @throws {RangeError} when `payload` is longer than 125 bytes.
   */
  pong(payload: Uint8Array = new Uint8Array(0)): void {
    this.#needs("ping");
    checkBytes(payload);
    this.#transport.pong(payload);
  }

  /**
   * Begins the closing handshake (RFC 6455 §7.1.2) and gives how the connection ended. The close
   * frame leaves behind all that was sent before; when a long message is still to be compressed,
   * that goes on first, and only the close frame waits for it. From then on it takes no longer
   * than `closeTimeout`. Closing twice does no harm. With `null` for the code the close frame has
   * none (RFC 6455 §5.5.1), and the peer is told of 1005.
   *
   * @throws {RangeError} when `code` is not one of 1000–1003, 1007–1014, 3000–4999, or
   * `reason` is longer than 123 bytes of UTF-8.
   * @throws {TypeError} when `reason` is no string, or has no code beside it.
   */
  close(code: number | null = CloseCode.NORMAL, reason = ""): Promise<CloseEvent> {
    this.#lifecycle.close(code ?? undefined, reason);
    return this.closed;
  }

  /**
   * Cuts the connection at once, without a closing handshake. The event says 1006, unless the
   * peer's close frame or its fault came before.
   *
   * @throws {ConnectionError} with `ERR_NOT_SUPPORTED` where the engine cannot do this.
   */
  destroy(): void {
    this.#needs("destroy");
    this.#transport.destroy();
  }

  /** Closes with 1000 and waits for the end, so that `await using` works. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #sendFragment(fragment: Fragment): Promise<void> | undefined {
    if (this.state !== "open") throw new ConnectionClosedError();
    // The first fragment takes its turn behind the messages that wait.
    const turn = this.#writing === "begun" ? undefined : this.#outbox.turn();
    if (turn !== undefined) return turn.then(() => this.#sendFragment(fragment));
    this.#writing = "begun";
    this.#lifecycle.onSend();
    this.#transport.sendFragment(fragment.type, fragment.bytes, fragment);
    if (fragment.fin) {
      this.#writing = false;
      this.#outbox.onProgress();
    }
    return this.#outbox.waitToWrite();
  }

  #abandon(): void {
    const begun = this.#writing === "begun";
    this.#writing = false;
    if (begun) this.#lifecycle.close(CloseCode.INTERNAL_ERROR, "");
  }

  #needs(capability: keyof Capabilities): void {
    if (this.#transport.capabilities[capability]) return;
    const detail = `the ${this.engine} engine lacks ${capability}; use engine: "codec"`;
    throw new ConnectionError("ERR_NOT_SUPPORTED", { detail });
  }

  #wrongMode(right: string): ConnectionError {
    return new ConnectionError("ERR_INVALID_STATE", { detail: `use ${right} here` });
  }
}

function checkBytes(payload: unknown): void {
  if (payload instanceof Uint8Array) return;
  throw new TypeError(`Cannot send the payload: it must be a Uint8Array, got ${typeof payload}`);
}
