/**
 * The WHATWG `WebSocket` class over a {@linkcode Connection}.
 *
 * @module
 */
import type { Connection, WaitOptions } from "../../connection/connection.ts";
import { checkClose, clampedCode } from "./close_rules.ts";
import { EventHandlers } from "./event_handlers.ts";
import { shapeInterface } from "./interface_shape.ts";
import { readWebSocketArguments, type WebSocketOptions } from "./options.ts";
import { payloadOf } from "./payload.ts";
import { ReadyState, SocketLife } from "./socket_life.ts";
import { checkProtocols, readUrl } from "./url_rules.ts";

/** The class of the runtime, whose place this one can take. */
type GlobalWebSocket = InstanceType<typeof globalThis.WebSocket>;

/** Typed by the events that there are; all else is as with any `EventTarget`. */
export interface WebSocket {
  /** Calls `listener` for each event of `type`. */
  addEventListener: InstanceType<typeof globalThis.WebSocket>["addEventListener"];
  /** Calls it no more. */
  removeEventListener: InstanceType<typeof globalThis.WebSocket>["removeEventListener"];
}

/**
 * A WebSocket client as the WHATWG standard has it, for programs that are written to it. It
 * can stand for the global class of the same name, and takes the options of `connect` beside.
 *
 * Each event comes in a task of its own. When the connection fails, `error` comes before
 * `close`; it is an `ErrorEvent` whose `error` says why, which no browser would tell. As in
 * a browser, a server that takes none of the `protocols` on offer fails the connection.
 *
 * @example
 * ```ts
 * import { serve, WebSocket } from "@tidewire/tidewire";
 *
 * await using server = serve({
 *   port: 0,
 *   websocket: { message: (connection, data) => connection.send(data) },
 * });
 * const socket = new WebSocket(server.url, { headers: { "X-Token": "abc" } });
 * socket.onopen = () => socket.send("hello");
 * socket.onmessage = ({ data }) => {
 *   console.log(`recv: ${data}`);
 *   socket.close(1000, "bye");
 * };
 * await new Promise((resolve) => socket.onclose = resolve);
 * ```
 */
export class WebSocket extends EventTarget {
  /** `readyState` before the connection is open: 0. */
  declare static readonly CONNECTING: 0;
  /** `readyState` of an open connection: 1. */
  declare static readonly OPEN: 1;
  /** `readyState` while the connection closes: 2. */
  declare static readonly CLOSING: 2;
  /** `readyState` at the end, also when the connection never opened: 3. */
  declare static readonly CLOSED: 3;
  /** The same as {@linkcode WebSocket.CONNECTING}. */
  declare readonly CONNECTING: 0;
  /** The same as {@linkcode WebSocket.OPEN}. */
  declare readonly OPEN: 1;
  /** The same as {@linkcode WebSocket.CLOSING}. */
  declare readonly CLOSING: 2;
  /** The same as {@linkcode WebSocket.CLOSED}. */
  declare readonly CLOSED: 3;

  readonly #url: URL;
  readonly #handlers: EventHandlers = new EventHandlers(this);
  readonly #life: SocketLife;

  static {
    shapeInterface(this, {
      name: "WebSocket",
      required: { constructor: 1, send: 1 },
      constants: ReadyState,
    });
  }

  /**
   * Connects to `url`, which is a ws, wss, http or https URL. Behind it come the subprotocols
   * to offer, or the options, or the one after the other.
   *
   * @throws {DOMException} with the name `"SyntaxError"` when the URL or a subprotocol is
   * wrong.
   * @throws {TypeError} when an argument is of the wrong type. What `connect` refuses of the
   * options is told by an `error` event.
   */
  constructor(
    url: string | URL,
    protocolsOrOptions?: string | readonly string[] | WebSocketOptions | null,
    options?: WebSocketOptions,
  ) {
    super();
    if (arguments.length === 0) throw new TypeError("Cannot connect: there must be a URL");
    const settings = readWebSocketArguments(protocolsOrOptions, options);
    this.#url = readUrl(url);
    checkProtocols(settings.protocols);
    const dispatch = (event: Event) => super.dispatchEvent(event);
    this.#life = new SocketLife({ url: this.#url, settings, dispatch });
  }

  /** What is connected to, with the scheme ws or wss. */
  get url(): string {
    return this.#url.href;
  }

  /** Where the connection stands: one of the four constants. */
  get readyState(): number {
    return this.#life.state;
  }

  /** Bytes of application data that were sent and have not left; what never will stays in. */
  get bufferedAmount(): number {
    return this.#life.bufferedAmount;
  }

  /** The extensions agreed upon, as in the header field; `""` before the connection is open. */
  get extensions(): string {
    return this.#life.connection?.extensions ?? "";
  }

  /** The subprotocol agreed upon; `""` for none, and before the connection is open. */
  get protocol(): string {
    return this.#life.connection?.subprotocol ?? "";
  }

  /** As what binary messages come: `"blob"` or `"arraybuffer"`. @default "blob" */
  get binaryType(): BinaryType {
    return this.#life.binaryType;
  }

  set binaryType(value: BinaryType) {
    const type = `${value}`;
    if (type === "blob" || type === "arraybuffer") this.#life.binaryType = type;
  }

  /** Called when the connection is open. @default null */
  get onopen(): InstanceType<typeof globalThis.WebSocket>["onopen"] {
    return this.#handlers.get("open") as GlobalWebSocket["onopen"];
  }

  set onopen(handler: InstanceType<typeof globalThis.WebSocket>["onopen"]) {
    this.#handlers.set("open", handler);
  }

  /** Called with each message: a `MessageEvent`. @default null */
  get onmessage(): InstanceType<typeof globalThis.WebSocket>["onmessage"] {
    return this.#handlers.get("message") as GlobalWebSocket["onmessage"];
  }

  set onmessage(handler: InstanceType<typeof globalThis.WebSocket>["onmessage"]) {
    this.#handlers.set("message", handler);
  }

  /** Called when the connection fails, before `onclose`. @default null */
  get onerror(): InstanceType<typeof globalThis.WebSocket>["onerror"] {
    return this.#handlers.get("error") as GlobalWebSocket["onerror"];
  }

  set onerror(handler: InstanceType<typeof globalThis.WebSocket>["onerror"]) {
    this.#handlers.set("error", handler);
  }

  /** Called at the end, once: a `CloseEvent`. @default null */
  get onclose(): InstanceType<typeof globalThis.WebSocket>["onclose"] {
    return this.#handlers.get("close") as GlobalWebSocket["onclose"];
  }

  set onclose(handler: InstanceType<typeof globalThis.WebSocket>["onclose"]) {
    this.#handlers.set("close", handler);
  }

  /** The connection below, from the `open` event on; its messages come as events here. */
  get connection(): Connection | undefined {
    return this.#life.connection;
  }

  /**
   * Sends a message: a string as text, a `Blob`, a buffer or a view of one as binary. Once the
   * connection is closing, nothing is sent and `bufferedAmount` grows.
   *
   * @throws {DOMException} with the name `"InvalidStateError"` before the connection is open.
   * @throws {TypeError} when the bytes are shared memory.
   */
  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (arguments.length === 0) throw new TypeError("Cannot send: there must be data");
    const payload = payloadOf(data);
    if (this.#life.state === ReadyState.CONNECTING) throw notOpen("Cannot send");
    this.#life.send(payload);
  }

  /**
   * Begins the closing handshake, behind all that was sent; while connecting, gives that up.
   * Messages that come from then on are dropped. Closing twice does no harm.
   *
   * @throws {DOMException} with the name `"InvalidAccessError"` when `code` is not 1000 or from
   * 3000 to 4999, with `"SyntaxError"` when `reason` is longer than 123 bytes of UTF-8.
   */
  close(code?: number, reason?: string): void {
    const closing = {
      code: code === undefined ? undefined : clampedCode(code),
      reason: reason === undefined ? "" : `${reason}`.toWellFormed(),
    };
    checkClose(closing);
    this.#life.close(closing);
  }

  /**
   * Sends a ping and gives the round trip in milliseconds, as `Connection.ping` does.
   *
   * @throws {DOMException} with the name `"InvalidStateError"` before the connection is open.
   */
  ping(payload?: Uint8Array, options?: WaitOptions): Promise<number> {
    const { connection } = this;
    if (connection === undefined) throw notOpen("Cannot ping");
    return connection.ping(payload, options);
  }
}

function notOpen(what: string): DOMException {
  return new DOMException(`${what}: the connection is not open yet`, "InvalidStateError");
}
