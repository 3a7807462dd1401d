/**
 * What an application says about one WebSocket endpoint.
 *
 * @module
 */
import type { ConnectionHandlers } from "../connection/handlers.ts";
import type { ConnectionOptions } from "../connection/options.ts";
import type { RequestInfo } from "../engine/host.ts";
import type { OriginPolicy } from "./origin.ts";

/** An upgrade request that passed every check, for the application to decide about. */
export interface UpgradeRequest extends RequestInfo {
  /** The request, with its URL and header fields. It has no body. */
  readonly request: Request;
  /** The subprotocols that the client offers, most preferred first. */
  readonly subprotocols: readonly string[];
  /** What the route's pattern found in the path, such as `room` of `/chat/:room`. */
  readonly params: Readonly<Record<string, string>>;
  /** Fires when the handshake has taken too long. */
  readonly signal: AbortSignal;
}

/** How an upgrade is accepted. */
export interface UpgradeAnswer {
  /** One of the subprotocols offered. @default the first of the endpoint's that was offered */
  subprotocol?: string;
  /** Fields for the response, such as `Set-Cookie`. @default none */
  headers?: HeadersInit;
  /** What to keep with the connection, as `connection.data`. @default undefined */
  data?: unknown;
}

/** A WebSocket endpoint: its handlers, its connection options, and who may connect. */
export interface Endpoint extends ConnectionHandlers, ConnectionOptions {
  /** The subprotocols that are spoken here, most preferred first. @default [] */
  subprotocols?: readonly string[];
  /** From which web pages browsers may connect. @default "same-origin" */
  origin?: OriginPolicy;
  /**
   * Decides about a request before it is accepted: authenticate here. Return a `Response`
   * to refuse; throwing refuses with 500, taking longer than `handshakeTimeout` with 503.
   */
  upgrade?(
    request: UpgradeRequest,
  ):
    | Response
    | UpgradeAnswer
    | undefined
    | void
    | Promise<Response | UpgradeAnswer | undefined | void>;
}
