/**
 * WebSocket endpoints within an HTTP server of `node:http`, and so within what stands on
 * one: Express, Fastify, Hono; on Deno, Node.js and Bun.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Connection } from "../connection/connection.ts";
import { NodeUpgrades } from "../engine/codec/node_upgrades.ts";
import { AdmissionControl, isLoopback } from "./admission.ts";
import { shutDown, type ShutdownOptions } from "./drain.ts";
import type { Gate } from "./gate.ts";
import { createGate, type UpgradeOptions } from "./options.ts";

/** Handles the upgrades of an HTTP server, on the codec engine. */
export interface UpgradeHandler extends AsyncDisposable {
  /** The connections that are open. */
  readonly connections: ReadonlySet<Connection>;
  /**
   * Handles one `upgrade` event, whose arguments these are: opens the connection, or refuses
   * it with a response. The socket is taken over either way. It never throws, and needs no
   * `this`.
   */
  readonly handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Uint8Array) => void;
  /**
   * Refuses upgrades from now on, closes the connections that are open with 1001, and waits
   * for their ends; after the deadline the rest is cut. The HTTP server is the caller's to
   * close. Calling it twice does no harm.
   */
  shutdown(options?: ShutdownOptions): Promise<void>;
}

/**
 * Makes a handler for the `upgrade` event of a `node:http` or `node:https` server. Such
 * connections are on the codec engine and can do everything. How long a request head may
 * take is the HTTP server's `headersTimeout`.
 *
 * @example Under an application of any framework
 * ```ts
 * import { createServer } from "node:http";
 * import { createUpgradeHandler } from "@tidewire/tidewire";
 *
 * const upgrades = createUpgradeHandler({
 *   routes: {
 *     "/echo": { message: (connection, data) => connection.send(data) },
 *   },
 * });
 * const server = createServer((_request, response) => response.end("plain HTTP\n"));
 * server.on("upgrade", upgrades.handleUpgrade);
 * server.listen(0, "127.0.0.1", () => {
 *   console.log("listening");
 *   server.close();
 * });
 * await upgrades.shutdown();
 * ```
 *
 * @throws {TypeError} or {RangeError} when an option is wrong; the message names it.
 */
export function createUpgradeHandler(options: UpgradeOptions): UpgradeHandler {
  const gate = createGate(options, { admission: admissionOf(options), fetch: undefined });
  const handler = new MountedHandler(gate);
  options.signal?.addEventListener("abort", () => void handler.shutdown(), { once: true });
  if (options.signal?.aborted === true) handler.shutdown();
  return handler;
}

/**
 * Where the HTTP server listens is not known here. So by default each address is counted but
 * this machine's own: there the peer is a proxy, which stands for many.
 */
function admissionOf(options: UpgradeOptions): Pick<AdmissionControl, "admit"> {
  const { maxConnections, perIp } = options;
  const control = new AdmissionControl({ maxConnections, perIp, hostname: "::" });
  if (perIp !== undefined) return control;
  return { admit: (address) => control.admit(isLoopback(address) ? undefined : address) };
}

class MountedHandler implements UpgradeHandler {
  readonly #gate: Gate;
  readonly #upgrades: NodeUpgrades;
  #shutdown: Promise<void> | undefined;

  constructor(gate: Gate) {
    this.#gate = gate;
    this.#upgrades = new NodeUpgrades(gate);
  }

  get connections(): ReadonlySet<Connection> {
    return this.#gate.connections;
  }

  readonly handleUpgrade = (request: IncomingMessage, socket: Duplex, head: Uint8Array): void => {
    this.#upgrades.handle({ request, stream: socket, first: head });
  };

  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    this.#shutdown ??= shutDown({ gate: this.#gate, server: this.#upgrades }, options);
    await this.#shutdown;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}
