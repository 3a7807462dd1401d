/**
 * The opening handshake of the native engine: a `Request` of `Deno.serve` goes through the
 * same check as on the codec engine, and then to `Deno.upgradeWebSocket`, which checks
 * next to nothing itself.
 *
 * @module
 */
import { type Clock, systemClock } from "../../connection/clock.ts";
import type { ResolvedOptions } from "../../connection/options.ts";
import {
  applicationFields,
  checkedSubprotocol,
  isHandshakeField,
} from "../../protocol/handshake/head_writer.ts";
import type { RequestHead } from "../../protocol/handshake/head.ts";
import type { HeaderField } from "../../protocol/handshake/header_list.ts";
import type { Refusal } from "../../protocol/handshake/response.ts";
import { requestHeadFrom } from "../../protocol/handshake/server_handshake.ts";
import { CloseCode } from "../../protocol/close_codes.ts";
import { visibleTarget } from "../upgrade.ts";
import { NativeTransport } from "./transport.ts";

/** How a request is upgraded that has passed the check. */
export interface NativeUpgradeOptions {
  /**
   * The subprotocol that was chosen among those offered.
   * @default undefined
   */
  readonly subprotocol?: string | undefined;
  /**
   * Fields that the application adds to the response, for example `Set-Cookie`.
   * @default []
   */
  readonly headers?: Iterable<HeaderField> | undefined;
  /** How liveness is watched; see {@linkcode idleTimeoutOf}. */
  readonly heartbeat: ResolvedOptions["heartbeat"];
  /**
   * How long the connection may take to open once the response is given to the runtime, in
   * milliseconds.
   * @default 10000
   */
  readonly openTimeout?: number;
  /** @default the runtime's clock */
  readonly clock?: Clock;
  /** The connection is open: called once, and has to start the transport before it returns. */
  readonly onOpen: (transport: NativeTransport) => void;
  /**
   * The connection will not open: called once, and never when `onOpen` was. The client went
   * away, or the response was not given to the runtime.
   */
  readonly onAbandoned: () => void;
}

/** The absolute URL of a request, in parts: `Deno.serve` neither checks nor changes it. */
const REQUEST_URL = /^(?:https?|http\+unix):\/\/([^/?#]*)([/?].*)?$/i;

/**
 * The head of a request as the check takes it.
 *
 * What the runtime does not tell cannot be checked: HTTP/1.0 counts as HTTP/1.1. A target
 * that is not visible ASCII becomes empty, which no check lets pass.
 */
export function headOfRequest(request: Request): RequestHead {
  const { method, url, headers } = request;
  const [, authority, path = "/"] = REQUEST_URL.exec(url) ?? [];
  // The host of an absolute target takes precedence over the Host field (RFC 9112 §3.2.2).
  const target = authority === headers.get("host") ? path : url;
  return requestHeadFrom(method, visibleTarget(target), headers);
}

/** The response that refuses a request; a `HandshakeRefusal` will do. */
export function refusalResponse(refusal: Refusal): Response {
  const { status, message } = refusal;
  const headers = new Headers();
  for (const [name, value] of refusal.headers ?? []) headers.append(name, value);
  if (!headers.has("content-type")) headers.set("Content-Type", "text/plain; charset=utf-8");
  // RFC 9110 §7.8: who sends Upgrade names it in Connection as well.
  if (headers.has("upgrade")) headers.append("Connection", "Upgrade");
  // The platform gives no body to a response 304 (RFC 9110 §15.4.5), not even an empty one.
  return new Response(status === 304 ? null : message, { status, headers });
}

/**
 * The runtime's `idleTimeout` in seconds: it pings after half of it, and gives the peer the
 * other half to answer. So what it can honour is an interval and a timeout that are equal;
 * of others it honours the sum. A single frame that takes longer to arrive is cut as well.
 */
export function idleTimeoutOf(heartbeat: ResolvedOptions["heartbeat"]): number {
  return heartbeat === false ? 0 : (heartbeat.interval + heartbeat.timeout) / 1000;
}

/**
 * Upgrades a request that passed the check. The response has to be given to the runtime.
 *
 * @throws {TypeError} when the subprotocol or a header is not well formed, when a header
 * belongs to the handshake, or when the request did not come from `Deno.serve`.
 */
export function upgradeNative(request: Request, options: NativeUpgradeOptions): Response {
  const { subprotocol, headers = [], openTimeout = 10_000, clock = systemClock } = options;
  // Whatever can fail comes first: the runtime hangs when its response is not used.
  const fields = applicationFields(headers, isHandshakeField);
  if (subprotocol !== undefined) {
    // The runtime's own option `protocol` finds it only in lists that are split by ", ".
    fields.push(["Sec-WebSocket-Protocol", checkedSubprotocol(subprotocol)]);
  }
  const idleTimeout = idleTimeoutOf(options.heartbeat);
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout });
  for (const [name, value] of fields) response.headers.append(name, value);
  awaitOpen(socket, { ...options, openTimeout, clock });
  return response;
}

function awaitOpen(
  socket: WebSocket,
  options: NativeUpgradeOptions & { openTimeout: number; clock: Clock },
): void {
  const { clock } = options;
  let abandoned = false;
  const abandon = () => {
    if (abandoned) return;
    abandoned = true;
    clock.clearTimeout(timer);
    options.onAbandoned();
  };
  // A client that resets before it has the response causes no event at all. What the runtime
  // holds for it, a descriptor too, is lost; the place it takes with us must not be.
  const timer = clock.setTimeout(abandon, options.openTimeout);
  socket.onerror = socket.onclose = abandon;
  socket.onopen = () => {
    if (abandoned) return socket.close(CloseCode.GOING_AWAY);
    clock.clearTimeout(timer);
    socket.onopen = socket.onerror = socket.onclose = null;
    options.onOpen(new NativeTransport(socket));
  };
}
