/**
 * What an engine asks of the server above it: whom to admit, which upgrades to accept, what
 * plain HTTP gets.
 *
 * @module
 */
import type { Connection } from "../connection/connection.ts";
import type { ConnectionHandlers } from "../connection/handlers.ts";
import type { ResolvedOptions } from "../connection/options.ts";
import type { PeerAddress } from "../connection/transport.ts";
import type { RequestHead } from "../protocol/handshake/head.ts";
import type { HeaderField } from "../protocol/handshake/header_list.ts";
import type { Refusal } from "../protocol/handshake/response.ts";
import type { UpgradeOffer } from "../protocol/handshake/server_handshake.ts";

/** Where a request came from. */
export interface RequestInfo {
  /** The client's end of the connection. */
  readonly remoteAddress: PeerAddress;
  /** Whether the connection is encrypted. */
  readonly secure: boolean;
}

/** Answers a plain HTTP request. */
export type FetchHandler = (request: Request, info: RequestInfo) => Response | Promise<Response>;

/** A place among the connections, or the answer that there is none. */
export type Place =
  | { readonly kind: "admitted"; release(): void }
  | ({ readonly kind: "refused" } & Refusal);

/** An upgrade request that is well-formed. */
export interface UpgradeContext extends RequestInfo {
  /** The head of the request. */
  readonly head: RequestHead;
  /** What it says about the WebSocket. */
  readonly offer: UpgradeOffer;
  /** What was asked for, as an http or https URL. */
  readonly url: URL;
  /** Fires when the handshake has taken too long. */
  readonly signal: AbortSignal;
}

/** An upgrade that is accepted. */
export interface Acceptance {
  readonly kind: "accepted";
  /** One of the subprotocols offered, if any. */
  readonly subprotocol: string | undefined;
  /** Fields for the response. */
  readonly headers: readonly HeaderField[];
  /** How the connection is to behave. */
  readonly options: ResolvedOptions;
  /** Who handles it. */
  readonly handlers: ConnectionHandlers;
  /** What the application keeps with it. */
  readonly data: unknown;
}

/** What becomes of an upgrade request. */
export type UpgradeDecision = Acceptance | ({ readonly kind: "refused" } & Refusal);

/** The server above an engine. None of its methods throws or rejects. */
export interface Host {
  /** How long an opening handshake may take, in milliseconds, from the first byte on. */
  readonly handshakeTimeout: number;
  /** Answers plain HTTP; without it, every request must be an upgrade. */
  readonly fetch: FetchHandler | undefined;
  /** Asks for a place; whoever is admitted releases it at the end. */
  admit(address: PeerAddress): Place;
  /** Decides about an upgrade. */
  decide(context: UpgradeContext): Promise<UpgradeDecision>;
  /** A connection is open. */
  onOpen(connection: Connection): void;
  /** Something failed that no handler is there for. */
  onError(error: unknown): void;
}

/** A server that an engine runs. */
export interface EngineServer {
  /** Where it listens. */
  readonly address: Deno.NetAddr | Deno.UnixAddr;
  /**
   * Takes no more connections, and lets plain HTTP that is under way finish. `drained`
   * settles when the connections that are open have been closed.
   */
  stop(drained: Promise<unknown>): Promise<void>;
  /** Cuts whatever is left, so that `stop` settles soon, and gives when it is gone. */
  abort(): void | Promise<void>;
}

/** The answer to a request that no URL can be made of. */
export const BAD_REQUEST: Refusal = { status: 400, message: "Bad Request\n" };
/** The answer when the application failed. */
export const SERVER_ERROR: Refusal = { status: 500, message: "Internal Server Error\n" };
/** The answer when deciding took longer than a handshake may. */
export const TOO_SLOW: Refusal = {
  status: 503,
  message: "The server took too long to decide about the upgrade.\n",
  headers: [["Retry-After", "5"]],
};
/** The answer to whoever comes while the server shuts down. */
export const SHUTTING_DOWN: Refusal = {
  status: 503,
  message: "The server is shutting down.\n",
  headers: [["Retry-After", "5"]],
};
/** The answer to plain HTTP where only WebSocket is served (RFC 9110 §15.5.22). */
export const UPGRADE_REQUIRED: Refusal = {
  status: 426,
  message: "Only WebSocket is served here.\n",
  headers: [["Upgrade", "websocket"], ["Sec-WebSocket-Version", "13"]],
};

/** Where a server listens. */
export type ListenOptions =
  | { readonly hostname: string; readonly port: number; readonly tls?: TlsOptions }
  | { readonly path: string };

/** The certificate of a TLS server. */
export interface TlsOptions {
  /** The certificate chain, in PEM. */
  readonly cert: string;
  /** The private key, in PEM. */
  readonly key: string;
}

/** The address of a peer, from the runtime's. */
export function peerAddress(address: Deno.Addr): PeerAddress {
  // That of a stream on which TLS was started lacks its transport, whatever the types say.
  if ("hostname" in address) {
    return { transport: "tcp", hostname: address.hostname, port: address.port };
  }
  const hostname = "path" in address ? address.path ?? "" : "";
  return { transport: "unix", hostname, port: 0 };
}
