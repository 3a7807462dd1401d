/**
 * One message on its way out, piece by piece: each chunk leaves as a fragment (RFC 6455
 * §5.4).
 *
 * @module
 */
import type { MessageType } from "../protocol/opcodes.ts";
import { Utf8Validator } from "../protocol/utf8.ts";

const EMPTY = new Uint8Array(0);
const encoder = new TextEncoder();

/** What a message writer needs of its connection. */
export interface FragmentSink {
  /** Sends a fragment, the last one with `fin`; gives a promise when it is better to wait. */
  sendFragment(bytes: Uint8Array, fin: boolean): Promise<void> | undefined;
  /** The message cannot be completed. */
  abandon(reason: unknown): void;
}

/**
 * Opens a stream whose chunks become the fragments of one message. Closing it completes
 * the message. Aborting it closes the connection with 1011, because a message that has
 * begun cannot be taken back.
 *
 * Text takes strings, also ones that cut a surrogate pair, and UTF-8 bytes.
 */
export function openMessageWriter(
  type: MessageType,
  sink: FragmentSink,
): WritableStream<string | Uint8Array> {
  const encode = type === "text" ? textEncoder() : binaryEncoder;
  return new WritableStream<string | Uint8Array>({
    write(chunk) {
      const bytes = encode(chunk);
      return bytes.length === 0 ? undefined : sink.sendFragment(bytes, false);
    },
    close() {
      return sink.sendFragment(encode(undefined), true);
    },
    abort(reason) {
      sink.abandon(reason);
    },
  });
}

/** Turns a chunk into bytes; `undefined` stands for the end of the message. */
type ChunkEncoder = (chunk: string | Uint8Array | undefined) => Uint8Array;

function binaryEncoder(chunk: string | Uint8Array | undefined): Uint8Array {
  if (chunk === undefined) return EMPTY;
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError(`Cannot write to a binary message: got ${typeof chunk}, not a Uint8Array`);
}

function textEncoder(): ChunkEncoder {
  const validator = new Utf8Validator();
  /** The first half of a surrogate pair that was cut. */
  let half = "";
  return (chunk) => {
    if (chunk instanceof Uint8Array) return valid(validator, chunk);
    if (chunk !== undefined && typeof chunk !== "string") {
      throw new TypeError(
        `Cannot write to a text message: got ${typeof chunk}, not a string or a Uint8Array`,
      );
    }
    if (!validator.complete) {
      throw new TypeError("Cannot write to a text message: the bytes before end in a character");
    }
    const text = half + (chunk ?? "");
    const cut = chunk !== undefined && endsInHighSurrogate(text);
    half = cut ? text.slice(-1) : "";
    return encoder.encode(cut ? text.slice(0, -1) : text);
  };
}

function valid(validator: Utf8Validator, bytes: Uint8Array): Uint8Array {
  if (validator.push(bytes, 0, bytes.length)) return bytes;
  throw new TypeError("Cannot write to a text message: the bytes are not UTF-8");
}

function endsInHighSurrogate(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
}
