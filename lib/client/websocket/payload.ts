/**
 * Data on its way between a program and a message: what can be sent, and bytes that are
 * handed out.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** What is sent: a text message, a binary one, or a binary one whose bytes are to be read. */
export type Payload = string | Uint8Array | Blob;

/**
 * What `data` is to be sent as. What is no `Blob`, no buffer and no view of one becomes a
 * string, as Web IDL has it.
 *
 * @throws {TypeError} when the bytes are shared, or there is no string for `data`.
 */
export function payloadOf(data: unknown): Payload {
  if (typeof data === "string") return data;
  if (data instanceof Blob) return data;
  return bytesOf(data) ?? `${data}`;
}

/**
 * The bytes of a buffer or of a view of one, which are not copied; `undefined` for all else.
 *
 * @throws {TypeError} when the bytes are shared with another thread, which could change them.
 */
export function bytesOf(data: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (data instanceof SharedArrayBuffer) throw sharedBytes();
  if (!ArrayBuffer.isView(data)) return undefined;
  const { buffer, byteOffset, byteLength } = data;
  if (!(buffer instanceof ArrayBuffer)) throw sharedBytes();
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** How many bytes of application data a message has: of text, those of its UTF-8. */
export function sizeOf(payload: Payload): number {
  if (typeof payload === "string") return Buffer.byteLength(payload);
  return payload instanceof Blob ? payload.size : payload.byteLength;
}

/** The same bytes, alone in their buffer: small messages of a connection share one. */
export function aloneInBuffer(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}

function sharedBytes(): TypeError {
  return new TypeError("Cannot send shared memory: copy the bytes first, as with bytes.slice()");
}
