/**
 * One open WebSocket as a state machine without input or output: bytes in, calls on a sink
 * and bytes to send out. It begins after the opening handshake and serves both roles.
 *
 * @module
 */
import { CloseCode, encodeClose, isCloseCode } from "./close_codes.ts";
import { ProtocolError, type ProtocolErrorCode } from "./errors.ts";
import { FrameParser, type FrameSink, MAX_CONTROL_BYTES, type Role } from "./frame_parser.ts";
import { frameStart } from "./frame_writer.ts";
import type { MaskKeys } from "./mask.ts";
import { MessageAssembler, type MessageLimits, type MessageSink } from "./message_assembler.ts";
import { MessageFramer } from "./message_framer.ts";
import { type MessageType, Opcode } from "./opcodes.ts";
import { OutputBuffer } from "./output_buffer.ts";
import type { MessageCompression } from "./permessage_deflate/codec.ts";
import { decodeUtf8 } from "./utf8.ts";

const CLOSE = frameStart(Opcode.CLOSE, true);
const PING = frameStart(Opcode.PING, true);
const PONG = frameStart(Opcode.PONG, true);

/**
 * Where a session stands (RFC 6455 §7.1):
 *
 * - `"open"`: data flows both ways;
 * - `"close-sent"`: our close frame is out, the peer's has not come;
 * - `"closed"`: both close frames are exchanged;
 * - `"failed"`: the peer broke a rule and was told so (§7.1.7), or the owner aborted.
 */
export type SessionState = "open" | "close-sent" | "closed" | "failed";

/** What a session tells its owner, on top of what messages bring. */
export interface SessionSink extends MessageSink {
  /** A ping came; its pong is on the way. The payload is a copy. */
  onPing(payload: Uint8Array<ArrayBuffer>): void;
  /** A pong came, asked for or not. The payload is a copy. */
  onPong(payload: Uint8Array<ArrayBuffer>): void;
  /** The peer's close frame came; 1005 stands for a frame without a code. */
  onClose(code: number, reason: string): void;
  /** The peer broke a rule; a close frame says so, unless one was sent before. */
  onFailure(error: ProtocolError): void;
}

/** How a {@linkcode Session} is set up. */
export interface SessionOptions extends MessageLimits {
  /** Our role. */
  role: Role;
  /** Where masking keys come from; used in the client's role, and there it is needed. */
  maskKeys: MaskKeys;
  /** The extension permessage-deflate, where it was agreed on. @default undefined */
  compression?: MessageCompression | undefined;
  /** A shorter message is not compressed: bytes, of text UTF-16 units. @default 0 */
  compressionThreshold?: number | undefined;
}

/** The protocol of one connection after its opening handshake. */
export class Session implements FrameSink {
  /** What is to be sent; whoever sends it clears it. */
  readonly output: OutputBuffer;
  readonly #sink: SessionSink;
  readonly #parser: FrameParser;
  readonly #assembler: MessageAssembler;
  readonly #framer: MessageFramer;
  readonly #compression: MessageCompression | undefined;

  #state: SessionState = "open";
  #dataSeen = false;
  #backlogged = false;
  #latestPing: Uint8Array | undefined;

  constructor(sink: SessionSink, options: SessionOptions) {
    this.#sink = sink;
    this.output = new OutputBuffer();
    const { role, maskKeys, compression } = options;
    this.#compression = compression;
    this.#parser = new FrameParser(this, { role, allowRsv1: compression !== undefined });
    this.#assembler = new MessageAssembler(sink, { ...options, inflater: compression?.inflater });
    this.#framer = new MessageFramer(this.output, {
      maskKeys: role === "client" ? maskKeys : undefined,
      deflater: compression?.deflater,
      threshold: options.compressionThreshold,
    });
  }

  /** Where the session stands. */
  get state(): SessionState {
    return this.#state;
  }

  /** True where the peer has begun a message or a frame and not ended it. */
  get midMessage(): boolean {
    return this.#assembler.midMessage || this.#parser.midFrame;
  }

  /** True when the latest input held something of a data message, not control frames alone. */
  get dataSeen(): boolean {
    return this.#dataSeen;
  }

  /** True within a message that is sent in fragments. */
  get fragmenting(): boolean {
    return this.#framer.fragmenting;
  }

  /**
   * Whether the peer is slow to take what is sent. While it is, only the latest ping is
   * answered, once that has ended, as RFC 6455 §5.5.3 allows: a flood of pings from a peer
   * that reads nothing costs one pong.
   */
  set backlogged(backlogged: boolean) {
    this.#backlogged = backlogged;
    const ping = this.#latestPing;
    if (backlogged || ping === undefined) return;
    this.#latestPing = undefined;
    this.#framer.writeControl(PONG, ping);
  }

  /** Takes input `bytes[start, end)`, cut anywhere. Masked payload is unmasked in place. */
  receive(bytes: Uint8Array, start: number, end: number): void {
    this.#dataSeen = false;
    this.#assembler.beginInput(end);
    this.#parser.push(bytes, start, end);
  }

  /** Writes a text message. Ignored once a close frame was sent (RFC 6455 §5.5.1). */
  sendText(text: string, compress = true): void {
    if (this.#writable) this.#framer.writeText(text, compress);
  }

  /** Writes a binary message; the bytes are copied. Ignored once a close frame was sent. */
  sendBinary(bytes: Uint8Array, compress = true): void {
    if (this.#writable) this.#framer.writeBinary(bytes, compress);
  }

  /**
   * Writes the next fragment of a message, the last one with `fin` (RFC 6455 §5.4). No
   * other data message may be written in between; control frames may.
   */
  sendFragment(
    type: MessageType,
    bytes: Uint8Array,
    options: { fin: boolean; compress: boolean },
  ): void {
    if (this.#writable) this.#framer.writeFragment(type, bytes, options);
  }

  /** Appends frames that were written before, for many connections. */
  sendFrames(frames: Uint8Array): void {
    if (this.#writable) this.output.append(frames);
  }

  /**
   * Writes a ping.
   *
   * @throws {RangeError} when `payload` is longer than 125 bytes (RFC 6455 §5.5).
   */
  ping(payload: Uint8Array): void {
    this.#sendControl(PING, payload);
  }

  /**
   * Writes a pong that nobody asked for (RFC 6455 §5.5.3).
   *
   * @throws {RangeError} when `payload` is longer than 125 bytes (RFC 6455 §5.5).
   */
  pong(payload: Uint8Array): void {
    this.#sendControl(PONG, payload);
  }

  /**
   * Writes a close frame, unless one was sent.
   *
   * @throws {RangeError} when `code` must not be sent, or `reason` is longer than 123 bytes.
   * @throws {TypeError} when there is a reason without a code.
   */
  close(code: number | undefined, reason: string): void {
    const body = encodeClose(code, reason);
    if (!this.#writable) return;
    this.#state = "close-sent";
    this.#framer.writeControl(CLOSE, body);
  }

  /** Gives up memory that an idle connection does not need. */
  trim(): void {
    this.#assembler.trim();
  }

  /** Ends the session without a word; whatever comes is ignored. */
  abort(): void {
    this.#stop("failed");
  }

  onDataFrame(
    opcode: number,
    fin: boolean,
    rsv1: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): ProtocolErrorCode | undefined {
    this.#dataSeen = true;
    return this.#assembler.frame(opcode, fin, rsv1, bytes, start, end);
  }

  onDataHeader(
    opcode: number,
    _fin: boolean,
    rsv1: boolean,
    length: number,
  ): ProtocolErrorCode | undefined {
    this.#dataSeen = true;
    return this.#assembler.begin(opcode, rsv1, length);
  }

  onPayload(bytes: Uint8Array, start: number, end: number): ProtocolErrorCode | undefined {
    this.#dataSeen = true;
    return this.#assembler.payload(bytes, start, end);
  }

  onDataEnd(fin: boolean): ProtocolErrorCode | undefined {
    return this.#assembler.end(fin);
  }

  onControl(
    opcode: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): ProtocolErrorCode | undefined {
    if (opcode === Opcode.CLOSE) return this.#receiveClose(bytes, start, end);
    const payload = new Uint8Array(bytes.subarray(start, end));
    if (opcode === Opcode.PING) this.#receivePing(payload);
    else this.#sink.onPong(payload);
    return undefined;
  }

  onFailure(code: ProtocolErrorCode): void {
    const error = new ProtocolError(code);
    if (this.#writable) this.#framer.writeControl(CLOSE, encodeClose(error.closeCode, ""));
    this.#stop("failed");
    this.#sink.onFailure(error);
  }

  get #writable(): boolean {
    return this.#state === "open";
  }

  #stop(state: "closed" | "failed"): void {
    this.#state = state;
    this.#parser.stop();
    this.#assembler.reset();
    this.#latestPing = undefined;
    this.#compression?.inflater.close();
    this.#compression?.deflater?.close();
  }

  #sendControl(start: number, payload: Uint8Array): void {
    if (payload.length > MAX_CONTROL_BYTES) {
      throw new RangeError(
        `Cannot send a control frame of ${payload.length} bytes: ` +
          `it must be ${MAX_CONTROL_BYTES} at most`,
      );
    }
    if (this.#writable) this.#framer.writeControl(start, payload);
  }

  /** A ping is answered even after our close frame, until the peer's comes (§5.5.2). */
  #receivePing(payload: Uint8Array<ArrayBuffer>): void {
    // The sink may do with its copy what it likes, and the pong must say the same (§5.5.3).
    if (this.#backlogged) this.#latestPing = payload.slice();
    else this.#framer.writeControl(PONG, payload);
    this.#sink.onPing(payload);
  }

  #receiveClose(bytes: Uint8Array, start: number, end: number): ProtocolErrorCode | undefined {
    const length = end - start;
    if (length === 1) return "ERR_CLOSE_PAYLOAD";
    let code: number = CloseCode.NO_STATUS;
    let reason: string | undefined = "";
    if (length > 1) {
      code = (bytes[start]! << 8) | bytes[start + 1]!;
      if (!isCloseCode(code)) return "ERR_CLOSE_CODE";
      reason = decodeUtf8(bytes, start + 2, end);
      if (reason === undefined) return "ERR_UTF8";
    }
    // The answer bears the code that came (RFC 6455 §5.5.1).
    if (this.#writable) {
      this.#framer.writeControl(CLOSE, bytes.slice(start, Math.min(end, start + 2)));
    }
    this.#stop("closed");
    this.#sink.onClose(code, reason);
    return undefined;
  }
}
