/**
 * What the `WebSocket` object of Deno 2.9.6 offers a server, and what it does not. See
 * `deno_behaviour_test.ts`.
 *
 * @module
 */
import { assertEquals, assertGreaterOrEqual, assertInstanceOf } from "@std/assert";
import { closePayload, RawPeer } from "../../support/raw_peer.ts";
import { RuntimeServer, RuntimeSocket } from "../../support/runtime_socket.ts";

const TEXT = 1;
const CLOSE = 8;
const MEBIBYTE = 1024 * 1024;

Deno.test("Deno.upgradeWebSocket: the socket has no ping, no pause and no event drain", async () => {
  await using server = new RuntimeServer();
  await using _peer = await RawPeer.open(server.port);
  const { socket } = await server.accept();
  const members = Object.getOwnPropertyNames(Object.getPrototypeOf(socket)).sort();
  assertEquals(members, [
    "CLOSED",
    "CLOSING",
    "CONNECTING",
    "OPEN",
    "binaryType",
    "bufferedAmount",
    "close",
    "constructor",
    "extensions",
    "onclose",
    "onerror",
    "onmessage",
    "onopen",
    "protocol",
    "readyState",
    "send",
    "url",
  ]);
  assertEquals(Object.getOwnPropertyNames(socket), []);
});

Deno.test("Deno.upgradeWebSocket: bufferedAmount has no cap", async () => {
  await using server = new RuntimeServer();
  await using _peer = await RawPeer.open(server.port);
  const { socket, closed } = await server.accept();
  const message = new Uint8Array(MEBIBYTE);
  for (let i = 0; i < 32; i++) socket.send(message);
  assertEquals(socket.bufferedAmount, 32 * MEBIBYTE);
  assertEquals(socket.readyState, WebSocket.OPEN);
  await _peer[Symbol.asyncDispose]();
  assertEquals((await closed).code, 0);
});

Deno.test("Deno.upgradeWebSocket: send copies the bytes before it returns", async () => {
  await using server = new RuntimeServer();
  await using peer = await RawPeer.open(server.port);
  const { socket } = await server.accept();
  const bytes = new Uint8Array([1, 2, 3, 4]);
  socket.send(bytes.subarray(1, 3));
  bytes.fill(9);
  assertEquals((await peer.readFrame()).payload, new Uint8Array([2, 3]));
});

Deno.test("Deno.upgradeWebSocket: a message is one frame, however long", async () => {
  await using server = new RuntimeServer();
  await using peer = await RawPeer.open(server.port);
  const { socket } = await server.accept();
  socket.send("x".repeat(MEBIBYTE));
  const { fin, opcode, mask, payload } = await peer.readFrame();
  assertEquals([fin, opcode, mask, payload.length], [true, TEXT, null, MEBIBYTE]);
});

Deno.test("Deno.upgradeWebSocket: send writes U+FFFD for a lone surrogate", async () => {
  await using server = new RuntimeServer();
  await using peer = await RawPeer.open(server.port);
  const { socket } = await server.accept();
  socket.send("a\ud800b");
  assertEquals((await peer.readFrame()).payload.toHex(), "61efbfbd62");
});

/** What `close` of a server's socket is called with, and the payload that is sent. */
const CLOSES: readonly [string, [code?: number, reason?: string], Uint8Array][] = [
  ["1001", [1001, "away"], closePayload(1001, "away")],
  ["1011", [1011], closePayload(1011)],
  ["0, which must not be sent,", [0], closePayload(0)],
  ["1005, which must not be sent,", [1005], closePayload(1005)],
  ["1006, which must not be sent,", [1006], closePayload(1006)],
  ["1015, which must not be sent,", [1015], closePayload(1015)],
  ["5000, which must not be sent,", [5000], closePayload(5000)],
  ["70000, which is made 65535,", [70000], closePayload(65535)],
];

for (const [name, args, payload] of CLOSES) {
  Deno.test(`Deno.upgradeWebSocket: close sends the code ${name} as a browser would not`, async () => {
    await using server = new RuntimeServer();
    await using peer = await RawPeer.open(server.port);
    const { socket } = await server.accept();
    socket.close(...args);
    const frame = await peer.readFrame();
    assertEquals([frame.opcode, frame.payload], [CLOSE, payload]);
  });
}

Deno.test("Deno.upgradeWebSocket: after close the socket forgets what is buffered, and sends it", async () => {
  await using server = new RuntimeServer();
  await using peer = await RawPeer.open(server.port);
  const { socket } = await server.accept();
  for (let i = 0; i < 8; i++) socket.send(new Uint8Array(MEBIBYTE));
  socket.close(1000);
  assertEquals([socket.readyState, socket.bufferedAmount], [WebSocket.CLOSING, 0]);
  for (let i = 0; i < 8; i++) assertEquals((await peer.readFrame()).payload.length, MEBIBYTE);
  assertEquals((await peer.readFrame()).opcode, CLOSE);
});

Deno.test("Deno.upgradeWebSocket: after close not even idleTimeout ends the wait for the peer's close frame", async () => {
  await using server = new RuntimeServer({ idleTimeout: 0.05 });
  await using peer = await RawPeer.open(server.port);
  const { socket, closed } = await server.accept();
  const begun = performance.now();
  socket.close(1000);
  assertEquals((await peer.readFrame()).opcode, CLOSE);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assertEquals(socket.readyState, WebSocket.CLOSING);
  await peer.sendMasked({ opcode: CLOSE, payload: closePayload(1000) });
  assertEquals((await closed).code, 1000);
  assertGreaterOrEqual(performance.now() - begun, 200);
});

Deno.test("Deno.serve: shutdown closes every WebSocket with 1001 at once, and the event says 1005", async () => {
  await using server = new RuntimeServer();
  await using peer = await RawPeer.open(server.port);
  const { closed } = await server.accept();
  await server.shutdown();
  const { frames } = await peer.readFramesToEnd();
  assertEquals(frames.map(({ payload }) => payload), [closePayload(1001, "Server shutting down")]);
  assertEquals(await closed, { code: 1005, reason: "", wasClean: true });
});

Deno.test("Deno.serve: its signal closes every WebSocket with 1005, which must not be sent (RFC 6455 §7.4.1)", async () => {
  const controller = new AbortController();
  const upgraded = Promise.withResolvers<RuntimeSocket>();
  const { signal } = controller;
  const listen = { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal };
  const server = Deno.serve(listen, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    upgraded.resolve(new RuntimeSocket(socket));
    return response;
  });
  await using peer = await RawPeer.open(server.addr.port);
  const { opened, closed } = await upgraded.promise;
  await opened;
  controller.abort();
  await server.finished;
  const { frames } = await peer.readFramesToEnd();
  assertEquals(frames.map(({ payload }) => payload), [closePayload(1005)]);
  assertEquals(await closed, { code: 1005, reason: "", wasClean: true });
});

Deno.test("Deno.serve: its signal fails outside of any call once shutdown has begun", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const listen = { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal };
  const server = Deno.serve(listen, () => new Response(null));
  const failed = Promise.withResolvers<unknown>();
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    failed.resolve(event.error);
  };
  globalThis.addEventListener("error", onError);
  const stopped = server.shutdown();
  controller.abort();
  assertInstanceOf(await failed.promise, Deno.errors.BadResource);
  globalThis.removeEventListener("error", onError);
  await stopped;
});
