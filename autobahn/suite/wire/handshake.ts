/**
 * The opening handshake (RFC 6455 §4) in both parts: heads to send, and what is wrong with those
 * that come.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Head } from "../model/stage.ts";
import { field, fieldCount, hasToken } from "./head.ts";

export { type ParsedHead, parseHead } from "./head.ts";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const PRODUCT = "Tidewire-Conformance";

/** Header fields to send, in order. */
export type Fields = readonly (readonly [name: string, value: string])[];

/** A new value for `Sec-WebSocket-Key`: 16 random bytes in base64 (RFC 6455 §4.1). */
export function newKey(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
}

/** The value of `Sec-WebSocket-Accept` that belongs to a key (RFC 6455 §4.2.2). */
export function acceptKey(key: string): string {
  return createHash("sha1").update(key + GUID).digest("base64");
}

/** An ordinary request; `fields` come last. */
export function requestHead(
  { path, host, key, fields = [] }: { path: string; host: string; key: string; fields?: Fields },
): string {
  return headText(`GET ${path} HTTP/1.1`, [
    ["Host", host],
    ["User-Agent", PRODUCT],
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Pragma", "no-cache"],
    ["Cache-Control", "no-cache"],
    ["Sec-WebSocket-Key", key],
    ["Sec-WebSocket-Version", "13"],
    ...fields,
  ]);
}

/** An ordinary response that accepts a request with `key`; `fields` come last. */
export function responseHead({ key, fields = [] }: { key: string; fields?: Fields }): string {
  return headText("HTTP/1.1 101 Switching Protocols", [
    ["Server", PRODUCT],
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Accept", acceptKey(key)],
    ...fields,
  ]);
}

/** A response that refuses: a status line such as `"404 Not Found"`, and a text that says why. */
export function refusal(
  status: string,
  text: string,
  { fields = [] }: { fields?: Fields | undefined } = {},
): string {
  const body = `${text}\n`;
  return headText(`HTTP/1.1 ${status}`, [
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Content-Length", String(new TextEncoder().encode(body).length)],
    ["Connection", "close"],
    ...fields,
  ]) + body;
}

/** A head as it is written: a first line, fields, and the empty line. */
export function headText(start: string, fields: Fields): string {
  return `${start}\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}

/**
 * What is wrong with a server's answer to a request with `key` (RFC 6455 §4.1), extensions
 * aside; `undefined` where nothing is.
 */
export function responseFault(head: Head, key: string): string | undefined {
  const [version, status, ...words] = head.start.trim().split(/\s+/);
  if (version !== "HTTP/1.1") return `the answer is not HTTP/1.1: "${head.start}"`;
  if (status !== "101") return `the server refused with ${[status, ...words].join(" ")}`;
  const upgrade = field(head, "upgrade");
  if (upgrade?.toLowerCase() !== "websocket") {
    return `Upgrade must be "websocket"; got ${quoted(upgrade)}`;
  }
  const connection = field(head, "connection");
  if (!hasToken(connection, "upgrade")) {
    return `Connection must contain "Upgrade"; got ${quoted(connection)}`;
  }
  const accept = field(head, "sec-websocket-accept");
  if (accept !== acceptKey(key)) {
    return `Sec-WebSocket-Accept must be "${acceptKey(key)}"; got ${quoted(accept)}`;
  }
  if (fieldCount(head, "sec-websocket-extensions") > 1) {
    return "Sec-WebSocket-Extensions appears more than once";
  }
  if (field(head, "sec-websocket-protocol")) {
    return "the server chose a subprotocol, and none was asked for";
  }
  return undefined;
}

/** Why a request is refused. */
export interface RequestFault {
  /** Status code and phrase. */
  readonly status: string;
  readonly words: string;
  /** Further fields of the response. */
  readonly fields?: Fields;
}

/** What is wrong with a client's request (RFC 6455 §4.2.1); `undefined` where nothing is. */
export function requestFault(head: Head): RequestFault | undefined {
  const bad = (words: string): RequestFault => ({ status: "400 Bad Request", words });
  const parts = head.start.split(" ");
  if (parts.length !== 3) return bad(`The request line must have three parts: "${head.start}"`);
  if (parts[2] !== "HTTP/1.1") return bad(`The version must be HTTP/1.1; got "${parts[2]}"`);
  if (parts[0] !== "GET") {
    return {
      status: "405 Method Not Allowed",
      words: `The method must be GET; got "${parts[0]}"`,
      fields: [["Allow", "GET"]],
    };
  }
  if (!hasToken(field(head, "upgrade"), "websocket")) {
    return {
      status: "426 Upgrade Required",
      words: "This is a WebSocket server: connect with a WebSocket client",
      fields: [["Upgrade", "websocket"], ["Connection", "Upgrade"]],
    };
  }
  if (!hasToken(field(head, "connection"), "upgrade")) return bad('Connection must be "Upgrade"');
  if (fieldCount(head, "host") !== 1) return bad("Host must stand there once");
  if (field(head, "sec-websocket-version") !== "13") {
    return {
      status: "426 Upgrade Required",
      words: `Sec-WebSocket-Version must be 13; got ${
        quoted(field(head, "sec-websocket-version"))
      }`,
      fields: [["Sec-WebSocket-Version", "13"]],
    };
  }
  if (!/^[A-Za-z0-9+/]{22}==$/.test(field(head, "sec-websocket-key") ?? "")) {
    return bad("Sec-WebSocket-Key must be 16 bytes in base64, once");
  }
  return undefined;
}

function quoted(value: string | undefined): string {
  return value === undefined ? "nothing" : `"${value}"`;
}
