/**
 * The server's half of the opening handshake (RFC 6455 §4.2): is this a request for a
 * WebSocket, is it as it must be, and what does it offer. The same check stands before
 * every engine.
 *
 * @module
 */
import { isKey } from "./accept_key.ts";
import { type RefusalCode, requestFault } from "./errors.ts";
import { type ExtensionOffer, parseExtensions } from "./extension_header.ts";
import { isToken, listContains, splitList } from "./grammar.ts";
import type { RequestHead } from "./head.ts";
import { type HeaderField, HeaderList } from "./header_list.ts";
import { checkRequestHead } from "./request_check.ts";

export { requestHeadFrom } from "./head.ts";
export { formatRefusal, formatUpgradeResponse } from "./response.ts";

/** The only version of the protocol (RFC 6455 §4.1). */
const VERSION = "13";

/** More subprotocols than anyone speaks. */
const MAX_SUBPROTOCOLS = 100;

/** What a valid request for a WebSocket offers. */
export interface UpgradeOffer {
  /** Tells it from a {@linkcode HandshakeRefusal}. */
  readonly kind: "offer";
  /** The `Sec-WebSocket-Key`. */
  readonly key: string;
  /** The subprotocols, most preferred first; empty where none was named. */
  readonly subprotocols: readonly string[];
  /** The extensions, most preferred first; empty where none was named. */
  readonly extensions: readonly ExtensionOffer[];
}

/** Why a request for a WebSocket is refused, and with which response. */
export interface HandshakeRefusal {
  /** Tells it from an {@linkcode UpgradeOffer}. */
  readonly kind: "refusal";
  /** The status of the response. */
  readonly status: number;
  /** Which rule was broken; stable across releases. */
  readonly code: RefusalCode;
  /** What was wrong and what would be right. */
  readonly message: string;
  /** The fields that the response must have, such as `Allow` beside the status 405. */
  readonly headers: [name: string, value: string][];
}

/** The fields without which a refusal would be incomplete. */
const REFUSAL_HEADERS: Partial<Record<RefusalCode, readonly HeaderField[]>> = {
  ERR_METHOD: [["Allow", "GET"]],
  // RFC 9110 §15.5.22: a response 426 must name the protocols to upgrade to.
  ERR_HTTP_1_0: [["Upgrade", "websocket"]],
  ERR_UPGRADE: [["Upgrade", "websocket"]],
  ERR_VERSION: [["Upgrade", "websocket"], ["Sec-WebSocket-Version", VERSION]],
};

/**
 * Whether the request asks for a WebSocket, well or badly: whether its Upgrade field names
 * `websocket`. What does not is plain HTTP.
 */
export function isUpgradeRequest(head: RequestHead): boolean {
  return listContains(head.headers.get("upgrade"), "websocket");
}

/**
 * Checks a request for a WebSocket against all that RFC 6455 §4.2.1 asks, and before that
 * against what HTTP asks of every request. The Origin field is not looked at: who may
 * connect is the application's policy (RFC 6455 §10.2).
 */
export function checkUpgradeRequest(head: RequestHead): UpgradeOffer | HandshakeRefusal {
  const { headers } = head;
  const fault = checkRequestHead(head)?.code ?? checkUpgrade(head);
  if (fault !== undefined) return refusal(fault);
  const [key = "", ...moreKeys] = headers.getAll("sec-websocket-key");
  if (moreKeys.length > 0 || !isKey(key)) return refusal("ERR_KEY");
  const subprotocols = parseSubprotocols(headers.get("sec-websocket-protocol"));
  if (subprotocols === undefined) return refusal("ERR_SUBPROTOCOLS");
  const field = headers.get("sec-websocket-extensions");
  const extensions = field === undefined ? [] : parseExtensions(field);
  if (extensions === undefined) return refusal("ERR_EXTENSIONS");
  return { kind: "offer", key, subprotocols, extensions };
}

/**
 * The subprotocol to speak: the first of `supported`, which is in the server's order of
 * preference, that the client has offered. `undefined` where they have none in common;
 * the response then has no such field (RFC 6455 §4.2.2).
 */
export function selectSubprotocol(
  offered: Iterable<string>,
  supported: Iterable<string>,
): string | undefined {
  const known = new Set(offered);
  for (const subprotocol of supported) {
    if (known.has(subprotocol)) return subprotocol;
  }
  return undefined;
}

/** Checks everything about the request but what it offers. */
function checkUpgrade(head: RequestHead): RefusalCode | undefined {
  const { method, httpVersion, headers } = head;
  if (method !== "GET") return "ERR_METHOD";
  // RFC 9110 §7.8: an Upgrade field in a request of HTTP/1.0 must be ignored.
  if (httpVersion === "1.0") return "ERR_HTTP_1_0";
  if (!isUpgradeRequest(head)) return "ERR_UPGRADE";
  if (!listContains(headers.get("connection"), "upgrade")) return "ERR_CONNECTION";
  // A body would stand where the frames begin.
  const length = Number(headers.get("content-length") ?? 0);
  if (length > 0 || headers.has("transfer-encoding")) return "ERR_BODY";
  // Given twice, the values are joined and are not "13".
  return headers.get("sec-websocket-version") === VERSION ? undefined : "ERR_VERSION";
}

/** The subprotocols that the field lists: tokens, each once (RFC 6455 §4.1, point 10). */
function parseSubprotocols(field: string | undefined): string[] | undefined {
  if (field === undefined) return [];
  const list = splitList(field);
  const valid = list.length >= 1 && list.length <= MAX_SUBPROTOCOLS &&
    new Set(list).size === list.length && list.every(isToken);
  return valid ? list : undefined;
}

/** The refusal that goes with a fault. */
function refusal(code: RefusalCode): HandshakeRefusal {
  const headers = new HeaderList(REFUSAL_HEADERS[code]);
  return { kind: "refusal", code, ...requestFault(code), headers: [...headers] };
}
