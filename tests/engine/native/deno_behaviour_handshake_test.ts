/**
 * How Deno 2.9.6's own WebSocket server opens a connection: what `Deno.upgradeWebSocket` looks
 * at and what it does not. See `deno_behaviour_test.ts`.
 *
 * @module
 */
import { assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { once } from "node:events";
import {
  acceptOf,
  buildFrame,
  type HeadChanges,
  RawPeer,
  SOME_MASK,
  upgradeRequest,
} from "../../support/raw_peer.ts";
import { RuntimeServer, RuntimeSocket } from "../../support/runtime_socket.ts";

const TEXT = 1;

/** Handshakes that RFC 6455 says to refuse, and that are accepted. */
const ACCEPTED: readonly [string, HeadChanges][] = [
  ["version 8 (§4.4 forbids it)", { fields: { "Sec-WebSocket-Version": "8" } }],
  ["a version that is no number (§4.4 forbids it)", { fields: { "Sec-WebSocket-Version": "x" } }],
  ["no version (§4.2.1 forbids it)", { fields: { "Sec-WebSocket-Version": null } }],
  ["POST (§4.2.1 forbids it)", { startLine: "POST / HTTP/1.1" }],
  ["no Host (§4.2.1 forbids it)", { fields: { Host: null } }],
  ["HTTP/1.0 (§4.2.1 forbids it)", { startLine: "GET / HTTP/1.0" }],
];

for (const [name, changes] of ACCEPTED) {
  Deno.test(`Deno.upgradeWebSocket: accepts ${name}`, async () => {
    await using server = new RuntimeServer();
    await using peer = await RawPeer.connect(server.port);
    const { startLine } = await peer.requestUpgrade(changes);
    assertMatch(startLine, /^HTTP\/1\.[01] 101 Switching Protocols$/);
    const far = await server.accept();
    await peer.sendMasked({ opcode: TEXT, payload: "hello" });
    assertEquals(await far.next(), "hello");
  });
}

for (const key of ["", "garbage", "***", "dGhlIHNhbXBsZSBub25jZQ==dGhlIHNhbXBsZSBub25jZQ=="]) {
  Deno.test(`Deno.upgradeWebSocket: accepts the key "${key}" (RFC 6455 §4.2.1 forbids it)`, async () => {
    await using server = new RuntimeServer();
    await using peer = await RawPeer.connect(server.port);
    const { fields } = await peer.requestUpgrade({ fields: { "Sec-WebSocket-Key": key } });
    assertEquals(fields.get("sec-websocket-accept"), [acceptOf(key)]);
    await server.accept();
  });
}

Deno.test("Deno.upgradeWebSocket: joins two keys to one (RFC 6455 §11.3.1 forbids them)", async () => {
  await using server = new RuntimeServer();
  await using peer = await RawPeer.connect(server.port);
  const { fields } = await peer.requestUpgrade({
    fields: { "Sec-WebSocket-Key": "a" },
    lines: ["Sec-WebSocket-Key: b"],
  });
  assertEquals(fields.get("sec-websocket-accept"), [acceptOf("a, b")]);
  await server.accept();
});

/** Fields without which `Deno.upgradeWebSocket` throws. */
const THROWS: readonly [string, string][] = [
  ["Upgrade", "Invalid Header: 'upgrade' header must contain 'websocket'"],
  ["Connection", "Invalid Header: 'connection' header must contain 'Upgrade'"],
  ["Sec-WebSocket-Key", "Invalid Header: 'sec-websocket-key' header must be set"],
];

for (const [name, message] of THROWS) {
  Deno.test(`Deno.upgradeWebSocket: throws a TypeError without the field ${name}`, async () => {
    await using server = new RuntimeServer();
    await using peer = await RawPeer.connect(server.port);
    await peer.requestUpgrade({ fields: { [name]: null } });
    const [error] = server.refusals;
    assertInstanceOf(error, TypeError);
    assertEquals(error.message, message);
  });
}

Deno.test("Deno.upgradeWebSocket: never agrees on permessage-deflate", async () => {
  await using server = new RuntimeServer();
  await using peer = await RawPeer.connect(server.port);
  const { startLine, fields } = await peer.requestUpgrade({
    fields: { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" },
  });
  assertEquals(startLine, "HTTP/1.1 101 Switching Protocols");
  assertEquals(fields.has("sec-websocket-extensions"), false);
  assertEquals((await server.accept()).socket.extensions, "");
});

Deno.test("Deno.upgradeWebSocket: protocol, url and extensions of the socket are empty", async () => {
  await using server = new RuntimeServer({ protocol: "chat" });
  await using peer = await RawPeer.connect(server.port);
  const { fields } = await peer.requestUpgrade({
    startLine: "GET /room HTTP/1.1",
    fields: { "Sec-WebSocket-Protocol": "news, chat" },
  });
  assertEquals(fields.get("sec-websocket-protocol"), ["chat"]);
  const { socket } = await server.accept();
  assertEquals([socket.protocol, socket.url, socket.extensions], ["", "", ""]);
});

Deno.test('Deno.upgradeWebSocket: splits the subprotocols at exactly ", " (RFC 9110 §5.6.1 allows any white space)', async () => {
  await using server = new RuntimeServer({ protocol: "chat" });
  for (const list of ["news,chat", "news ,chat", "news,  chat"]) {
    await using peer = await RawPeer.connect(server.port);
    await peer.requestUpgrade({ fields: { "Sec-WebSocket-Protocol": list } });
    const error = server.refusals.pop();
    assertInstanceOf(error, TypeError);
    assertEquals(
      error.message,
      "Protocol 'chat' not in the request's protocol list (non negotiable)",
    );
  }
});

Deno.test("Deno.upgradeWebSocket: keeps a frame that comes along with the request", async () => {
  await using server = new RuntimeServer();
  await using peer = await RawPeer.connect(server.port);
  const frame = buildFrame({ opcode: TEXT, mask: SOME_MASK, payload: "early" });
  await peer.write(new Uint8Array([...new TextEncoder().encode(upgradeRequest()), ...frame]));
  await peer.readHead();
  assertEquals(await (await server.accept()).next(), "early");
});

Deno.test("Deno.upgradeWebSocket: the response takes more fields", async () => {
  const listen = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  const server = Deno.serve(listen, (request) => {
    const { response } = Deno.upgradeWebSocket(request);
    response.headers.append("Set-Cookie", "a=1");
    response.headers.append("Sec-WebSocket-Protocol", "chat");
    return response;
  });
  await using peer = await RawPeer.connect(server.addr.port);
  const { fields } = await peer.requestUpgrade();
  assertEquals(fields.get("set-cookie"), ["a=1"]);
  assertEquals(fields.get("sec-websocket-protocol"), ["chat"]);
  await server.shutdown();
});

Deno.test({
  name:
    "Deno.upgradeWebSocket: a client that resets before the response causes no event, and then Deno.serve's shutdown never ends",
  // What the runtime never lets go of would be counted against this test.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const asked = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const events: string[] = [];
    const listen = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    const server = Deno.serve(listen, async (request, { completed }) => {
      completed.then(() => {
        events.push("completed");
        over.resolve();
      });
      asked.resolve();
      await gone.promise;
      const { socket, response } = Deno.upgradeWebSocket(request);
      for (const type of ["open", "error", "close"]) {
        socket.addEventListener(type, () => events.push(type));
      }
      return response;
    });
    const peer = await RawPeer.connect(server.addr.port);
    await peer.write(upgradeRequest());
    await asked.promise;
    await peer.reset();
    gone.resolve();
    await over.promise;
    const waited = new Promise((resolve) => setTimeout(resolve, 200, "waited"));
    assertEquals(await Promise.race([waited, server.shutdown()]), "waited");
    assertEquals(events, ["completed"]);
  },
});

Deno.test("Deno.upgradeWebSocket: takes over the socket of a node:http upgrade event, whose server never says that it closed", async () => {
  const server = createServer();
  const upgraded = Promise.withResolvers<RuntimeSocket>();
  server.on("upgrade", (request, socket, head) => {
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
    const fetched = new Request("http://127.0.0.1/", { headers });
    const upgrade = Deno.upgradeWebSocket(fetched, { socket: socket as Socket, head });
    upgraded.resolve(new RuntimeSocket(upgrade.socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  await using peer = await RawPeer.open((server.address() as AddressInfo).port);
  const far = await upgraded.promise;
  await peer.sendMasked({ opcode: TEXT, payload: "hello" });
  assertEquals(await far.next(), "hello");
  await peer.sendMasked({ opcode: 8 });
  await peer.readFramesToEnd();
  await far.closed;
  let closed = false;
  server.close(() => closed = true);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(closed, false);
});
