/**
 * What the tests of compression share: sinks, messages, and `node:zlib` by its ordinary calls
 * to compare with.
 *
 * @module
 */
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import {
  createMessageCompression,
  type MessageCompressionOptions,
} from "../../lib/compression/compression.ts";
import type { ZlibForm } from "../../lib/compression/form.ts";
import type { ProtocolErrorCode } from "../../lib/protocol/errors.ts";
import type { DeflateDirection } from "../../lib/protocol/permessage_deflate/agreement.ts";
import type {
  InflatedSink,
  MessageCompression,
  MessageDeflater,
  MessageInflater,
} from "../../lib/protocol/permessage_deflate/codec.ts";
import { concat } from "../support/hex.ts";

/** Both forms of zlib, which have to give the same. */
export const FORMS: readonly ZlibForm[] = ["contexts", "one-shot"];

/** A sink that keeps all that comes, up to a limit. */
export class Collector implements InflatedSink {
  readonly #parts: Uint8Array[] = [];
  readonly #limit: number;
  /** How many bytes came. */
  length = 0;
  /** The length of the longest piece. */
  longest = 0;
  /** What to answer with once this many bytes are there. */
  fault: { readonly at: number; readonly code: ProtocolErrorCode } | undefined;
  /** Called with each piece. */
  onPiece: (() => void) | undefined;

  constructor(limit: number = 1 << 26) {
    this.#limit = limit;
  }

  get inflatedRoom(): number {
    return this.#limit - this.length;
  }

  /** All that came. */
  get bytes(): Uint8Array {
    const whole = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  onInflated(bytes: Uint8Array, start: number, end: number): ProtocolErrorCode | undefined {
    if (end <= start) throw new Error("an empty piece");
    this.length += end - start;
    this.longest = Math.max(this.longest, end - start);
    const copy = bytes.slice(start, end);
    this.onPiece?.();
    this.#parts.push(copy);
    return this.fault !== undefined && this.length >= this.fault.at ? this.fault.code : undefined;
  }
}

/** A direction, by default the largest window without takeover. */
export function direction(fields: Partial<DeflateDirection> = {}): DeflateDirection {
  return { windowBits: 15, contextTakeover: false, ...fields };
}

/** Both directions the same. */
export function compression(
  fields: Partial<DeflateDirection> = {},
  options: Partial<MessageCompressionOptions> = {},
): MessageCompression & { readonly deflater: MessageDeflater } {
  const both = { outgoing: direction(fields), incoming: direction(fields) };
  const made = createMessageCompression(both, { level: 6, memoryLevel: 8, ...options });
  const { inflater, deflater } = made;
  if (deflater === undefined) throw new Error("no deflater");
  return { inflater, deflater };
}

/** Closes both directions. */
export function close({ inflater, deflater }: MessageCompression): void {
  inflater.close();
  deflater?.close();
}

/** Inflates a message that comes in `pieces`; what goes wrong ends it. */
export function inflate(
  inflater: MessageInflater,
  pieces: readonly Uint8Array[],
  sink: InflatedSink,
): ProtocolErrorCode | undefined {
  for (const piece of pieces) {
    const fault = inflater.push(piece, 0, piece.length, sink);
    if (fault !== undefined) return fault;
  }
  return inflater.finish(sink);
}

/** Inflates with nothing but limits: the bytes, or what is wrong with them. */
export function inflated(
  inflater: MessageInflater,
  ...pieces: readonly Uint8Array[]
): Uint8Array | ProtocolErrorCode {
  const sink = new Collector();
  return inflate(inflater, pieces, sink) ?? sink.bytes;
}

/** Deflates a message in `pieces`, and gives what that made, together. */
export function deflated(deflater: MessageDeflater, ...pieces: readonly Uint8Array[]): Uint8Array {
  const last = pieces.length - 1;
  return concat(...pieces.map((piece, at) => deflater.push(piece, at === last).slice()));
}

/** Messages of a peer, whose last four bytes the wire leaves out, made in one go. */
export function reference(
  message: Uint8Array,
  options: { level?: number; windowBits?: number; memLevel?: number } = {},
): Uint8Array {
  if (message.length === 0) return Uint8Array.of(0);
  const finishFlush = constants.Z_SYNC_FLUSH;
  return new Uint8Array(deflateRawSync(message, { ...options, finishFlush })).slice(0, -4);
}

/** What a peer makes of payloads that came one after the other, with a shared window. */
export function referenceInflated(
  payloads: readonly Uint8Array[],
  windowBits: number,
): Uint8Array {
  const tail = Uint8Array.of(0, 0, 0xff, 0xff);
  const whole = concat(...payloads.flatMap((payload) => [payload, tail]));
  return new Uint8Array(
    inflateRawSync(whole, { windowBits, finishFlush: constants.Z_SYNC_FLUSH }),
  );
}

/** `length` bytes that nothing can compress, the same for a seed. */
export function noise(length: number, seed = 1): Uint8Array {
  let state = seed >>> 0;
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = state >>> 24 ^ (state >>> 13 & 0xff);
  }
  return bytes;
}

/** About `length` bytes like those of an application, the same for a seed. */
export function json(length: number, seed = 1): Uint8Array {
  const random = noise(2 * length, seed);
  let text = "[";
  for (let at = 0; text.length < length; at += 2) {
    text += `{"id":${at},"name":"item ${random[at]}","value":${random[at + 1]! / 7}},`;
  }
  return new TextEncoder().encode(text.slice(0, length));
}
