/**
 * What the server command serves: the echo, its page, and its health.
 *
 * @module
 */
import type { ConnectionOptions } from "../connection/options.ts";
import type { Endpoint } from "../server/endpoint.ts";
import type { OriginPolicy } from "../server/origin.ts";
import type { ServeOptions, Server } from "../server/serve.ts";
import type { Logger } from "./log.ts";
import { createPageHandler } from "./page.ts";

/** What an echo service depends on. */
export interface EchoServiceOptions {
  /** Where connections are logged. */
  readonly log: Logger;
  /** From which pages browsers may connect. */
  readonly origin: OriginPolicy | undefined;
  /** How the connections behave. */
  readonly connection: ConnectionOptions;
  /** The server, once it runs. */
  readonly server: () => Server | undefined;
}

/** The routes and the HTTP handler of the echo service. */
export function echoService(options: EchoServiceOptions): Pick<ServeOptions, "routes" | "fetch"> {
  const endpoint = echoEndpoint(options);
  const page = createPageHandler();
  return {
    // The root echoes too: test suites connect there.
    routes: { "/echo": endpoint, "/": endpoint },
    fetch: (request) => {
      switch (new URL(request.url).pathname) {
        case "/healthz":
          return health(request, options.server());
        case "/echo":
          return upgradeRequired();
        default:
          return page(request);
      }
    },
  };
}

function echoEndpoint({ log, origin, connection }: EchoServiceOptions): Endpoint {
  return {
    ...connection,
    ...(origin === undefined ? {} : { origin }),
    subprotocols: ["echo"],
    open: ({ url, remoteAddress }) => {
      log.info("connection opened", { remote: formatAddress(remoteAddress), url });
    },
    message: (connection, data) => connection.send(data),
    close: ({ remoteAddress }, { code, reason, wasClean, error }) => {
      const remote = formatAddress(remoteAddress);
      const why = { reason: reason === "" ? undefined : reason, cause: error?.message };
      log.info("connection closed", { remote, code, clean: wasClean, ...why });
    },
    error: (_, error) => {
      log.error("a handler failed", { error: error instanceof Error ? error : String(error) });
    },
  };
}

function formatAddress({ transport, hostname, port }: {
  transport: "tcp" | "unix";
  hostname: string;
  port: number;
}): string {
  if (transport === "unix") return "unix";
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** Someone opened the echo as if it were a page (RFC 9110 §15.5.22). */
function upgradeRequired(): Response {
  return new Response("This is a WebSocket: open it with a WebSocket client, or try / here.\n", {
    status: 426,
    headers: {
      "Connection": "Upgrade", // RFC 9110 §7.8: beside every Upgrade
      "Upgrade": "websocket",
      "Sec-WebSocket-Version": "13",
    },
  });
}

/** For whoever watches the server: that it runs, on which engine, and how much it has to do. */
function health(request: Request, server: Server | undefined): Response {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response("Method Not Allowed\n", { status: 405, headers: { Allow: "GET, HEAD" } });
  }
  return Response.json({
    status: "ok",
    engine: server?.engine,
    connections: server?.connections.size ?? 0,
  }, { headers: { "Cache-Control": "no-store" } });
}
