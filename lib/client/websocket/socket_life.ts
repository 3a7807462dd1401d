/**
 * The life of one `WebSocket` object: its state, and its events in their order.
 *
 * @module
 */
import type { Connection } from "../../connection/connection.ts";
import type { CloseEvent as ConnectionEnd } from "../../connection/transport.ts";
import { CloseCode } from "../../protocol/close_codes.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { connect } from "../connect.ts";
import { ConnectError, errorText } from "../connect_error.ts";
import { BufferedAmount } from "./buffered_amount.ts";
import type { CloseArguments } from "./close_rules.ts";
import type { ConstructorArguments } from "./options.ts";
import { aloneInBuffer, type Payload, sizeOf } from "./payload.ts";
import { Sender } from "./sender.ts";
import { queueTask } from "./tasks.ts";

/** The values of `readyState`. */
export const ReadyState = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const;

/** One of the values of `readyState`. */
export type ReadyState = (typeof ReadyState)[keyof typeof ReadyState];

/** How a connection ended, or that it never opened. */
type Ending = Omit<ConnectionEnd, "error"> & { readonly error?: unknown };

const NEVER_OPENED: Ending = { code: CloseCode.ABNORMAL, reason: "", wasClean: false };

/** Beyond so many events that are due, the next message waits in the connection. */
const MAX_DUE = 64;
/** A message longer than this is waited for by itself: bytes, of text UTF-16 units. */
const LARGE = 16_384;

/** What one life begins with. */
export interface SocketLifeParts {
  /** What to connect to. */
  readonly url: URL;
  /** What to offer, and how to connect. */
  readonly settings: ConstructorArguments;
  /** Takes the events. Does not throw. */
  readonly dispatch: (event: Event) => void;
}

/** Connects, and then turns what happens to the connection into events, each in a task. */
export class SocketLife {
  /** As what binary messages come. */
  binaryType: BinaryType = "blob";
  readonly #origin: string;
  readonly #dispatch: (event: Event) => void;
  readonly #buffered = new BufferedAmount();
  /** Gives up connecting. */
  readonly #giveUp = new AbortController();
  #state: ReadyState = ReadyState.CONNECTING;
  #connection: Connection | undefined;
  /** Exists from the `open` event on. */
  #sender: Sender | undefined;
  /** Tasks that are due, and come before whatever the connection tells next. */
  #due = 0;
  /** Why we gave the connection up, when it was us. */
  #failure: unknown;

  constructor({ url, settings, dispatch }: SocketLifeParts) {
    this.#origin = url.origin;
    this.#dispatch = dispatch;
    this.#connect(url, settings);
  }

  /** Where the connection stands. */
  get state(): ReadyState {
    // That the server closes is seen once all that it sent before has been handed out.
    const told = this.#state === ReadyState.OPEN && this.#due === 0;
    return told && this.#connection?.state !== "open" ? ReadyState.CLOSING : this.#state;
  }

  /** Bytes of application data that were sent and have not left. */
  get bufferedAmount(): number {
    return this.#buffered.value;
  }

  /** The connection, from the `open` event on. */
  get connection(): Connection | undefined {
    return this.#sender === undefined ? undefined : this.#connection;
  }

  /** Sends a message, or only counts it when that is too late. Not while connecting. */
  send(payload: Payload): void {
    if (this.#sender === undefined) this.#buffered.add(sizeOf(payload));
    else this.#sender.send(payload);
  }

  /** Begins to close, or gives up connecting. Later calls do nothing. */
  close(closing: CloseArguments): void {
    if (this.#state >= ReadyState.CLOSING) return;
    this.#state = ReadyState.CLOSING;
    if (this.#sender !== undefined) this.#sender.close(closing);
    else this.#fail(new DOMException("The connection was given up", "AbortError"));
  }

  #connect(url: URL, { protocols, options }: ConstructorArguments): void {
    const given = this.#giveUp.signal;
    const opening = connect(url, {
      ...options,
      subprotocols: protocols,
      signal: options.signal === undefined ? given : AbortSignal.any([options.signal, given]),
      handlers: {
        open: (connection) => this.#onOpen(connection, protocols.length > 0),
        message: (_, data) => this.#onMessage(data),
        close: (_, event) => this.#inTask(() => this.#end(event)),
      },
    });
    opening.catch((error) => this.#inTask(() => this.#end({ ...NEVER_OPENED, error })));
  }

  #onOpen(connection: Connection, offered: boolean): void {
    this.#connection = connection;
    if (offered && connection.subprotocol === "") {
      const message = "Cannot open the connection: the server took none of the subprotocols";
      this.#fail(new ConnectError("ERR_HANDSHAKE", message));
    } else {
      this.#inTask(() => this.#open(connection));
    }
  }

  #open(connection: Connection): void {
    if (this.#state !== ReadyState.CONNECTING) return; // given up just now
    this.#state = ReadyState.OPEN;
    this.#sender = new Sender({
      connection,
      buffered: this.#buffered,
      onFailure: (error) => this.#fail(error),
    });
    this.#dispatch(new Event("open"));
  }

  /**
   * Messages come faster than their events are over. So that the server has to wait, this gives
   * a promise when there is enough to do, and the next one comes once that has settled.
   */
  #onMessage(data: string | Uint8Array<ArrayBuffer>): Promise<void> | undefined {
    if (this.#state >= ReadyState.CLOSING) return undefined;
    const waits = this.#due >= MAX_DUE || data.length > LARGE;
    const over = waits ? Promise.withResolvers<void>() : undefined;
    this.#inTask(() => this.#deliver(data), over?.resolve);
    return over?.promise;
  }

  #deliver(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.#state !== ReadyState.OPEN) return;
    const init = { data: this.#dataOf(data), origin: this.#origin };
    this.#dispatch(new MessageEvent("message", init));
  }

  #dataOf(data: string | Uint8Array<ArrayBuffer>): string | Blob | ArrayBuffer {
    if (typeof data === "string") return data;
    return this.binaryType === "blob" ? new Blob([data]) : aloneInBuffer(data).buffer;
  }

  #end(event: Ending): void {
    const { code, reason, wasClean } = this.#sender === undefined ? NEVER_OPENED : event;
    const error = this.#failure ?? event.error;
    this.#state = ReadyState.CLOSED;
    if (error !== undefined) {
      this.#dispatch(new ErrorEvent("error", { error, message: errorText(error) }));
    }
    // Without a close frame of the server's it is 1006, whatever we told it (RFC 6455 §7.1.5).
    const shown = error instanceof ProtocolError ? CloseCode.ABNORMAL : code;
    this.#dispatch(new CloseEvent("close", { code: shown, reason, wasClean }));
  }

  /** Gives the connection up; its end follows, with an `error` event. */
  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#giveUp.abort(error);
    this.#connection?.destroy();
  }

  /** Runs `step` in a task, and then says so to whoever waits with the next message. */
  #inTask(step: () => void, over?: () => void): void {
    this.#due++;
    queueTask(() => {
      step();
      if (over === undefined) {
        this.#due--;
        return;
      }
      over();
      // The next message, if there is one, comes within the microtasks that follow.
      queueTask(() => this.#due--);
    });
  }
}
