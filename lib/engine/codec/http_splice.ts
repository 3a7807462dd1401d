/**
 * Plain HTTP on the codec's port. When the first request of a connection is no upgrade, it is
 * spliced to a private `Deno.serve`, which speaks HTTP with the client from then on: keep-alive,
 * bodies, everything. A later request for a WebSocket on the same connection, as proxies and
 * pools of connections send it, ends the splice, and is opened like a first one.
 *
 * In one corner that is refused with 400: behind a request whose chunks are framed in a broken
 * or unusual way, nobody can be sure where the next one begins.
 *
 * @module
 */
import { listContains } from "../../protocol/handshake/grammar.ts";
import type { FetchHandler, RequestInfo } from "../host.ts";
import { HttpServer } from "../http_server.ts";
import { Barrier } from "./barrier.ts";
import { type ByteStream, sendAtOnce } from "./byte_stream.ts";
import type { ReadHead } from "./head_reader.ts";
import { RuntimeStream } from "./runtime_stream.ts";
import { SplicedConnection } from "./spliced_connection.ts";

/** The private HTTP server and the connections that are spliced to it. */
export class HttpSplice {
  readonly #fetch: FetchHandler;
  readonly #server: HttpServer;
  /** Where requests really come from, by the local port of the inner connection. */
  readonly #origins = new Map<number, RequestInfo>();
  /** What is being done for each connection. */
  readonly #work = new Set<Promise<ReadHead | undefined>>();
  readonly #barrier = new Barrier();

  /** Starts the private server on a loopback port. */
  constructor(fetch: FetchHandler, onError: (error: unknown) => void) {
    this.#fetch = fetch;
    this.#server = new HttpServer({ hostname: "127.0.0.1", port: 0 }, {
      answer: (request, address) => this.#answer(request, address as Deno.NetAddr),
      onError,
    });
  }

  /**
   * Serves a connection of which `first` was read. Gives the first request that is not plain
   * HTTP, once all before it is answered; else the stream is closed at the end.
   */
  async serve(
    outer: ByteStream,
    first: ReadHead,
    info: RequestInfo,
  ): Promise<ReadHead | undefined> {
    const work = this.#splice(outer, first, info);
    this.#work.add(work);
    try {
      return await work;
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

  async #splice(
    outer: ByteStream,
    first: ReadHead,
    info: RequestInfo,
  ): Promise<ReadHead | undefined> {
    const { hostname, port } = this.#server.address as Deno.NetAddr;
    const connection = await Deno.connect({ hostname, port });
    sendAtOnce(connection);
    const { port: origin } = connection.localAddr;
    const inner = new RuntimeStream(connection);
    this.#origins.set(origin, info);
    try {
      return await new SplicedConnection({ outer, inner }, this.#barrier).run(first);
    } finally {
      this.#origins.delete(origin);
    }
  }

  #answer(request: Request, address: Deno.NetAddr): Response | Promise<Response> {
    const info = this.#origins.get(address.port);
    // Only what was spliced may talk to the private server.
    if (info === undefined) return new Response("Forbidden", { status: 403 });
    const barrier = this.#barrier.answer(request);
    if (barrier !== undefined) return barrier;
    const upgrade = request.headers.get("upgrade") ?? undefined;
    if (listContains(upgrade, "websocket")) return newConnectionNeeded();
    return this.#fetch(info.secure ? asSecure(request) : request, info);
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

/** A later request asks for an upgrade, but nobody is sure that it is one. */
function newConnectionNeeded(): Response {
  return new Response("Open a new connection for a WebSocket.\n", {
    status: 400,
    headers: { "Connection": "close" },
  });
}
