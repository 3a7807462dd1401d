/**
 * The frame parser (RFC 6455 §5.2): bytes in, cut anywhere; headers and unmasked pieces of
 * payload out, before the frame is complete.
 *
 * It keeps nothing of what it is given but an incomplete header and an incomplete control
 * payload, so the caller may reuse its buffer at once. Payload is unmasked in place.
 *
 * @module
 */
import type { ProtocolErrorCode } from "./errors.ts";
import { applyMask } from "./mask.ts";
import { Opcode } from "./opcodes.ts";

/** Which end of the connection reads and writes here. */
export type Role = "client" | "server";

/** The longest payload of a control frame, in bytes (RFC 6455 §5.5). */
export const MAX_CONTROL_BYTES = 125;

/** The longest header: two bytes, a 64-bit length, a masking key. */
const MAX_HEADER_BYTES = 14;
const TWO_POW_32 = 0x1_0000_0000;
/** In place of a length that cannot be. */
const MALFORMED = -1;

/**
 * What a parser tells its owner. Byte ranges are valid during the call only. A method that
 * answers with a fault ends the parsing: the parser reports it through `onFailure`.
 */
export interface FrameSink {
  /**
   * A data frame that lies whole in the input, with the payload `bytes[start, end)`. Most do,
   * and for them this is the only call.
   */
  onDataFrame(
    opcode: number,
    fin: boolean,
    rsv1: boolean,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): ProtocolErrorCode | undefined;
  /** The header of any other data frame, of `length` bytes, is whole and well-formed. */
  onDataHeader(
    opcode: number,
    fin: boolean,
    rsv1: boolean,
    length: number,
  ): ProtocolErrorCode | undefined;
  /** `bytes[start, end)` is the next piece of the data frame's payload, never empty. */
  onPayload(bytes: Uint8Array, start: number, end: number): ProtocolErrorCode | undefined;
  /** That data frame is complete. */
  onDataEnd(fin: boolean): ProtocolErrorCode | undefined;
  /** A whole control frame; `bytes[start, end)` is its payload. */
  onControl(
    opcode: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): ProtocolErrorCode | undefined;
  /** The peer broke a rule; nothing follows. */
  onFailure(code: ProtocolErrorCode): void;
}

/** How a {@linkcode FrameParser} is set up. */
export interface FrameParserOptions {
  /** Our role; a server expects masked frames, a client unmasked ones (RFC 6455 §5.1). */
  role: Role;
  /**
   * Whether an extension was negotiated that defines RSV1 (RFC 7692 §6).
   * @default false
   */
  allowRsv1?: boolean;
}

/** Parses the frames of one direction of one connection. */
export class FrameParser {
  readonly #sink: FrameSink;
  readonly #masked: boolean;
  readonly #forbiddenBits: number;

  /** Parsing is over: a fault was found, or the owner called {@linkcode FrameParser.stop}. */
  #stopped = false;
  /** A header that came in pieces, and how much of it is here. */
  readonly #header = new Uint8Array(MAX_HEADER_BYTES);
  #headerLength = 0;
  /** A control payload that came in pieces. */
  #control: Uint8Array | undefined;
  #controlLength = 0;
  /** The frame at hand. */
  #inPayload = false;
  #opcode = 0;
  #fin = false;
  #payloadLeft = 0;
  #key = 0;
  /** The view of the buffer that was given last; buffers are usually reused. */
  #viewed: Uint8Array | undefined;
  #view: DataView = new DataView(this.#header.buffer);

  constructor(sink: FrameSink, options: FrameParserOptions) {
    this.#sink = sink;
    this.#masked = options.role === "server";
    this.#forbiddenBits = options.allowRsv1 === true ? 0x30 : 0x70;
  }

  /** True where a frame has begun and is not complete. */
  get midFrame(): boolean {
    return this.#inPayload || this.#headerLength > 0;
  }

  /** Ignores all that comes from now on. */
  stop(): void {
    this.#stopped = true;
  }

  /** Takes `bytes[start, end)`, which may hold any part of any number of frames. */
  push(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.#viewed) {
      this.#viewed = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    let at = start;
    while (at < end && !this.#stopped) {
      at = this.#inPayload ? this.#takePayload(bytes, at, end) : this.#takeHeader(bytes, at, end);
    }
  }

  /** Reads a header where it lies, or collects it when the input ends within it. */
  #takeHeader(bytes: Uint8Array, at: number, end: number): number {
    if (this.#headerLength > 0) return this.#collectHeader(bytes, at, end);
    if (end - at < 2) return this.#collectHeader(bytes, at, end);
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    if (!this.#checkStart(first, second)) return end;
    const payload = at + headerSize(second);
    if (payload > end) return this.#collectHeader(bytes, at, end);
    const length = this.#readLength(bytes, this.#view, at);
    if (length === MALFORMED) return end;
    const key = this.#masked ? this.#view.getInt32(payload - 4) : 0;
    const stop = payload + length;
    if ((first & 0x0f) < 8 && stop <= end) return this.#takeWhole(first, bytes, payload, stop, key);
    return this.#begin(first, length, key) ? payload : end;
  }

  /**
   * A data frame of which all is here. Nothing of it is noted in fields, which lie in cold
   * memory where connections are many and each has one message at a time.
   */
  #takeWhole(first: number, bytes: Uint8Array, start: number, end: number, key: number): number {
    applyMask(bytes, this.#view, start, end, key);
    const fin = first >= 0x80;
    const rsv1 = (first & 0x40) !== 0;
    const fault = this.#sink.onDataFrame(first & 0x0f, fin, rsv1, bytes, start, end);
    if (fault !== undefined) this.#fail(fault);
    return end;
  }

  #collectHeader(bytes: Uint8Array, start: number, end: number): number {
    const header = this.#header;
    let at = start;
    while (at < end) {
      header[this.#headerLength++] = bytes[at++]!;
      if (this.#headerLength < 2) continue;
      if (this.#headerLength === 2 && !this.#checkStart(header[0]!, header[1]!)) return end;
      const size = headerSize(header[1]!);
      if (this.#headerLength < size) continue;
      this.#headerLength = 0;
      const view = new DataView(header.buffer);
      const length = this.#readLength(header, view, 0);
      if (length === MALFORMED) return end;
      const key = this.#masked ? view.getInt32(size - 4) : 0;
      return this.#begin(header[0]!, length, key) ? at : end;
    }
    return at;
  }

  /** Judges the first two bytes, before the rest of the header is here. */
  #checkStart(first: number, second: number): boolean {
    if ((first & this.#forbiddenBits) !== 0) return this.#fail("ERR_RESERVED_BITS");
    const opcode = first & 0x0f;
    const control = opcode >= 8;
    if (control ? opcode > Opcode.PONG : opcode > Opcode.BINARY) {
      return this.#fail("ERR_RESERVED_OPCODE");
    }
    if (second >= 0x80 !== this.#masked) {
      return this.#fail(this.#masked ? "ERR_MASK_MISSING" : "ERR_MASK_UNEXPECTED");
    }
    if (!control) return true;
    // RSV1 belongs to data frames alone (RFC 7692 §6).
    if ((first & 0x70) !== 0) return this.#fail("ERR_RESERVED_BITS");
    if (first < 0x80) return this.#fail("ERR_CONTROL_FRAGMENTED");
    if ((second & 0x7f) > MAX_CONTROL_BYTES) return this.#fail("ERR_CONTROL_TOO_LONG");
    return true;
  }

  /** The payload length in a header that lies whole at `start` and whose start was judged. */
  #readLength(bytes: Uint8Array, view: DataView, start: number): number {
    const at = start + 2;
    const short = bytes[start + 1]! & 0x7f;
    if (short < 126) return short;
    if (short === 126) {
      const length = view.getUint16(at);
      return length < 126 ? this.#malformed("ERR_LENGTH_NOT_MINIMAL") : length;
    }
    const high = view.getUint32(at);
    const low = view.getUint32(at + 4);
    if (high >= 0x8000_0000) return this.#malformed("ERR_LENGTH_TOP_BIT");
    if (high === 0 && low < 0x1_0000) return this.#malformed("ERR_LENGTH_NOT_MINIMAL");
    return high * TWO_POW_32 + low;
  }

  /** Begins a frame that goes on behind its header, or is a control frame. */
  #begin(first: number, length: number, key: number): boolean {
    this.#key = key;
    this.#opcode = first & 0x0f;
    this.#fin = first >= 0x80;
    this.#payloadLeft = length;
    return this.#opcode >= 8 ? this.#beginControl() : this.#beginData(first, length);
  }

  #beginData(first: number, length: number): boolean {
    const fault = this.#sink.onDataHeader(this.#opcode, this.#fin, (first & 0x40) !== 0, length);
    if (fault !== undefined) return this.#fail(fault);
    if (length > 0) {
      this.#inPayload = true;
      return true;
    }
    return this.#endData();
  }

  #endData(): boolean {
    this.#inPayload = false;
    const fault = this.#sink.onDataEnd(this.#fin);
    return fault === undefined || this.#fail(fault);
  }

  #beginControl(): boolean {
    if (this.#payloadLeft > 0) {
      this.#inPayload = true;
      return true;
    }
    return this.#endControl(this.#header, 0, 0);
  }

  #endControl(bytes: Uint8Array, start: number, end: number): boolean {
    this.#inPayload = false;
    this.#controlLength = 0;
    const fault = this.#sink.onControl(this.#opcode, bytes, start, end);
    return fault === undefined || this.#fail(fault);
  }

  #takePayload(bytes: Uint8Array, at: number, end: number): number {
    const stop = end - at < this.#payloadLeft ? end : at + this.#payloadLeft;
    if (this.#masked) this.#key = applyMask(bytes, this.#view, at, stop, this.#key);
    this.#payloadLeft -= stop - at;
    if (this.#opcode >= 8) {
      this.#takeControlPayload(bytes, at, stop);
      return stop;
    }
    const fault = this.#sink.onPayload(bytes, at, stop);
    if (fault !== undefined) this.#fail(fault);
    else if (this.#payloadLeft === 0) this.#endData();
    return stop;
  }

  #takeControlPayload(bytes: Uint8Array, start: number, end: number): void {
    if (this.#payloadLeft === 0 && this.#controlLength === 0) {
      this.#endControl(bytes, start, end);
      return;
    }
    this.#control ??= new Uint8Array(MAX_CONTROL_BYTES);
    this.#control.set(bytes.subarray(start, end), this.#controlLength);
    this.#controlLength += end - start;
    if (this.#payloadLeft === 0) this.#endControl(this.#control, 0, this.#controlLength);
  }

  #malformed(code: ProtocolErrorCode): typeof MALFORMED {
    this.#fail(code);
    return MALFORMED;
  }

  #fail(code: ProtocolErrorCode): false {
    this.#stopped = true;
    this.#sink.onFailure(code);
    return false;
  }
}

/** The size of a header, in bytes, from its second byte. */
function headerSize(second: number): number {
  const length = second & 0x7f;
  const extended = length < 126 ? 0 : length === 126 ? 2 : 8;
  return 2 + extended + (second >= 0x80 ? 4 : 0);
}
