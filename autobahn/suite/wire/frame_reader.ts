/**
 * Frames that come, in pieces of any size (RFC 6455 §5.2). It judges nothing: whatever a testee
 * sends has a reading, and whether it may is for others to say.
 *
 * @module
 */
import { EMPTY, joinBytes } from "./bytes.ts";
import { applyMask } from "./mask.ts";

/** The header of a frame as it came. */
export interface FrameHeader {
  readonly fin: boolean;
  /** The three reserved bits as a number, RSV1 being 4. */
  readonly rsv: number;
  readonly opcode: number;
  /** The masking key; `undefined` where the frame is not masked. */
  readonly mask: Uint8Array | undefined;
  /** How long the payload is; rounded from 2^53 on. */
  readonly length: number;
  /** The form that the length was written in. */
  readonly lengthBits: 7 | 16 | 64;
}

/** What is told of the frames. */
export interface FrameSink {
  /** A header is complete. */
  header(header: FrameHeader): void;
  /** A piece of the payload, unmasked; none for an empty one. It may be kept. */
  data(piece: Uint8Array): void;
  /** The frame is complete. */
  end(): void;
}

/** Reads frames, and tells a sink. */
export class FrameReader {
  readonly #sink: FrameSink;
  #pending: Uint8Array = EMPTY;
  #current: FrameHeader | undefined;
  #done = 0;
  #stopped = false;

  /** Takes who is told. */
  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Takes what came. The bytes are unmasked where they lie. */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (!this.#stopped) {
      if (this.#current === undefined) {
        at = this.#readHeader(bytes, at);
        if (this.#current === undefined) return;
        continue;
      }
      const { length, mask } = this.#current;
      const take = Math.min(length - this.#done, bytes.length - at);
      if (take > 0) {
        if (mask) applyMask(bytes, { key: mask, start: at, end: at + take, phase: this.#done });
        this.#done += take;
        at += take;
        this.#sink.data(bytes.subarray(at - take, at));
      }
      if (this.#done < length) return;
      this.#current = undefined;
      if (!this.#stopped) this.#sink.end();
    }
  }

  /** Reads nothing from now on, also none of the bytes at hand. */
  stop(): void {
    this.#stopped = true;
  }

  /** Reads a header from `at` on; returns where it ends, or that all was taken. */
  #readHeader(bytes: Uint8Array, at: number): number {
    if (at === bytes.length) return at;
    const held = this.#pending.length;
    const lies = held === 0 ? bytes.subarray(at) : joinBytes([this.#pending, bytes.subarray(at)]);
    const header = parseHeader(lies);
    if (header === undefined) {
      this.#pending = lies.slice();
      return bytes.length;
    }
    this.#pending = EMPTY;
    this.#current = header;
    this.#done = 0;
    this.#sink.header(header);
    return at + headerLength(header) - held;
  }
}

/** How many bytes a header takes. */
export function headerLength({ lengthBits, mask }: FrameHeader): number {
  return 2 + (lengthBits === 7 ? 0 : lengthBits / 8) + (mask ? 4 : 0);
}

/** The header that `bytes` begin with; `undefined` while it is not complete. */
export function parseHeader(bytes: Uint8Array): FrameHeader | undefined {
  if (bytes.length < 2) return undefined;
  const [first, second] = [bytes[0]!, bytes[1]!];
  const short = second & 0x7f;
  const lengthBits = short === 127 ? 64 : short === 126 ? 16 : 7;
  const maskAt = 2 + (lengthBits === 7 ? 0 : lengthBits / 8);
  const masked = (second & 0x80) !== 0;
  if (bytes.length < maskAt + (masked ? 4 : 0)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    fin: (first & 0x80) !== 0,
    rsv: first >> 4 & 7,
    opcode: first & 0x0f,
    mask: masked ? bytes.slice(maskAt, maskAt + 4) : undefined,
    length: lengthBits === 7
      ? short
      : lengthBits === 16
      ? view.getUint16(2)
      : view.getUint32(2) * 2 ** 32 + view.getUint32(6),
    lengthBits,
  };
}

/** A frame that came whole. */
export interface ReadFrame extends FrameHeader {
  readonly payload: Uint8Array;
}

/** Collects frames that are whole, for those who look at them one by one. */
export class FrameCollector {
  readonly #frames: ReadFrame[] = [];
  readonly #reader: FrameReader;
  #header: FrameHeader | undefined;
  #pieces: Uint8Array[] = [];

  /** Begins before a frame. */
  constructor() {
    this.#reader = new FrameReader({
      header: (header) => {
        this.#header = header;
        this.#pieces = [];
      },
      data: (piece) => this.#pieces.push(piece),
      end: () => this.#frames.push({ ...this.#header!, payload: joinBytes(this.#pieces) }),
    });
  }

  /** Takes what came, and gives the frames that are complete by it. */
  push(bytes: Uint8Array): ReadFrame[] {
    this.#reader.push(bytes.slice());
    return this.#frames.splice(0);
  }
}
