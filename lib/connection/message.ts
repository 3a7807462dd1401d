/**
 * What can be sent, and what becomes of it.
 *
 * @module
 */
import { PreparedMessage } from "./prepared_message.ts";

/**
 * What can be sent: a string as a text message; a buffer or any view of one, shared or not,
 * as a binary message; or what was prepared.
 */
export type Sendable = string | ArrayBufferLike | ArrayBufferView | PreparedMessage;

/** What is sent. */
export type Message = string | Uint8Array | PreparedMessage;

/**
 * What is sent for `data`; bytes are not copied.
 *
 * @throws {TypeError} when that cannot be sent.
 */
export function messageOf(data: Sendable): Message {
  if (typeof data === "string" || data instanceof Uint8Array) return data;
  if (data instanceof PreparedMessage) return data;
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return new Uint8Array(data);
  throw new TypeError(
    "Cannot send: the message must be a string, an ArrayBuffer, a view of one, " +
      `or a PreparedMessage; got ${data === null ? "null" : typeof data}`,
  );
}

/** How long a message is: bytes, of text UTF-16 units. */
export function lengthOf(message: Message): number {
  return message instanceof PreparedMessage ? message.data.length : message.length;
}

/** The message, for us to keep. Not by `slice`, which does not copy the bytes of a Buffer. */
export function ownCopy<Any extends Message>(message: Any): Any | Uint8Array {
  return message instanceof Uint8Array ? new Uint8Array(message) : message;
}
