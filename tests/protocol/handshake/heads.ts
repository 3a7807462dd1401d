/**
 * Heads for the tests: bytes written as text, and a valid request and response to spoil.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { RequestHead, ResponseHead } from "../../../lib/protocol/handshake/head.ts";
import { HeadParser, type HeadRole } from "../../../lib/protocol/handshake/head_parser.ts";
import { HeaderList } from "../../../lib/protocol/handshake/header_list.ts";

/** The key of RFC 6455 §1.3. */
export const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
/** The answer to it. */
export const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** One byte a character. */
export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** One character a byte. */
export function text(data: Uint8Array): string {
  return Array.from(data, (byte) => String.fromCharCode(byte)).join("");
}

/** A head from its lines. */
export function lines(...all: string[]): Uint8Array {
  return bytes([...all, "", ""].join("\r\n"));
}

/** Fields by name; `null` leaves one out, a list repeats it. */
export type Changes = Record<string, string | null | string[]>;

/** `fields` with `changes`, as a list. */
function changed(fields: Changes, changes: Changes): HeaderList {
  const headers = new HeaderList();
  for (const [name, value] of Object.entries({ ...fields, ...changes })) {
    for (const one of value === null ? [] : [value].flat()) headers.append(name, one);
  }
  return headers;
}

/** A valid request for a WebSocket with `changes` to its fields and its line. */
export function request(changes: Changes = {}, line: Partial<RequestHead> = {}): RequestHead {
  const headers = changed({
    Host: "example.com",
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
  }, changes);
  return { method: "GET", target: "/chat", httpVersion: "1.1", headers, ...line };
}

/** A valid response to it with `changes` to its fields and its line. */
export function response(changes: Changes = {}, line: Partial<ResponseHead> = {}): ResponseHead {
  const headers = changed({
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Accept": ACCEPT,
  }, changes);
  return { status: 101, reason: "Switching Protocols", httpVersion: "1.1", headers, ...line };
}

/** Parses a whole head that must be good. */
export function parsed<Role extends HeadRole>(
  role: Role,
  data: Uint8Array,
): NonNullable<HeadParser<Role>["head"]> {
  const parser = new HeadParser(role);
  assertEquals(parser.push(data), data.length);
  assert(parser.head, parser.failure?.message);
  return parser.head;
}
