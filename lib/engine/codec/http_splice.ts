/**
 * Plain HTTP on the codec's port. We parse one request head; when it is no upgrade, the
 * connection is spliced to a private `Deno.serve`, which speaks HTTP with the client from
 * then on: keep-alive, bodies, everything.
 *
 * @module
 */
import { listContains } from "../../protocol/handshake/grammar.ts";
import type { FetchHandler, RequestInfo } from "../host.ts";
import { HttpServer } from "../http_server.ts";
import { type ByteStream, LINGER, pump, sendAtOnce } from "./byte_stream.ts";
import { RuntimeStream } from "./runtime_stream.ts";

/** A spliced connection on which nothing moves for so long is cut, in milliseconds. */
const IDLE_TIMEOUT = 120_000;

/** The private HTTP server and the connections that are spliced to it. */
export class HttpSplice {
  readonly #fetch: FetchHandler;
  readonly #server: HttpServer;
  /** Where requests really come from, by the local port of the inner connection. */
  readonly #origins = new Map<number, RequestInfo>();
  /** What is being done for each connection. */
  readonly #work = new Set<Promise<void>>();

  /** Starts the private server on a loopback port. */
  constructor(fetch: FetchHandler, onError: (error: unknown) => void) {
    this.#fetch = fetch;
    this.#server = new HttpServer({ hostname: "127.0.0.1", port: 0 }, {
      answer: (request, address) => this.#answer(request, address as Deno.NetAddr),
      onError,
    });
  }

  /** Serves a connection until it ends. `start` was read from it already. */
  async serve(outer: ByteStream, start: Uint8Array, info: RequestInfo): Promise<void> {
    const work = this.#splice(outer, start, info);
    this.#work.add(work);
    try {
      await work;
    } finally {
      this.#work.delete(work);
    }
  }

  /** Lets the requests that are under way finish and takes no more. */
  async stop(): Promise<void> {
    await this.#server.stop();
    // What the server said last is still to be passed on.
    await Promise.allSettled(this.#work);
  }

  /** Cuts what is left. */
  abort(): void {
    this.#server.abort();
  }

  async #splice(outer: ByteStream, start: Uint8Array, info: RequestInfo): Promise<void> {
    const { hostname, port } = this.#server.address as Deno.NetAddr;
    const connection = await Deno.connect({ hostname, port });
    sendAtOnce(connection);
    const { port: origin } = connection.localAddr;
    const inner = new RuntimeStream(connection);
    this.#origins.set(origin, info);
    const cut = () => {
      outer.close();
      inner.close();
    };
    const idle = new IdleTimer(IDLE_TIMEOUT, cut);
    const onProgress = () => idle.touch();
    try {
      await inner.write(start);
      // When the server has nothing more to say, the client has a moment left to end as well.
      const answered = pump(inner, outer, onProgress).then(() => idle.last(LINGER));
      await Promise.all([pump(outer, inner, onProgress), answered]);
    } catch {
      // One of the two ends is gone, and the other one has no use for the rest.
    } finally {
      idle.stop();
      cut();
      this.#origins.delete(origin);
    }
  }

  #answer(request: Request, address: Deno.NetAddr): Response | Promise<Response> {
    const info = this.#origins.get(address.port);
    // Only what was spliced may talk to the private server.
    if (info === undefined) return new Response("Forbidden", { status: 403 });
    const upgrade = request.headers.get("upgrade") ?? undefined;
    if (listContains(upgrade, "websocket")) return newConnectionNeeded();
    return this.#fetch(info.secure ? asSecure(request) : request, info);
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

  /** However often it is touched, there is only so much time left. */
  last(timeout: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onIdle, timeout);
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

/**
 * The inner server sees no TLS; the handler is to see the URL that was asked for. A copy of
 * the request would do, but making one has the runtime warn about `request.signal`.
 */
function asSecure(request: Request): Request {
  const value = request.url.replace(/^http:/, "https:");
  return Object.defineProperty(request, "url", { value });
}

/** A later request on a connection that began with plain HTTP asks for an upgrade. */
function newConnectionNeeded(): Response {
  return new Response("Open a new connection for a WebSocket.\n", {
    status: 400,
    headers: { "Connection": "close" },
  });
}
