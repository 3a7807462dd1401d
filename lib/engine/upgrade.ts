/**
 * What every engine does with a request for a WebSocket: check it, have the host decide in
 * time, and make the connection.
 *
 * @module
 */
import { Connection } from "../connection/connection.ts";
import type { Transport } from "../connection/transport.ts";
import { type ExtensionOffer, formatExtensions } from "../protocol/handshake/extension_header.ts";
import type { RequestHead } from "../protocol/handshake/head.ts";
import { requestUrl } from "../protocol/handshake/request_check.ts";
import { checkUpgradeRequest } from "../protocol/handshake/server_handshake.ts";
import {
  type Acceptance,
  BAD_REQUEST,
  type Host,
  type RequestInfo,
  TOO_SLOW,
  type UpgradeContext,
  type UpgradeDecision,
} from "./host.ts";

/** A request for a WebSocket that passed the check. */
export interface CheckedUpgrade extends Omit<UpgradeContext, "signal"> {
  /** Tells it from a refusal. */
  readonly kind: "checked";
}

/** A request that is refused, by the check or by the host. */
export type RefusedUpgrade = Extract<UpgradeDecision, { kind: "refused" }>;

/** Checks a request for a WebSocket; the same for every engine. */
export function checkUpgrade(
  head: RequestHead,
  { remoteAddress, secure }: RequestInfo,
): CheckedUpgrade | RefusedUpgrade {
  const offer = checkUpgradeRequest(head);
  if (offer.kind === "refusal") return { ...offer, kind: "refused" };
  const url = requestUrl(head, secure);
  if (url === undefined) return { kind: "refused", ...BAD_REQUEST };
  return { kind: "checked", head, offer, url, remoteAddress, secure };
}

/** Asks the host until `signal` fires; then the answer is 503. */
export async function decideInTime(
  host: Host,
  upgrade: CheckedUpgrade,
  signal: AbortSignal,
): Promise<UpgradeDecision> {
  const expired = Promise.withResolvers<UpgradeDecision>();
  const expire = () => expired.resolve({ kind: "refused", ...TOO_SLOW });
  if (signal.aborted) expire();
  signal.addEventListener("abort", expire, { once: true });
  return await Promise.race([host.decide({ ...upgrade, signal }), expired.promise]);
}

/** Makes the connection of an upgrade that was accepted and answered, and tells the host. */
export function openConnection(
  host: Host,
  upgrade: CheckedUpgrade,
  opened: {
    acceptance: Acceptance;
    transport: Transport;
    /** What was agreed on. @default none */
    extensions?: readonly ExtensionOffer[];
  },
): Connection {
  const { acceptance, transport, extensions = [] } = opened;
  const { subprotocol, options, handlers, data } = acceptance;
  const connection = new Connection({
    transport,
    options,
    handlers,
    data,
    info: {
      role: "server",
      url: upgrade.url.href.replace(/^http/, "ws"),
      subprotocol: subprotocol ?? "",
      extensions: formatExtensions(extensions),
      remoteAddress: upgrade.remoteAddress,
    },
  });
  host.onOpen(connection);
  return connection;
}

/** The time that one opening handshake may take. */
export class HandshakeDeadline {
  readonly #controller = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;

  /** Begins now; `onExpired` is called after `timeout` milliseconds, unless it is stopped. */
  constructor(timeout: number, onExpired?: () => void) {
    this.#timer = setTimeout(() => {
      this.#controller.abort();
      onExpired?.();
    }, timeout);
  }

  /** Ends the time now, without a call of `onExpired`. */
  expire(): void {
    this.stop();
    this.#controller.abort();
  }

  /** Fires when the time is over. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The handshake is over, whatever came of it. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** What a target may consist of (RFC 9112 §3.2). */
const VISIBLE = /^[\x21-\x7e]*$/;

/**
 * The target of a request that another HTTP server has read, which may check less. One that
 * is not visible ASCII becomes empty, which no check lets pass.
 */
export function visibleTarget(target: string): string {
  return VISIBLE.test(target) ? target : "";
}
