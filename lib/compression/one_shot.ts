/**
 * Deflating and inflating with one call for each message, where contexts do not work. It
 * knows no takeover, and inflates only once a message is complete.
 *
 * @module
 */
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import type { ProtocolErrorCode } from "../protocol/errors.ts";
import type { InflatedSink, MessageInflater } from "../protocol/permessage_deflate/codec.ts";
import type { BlockSource } from "./deflater.ts";
import { chunkBytes, TAIL } from "./tail.ts";
import type { DeflateSettings } from "./zlib_context.ts";

const { Z_SYNC_FLUSH, Z_FINISH } = constants;

/** The tail, and then an empty block with BFINAL: so a whole message has an end. */
const TAIL_AND_END = Uint8Array.of(0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff);

/** A call costs so much that a message may have only so many blocks with BFINAL. */
const MAX_CALLS = 1024;

/** Makes blocks with one call for each piece. */
export class OneShotBlocks implements BlockSource {
  readonly #settings: DeflateSettings;

  /** Takes how to deflate. */
  constructor(settings: DeflateSettings) {
    this.#settings = settings;
  }

  compress(bytes: Uint8Array, afterTail: boolean): Uint8Array {
    const { level, windowBits, memoryLevel: memLevel } = this.#settings;
    const options = { level, windowBits, memLevel, finishFlush: Z_SYNC_FLUSH };
    const blocks = deflateRawSync(bytes, options).subarray(0, -TAIL.length);
    return join(afterTail ? [TAIL, blocks] : [blocks]);
  }

  end(): void {}

  close(): void {}
}

/** What one call made, and how much of the input it took; or why it made nothing. */
type Result = { readonly bytes: Uint8Array; readonly used: number } | ProtocolErrorCode;

/** Inflates the messages of one connection. */
export class OneShotInflater implements MessageInflater {
  readonly #windowBits: number;
  #pieces: Uint8Array[] = [];
  #closed = false;

  /** Takes the window, as the exponent of 2: 9 to 15. */
  constructor(windowBits: number) {
    this.#windowBits = windowBits;
  }

  /** Keeps a copy of the piece. */
  push(bytes: Uint8Array, start: number, end: number): undefined {
    if (end > start && !this.#closed) this.#pieces.push(new Uint8Array(bytes.subarray(start, end)));
  }

  /** Inflates the message. */
  finish(sink: InflatedSink): ProtocolErrorCode | undefined {
    if (this.#pieces.length === 0) return undefined;
    const input = join([...this.#pieces, TAIL_AND_END]);
    this.#pieces = [];
    const end = input.length - TAIL_AND_END.length;
    // RFC 7692 §7.2.3.4: after a block with BFINAL others may follow.
    for (let at = 0, calls = 0; at < end; calls++) {
      if (calls === MAX_CALLS) return "ERR_DEFLATE_DATA";
      const room = sink.inflatedRoom;
      const result = this.#inflate(input.subarray(at), room, Z_FINISH);
      if (typeof result === "string") return result;
      const fault = this.#check(result, input.subarray(at, end), room);
      if (fault !== undefined) return fault;
      at += result.used;
      if (result.bytes.length > 0) {
        const refused = sink.onInflated(result.bytes, 0, result.bytes.length);
        if (refused !== undefined || this.#closed) return refused;
      }
    }
    return undefined;
  }

  close(): void {
    this.#closed = true;
    this.#pieces = [];
  }

  /** Finds what was cut short: it needs a part of the tail, or makes bytes of it. */
  #check(result: Exclude<Result, string>, input: Uint8Array, room: number):
    | ProtocolErrorCode
    | undefined {
    if (result.used <= input.length) return undefined;
    if (result.used < input.length + TAIL_AND_END.length) return "ERR_DEFLATE_DATA";
    const alone = this.#inflate(input, room, Z_SYNC_FLUSH);
    const same = typeof alone !== "string" && alone.bytes.length === result.bytes.length;
    return same ? undefined : "ERR_DEFLATE_DATA";
  }

  #inflate(input: Uint8Array, room: number, finishFlush: number): Result {
    try {
      const { buffer, engine } = inflateRawSync(input, {
        windowBits: this.#windowBits,
        chunkSize: chunkBytes(this.#windowBits),
        maxOutputLength: Math.min(room + 1, Number.MAX_SAFE_INTEGER),
        finishFlush,
        info: true,
      }) as unknown as { buffer: Uint8Array; engine: { bytesWritten: number } };
      if (buffer.length > room) return "ERR_MESSAGE_TOO_LARGE";
      return { bytes: buffer, used: engine.bytesWritten };
    } catch (error) {
      const { code } = error as { code?: unknown };
      return code === "ERR_BUFFER_TOO_LARGE" ? "ERR_MESSAGE_TOO_LARGE" : "ERR_DEFLATE_DATA";
    }
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
