/**
 * What a {@linkcode Connection} stands on: an engine's end of one WebSocket, in terms of
 * messages and control frames. An engine implements {@linkcode Transport} and calls a
 * {@linkcode TransportReceiver}.
 *
 * @module
 */
import type { ProtocolError } from "../protocol/errors.ts";
import type { MessageType } from "../protocol/opcodes.ts";
import type { PreparedMessage } from "./prepared_message.ts";

/**
 * The name of an engine: Deno's own WebSocket, our frame codec over a byte stream of the runtime
 * or of Node, or our frame codec over sockets that Linux's epoll watches.
 */
export type EngineName = "native" | "codec" | "epoll";

/** What an engine can do. Whoever asks for more is told by an error that names it. */
export interface Capabilities {
  /** Limits on messages, frames and fragments hold before a byte is stored. */
  readonly limits: boolean;
  /** Pings and pongs can be sent and seen; with them, round trips and the heartbeat. */
  readonly ping: boolean;
  /** The peer can be made to wait: reading stops while the consumer is behind. */
  readonly readPause: boolean;
  /** It is known when what was sent has left, so that `send` can give a promise. */
  readonly drain: boolean;
  /** One message can be sent and received piece by piece. */
  readonly streaming: boolean;
  /** Messages can be compressed. */
  readonly compression: boolean;
  /** Frames made once can be sent to many; else they are made anew for each. */
  readonly prepared: boolean;
  /** The TCP connection can be cut at once. */
  readonly destroy: boolean;
}

/** An endpoint of the network under a connection. */
export interface PeerAddress {
  /** What carries the bytes. */
  readonly transport: "tcp" | "unix";
  /** The IP address, or the path of a unix socket; `""` where it is not known. */
  readonly hostname: string;
  /** The TCP port; 0 for a unix socket. */
  readonly port: number;
}

/** How a connection ended. */
export interface CloseEvent {
  /**
   * The close code (RFC 6455 §7.1.5): what the peer's close frame said, 1005 when it said
   * nothing, 1006 when there was no close frame, or the code that we sent because the
   * peer broke a rule.
   */
  readonly code: number;
  /** The reason beside the code; `""` when there is none (RFC 6455 §7.1.6). */
  readonly reason: string;
  /** Both close frames were exchanged and the byte stream ended in order. */
  readonly wasClean: boolean;
  /** What went wrong: the rule that the peer broke, or the failure below. */
  readonly error?: ProtocolError | Error;
}

/** One WebSocket, as an engine offers it to a connection. */
export interface Transport {
  /** Which engine this is. */
  readonly engine: EngineName;
  /** What it can do. */
  readonly capabilities: Capabilities;
  /** Bytes that were sent here and have not been handed to the operating system. */
  readonly bufferedAmount: number;
  /** A message that is sent in fragments has begun and not ended. */
  readonly fragmenting: boolean;
  /** How long a message must be to be compressed, in bytes; `Infinity` where none ever is. */
  readonly compressesFrom: number;

  /** Says who hears of what comes, and begins to read. Called once, before all else. */
  start(receiver: TransportReceiver): void;
  /** Sends a text message; lone surrogates become U+FFFD. */
  sendText(text: string, compress: boolean): void;
  /** Sends a binary message; the bytes are copied before this returns. */
  sendBinary(bytes: Uint8Array, compress: boolean): void;
  /** Sends the next fragment of a message, the last one with `fin`. The bytes are copied. */
  sendFragment(
    type: MessageType,
    bytes: Uint8Array,
    options: { fin: boolean; compress: boolean },
  ): void;
  /** Sends a message that was prepared for many. */
  sendPrepared(message: PreparedMessage, compress: boolean): void;
  /**
   * Has a long prepared message compressed in turns, once for all connections that can share it.
   * Returns
   *
   * - `"ready"` when that was done: `sendPrepared` sends it at once;
   * - `"alone"` when this connection compresses each message for itself;
   * - else what gives the waiting up; unless it is called, `onEnd` is, later: without an error when
   *   `sendPrepared` can send the message, or with why it cannot be compressed.
   *
   * Absent where it would be `"alone"` for every message.
   */
  prepare?(
    message: PreparedMessage,
    onEnd: (error?: unknown) => void,
  ): "ready" | "alone" | (() => void);
  /** Sends a ping of at most 125 bytes, ahead of nothing but behind no waiting message. */
  ping(payload: Uint8Array): void;
  /** Sends a pong of at most 125 bytes that nobody asked for. */
  pong(payload: Uint8Array): void;
  /** Stops reading: the peer feels it. Nothing more than what was read already arrives. */
  pause(): void;
  /** Reads on. */
  resume(): void;
  /**
   * Begins the closing handshake; later calls do nothing.
   *
   * @throws {RangeError} when `code` must not be sent, or `reason` is longer than 123 bytes.
   * @throws {TypeError} when there is a reason without a code.
   */
  close(code: number | undefined, reason: string): void;
  /** Cuts the connection now; `onClosed` follows, with `error` when one is given. */
  destroy(error?: Error): void;
  /** Gives up memory that an idle connection does not need. */
  trim(): void;
}

/**
 * What an engine tells a connection. `onClosed` comes exactly once and last, never from
 * within `start`.
 */
export interface TransportReceiver {
  /** A whole text message, or a whole binary one whose bytes are the receiver's own. */
  onMessage(data: string | Uint8Array<ArrayBuffer>): void;
  /** A message begins: true to get it piece by piece, false to get it whole. */
  onMessageStart(type: MessageType): boolean;
  /** The next piece of a message that is taken piece by piece, the receiver's own. */
  onMessagePiece(piece: Uint8Array<ArrayBuffer>): void;
  /** The message that was taken piece by piece is complete. */
  onMessageEnd(): void;
  /** A ping came and was answered. */
  onPing(payload: Uint8Array<ArrayBuffer>): void;
  /** A pong came, asked for or not. */
  onPong(payload: Uint8Array<ArrayBuffer>): void;
  /**
   * A batch of input was handled. `midMessage`: it ended within a message or a frame;
   * `data`: some of it belonged to data messages, not to control frames alone.
   */
  onReceived(midMessage: boolean, data: boolean): void;
  /** Output is on its way to the operating system and has not all been taken yet. */
  onSending(): void;
  /** The operating system took some of the output, or all: then nothing is `pending`. */
  onSent(pending: boolean): void;
  /**
   * The connection is about to end, at the peer's wish or fault: its close frame came, or
   * it broke a rule. `onClosed` follows when the byte stream has ended.
   */
  onClosing(): void;
  /** The connection has ended. */
  onClosed(event: CloseEvent): void;
}
