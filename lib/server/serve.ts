/**
 * The server: WebSocket endpoints and plain HTTP on one port, on every engine.
 *
 * @module
 */
import type { Connection } from "../connection/connection.ts";
import { integer } from "../connection/numbers.ts";
import type { EngineName } from "../connection/transport.ts";
import { openEngine } from "../engine/open.ts";
import type { EngineServer, FetchHandler, ListenOptions, TlsOptions } from "../engine/host.ts";
import { codecDemands, type EngineChoice, selectEngine } from "../engine/select.ts";
import { AdmissionControl } from "./admission.ts";
import { shutDown, type ShutdownOptions } from "./drain.ts";
import type { Gate } from "./gate.ts";
import { createGate, type UpgradeOptions } from "./options.ts";

/** How a server is set up. Times are milliseconds. */
export interface ServeOptions extends UpgradeOptions {
  /** The TCP port; 0 lets the system choose. @default 8080 */
  port?: number;
  /** The address to listen on; `"0.0.0.0"` or `"::"` for all. @default "127.0.0.1" */
  hostname?: string;
  /** Listen on a unix socket at this path, not on a port. @default undefined */
  unix?: string;
  /**
   * Serve TLS with this certificate. On the codec engine the TLS handshake is part of
   * `handshakeTimeout`; on the native engine the runtime sets it no limit.
   * @default undefined
   */
  tls?: TlsOptions;
  /**
   * Which engine serves. `"epoll"` is the codec on sockets of our own: for Linux, with
   * `--allow-ffi`, without `tls`.
   * @default "auto"
   */
  engine?: EngineChoice;
  /** Answers plain HTTP on the same port. @default undefined: 426 */
  fetch?: FetchHandler;
}

/** A server that runs. */
export interface Server extends AsyncDisposable {
  /** Where it listens. */
  readonly address: Deno.NetAddr | Deno.UnixAddr;
  /** The URL of its root, with the scheme ws or wss; a unix socket's is `ws+unix:path`. */
  readonly url: string;
  /** Which engine serves. */
  readonly engine: EngineName;
  /** Why that one. */
  readonly engineReason: string;
  /** The connections that are open. */
  readonly connections: ReadonlySet<Connection>;
  /** Settles when the server has shut down. */
  readonly finished: Promise<void>;
  /**
   * Takes no more connections, closes those that are open with 1001, and waits for their
   * ends; after the deadline the rest is cut. Calling it twice does no harm.
   */
  shutdown(options?: ShutdownOptions): Promise<void>;
}

/**
 * Starts a server.
 *
 * @example An echo server
 * ```ts
 * import { serve } from "@tidewire/tidewire";
 *
 * await using server = serve({
 *   port: 0,
 *   routes: {
 *     "/echo": { message: (connection, data) => connection.send(data) },
 *   },
 * });
 * console.log(`listening at ${server.url}`);
 * ```
 *
 * @throws {TypeError} or {RangeError} when an option is wrong; the message names it.
 * @throws {Deno.errors.AddrInUse} when the port is taken.
 */
export function serve(options: ServeOptions): Server {
  const endpoints = [...Object.values(options.routes ?? {}), options.websocket ?? {}];
  const demands = endpoints.flatMap(codecDemands);
  if (options.handshakeTimeout !== undefined) demands.push("handshakeTimeout");
  const { engine, reason } = selectEngine(options.engine ?? "auto", demands);
  const { hostname = "127.0.0.1", unix } = options;
  const { maxConnections, perIp, fetch } = options;
  const gate = createGate(options, {
    admission: new AdmissionControl({
      maxConnections,
      perIp,
      hostname: unix === undefined ? hostname : undefined,
    }),
    fetch,
  });
  const listen = listenOptions(options, hostname);
  const server = new RunningServer(openEngine(engine, listen, gate), {
    gate,
    engine,
    reason,
    secure: options.tls !== undefined,
  });
  options.signal?.addEventListener("abort", () => void server.shutdown(), { once: true });
  if (options.signal?.aborted === true) server.shutdown();
  return server;
}

function listenOptions(
  options: ServeOptions,
  hostname: string,
): ListenOptions {
  const { unix, tls } = options;
  const port = integer("port", options.port, { default: 8080, from: 0, to: 65_535 });
  if (unix === undefined) return tls === undefined ? { hostname, port } : { hostname, port, tls };
  for (const name of ["tls", "port", "hostname"] as const) {
    if (options[name] === undefined) continue;
    throw new TypeError(`serve: ${name} and unix cannot be combined`);
  }
  return { path: unix };
}

class RunningServer implements Server {
  readonly engine: EngineName;
  readonly engineReason: string;
  readonly #server: EngineServer;
  readonly #gate: Gate;
  readonly #secure: boolean;
  readonly #finished = Promise.withResolvers<void>();
  #shutdown: Promise<void> | undefined;

  constructor(
    server: EngineServer,
    parts: { gate: Gate; engine: EngineName; reason: string; secure: boolean },
  ) {
    this.#server = server;
    this.#gate = parts.gate;
    this.#secure = parts.secure;
    this.engine = parts.engine;
    this.engineReason = parts.reason;
  }

  get address(): Deno.NetAddr | Deno.UnixAddr {
    return this.#server.address;
  }

  get url(): string {
    const { address } = this;
    if (!("port" in address)) return `ws+unix:${address.path}`;
    const host = address.hostname.includes(":") ? `[${address.hostname}]` : address.hostname;
    return `${this.#secure ? "wss" : "ws"}://${host}:${address.port}/`;
  }

  get connections(): ReadonlySet<Connection> {
    return this.#gate.connections;
  }

  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  async shutdown(options: ShutdownOptions = {}): Promise<void> {
    this.#shutdown ??= shutDown({ gate: this.#gate, server: this.#server }, options)
      .then(this.#finished.resolve);
    await this.#shutdown;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}
