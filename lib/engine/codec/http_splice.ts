/**
 * Plain HTTP on the codec's port. We parse one request head; when it is no upgrade, the
 * connection is spliced to a private `Deno.serve`, which speaks HTTP with the client from
 * then on: keep-alive, bodies, everything.
 *
 * @module
 */
import type { FetchHandler, RequestInfo } from "../host.ts";
import { closeQuietly, pump, writeAll } from "./byte_stream.ts";

/** A spliced connection on which nothing moves for so long is cut, in milliseconds. */
const IDLE_TIMEOUT = 120_000;

/** The private HTTP server and the connections that are spliced to it. */
export class HttpSplice {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** Where requests really come from, by the local port of the inner connection. */
  readonly #origins = new Map<number, RequestInfo>();
  readonly #open = new Set<Deno.Conn>();

  /** Starts the private server on a loopback port. */
  constructor(fetch: FetchHandler, onError: (error: unknown) => void) {
    this.#server = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      onListen: () => {},
      onError: (error) => {
        onError(error);
        return new Response("Internal Server Error", { status: 500 });
      },
    }, (request, { remoteAddr }) => {
      const info = this.#origins.get((remoteAddr as Deno.NetAddr).port);
      // Only what was spliced may talk to the private server.
      if (info === undefined) return new Response("Forbidden", { status: 403 });
      if (request.headers.has("upgrade")) return newConnectionNeeded();
      return fetch(info.secure ? asSecure(request) : request, info);
    });
  }

  /** Serves a connection until it ends. `start` was read from it already. */
  async serve(outer: Deno.Conn, start: Uint8Array, info: RequestInfo): Promise<void> {
    const inner = await Deno.connect({ hostname: "127.0.0.1", port: this.#server.addr.port });
    inner.setNoDelay(true);
    const { port } = inner.localAddr;
    this.#origins.set(port, info);
    this.#open.add(outer);
    const cut = () => {
      closeQuietly(outer);
      closeQuietly(inner);
    };
    const idle = new IdleTimer(IDLE_TIMEOUT, cut);
    try {
      await writeAll(inner, start);
      const onProgress = () => idle.touch();
      await Promise.all([pump(outer, inner, onProgress), pump(inner, outer, onProgress)]);
    } catch {
      // One of the two ends is gone, and the other one has no use for the rest.
    } finally {
      idle.stop();
      cut();
      this.#origins.delete(port);
      this.#open.delete(outer);
    }
  }

  /** Lets the requests that are under way finish and takes no more. */
  async stop(): Promise<void> {
    await this.#server.shutdown();
  }

  /** Cuts what is left. */
  abort(): void {
    for (const connection of this.#open) closeQuietly(connection);
  }
}

/** Calls back once when it was not touched for a while. */
class IdleTimer {
  readonly #timeout: number;
  readonly #onIdle: () => void;
  #touched = true;
  #timer: ReturnType<typeof setTimeout>;

  constructor(timeout: number, onIdle: () => void) {
    this.#timeout = timeout;
    this.#onIdle = onIdle;
    this.#timer = setTimeout(() => this.#look(), timeout);
  }

  touch(): void {
    this.#touched = true;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    if (!this.#touched) return this.#onIdle();
    this.#touched = false;
    this.#timer = setTimeout(() => this.#look(), this.#timeout);
  }
}

/** The inner server sees no TLS; the handler is to see the URL that was asked for. */
function asSecure(request: Request): Request {
  return new Request(request.url.replace(/^http:/, "https:"), request);
}

/** A later request on a connection that began with plain HTTP asks for an upgrade. */
function newConnectionNeeded(): Response {
  return new Response("Open a new connection for a WebSocket.\n", {
    status: 400,
    headers: { "Connection": "close" },
  });
}
