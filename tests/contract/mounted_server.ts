/**
 * An application on `node:http` that has our upgrades mounted.
 *
 * @module
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Connection } from "../../lib/connection/connection.ts";
import type { FetchHandler } from "../../lib/engine/host.ts";
import type { ShutdownOptions } from "../../lib/server/drain.ts";
import { createUpgradeHandler, type UpgradeHandler } from "../../lib/server/mount.ts";
import type { UpgradeOptions } from "../../lib/server/options.ts";

/** What is served: by the application, and by what is mounted. */
export interface MountedOptions extends UpgradeOptions {
  /** The application. @default answers 404 */
  fetch?: FetchHandler;
}

/** A server on a free port of the loopback address. */
export class MountedServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #upgrades: UpgradeHandler;

  private constructor(server: Server, upgrades: UpgradeHandler) {
    this.#server = server;
    this.#upgrades = upgrades;
  }

  /** Starts to listen. */
  static async start(options: MountedOptions): Promise<MountedServer> {
    const { fetch = () => new Response(null, { status: 404 }), ...upgradeOptions } = options;
    const upgrades = createUpgradeHandler(upgradeOptions);
    const server = createServer((request, response) => void answer(fetch, request, response));
    server.on("upgrade", upgrades.handleUpgrade);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new MountedServer(server, upgrades);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): ReadonlySet<Connection> {
    return this.#upgrades.connections;
  }

  /** Shuts down what is mounted, then the application. */
  async shutdown(options?: ShutdownOptions): Promise<void> {
    const closed = this.#server.listening
      ? new Promise((resolve) => this.#server.close(resolve))
      : undefined;
    await this.#upgrades.shutdown(options);
    this.#server.closeAllConnections();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }
}

/** Lets a handler of the platform's kind answer a request of `node:http`. */
async function answer(
  fetch: FetchHandler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { remoteAddress: hostname = "", remotePort: port = 0 } = request.socket;
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of request) pieces.push(piece);
  const method = request.method ?? "GET";
  const url = `http://${request.headers.host}${request.url}`;
  const body = pieces.length === 0 ? null : new Blob(pieces);
  const answered = await fetch(new Request(url, { method, body }), {
    remoteAddress: { transport: "tcp", hostname, port },
    secure: false,
  });
  const content = await answered.bytes();
  response.writeHead(answered.status, { "Content-Length": content.length });
  response.end(content);
}
