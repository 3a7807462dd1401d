/**
 * Servers as applications make them: what options mean, on every engine, over real sockets.
 * What all engines must do alike is in tests/contract.
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { connect } from "../../lib/client/connect.ts";
import { serve, type ServeOptions, type Server } from "../../lib/server/serve.ts";
import { upgradeRequest } from "../support/raw_head.ts";
import { closePayload, RawPeer } from "../support/raw_peer.ts";
import { assertEcho, ECHO } from "../support/server_rig.ts";

const ENGINES = ["native", "codec", "epoll"] as const;
const fixture = (name: string): string =>
  Deno.readTextFileSync(new URL(`../fixtures/${name}`, import.meta.url));
const TLS = { cert: fixture("localhost.pem"), key: fixture("localhost_key.pem") };
const SOCKET = new URL("../../.cache/test.sock", import.meta.url).pathname;

const portOf = (server: Server): number => (server.address as Deno.NetAddr).port;

/** Starts a server with wrong options, which has to fail. */
function refused(options: unknown, kind: new (message: string) => Error, message: string): void {
  assertThrows(() => void serve(options as ServeOptions), kind, message);
}

Deno.test("serve: wrong options are refused by name before anything listens", () => {
  for (const value of [NaN, -1, 1.5, 65_536, Infinity]) {
    refused(
      { port: value },
      RangeError,
      `port must be a whole number from 0 to 65535; got ${value}`,
    );
  }
  refused({ port: "8080" }, TypeError, "port must be a number; got string");
  for (const value of [NaN, -1, 0, 1.5, 2 ** 31]) {
    refused({ port: 0, handshakeTimeout: value }, RangeError, "handshakeTimeout must be");
    refused({ port: 0, maxConnections: value }, RangeError, "maxConnections must be");
  }
  for (const value of [NaN, -1, 1.5, 2 ** 31]) {
    refused({ port: 0, perIp: value }, RangeError, "perIp must be");
  }
  refused({ port: 0, handshakeTimeout: "1" }, TypeError, "handshakeTimeout must be a number");
  refused({ port: 0, maxConnections: "1" }, TypeError, "maxConnections must be");
  refused({ port: 0, engine: "fast" }, TypeError, "engine must be");
  refused({ port: 0, websocket: { closeTimeout: 0 } }, RangeError, "closeTimeout must be");
  refused({ port: 0, routes: { "x": {} } }, TypeError, "routes: a path must begin");
  refused({ unix: SOCKET, tls: TLS }, TypeError, "tls and unix cannot be combined");
  refused({ unix: SOCKET, port: 1 }, TypeError, "port and unix cannot be combined");
  refused({ unix: SOCKET, hostname: "a" }, TypeError, "hostname and unix cannot be combined");
});

Deno.test("serve: a port in use is AddrInUse on every engine, and nothing stays behind", async () => {
  await using server = serve({ port: 0 });
  const port = portOf(server);
  for (const engine of ENGINES) {
    assertThrows(
      () => void serve({ port, engine, fetch: () => new Response() }),
      Deno.errors.AddrInUse,
    );
  }
});

Deno.test("serve: the engine and its reason are told", async () => {
  const rows: [options: ServeOptions, engine: string, reason: string][] = [
    [{}, "native", "nothing that is asked for is beyond it"],
    [{ engine: "native" }, "native", "asked for"],
    [{ engine: "codec" }, "codec", "asked for"],
    [{ engine: "epoll" }, "epoll", "asked for"],
    [{ websocket: { maxMessageBytes: 1 } }, "codec", "maxMessageBytes needs it"],
    [{ routes: { "/a": { ping: () => {} } } }, "codec", "ping needs it"],
    [{ handshakeTimeout: 100 }, "codec", "handshakeTimeout needs it"],
  ];
  for (const [options, engine, reason] of rows) {
    await using server = serve({ ...options, port: 0 });
    assertEquals([server.engine, server.engineReason], [engine, reason]);
  }
  refused(
    { port: 0, engine: "native", handshakeTimeout: 1 },
    TypeError,
    "it cannot honour handshakeTimeout",
  );
});

Deno.test("serve: address and URL say where it is", async () => {
  for (const engine of ENGINES) {
    await using plain = serve({ port: 0, engine });
    assertEquals(plain.url, `ws://127.0.0.1:${portOf(plain)}/`);
    if (engine === "epoll") {
      refused({ port: 0, engine, tls: TLS }, TypeError, "Cannot serve TLS on the epoll engine");
    } else {
      await using secure = serve({ port: 0, engine, tls: TLS });
      assertEquals(secure.url, `wss://127.0.0.1:${portOf(secure)}/`);
    }
    await using six = serve({ port: 0, engine, hostname: "::1" });
    assertEquals(six.url, `ws://[::1]:${portOf(six)}/`);
    await using unix = serve({ unix: SOCKET, engine });
    assertEquals(unix.url, `ws+unix:${SOCKET}`);
    assertEquals(unix.address, { transport: "unix", path: SOCKET });
  }
});

Deno.test("serve: a unix socket is there again after the server before it", async () => {
  for (const engine of [...ENGINES, ...ENGINES]) {
    await using server = serve({ unix: SOCKET, engine, websocket: ECHO });
    await using connection = await connect("ws://localhost/", { unix: SOCKET });
    void connection.send("hello");
    assertEquals(await connection.receive(), "hello");
    assertEquals(server.connections.size, 1);
  }
});

Deno.test("serve: without a handler for plain HTTP it is answered with 426", async () => {
  for (const engine of ENGINES) {
    await using server = serve({ port: 0, engine });
    const response = await fetch(`http://127.0.0.1:${portOf(server)}/`);
    assertEquals(response.status, 426);
    assertEquals(response.headers.get("upgrade"), "websocket");
    assertEquals(response.headers.get("sec-websocket-version"), "13");
    assertEquals(await response.text(), "Only WebSocket is served here.\n");
  }
});

Deno.test("serve: shutting down closes with 1001, gives the port back, and settles once", async () => {
  for (const engine of ENGINES) {
    const server = serve({ port: 0, engine, websocket: ECHO });
    const port = portOf(server);
    await using peer = await RawPeer.open(port);
    await assertEcho(peer);
    const down = server.shutdown({ reason: "so long" });
    const { opcode, payload } = await peer.readFrame();
    assertEquals([opcode, payload], [8, closePayload(1001, "so long")]);
    let over = false;
    void down.then(() => over = true);
    await assertRejects(() => RawPeer.open(port));
    assertEquals(over, false);
    await peer.sendMasked({ opcode: 8, payload });
    await peer.readToEnd();
    await peer[Symbol.asyncDispose]();
    await Promise.all([down, server.finished, server.shutdown(), server[Symbol.asyncDispose]()]);
    assertEquals(server.connections.size, 0);
    await assertRejects(() => RawPeer.connect(port));
    await using again = serve({ port, engine });
    assertEquals(portOf(again), port);
  }
});

Deno.test("serve: a shutdown with wrong options changes nothing", async () => {
  await using server = serve({ port: 0, engine: "codec", websocket: ECHO });
  await assertRejects(() => server.shutdown({ deadline: -1 }), RangeError, "deadline");
  await assertRejects(() => server.shutdown({ reason: "x".repeat(124) }), RangeError);
  await using peer = await RawPeer.open(portOf(server));
  await assertEcho(peer);
});

Deno.test("serve: a signal shuts down, also one that has fired before", async () => {
  for (const engine of ENGINES) {
    const controller = new AbortController();
    const server = serve({ port: 0, engine, signal: controller.signal });
    controller.abort();
    await server.finished;
    await serve({ port: 0, engine, signal: AbortSignal.abort() }).finished;
  }
});

Deno.test("serve: shutting down is over at the deadline, whatever peers and handlers do", async () => {
  for (const engine of ENGINES) {
    const asked = Promise.withResolvers<void>();
    const server = serve({
      port: 0,
      engine,
      routes: {
        "/stalled": { message: () => new Promise(() => {}) },
        "/hook": { upgrade: () => new Promise(() => {}) },
        "/flood": { open: (connection) => void connection.send(new Uint8Array(1 << 24)) },
      },
      fetch: () => {
        asked.resolve();
        return new Promise(() => {});
      },
    });
    const port = portOf(server);
    await using stalled = await RawPeer.open(port, { startLine: "GET /stalled HTTP/1.1" });
    await stalled.sendMasked({ opcode: 1, payload: "never done" });
    await using flooded = await RawPeer.open(port, { startLine: "GET /flood HTTP/1.1" });
    await using hook = await RawPeer.connect(port);
    await hook.write(upgradeRequest({ startLine: "GET /hook HTTP/1.1" }));
    await using half = await RawPeer.connect(port);
    await half.write("GET / HT");
    await using hanging = await RawPeer.connect(port);
    await hanging.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    await asked.promise;
    const start = performance.now();
    await server.shutdown({ deadline: 200 });
    const took = performance.now() - start;
    assert(took >= 195 && took < 1500, `${engine}: ${took} ms`);
    assertEquals(
      (await stalled.readFrame()).payload,
      closePayload(1001, "the server is shutting down"),
    );
    for (const peer of [stalled, flooded, hook, half, hanging]) await peer.readToEnd();
  }
});

Deno.test("serve: a client that left before its response does not hold the shutdown up", async () => {
  for (const engine of ENGINES) {
    const asked = Promise.withResolvers<void>();
    const left = Promise.withResolvers<undefined>();
    const server = serve({
      port: 0,
      engine,
      websocket: {
        upgrade: () => {
          asked.resolve();
          return left.promise;
        },
      },
    });
    await using peer = await RawPeer.connect(portOf(server));
    await peer.write(upgradeRequest());
    await asked.promise;
    await peer.reset();
    left.resolve(undefined);
    const start = performance.now();
    await server.shutdown({ deadline: 10_000 });
    assert(performance.now() - start < 3000, engine);
  }
});

Deno.test("serve: without onError, errors go to the console", async () => {
  const complaints: string[] = [];
  const { error } = console;
  console.error = (...words) => complaints.push(words.join(" "));
  try {
    for (const engine of ENGINES) {
      await using server = serve({
        port: 0,
        engine,
        websocket: { upgrade: () => Promise.reject(new Error("no luck")) },
      });
      await using peer = await RawPeer.connect(portOf(server));
      const { startLine } = await peer.requestUpgrade();
      assertEquals(startLine, "HTTP/1.1 500 Internal Server Error");
    }
  } finally {
    console.error = error;
  }
  const line = "The WebSocket server met an error: Error: no luck";
  assertEquals(complaints, ENGINES.map(() => line));
});
