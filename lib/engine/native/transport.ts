/**
 * The native engine's transport: a `WebSocket` that `Deno.upgradeWebSocket` made. It has
 * whole messages and the closing handshake; the rest is beyond it, as its capabilities say.
 *
 * @module
 */
import { ConnectionError } from "../../connection/errors.ts";
import type {
  Capabilities,
  CloseEvent,
  Transport,
  TransportReceiver,
} from "../../connection/transport.ts";
import type { PreparedMessage } from "../../connection/prepared_message.ts";
import { CloseCode, encodeClose } from "../../protocol/close_codes.ts";
import { ProtocolError } from "../../protocol/errors.ts";
import { closeEventOf } from "./ending.ts";

/**
 * The native engine has messages and closes, and no more: the runtime shows no pings, reads
 * whether we keep up or not, and cannot be made to let go of a connection.
 */
export const NATIVE_CAPABILITIES: Capabilities = {
  limits: false,
  ping: false,
  readPause: false,
  drain: false,
  streaming: false,
  compression: false,
  prepared: false,
  destroy: false,
};

/** One connection of the native engine. */
export class NativeTransport implements Transport {
  readonly engine = "native";
  readonly capabilities: Capabilities = NATIVE_CAPABILITIES;
  /** Messages are always sent whole. */
  readonly fragmenting = false;
  readonly compressesFrom: number = Infinity;
  readonly #socket: WebSocket;
  #receiver!: TransportReceiver;
  #closing = false;
  #closed = false;
  /** The text of the runtime's error event. */
  #message: string | undefined;

  /** Takes over `socket`, which opens just now or is open; `start` must follow at once. */
  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
  }

  /** What the runtime has not handed to the operating system; 0 after `close`, even if not so. */
  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  start(receiver: TransportReceiver): void {
    this.#receiver = receiver;
    this.#socket.onmessage = ({ data }) => this.#onMessage(data);
    this.#socket.onerror = (event) => {
      if (event instanceof ErrorEvent) this.#message = event.message;
    };
    this.#socket.onclose = ({ code, reason, wasClean }) => {
      this.#finish(closeEventOf({ code, reason, wasClean, message: this.#message }));
    };
  }

  sendText(text: string): void {
    if (!this.#closing && !this.#closed) this.#socket.send(text);
  }

  sendBinary(bytes: Uint8Array): void {
    if (this.#closing || this.#closed) return;
    // The runtime copies what it takes, and takes no shared memory.
    const { buffer } = bytes;
    this.#socket.send(
      buffer instanceof ArrayBuffer ? bytes as Uint8Array<ArrayBuffer> : new Uint8Array(bytes),
    );
  }

  sendFragment(): void {
    throw unsupported("streaming");
  }

  sendPrepared({ data }: PreparedMessage): void {
    if (typeof data === "string") this.sendText(data);
    else this.sendBinary(data);
  }

  ping(): void {
    throw unsupported("ping");
  }

  pong(): void {
    throw unsupported("ping");
  }

  /** Does nothing: the runtime reads on, as the capability `readPause` says. */
  pause(): void {}

  /** Does nothing, like `pause`. */
  resume(): void {}

  close(code: number | undefined, reason: string): void {
    encodeClose(code, reason); // for its errors: the runtime's server sends any code at all
    if (this.#closing || this.#closed) return;
    this.#closing = true;
    if (code === undefined) this.#socket.close();
    else this.#socket.close(code, reason);
  }

  /**
   * Lets go of the connection: nothing more is heard of it. The runtime cannot cut it, as the
   * capability `destroy` says: it keeps it until the peer ends it, and if no close frame was
   * sent yet, it sends 1001.
   */
  destroy(error?: Error): void {
    if (this.#closed) return;
    if (!this.#closing) this.#socket.close(CloseCode.GOING_AWAY);
    const cause = error === undefined ? {} : { error };
    this.#finish({ code: CloseCode.ABNORMAL, reason: "", wasClean: false, ...cause });
  }

  /** Does nothing: all memory is the runtime's. */
  trim(): void {}

  #onMessage(data: string | ArrayBuffer): void {
    this.#receiver.onMessage(typeof data === "string" ? data : new Uint8Array(data));
    if (!this.#closed) this.#receiver.onReceived(false, true);
  }

  /** The one end: the runtime may have a second close event, when `idleTimeout` is over. */
  #finish(event: CloseEvent): void {
    this.#closed = true;
    this.#socket.onmessage = null;
    this.#socket.onerror = null;
    this.#socket.onclose = null;
    // The peer's close frame and the end of the stream come as one.
    const byPeer = event.wasClean || event.error instanceof ProtocolError;
    if (byPeer && !this.#closing) this.#receiver.onClosing();
    this.#receiver.onClosed(event);
  }
}

function unsupported(capability: keyof Capabilities): ConnectionError {
  const detail = `the native engine lacks ${capability}; use engine: "codec"`;
  return new ConnectionError("ERR_NOT_SUPPORTED", { detail });
}
