/**
 * The key of an opening handshake and its answer: proof that the server has read a
 * WebSocket handshake and meant to take it (RFC 6455 §1.3).
 *
 * @module
 */
import { encodeBase64 } from "./base64.ts";
import { encodeLatin1 } from "./latin1.ts";
import { sha1 } from "./sha1.ts";

/** The constant that no server would append by chance (RFC 6455 §1.3). */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Sixteen bytes are 22 characters of base64 and two of padding. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** Whether `text` is a `Sec-WebSocket-Key`: base64 that stands for 16 bytes (RFC 6455 §4.2.1). */
export function isKey(text: string): boolean {
  return KEY.test(text);
}

/** The `Sec-WebSocket-Accept` that answers the `Sec-WebSocket-Key` `key` (RFC 6455 §4.2.2). */
export function acceptKey(key: string): string {
  return encodeBase64(sha1(encodeLatin1(key + GUID)));
}
