/**
 * The responses of a server to a request for a WebSocket: 101, or a refusal after which
 * the connection ends.
 *
 * @module
 */
import { acceptKey } from "./accept_key.ts";
import { type ExtensionOffer, formatExtensions } from "./extension_header.ts";
import { asciiLowerCase } from "./grammar.ts";
import {
  applicationFields,
  checkedSubprotocol,
  isHandshakeField,
  writeHead,
} from "./head_writer.ts";
import type { HeaderField } from "./header_list.ts";

/** What goes into the response 101. */
export interface UpgradeResponse {
  /** The `Sec-WebSocket-Key` of the request. */
  readonly key: string;
  /**
   * The subprotocol that was chosen among those offered.
   * @default undefined
   */
  readonly subprotocol?: string | undefined;
  /**
   * The extensions that were agreed on, in the order in which they are applied.
   * @default []
   */
  readonly extensions?: readonly ExtensionOffer[] | undefined;
  /**
   * Fields that the application adds, for example `Set-Cookie`.
   * @default []
   */
  readonly headers?: Iterable<HeaderField> | undefined;
}

/** What goes into a refusal; a `HandshakeRefusal` and a `HeadFailure` will do. */
export interface Refusal {
  /** The status, an integer from 300 to 599. */
  readonly status: number;
  /** The body, sent as plain text in UTF-8. */
  readonly message: string;
  /**
   * Fields to add, for example `Retry-After`. A `Content-Type` here takes the place of
   * `text/plain`.
   * @default []
   */
  readonly headers?: Iterable<HeaderField> | undefined;
}

/** How a refusal is written. */
export interface RefusalOptions {
  /**
   * The method of the request. The response to `HEAD` has no body (RFC 9110 §9.3.2).
   * @default "GET"
   */
  readonly method?: string | undefined;
}

/** The phrases of the statuses that a handshake is likely to end with; the phrase may be empty. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [301, "Moved Permanently"],
  [302, "Found"],
  [307, "Temporary Redirect"],
  [308, "Permanent Redirect"],
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [408, "Request Timeout"],
  [414, "URI Too Long"],
  [426, "Upgrade Required"],
  [429, "Too Many Requests"],
  [431, "Request Header Fields Too Large"],
  [500, "Internal Server Error"],
  [503, "Service Unavailable"],
  [505, "HTTP Version Not Supported"],
]);

/**
 * The bytes of the response that opens the connection (RFC 6455 §4.2.2). Frames may follow
 * at once.
 *
 * @throws {TypeError} where a subprotocol, an extension or a header is not well formed, or
 * where a header belongs to the handshake.
 */
export function formatUpgradeResponse(response: UpgradeResponse): Uint8Array {
  const { key, subprotocol, extensions = [], headers = [] } = response;
  const fields: HeaderField[] = [
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Accept", acceptKey(key)],
  ];
  if (subprotocol !== undefined) {
    fields.push(["Sec-WebSocket-Protocol", checkedSubprotocol(subprotocol)]);
  }
  if (extensions.length > 0) {
    fields.push(["Sec-WebSocket-Extensions", formatExtensions(extensions)]);
  }
  fields.push(...applicationFields(headers, isHandshakeField));
  return writeHead("HTTP/1.1 101 Switching Protocols", fields);
}

/**
 * The bytes of a response that refuses the connection; it is to be closed after them.
 *
 * @throws {TypeError} where a header is not well formed, or says how long the response is
 * or what becomes of the connection.
 * @throws {RangeError} where the status is not an integer from 300 to 599.
 */
export function formatRefusal(refusal: Refusal, options: RefusalOptions = {}): Uint8Array {
  const { status, message, headers = [] } = refusal;
  if (!Number.isInteger(status) || status < 300 || status > 599) {
    throw new RangeError(
      `Cannot refuse the connection: the status must be an integer from 300 to 599, got ${status}`,
    );
  }
  const body = new TextEncoder().encode(message);
  const chosen = applicationFields(headers, (name) => FRAMING_FIELDS.has(name));
  const names = new Set(chosen.map(([name]) => asciiLowerCase(name)));
  const fields: HeaderField[] = [
    // RFC 9110 §7.8: who sends Upgrade names it in Connection as well.
    ["Connection", names.has("upgrade") ? "Upgrade, close" : "close"],
    ["Content-Length", String(body.length)],
    ...chosen,
  ];
  if (!names.has("content-type")) fields.push(["Content-Type", "text/plain; charset=utf-8"]);
  const head = writeHead(`HTTP/1.1 ${status} ${REASONS.get(status) ?? ""}`, fields);
  const bodiless = options.method === "HEAD" || status === 304;
  return bodiless ? head : concat(head, body);
}

/** What says where a response ends. */
const FRAMING_FIELDS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "transfer-encoding",
]);

/** The two after each other. */
function concat(head: Uint8Array, body: Uint8Array): Uint8Array {
  const all = new Uint8Array(head.length + body.length);
  all.set(head);
  all.set(body, head.length);
  return all;
}
