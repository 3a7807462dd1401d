/** The echo service without a network: its routes, its log, and its plain HTTP. */
import { assert, assertEquals, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { echoService } from "../../lib/cli/echo_service.ts";
import { createLogger } from "../../lib/cli/log.ts";
import type { Connection } from "../../lib/connection/connection.ts";
import type { FetchHandler } from "../../lib/engine/host.ts";
import type { Endpoint } from "../../lib/server/endpoint.ts";
import type { Server } from "../../lib/server/serve.ts";

const INFO = {
  remoteAddress: { transport: "tcp", hostname: "192.0.2.1", port: 7 },
  secure: false,
} as const;

interface Service {
  readonly echo: Endpoint;
  readonly routes: Readonly<Record<string, Endpoint>>;
  readonly fetch: FetchHandler;
  /** The log without its times. */
  readonly lines: string[];
}

function service(options: Partial<Parameters<typeof echoService>[0]> = {}): Service {
  const lines: string[] = [];
  const log = createLogger("text", (line) => lines.push(line.slice(25, -1)));
  const { routes = {}, fetch } = echoService({
    log,
    origin: undefined,
    connection: {},
    server: () => undefined,
    ...options,
  });
  assert(fetch !== undefined);
  return { routes, echo: routes["/echo"]!, fetch, lines };
}

const get = (path: string, init: RequestInit = {}): Request =>
  new Request(`http://127.0.0.1:8080${path}`, init);

/** A connection as far as the handlers look at it. */
const connection = (remoteAddress: object, sent: unknown[] = []): Connection =>
  ({ remoteAddress, url: "ws://a/echo", send: (data: unknown) => sent.push(data) }) as never;

Deno.test("echo service: the root and /echo are the same endpoint", () => {
  const { routes, echo } = service({
    origin: ["https://a.example"],
    connection: { maxMessageBytes: 7 },
  });
  assertEquals(Object.keys(routes), ["/echo", "/"]);
  assertStrictEquals(routes["/"], echo);
  assertEquals(echo.subprotocols, ["echo"]);
  assertEquals([echo.origin, echo.maxMessageBytes], [["https://a.example"], 7]);
  assertEquals("origin" in service().echo, false);
});

Deno.test("echo service: what comes goes back, and what sending gives is waited for", () => {
  const sent: unknown[] = [];
  const { echo } = service();
  const result = echo.message?.(connection(INFO.remoteAddress, sent), "hello");
  assertEquals([sent, result], [["hello"], 1]);
});

Deno.test("echo service: the log tells who came, who went and how, on one line each", () => {
  const { echo, lines } = service();
  const addresses = [
    INFO.remoteAddress,
    { transport: "tcp", hostname: "2001:db8::1", port: 7 },
    { transport: "unix", hostname: "", port: 0 },
  ];
  for (const address of addresses) void echo.open?.(connection(address));
  const peer = connection(INFO.remoteAddress);
  void echo.close?.(peer, { code: 1000, reason: "", wasClean: true });
  const error = new Error("the stream\nended");
  void echo.close?.(peer, { code: 1006, reason: "why\r\nnot", wasClean: false, error });
  void echo.error?.(peer, new TypeError("broken"));
  void echo.error?.(peer, "thrown text");
  assertEquals(lines, [
    "INFO  connection opened remote=192.0.2.1:7 url=ws://a/echo",
    "INFO  connection opened remote=[2001:db8::1]:7 url=ws://a/echo",
    "INFO  connection opened remote=unix url=ws://a/echo",
    "INFO  connection closed remote=192.0.2.1:7 code=1000 clean=true",
    "INFO  connection closed remote=192.0.2.1:7 code=1006 clean=false " +
    'reason="why\\r\\nnot" cause="the stream\\nended"',
    'ERROR a handler failed error="TypeError: broken"',
    'ERROR a handler failed error="thrown text"',
  ]);
});

Deno.test("echo service: /echo as a page is 426 and says what to do", async () => {
  for (const method of ["GET", "HEAD", "POST"]) {
    const response = await service().fetch(get("/echo", { method }), INFO);
    assertEquals(response.status, 426);
    assertEquals(response.headers.get("upgrade"), "websocket");
    assertEquals(response.headers.get("connection"), "Upgrade");
    assertEquals(response.headers.get("sec-websocket-version"), "13");
    assertStringIncludes(await response.text(), "WebSocket client");
  }
});

Deno.test("echo service: /healthz tells that it runs, before and after it does", async () => {
  const server = { engine: "codec", connections: new Set([1, 2]) } as unknown as Server;
  for (
    const [options, expected] of [
      [{}, { status: "ok", connections: 0 }],
      [{ server: () => server }, { status: "ok", engine: "codec", connections: 2 }],
    ] as const
  ) {
    const response = await service(options).fetch(get("/healthz?x"), INFO);
    assertEquals([response.status, response.headers.get("cache-control")], [200, "no-store"]);
    assertEquals(await response.json(), expected);
  }
  const response = await service().fetch(get("/healthz", { method: "POST" }), INFO);
  assertEquals([response.status, response.headers.get("allow")], [405, "GET, HEAD"]);
});

Deno.test("echo service: the page is at the root, and nothing else is there", async () => {
  const page = await service().fetch(get("/"), INFO);
  assertEquals(page.status, 200);
  assertStringIncludes(await page.text(), "<!DOCTYPE html>");
  for (const path of ["/echo/", "/Echo", "/healthz/", "/page/../echo.html", "/%2e%2e/deno.json"]) {
    const response = await service().fetch(get(path), INFO);
    assertEquals(response.status, 404, path);
    await response.body?.cancel();
  }
});
