/**
 * Message assembly (RFC 6455 §5.4): payload pieces in; whole messages, or validated pieces
 * of one, out. Limits hold before a byte is stored, and text fails at its first bad byte.
 *
 * @module
 */
import type { ProtocolErrorCode } from "./errors.ts";
import type { InflatedSink, MessageInflater } from "./permessage_deflate/codec.ts";
import { MessageSlab } from "./message_slab.ts";
import { type MessageType, Opcode } from "./opcodes.ts";
import { decodeUtf8, Utf8Validator } from "./utf8.ts";

/** The first size of the buffer that collects a message which comes in pieces, in bytes. */
const INITIAL_BYTES = 4096;

const EMPTY = new Uint8Array(0);
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** How much of a message is accepted. */
export interface MessageLimits {
  /** The longest message, in bytes; of a compressed one, after inflating. */
  maxMessageBytes: number;
  /** The longest payload of one data frame, in bytes. */
  maxFrameBytes: number;
  /** The most fragments of one message; empty ones count. */
  maxFragments: number;
}

/** What an assembler tells its owner. */
export interface MessageSink {
  /** A message begins: true to get it piece by piece, false to get it whole. */
  onMessageStart(type: MessageType): boolean;
  /** The next piece of a message that is taken piece by piece; a copy, never empty. */
  onMessagePiece(piece: Uint8Array<ArrayBuffer>): void;
  /** The message that was taken piece by piece is complete. */
  onMessageEnd(): void;
  /** A whole text message. */
  onText(text: string): void;
  /** A whole binary message; the bytes are the receiver's own. */
  onBinary(bytes: Uint8Array<ArrayBuffer>): void;
}

/** What an assembler needs beside the limits. */
export interface MessageAssemblerOptions extends MessageLimits {
  /** Inflates compressed messages; without it there must be none. @default undefined */
  inflater?: MessageInflater | undefined;
}

/** Puts the data frames of one connection together. */
export class MessageAssembler implements InflatedSink {
  readonly #sink: MessageSink;
  readonly #limits: MessageLimits;
  readonly #inflater: MessageInflater | undefined;
  readonly #utf8 = new Utf8Validator();
  readonly #slab = new MessageSlab();

  #open = false;
  #text = false;
  #piecewise = false;
  #fragments = 0;
  /** The bytes that the frames announced so far. */
  #announced = 0;
  /** Inflates the message at hand, if it is compressed. */
  #inflating: MessageInflater | undefined;
  /** Bytes that the message may still inflate to. */
  #room = 0;
  #body: Uint8Array<ArrayBuffer> = EMPTY;
  #length = 0;

  constructor(sink: MessageSink, options: MessageAssemblerOptions) {
    this.#sink = sink;
    this.#limits = options;
    this.#inflater = options.inflater;
  }

  /** True within a message: its first frame has begun and its last is not complete. */
  get midMessage(): boolean {
    return this.#open;
  }

  /** New input begins; it reaches to position `end`. */
  beginInput(end: number): void {
    this.#slab.beginInput(end);
  }

  /** Takes a data frame that is here as a whole: header, payload and end. */
  frame(
    opcode: number,
    fin: boolean,
    rsv1: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): ProtocolErrorCode | undefined {
    const fault = this.begin(opcode, rsv1, end - start);
    // The sink may have reset this in between.
    if (fault !== undefined || !this.#open) return fault;
    if (start === end) return this.end(fin);
    const whole = fin && opcode !== Opcode.CONTINUATION && !rsv1 && !this.#piecewise;
    if (whole) return this.#deliverWhole(bytes, start, end);
    return this.payload(bytes, start, end) ?? this.end(fin);
  }

  /**
   * Takes the header of a data frame. `rsv1` tells that a message is compressed; it belongs
   * to the first frame alone (RFC 7692 §6.1).
   */
  begin(opcode: number, rsv1: boolean, length: number): ProtocolErrorCode | undefined {
    if (opcode === Opcode.CONTINUATION) {
      if (!this.#open) return "ERR_CONTINUATION_UNEXPECTED";
      if (rsv1) return "ERR_RESERVED_BITS";
      this.#fragments++;
      this.#announced += length;
      return this.#checkLimits(length);
    }
    if (this.#open) return "ERR_CONTINUATION_EXPECTED";
    this.#open = true;
    this.#text = opcode === Opcode.TEXT;
    this.#fragments = 1;
    this.#announced = length;
    this.#inflating = rsv1 ? this.#inflater : undefined;
    this.#room = this.#limits.maxMessageBytes;
    const fault = this.#checkLimits(length);
    if (fault !== undefined) return fault;
    this.#piecewise = this.#sink.onMessageStart(this.#text ? "text" : "binary");
    return undefined;
  }

  /** Takes the next piece of the frame's payload; `bytes` is a plain array, no subclass. */
  payload(bytes: Uint8Array, start: number, end: number): ProtocolErrorCode | undefined {
    if (this.#inflating !== undefined) return this.#inflating.push(bytes, start, end, this);
    return this.#take(bytes, start, end);
  }

  get inflatedRoom(): number {
    return this.#room;
  }

  onInflated(bytes: Uint8Array, start: number, end: number): ProtocolErrorCode | undefined {
    this.#room -= end - start;
    if (this.#room < 0) return "ERR_MESSAGE_TOO_LARGE";
    return this.#take(bytes, start, end);
  }

  /** The frame is complete. */
  end(fin: boolean): ProtocolErrorCode | undefined {
    if (!fin) return undefined;
    const fault = this.#inflating?.finish(this);
    if (fault !== undefined) return fault;
    // The sink may have reset this meanwhile.
    if (!this.#open) return undefined;
    if (this.#text && !this.#utf8.complete) return "ERR_UTF8";
    this.#open = false;
    if (this.#piecewise) this.#sink.onMessageEnd();
    else if (this.#text) this.#deliverText();
    else this.#deliverBinary();
    return undefined;
  }

  /** Gives up memory that an idle connection does not need. */
  trim(): void {
    this.#slab.trim();
    if (this.#length === 0) this.#body = EMPTY;
  }

  /** Forgets an incomplete message. */
  reset(): void {
    this.#open = false;
    this.#inflating = undefined;
    this.#body = EMPTY;
    this.#length = 0;
    this.#utf8.reset();
  }

  /** Limits hold for what the headers announce, before a byte of it is here. */
  #checkLimits(length: number): ProtocolErrorCode | undefined {
    const { maxFrameBytes, maxMessageBytes, maxFragments } = this.#limits;
    if (length > this.#onTheWire(maxFrameBytes)) return "ERR_FRAME_TOO_LARGE";
    if (this.#announced > this.#onTheWire(maxMessageBytes)) return "ERR_MESSAGE_TOO_LARGE";
    if (this.#fragments > maxFragments) return "ERR_TOO_MANY_FRAGMENTS";
    return undefined;
  }

  /**
   * What does not shrink grows when it is compressed: fixed Huffman codes make up to nine bits
   * of a byte (RFC 1951 §3.2.6), and a flush after each fragment adds a few bytes. Inflating
   * sets the exact limit.
   */
  #onTheWire(limit: number): number {
    if (this.#inflating === undefined) return limit;
    return limit + limit / 8 + 16 * this.#fragments + 1024;
  }

  #take(bytes: Uint8Array, start: number, end: number): ProtocolErrorCode | undefined {
    if (this.#text && !this.#utf8.push(bytes, start, end)) return "ERR_UTF8";
    if (this.#piecewise) this.#sink.onMessagePiece(bytes.slice(start, end));
    else this.#store(bytes, start, end);
    return undefined;
  }

  /** The common case: one frame, all of it in the input, nothing stored. */
  #deliverWhole(bytes: Uint8Array, start: number, end: number): ProtocolErrorCode | undefined {
    if (!this.#text) {
      this.#open = false;
      this.#sink.onBinary(this.#slab.copy(bytes, start, end));
      return undefined;
    }
    const text = decodeUtf8(bytes, start, end);
    if (text === undefined) return "ERR_UTF8";
    this.#open = false;
    this.#sink.onText(text);
    return undefined;
  }

  #store(bytes: Uint8Array, start: number, end: number): void {
    const length = this.#length + end - start;
    if (length > this.#body.length) this.#grow(length);
    this.#body.set(bytes.subarray(start, end), this.#length);
    this.#length = length;
  }

  /** Grows by what arrived, not by what a header announced. */
  #grow(needed: number): void {
    let size = Math.max(INITIAL_BYTES, this.#body.length);
    while (size < needed) size *= 2;
    const body = new Uint8Array(Math.min(size, this.#limits.maxMessageBytes));
    body.set(this.#body.subarray(0, this.#length));
    this.#body = body;
  }

  #deliverText(): void {
    const text = decoder.decode(this.#body.subarray(0, this.#length));
    this.#length = 0;
    if (this.#body.length > INITIAL_BYTES) this.#body = EMPTY;
    this.#sink.onText(text);
  }

  #deliverBinary(): void {
    const length = this.#length;
    const body = this.#body;
    this.#body = EMPTY;
    this.#length = 0;
    if (length === 0) this.#sink.onBinary(new Uint8Array(0));
    else if (length === body.length) this.#sink.onBinary(body);
    else this.#sink.onBinary(new Uint8Array(body.buffer.transfer(length)));
  }
}
