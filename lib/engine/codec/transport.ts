/**
 * The codec engine's transport: our protocol core over a {@linkcode Link}.
 *
 * All that is sent while a batch of input is handled leaves in one write; what is sent
 * otherwise leaves together at the end of the current job.
 *
 * @module
 */
import { ConnectionError } from "../../connection/errors.ts";
import type { ResolvedOptions } from "../../connection/options.ts";
import {
  framesOf,
  type PreparedMessage,
  waitForFrames,
} from "../../connection/prepared_message.ts";
import type {
  Capabilities,
  CloseEvent,
  EngineName,
  Transport,
  TransportReceiver,
} from "../../connection/transport.ts";
import { CloseCode } from "../../protocol/close_codes.ts";
import type { ProtocolError } from "../../protocol/errors.ts";
import type { Role } from "../../protocol/frame_parser.ts";
import { MaskKeys } from "../../protocol/mask.ts";
import type { MessageFramerOptions } from "../../protocol/message_framer.ts";
import type { MessageType } from "../../protocol/opcodes.ts";
import type {
  MessageCompression,
  MessageDeflater,
} from "../../protocol/permessage_deflate/codec.ts";
import { Session, type SessionSink } from "../../protocol/session.ts";
import type { Link, LinkReceiver } from "../link.ts";

/** The codec engine can do everything. */
export const CODEC_CAPABILITIES: Capabilities = {
  limits: true,
  ping: true,
  readPause: true,
  drain: true,
  streaming: true,
  compression: true,
  prepared: true,
  destroy: true,
};

const maskKeys = new MaskKeys((bytes) => crypto.getRandomValues(bytes));

/** How prepared messages are framed, and which connections frame them the same. */
interface Framing {
  readonly group: string;
  readonly options: MessageFramerOptions;
}

const PLAIN: Framing = { group: "", options: {} };

/** How a {@linkcode CodecTransport} is set up. */
export interface CodecTransportOptions {
  /** Our role. */
  role: Role;
  /** Limits and marks. */
  options: ResolvedOptions;
  /** The extension permessage-deflate, where it was agreed on. @default undefined */
  compression?: MessageCompression | undefined;
  /** What was read behind the opening handshake already. @default none */
  first?: Uint8Array;
}

/** One connection of the codec engine. */
export class CodecTransport implements Transport, SessionSink, LinkReceiver {
  readonly engine: EngineName;
  readonly capabilities: Capabilities = CODEC_CAPABILITIES;
  readonly compressesFrom: number;
  readonly #link: Link;
  readonly #session: Session;
  readonly #role: Role;
  /** How prepared messages are framed that may be compressed; `undefined`: each one anew. */
  readonly #framing: Framing | undefined;
  readonly #first: Uint8Array;
  #receiver!: TransportReceiver;
  /** Bytes that the link borrowed and has not written. */
  #inFlight = 0;
  /** Input is being handled, or a flush is due: what is written now leaves then. */
  #corked = false;
  readonly #flushLater = () => {
    this.#corked = false;
    this.#flush();
  };
  /** What the close event will say. */
  #ending: { code: number; reason: string; error?: ProtocolError | Error } | undefined;
  /** Our direction was ended. */
  #outputEnded = false;
  #inputEnded = false;
  #closed = false;

  constructor(link: Link, transportOptions: CodecTransportOptions) {
    const { role, options, compression, first = new Uint8Array(0) } = transportOptions;
    this.#link = link;
    this.engine = link.engine;
    this.#role = role;
    const threshold = options.compression === false ? 0 : options.compression.threshold;
    this.compressesFrom = compression?.deflater === undefined ? Infinity : threshold;
    this.#framing = framingOf(role, compression?.deflater, threshold);
    this.#first = first;
    this.#session = new Session(this, {
      role,
      maxMessageBytes: options.maxMessageBytes,
      maxFrameBytes: options.maxFrameBytes,
      maxFragments: options.maxFragments,
      maskKeys,
      compression,
      compressionThreshold: threshold,
    });
  }

  get bufferedAmount(): number {
    return this.#session.output.length + this.#inFlight;
  }

  get fragmenting(): boolean {
    return this.#session.fragmenting;
  }

  start(receiver: TransportReceiver): void {
    this.#receiver = receiver;
    this.#link.start(this, this.#first);
  }

  sendText(text: string, compress: boolean): void {
    this.#session.sendText(text, compress);
    if (!this.#corked) this.#cork();
  }

  sendBinary(bytes: Uint8Array, compress: boolean): void {
    this.#session.sendBinary(bytes, compress);
    if (!this.#corked) this.#cork();
  }

  sendFragment(
    type: MessageType,
    bytes: Uint8Array,
    options: { fin: boolean; compress: boolean },
  ): void {
    this.#session.sendFragment(type, bytes, options);
    if (!this.#corked) this.#cork();
  }

  sendPrepared(message: PreparedMessage, compress: boolean): void {
    // Once the session is over, so is its deflater.
    if (this.#session.state !== "open") return;
    const { data } = message;
    const framing = compress || this.#role === "client" ? this.#framing : PLAIN;
    if (framing === undefined) {
      if (typeof data === "string") this.sendText(data, compress);
      else this.sendBinary(data, compress);
      return;
    }
    this.#session.sendFrames(framesOf(message, framing.group, framing.options));
    if (!this.#corked) this.#cork();
  }

  prepare(
    message: PreparedMessage,
    onEnd: (error?: unknown) => void,
  ): "ready" | "alone" | (() => void) {
    const framing = this.#framing;
    if (framing === undefined) return "alone";
    const { group, options } = framing;
    return waitForFrames(message, group, { options, onEnd }) ?? "ready";
  }

  ping(payload: Uint8Array): void {
    this.#session.ping(payload);
    if (!this.#corked) this.#cork();
  }

  pong(payload: Uint8Array): void {
    this.#session.pong(payload);
    if (!this.#corked) this.#cork();
  }

  pause(): void {
    this.#link.pause();
  }

  resume(): void {
    this.#link.resume();
  }

  close(code: number | undefined, reason: string): void {
    this.#session.close(code, reason);
    if (!this.#corked) this.#cork();
  }

  destroy(error?: Error): void {
    // All was said on both sides: that the peer keeps the stream open makes it no less clean.
    if (this.#session.state === "closed" && this.bufferedAmount === 0) return this.#finish();
    // A close frame that came or a fault that was found says more than how it ended.
    this.#end(
      this.#ending ?? { code: CloseCode.ABNORMAL, reason: "", ...errorField(error) },
      false,
    );
  }

  trim(): void {
    this.#session.trim();
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    const corked = this.#corked;
    this.#corked = true;
    const session = this.#session;
    session.receive(bytes, start, end);
    if (!this.#closed) this.#receiver.onReceived(session.midMessage, session.dataSeen);
    // A flush that was due before comes in its own time, and takes this along.
    if (corked) return;
    this.#corked = false;
    this.#flush();
  }

  onEnd(): void {
    this.#inputEnded = true;
    if (this.#ending !== undefined) {
      if (this.#outputEnded || this.bufferedAmount === 0) this.#finish();
      return;
    }
    this.#end(
      { code: CloseCode.ABNORMAL, reason: "", error: new ConnectionError("ERR_STREAM_ENDED") },
      false,
    );
  }

  onWritten(count: number): void {
    this.#inFlight -= count;
    if (this.#inFlight === 0) this.#session.output.giveBack();
    this.#updateBacklog();
    const drained = this.#inFlight === 0;
    if (drained) this.#flush();
    if (!this.#closed) this.#receiver.onSent(this.#inFlight > 0);
  }

  onError(cause: Error): void {
    const error = new ConnectionError("ERR_STREAM_FAILED", { detail: cause.message, cause });
    // Once both close frames are exchanged, how the stream ends loses nothing.
    if (this.#session.state === "closed") this.#finish();
    else this.destroy(error);
  }

  onMessageStart(type: MessageType): boolean {
    return this.#receiver.onMessageStart(type);
  }

  onText(text: string): void {
    this.#receiver.onMessage(text);
  }

  onBinary(bytes: Uint8Array<ArrayBuffer>): void {
    this.#receiver.onMessage(bytes);
  }

  onMessagePiece(piece: Uint8Array<ArrayBuffer>): void {
    this.#receiver.onMessagePiece(piece);
  }

  onMessageEnd(): void {
    this.#receiver.onMessageEnd();
  }

  onPing(payload: Uint8Array<ArrayBuffer>): void {
    this.#receiver.onPing(payload);
  }

  onPong(payload: Uint8Array<ArrayBuffer>): void {
    this.#receiver.onPong(payload);
  }

  onClose(code: number, reason: string): void {
    this.#ending = { code, reason };
    this.#receiver.onClosing();
  }

  onFailure(error: ProtocolError): void {
    this.#ending = { code: error.closeCode, reason: "", error };
    this.#receiver.onClosing();
  }

  /** Has what was written leave at the end of the current job. */
  #cork(): void {
    this.#corked = true;
    queueMicrotask(this.#flushLater);
  }

  #flush(): void {
    const { output } = this.#session;
    if (this.#inFlight > 0 || this.#closed) return;
    const sends = output.length > 0;
    while (output.length > 0) {
      const bytes = output.take();
      this.#inFlight = bytes.length;
      const written = this.#link.write(bytes);
      this.#inFlight -= written;
      if (this.#inFlight === 0) output.giveBack();
      this.#updateBacklog(); // when that has ended, one more pong is to be sent
      if (this.#inFlight > 0) return this.#receiver.onSending();
    }
    if (sends) this.#receiver.onSent(false);
    if (this.#ending !== undefined) this.#endOutput();
  }

  #updateBacklog(): void {
    this.#session.backlogged = this.#inFlight > 0;
  }

  /**
   * All is said. A server ends its direction first; a client waits for that, unless the
   * server broke the protocol (RFC 6455 §7.1.1, §7.1.7).
   */
  #endOutput(): void {
    if (this.#outputEnded) return;
    if (this.#role === "client" && this.#session.state === "closed" && !this.#inputEnded) return;
    this.#outputEnded = true;
    this.#link.end();
    if (this.#inputEnded) this.#finish();
  }

  /** Both directions have ended, and it is known why. */
  #finish(): void {
    const ending = this.#ending;
    if (ending === undefined) return;
    this.#end(ending, this.#session.state === "closed" && this.bufferedAmount === 0);
  }

  #end(event: Omit<CloseEvent, "wasClean">, wasClean: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#session.abort();
    this.#link.destroy();
    this.#receiver.onClosed({ ...event, wasClean });
  }
}

/** What is masked, or depends on the messages before it, cannot be shared. */
function framingOf(
  role: Role,
  deflater: MessageDeflater | undefined,
  threshold: number,
): Framing | undefined {
  if (role === "client" || deflater?.independent === false) return undefined;
  if (deflater === undefined) return PLAIN;
  return { group: `${deflater.group} from ${threshold}`, options: { deflater, threshold } };
}

function errorField(error: Error | undefined): { error?: Error } {
  return error === undefined ? {} : { error };
}
