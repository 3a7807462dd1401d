/**
 * The client's half of the opening handshake (RFC 6455 §4.1): the request that it sends,
 * and what the response must be.
 *
 * @module
 */
import { acceptKey, isKey } from "./accept_key.ts";
import { encodeBase64 } from "./base64.ts";
import { type HandshakeFailureCode, responseFault } from "./errors.ts";
import { type ExtensionOffer, formatExtensions, parseExtensions } from "./extension_header.ts";
import { asciiLowerCase, listContains } from "./grammar.ts";
import type { ResponseHead } from "./head.ts";
import {
  applicationFields,
  checkedSubprotocol,
  isHandshakeField,
  writeHead,
} from "./head_writer.ts";
import type { HeaderField, HeaderList } from "./header_list.ts";
import { encodeLatin1 } from "./latin1.ts";
import { parseWebSocketUrl } from "./websocket_url.ts";

/** What a client offers, and what the response is held against. */
export interface ClientOffer {
  /** The `Sec-WebSocket-Key`, from {@linkcode generateKey}. */
  readonly key: string;
  /** The subprotocols, most preferred first. */
  readonly subprotocols: readonly string[];
  /** The extensions, most preferred first. */
  readonly extensions: readonly ExtensionOffer[];
}

/** What goes into the request. */
export interface UpgradeRequest extends ClientOffer {
  /** Where to connect to; see {@linkcode parseWebSocketUrl}. */
  readonly url: URL;
  /** Fields that the application adds, for example `Origin` or `Cookie`. */
  readonly headers: Iterable<HeaderField>;
}

/** What a valid response has agreed to. */
export interface UpgradeAgreement {
  /** Tells it from a {@linkcode HandshakeFailure}. */
  readonly kind: "agreement";
  /** The subprotocol that the server has chosen; empty for none. */
  readonly subprotocol: string;
  /** The extensions that the server has accepted, in the order in which they are applied. */
  readonly extensions: readonly ExtensionOffer[];
}

/** Why a response does not open the connection. */
export interface HandshakeFailure {
  /** Tells it from an {@linkcode UpgradeAgreement}. */
  readonly kind: "failure";
  /** Which rule was broken; stable across releases. */
  readonly code: HandshakeFailureCode;
  /** What would have been right and what came instead. */
  readonly message: string;
}

/** How much of a value from the peer an error message quotes. */
const MAX_QUOTED = 100;

/**
 * The `Sec-WebSocket-Key` made of `random`, 16 bytes that a cryptographic source has chosen
 * for this one connection (RFC 6455 §4.1).
 *
 * @throws {RangeError} where there are not 16 bytes.
 */
export function generateKey(random: Uint8Array): string {
  if (random.length !== 16) {
    throw new RangeError(`Cannot generate the key: it takes 16 bytes, got ${random.length}`);
  }
  return encodeBase64(random);
}

/**
 * The bytes of the request that opens a connection (RFC 6455 §4.1). A user name and a
 * password in the URL become `Authorization: Basic` (RFC 7617), unless the application
 * sets that field itself.
 *
 * @throws {TypeError} where the URL is not a WebSocket URL, or where the key, a subprotocol,
 * an extension or a header is not well formed or, in the case of a header, belongs to the
 * handshake.
 */
export function createUpgradeRequest(request: UpgradeRequest): Uint8Array {
  const { key, subprotocols, extensions } = request;
  const url = parseWebSocketUrl(request.url);
  const chosen = applicationFields(request.headers, isHandshakeField);
  if (!isKey(key)) {
    throw new TypeError("Cannot open the connection: the key must be 24 characters of base64");
  }
  const fields: HeaderField[] = [
    ["Host", url.host],
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Key", key],
    ["Sec-WebSocket-Version", "13"],
  ];
  if (subprotocols.length > 0) {
    fields.push(["Sec-WebSocket-Protocol", formatSubprotocols(subprotocols)]);
  }
  if (extensions.length > 0) {
    fields.push(["Sec-WebSocket-Extensions", formatExtensions(extensions)]);
  }
  const hasUser = url.username !== "" || url.password !== "";
  if (hasUser && !chosen.some(([name]) => asciiLowerCase(name) === "authorization")) {
    fields.push(["Authorization", basicCredentials(url)]);
  }
  return writeHead(`GET ${url.pathname}${url.search} HTTP/1.1`, [...fields, ...chosen]);
}

/** Checks a response against all that RFC 6455 §4.1 asks of it, and against what was offered. */
export function checkUpgradeResponse(
  head: ResponseHead,
  expected: ClientOffer,
): UpgradeAgreement | HandshakeFailure {
  const { status, httpVersion, headers } = head;
  if (status !== 101) return failure("ERR_UNEXPECTED_STATUS", `got ${status}`);
  if (httpVersion !== "1.1") return failure("ERR_UNEXPECTED_VERSION", `got HTTP/${httpVersion}`);
  const upgrade = headers.get("upgrade");
  if (upgrade === undefined || asciiLowerCase(upgrade) !== "websocket") {
    return failure("ERR_UNEXPECTED_UPGRADE", got(upgrade));
  }
  const connection = headers.get("connection");
  if (!listContains(connection, "upgrade")) {
    return failure("ERR_UNEXPECTED_CONNECTION", got(connection));
  }
  // Given twice, the values are joined and are not what the key asks for.
  const accept = headers.get("sec-websocket-accept");
  if (accept !== acceptKey(expected.key)) return failure("ERR_UNEXPECTED_ACCEPT", got(accept));
  const subprotocol = headers.get("sec-websocket-protocol");
  if (subprotocol !== undefined && !expected.subprotocols.includes(subprotocol)) {
    return failure("ERR_UNEXPECTED_SUBPROTOCOL", got(subprotocol));
  }
  const extensions = checkExtensions(headers, expected.extensions);
  if (!Array.isArray(extensions)) return extensions;
  return { kind: "agreement", subprotocol: subprotocol ?? "", extensions };
}

/**
 * The extensions of the response: one field at most (RFC 6455 §11.3.2), and each extension
 * offered and accepted once. Whether its parameters are right is for the extension to say.
 */
function checkExtensions(
  headers: HeaderList,
  offered: readonly ExtensionOffer[],
): ExtensionOffer[] | HandshakeFailure {
  const [field, ...more] = headers.getAll("sec-websocket-extensions");
  if (field === undefined) return [];
  const extensions = more.length > 0 ? undefined : parseExtensions(field);
  if (extensions === undefined) return failure("ERR_MALFORMED_EXTENSIONS", got(field));
  const names = new Set(offered.map(({ name }) => name));
  for (const { name } of extensions) {
    if (!names.delete(name)) return failure("ERR_UNEXPECTED_EXTENSION", got(name));
  }
  return extensions;
}

/** The value of `Sec-WebSocket-Protocol`: tokens, each once (RFC 6455 §4.1, point 10). */
function formatSubprotocols(subprotocols: readonly string[]): string {
  if (new Set(subprotocols).size !== subprotocols.length) {
    throw new TypeError("Cannot open the connection: a subprotocol must be named only once");
  }
  return subprotocols.map(checkedSubprotocol).join(", ");
}

/** The credentials of the URL for `Authorization` (RFC 7617 §2). */
function basicCredentials(url: URL): string {
  const user = decodePercent(url.username);
  if (user.includes(":")) {
    throw new TypeError("Cannot open the connection: the URL's user name must have no colon");
  }
  return `Basic ${encodeBase64(encodeLatin1(`${user}:${decodePercent(url.password)}`))}`;
}

/** The bytes that percent-encoded ASCII stands for, as the character codes of a string. */
function decodePercent(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}

/** The failure that goes with a fault. */
function failure(code: HandshakeFailureCode, detail: string): HandshakeFailure {
  return { kind: "failure", code, message: responseFault(code, detail) };
}

/** What came, for a message: cut, and safe to print on a terminal. */
function got(value: string | undefined): string {
  if (value === undefined) return "got none";
  const cut = value.length > MAX_QUOTED ? `${value.slice(0, MAX_QUOTED)}...` : value;
  return `got ${JSON.stringify(cut.replace(/[^\x20-\x7e]/g, "?"))}`;
}
