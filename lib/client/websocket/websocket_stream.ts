/**
 * `WebSocketStream` over a {@linkcode Connection}: messages as streams, with backpressure in
 * both directions.
 *
 * @module
 */
import type { Connection, WaitOptions } from "../../connection/connection.ts";
import { CloseCode } from "../../protocol/close_codes.ts";
import { connect } from "../connect.ts";
import { ConnectError, errorText } from "../connect_error.ts";
import { beginClosing, checkClose, type CloseArguments } from "./close_rules.ts";
import { shapeInterface } from "./interface_shape.ts";
import {
  type ConstructorArguments,
  readStreamArguments,
  type WebSocketStreamOptions,
} from "./options.ts";
import { MessageStreams } from "./message_streams.ts";
import { checkProtocols, readUrl } from "./url_rules.ts";
import { errorOf, readCloseInfo, type WebSocketCloseInfo } from "./websocket_error.ts";

/** A {@linkcode WebSocketStream} that is open. */
export interface WebSocketOpenInfo {
  /**
   * The messages that come, one a chunk: text as strings, binary as bytes. While nobody reads,
   * the server waits. Canceling it closes the connection.
   */
  readonly readable: ReadableStream<string | Uint8Array<ArrayBuffer>>;
  /**
   * Takes messages to send, one a chunk: a buffer or a view of one as binary, all else as text.
   * A write settles once the server keeps up. Closing or aborting it closes the connection.
   */
  readonly writable: WritableStream<string | ArrayBuffer | ArrayBufferView>;
  /** The extensions agreed upon, as in the header field; `""` when there are none. */
  readonly extensions: string;
  /** The subprotocol agreed upon; `""` when there is none. */
  readonly protocol: string;
}

/**
 * A WebSocket client with streams, as it is proposed for the WHATWG standard. It takes the
 * options of `connect` beside `protocols` and `signal`.
 *
 * What the server sent before the connection ended can be read to its end, however it ended;
 * after `close` it is dropped. Promises that reject while nobody waits do no harm.
 *
 * @example
 * ```ts
 * import { serve, WebSocketStream } from "@tidewire/tidewire";
 *
 * await using server = serve({
 *   port: 0,
 *   websocket: { message: (connection, data) => connection.send(data) },
 * });
 * const socket = new WebSocketStream(server.url);
 * const { readable, writable } = await socket.opened;
 * const writer = writable.getWriter();
 * await writer.write("hello");
 * for await (const message of readable) {
 *   console.log(`recv: ${message}`);
 *   break; // which cancels the stream, and so closes the connection
 * }
 * const { closeCode } = await socket.closed;
 * console.log(`closed with ${closeCode}`);
 * ```
 */
export class WebSocketStream {
  readonly #url: URL;
  readonly #opened = Promise.withResolvers<WebSocketOpenInfo>();
  readonly #closed = Promise.withResolvers<WebSocketCloseInfo>();
  /** Gives up connecting. */
  readonly #giveUp = new AbortController();
  #connection: Connection | undefined;
  #streams: MessageStreams | undefined;
  #closing = false;

  static {
    shapeInterface(this, { name: "WebSocketStream", required: { constructor: 1 } });
  }

  /**
   * Connects to `url`, which is a ws, wss, http or https URL.
   *
   * @throws {DOMException} with the name `"SyntaxError"` when the URL or a subprotocol is
   * wrong.
   * @throws {TypeError} when an argument is of the wrong type. What `connect` refuses of the
   * options is told by `opened`, which rejects.
   */
  constructor(url: string | URL, options?: WebSocketStreamOptions) {
    if (arguments.length === 0) throw new TypeError("Cannot connect: there must be a URL");
    const settings = readStreamArguments(options);
    this.#url = readUrl(url);
    checkProtocols(settings.protocols);
    this.#opened.promise.catch(() => {});
    this.#closed.promise.catch(() => {});
    this.#open(settings).catch((error) => this.#reject(error, settings.options.signal));
  }

  /** What is connected to, with the scheme ws or wss. */
  get url(): string {
    return this.#url.href;
  }

  /**
   * The open connection. Rejects with a {@linkcode WebSocketError}, whose `cause` says more, or
   * with the reason of `signal`.
   */
  get opened(): Promise<WebSocketOpenInfo> {
    return this.#opened.promise;
  }

  /**
   * How the connection ended: the code and the reason that the server sent. Rejects with a
   * {@linkcode WebSocketError} when it did not end cleanly, or did not open.
   */
  get closed(): Promise<WebSocketCloseInfo> {
    return this.#closed.promise;
  }

  /** The connection below; `undefined` before it is open. Its messages are read from here. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /**
   * Begins the closing handshake; while connecting, gives that up. Messages that were not read
   * until then are dropped. Closing twice does no harm.
   *
   * @throws {DOMException} with the name `"InvalidAccessError"` when the code is not 1000 or
   * from 3000 to 4999, with `"SyntaxError"` when the reason is longer than 123 bytes of UTF-8.
   * @throws {TypeError} when `closeInfo` is no object, or the code in it no number.
   */
  close(closeInfo?: WebSocketCloseInfo): void {
    const closing = readCloseInfo(closeInfo);
    checkClose(closing);
    this.#close(closing);
  }

  /**
   * Sends a ping and gives the round trip in milliseconds, as `Connection.ping` does.
   *
   * @throws {DOMException} with the name `"InvalidStateError"` before the connection is open.
   */
  ping(payload?: Uint8Array, options?: WaitOptions): Promise<number> {
    if (this.#connection !== undefined) return this.#connection.ping(payload, options);
    throw new DOMException("Cannot ping: the connection is not open yet", "InvalidStateError");
  }

  async #open({ protocols, options }: ConstructorArguments): Promise<void> {
    const given = this.#giveUp.signal;
    const signal = options.signal === undefined ? given : AbortSignal.any([options.signal, given]);
    const connection = await connect(this.#url, { ...options, subprotocols: protocols, signal });
    if (given.aborted || (protocols.length > 0 && connection.subprotocol === "")) {
      connection.destroy();
      given.throwIfAborted();
      const message = "Cannot open the connection: the server took none of the subprotocols";
      throw new ConnectError("ERR_HANDSHAKE", message);
    }
    this.#connection = connection;
    const streams = new MessageStreams(connection, (closing) => this.#close(closing));
    this.#streams = streams;
    this.#closed.resolve(streams.closed);
    this.#opened.resolve({
      readable: streams.readable,
      writable: streams.writable,
      extensions: connection.extensions,
      protocol: connection.subprotocol,
    });
  }

  #close(closing: CloseArguments): void {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#connection === undefined) {
      this.#giveUp.abort(new DOMException("The connection was given up", "AbortError"));
    } else {
      beginClosing(this.#connection, closing);
      this.#streams?.discard();
    }
  }

  /** The connection did not open. */
  #reject(cause: unknown, signal: AbortSignal | undefined): void {
    this.#closing = true;
    if (signal?.aborted === true && cause === signal.reason) {
      this.#opened.reject(cause);
      this.#closed.reject(cause);
      return;
    }
    const message = errorText(cause);
    this.#opened.reject(errorOf(message, { closeCode: null, reason: "", cause }));
    const end = { closeCode: CloseCode.ABNORMAL, reason: "", cause };
    this.#closed.reject(errorOf(message, end));
  }
}
