/**
 * What every server takes, on a port of its own or mounted in another one.
 *
 * @module
 */
import { delay } from "../connection/numbers.ts";
import type { FetchHandler } from "../engine/host.ts";
import type { AdmissionControl } from "./admission.ts";
import type { Endpoint } from "./endpoint.ts";
import { Gate } from "./gate.ts";
import { Routes } from "./routes.ts";

/** Which WebSockets are served, and to how many. Times are milliseconds. */
export interface UpgradeOptions {
  /** The endpoint for every path that no route has. @default undefined: 404 */
  websocket?: Endpoint;
  /** Endpoints by path, in the syntax of `URLPattern`, such as `"/chat/:room"`. @default {} */
  routes?: Readonly<Record<string, Endpoint>>;
  /** Connections at a time; `serve` on the codec engine counts plain HTTP too. @default 10000 */
  maxConnections?: number;
  /** Connections at a time from one address; 0: any. @default 0 on loopback, else 20 */
  perIp?: number;
  /** How long an opening handshake may take. @default 10000 */
  handshakeTimeout?: number;
  /** Shuts the server down when it fires. @default undefined */
  signal?: AbortSignal;
  /** Told of errors that no handler is there for. @default writes them to the console */
  onError?: (error: unknown) => void;
}

/**
 * Makes the gate of a server.
 *
 * @throws {TypeError} or {RangeError} when an option is wrong; the message names it.
 */
export function createGate(
  options: UpgradeOptions,
  parts: { admission: Pick<AdmissionControl, "admit">; fetch: FetchHandler | undefined },
): Gate {
  return new Gate({
    ...parts,
    routes: new Routes(options.routes ?? {}, options.websocket),
    handshakeTimeout: delay("handshakeTimeout", options.handshakeTimeout, {
      default: 10_000,
      from: 1,
    }),
    onError: options.onError ?? logError,
  });
}

function logError(error: unknown): void {
  console.error("The WebSocket server met an error:", error);
}
