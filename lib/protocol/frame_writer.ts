/**
 * The frame writer (RFC 6455 §5.2): headers in their shortest form, payload copied behind
 * them, masked when a client writes.
 *
 * @module
 */
import { applyMask, type MaskKeys } from "./mask.ts";
import type { OutputBuffer } from "./output_buffer.ts";

/** Up to this many bytes or characters a loop beats a call into the runtime. */
const SHORT = 40;
const FIN = 0x80;
const RSV1 = 0x40;

const encoder = new TextEncoder();

/** Appends frames to an {@linkcode OutputBuffer}. */
export class FrameWriter {
  readonly #output: OutputBuffer;
  readonly #maskKeys: MaskKeys | undefined;

  /** With `maskKeys`, frames are a client's: each is masked with a key of its own. */
  constructor(output: OutputBuffer, maskKeys?: MaskKeys) {
    this.#output = output;
    this.#maskKeys = maskKeys;
  }

  /** Appends a frame with `payload`, which is copied. */
  writeBytes(start: number, payload: Uint8Array): void {
    const output = this.#output;
    const length = payload.length;
    const from = output.reserve(length + 14);
    const at = this.#writeHeader(from, start, length);
    const { bytes } = output;
    if (length <= SHORT) {
      for (let i = 0; i < length; i++) bytes[at + i] = payload[i]!;
    } else {
      bytes.set(payload, at);
    }
    output.length = at + length;
    this.#mask(at, output.length);
  }

  /** Appends a frame with `text` as UTF-8; lone surrogates become U+FFFD. */
  writeText(start: number, text: string): void {
    if (text.length <= SHORT && this.#writeShortAscii(start, text)) return;
    const output = this.#output;
    const from = output.reserve(text.length + 14);
    // The header's size depends on the length in bytes. Guess that the text is ASCII, and
    // move it should the guess be wrong.
    const guess = from + headerSize(text.length) + this.#keySize;
    const end = encodeInto(output, text, guess);
    const length = end - guess;
    const at = from + headerSize(length) + this.#keySize;
    output.length = end;
    if (at !== guess) {
      output.reserve(at - guess);
      output.bytes.copyWithin(at, guess, end);
    }
    this.#writeHeader(from, start, length);
    output.length = at + length;
    this.#mask(at, output.length);
  }

  #writeShortAscii(start: number, text: string): boolean {
    const output = this.#output;
    const { length } = text;
    const from = output.reserve(length + 6);
    const payload = from + 2 + this.#keySize;
    const { bytes } = output;
    for (let i = 0; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) return false;
      bytes[payload + i] = unit;
    }
    this.#writeHeader(from, start, length);
    output.length = payload + length;
    this.#mask(payload, output.length);
    return true;
  }

  get #keySize(): number {
    return this.#maskKeys === undefined ? 0 : 4;
  }

  /** Writes all of a header but the key; returns where the payload begins. */
  #writeHeader(from: number, start: number, length: number): number {
    const { bytes, view } = this.#output;
    const maskBit = this.#maskKeys === undefined ? 0 : 0x80;
    bytes[from] = start;
    let at = from + 2;
    if (length < 126) {
      bytes[from + 1] = maskBit | length;
    } else if (length < 0x1_0000) {
      bytes[from + 1] = maskBit | 126;
      view.setUint16(at, length);
      at += 2;
    } else {
      bytes[from + 1] = maskBit | 127;
      view.setUint32(at, Math.floor(length / 0x1_0000_0000));
      view.setUint32(at + 4, length);
      at += 8;
    }
    return at + this.#keySize;
  }

  /** Masks the payload at `[from, to)` and writes the key before it. */
  #mask(from: number, to: number): void {
    if (this.#maskKeys === undefined) return;
    const { bytes, view } = this.#output;
    const key = this.#maskKeys.next();
    view.setInt32(from - 4, key);
    applyMask(bytes, view, from, to, key);
  }
}

/** The first byte of a frame. */
export function frameStart(opcode: number, fin: boolean, rsv1 = false): number {
  return (fin ? FIN : 0) | (rsv1 ? RSV1 : 0) | opcode;
}

/** The size of a header without a key, in bytes. */
function headerSize(length: number): number {
  return length < 126 ? 2 : length < 0x1_0000 ? 4 : 10;
}

/** Encodes `text` to `output` from position `at` on, making room as needed; returns the end. */
function encodeInto(output: OutputBuffer, text: string, at: number): number {
  let rest = text;
  let end = at;
  while (true) {
    const { read, written } = encoder.encodeInto(rest, output.bytes.subarray(end));
    end += written;
    if (read === rest.length) return end;
    rest = rest.slice(read);
    // What is left needs three bytes a unit at most; growing keeps what lies before `length`.
    output.length = end;
    output.reserve(Math.min(rest.length * 3, Math.max(rest.length + 64, end - at)));
  }
}
