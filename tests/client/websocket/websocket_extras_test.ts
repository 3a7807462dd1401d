/**
 * What the class has beyond the standard: the options of `connect`, pings, the connection.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { WebSocket } from "../../../lib/client/websocket/websocket.ts";
import { ConnectionClosedError, ConnectionError } from "../../../lib/connection/errors.ts";
import { serve } from "../../../lib/server/serve.ts";
import { dial, next, open, tasksDone, typesOf } from "./sockets.ts";

const PONG = 10;

Deno.test("WebSocket: ping gives the round trip", async () => {
  await using opened = await open();
  const { socket, peer } = opened;
  const trip = socket.ping(Uint8Array.of(1, 2));
  const { opcode, payload } = await peer.readFrame();
  assertEquals([opcode, payload], [9, Uint8Array.of(1, 2)]);
  await peer.send({ opcode: PONG, payload });
  assert(await trip >= 0);
});

Deno.test("WebSocket: before it is open there is nothing to ping, and no connection", async () => {
  await using dialed = await dial((url) => new WebSocket(url));
  const error = assertThrows(() => dialed.socket.ping(), DOMException);
  assertEquals(error.name, "InvalidStateError");
  assertEquals(dialed.socket.connection, undefined);
});

Deno.test("WebSocket: a closed one has its connection still, and cannot be pinged", async () => {
  await using opened = await open();
  const { socket, peer } = opened;
  const closed = next(socket, "close");
  await peer.reset();
  await closed;
  assertEquals(socket.connection?.state, "closed");
  await assertRejects(() => socket.ping(), ConnectionClosedError);
});

Deno.test("WebSocket: the connection can be asked, but has no messages to give", async () => {
  await using opened = await open({ data: 7 });
  const { connection } = opened.socket;
  assert(connection !== undefined);
  await tasksDone();
  assertEquals([connection.role, connection.url, connection.data], ["client", opened.url, 7]);
  await assertRejects(() => connection.receive(), ConnectionError, "go to a handler");
});

Deno.test("WebSocket: closing the connection below is told by a close event", async () => {
  await using opened = await open();
  const { socket, peer } = opened;
  const closed = next(socket, "close");
  socket.connection?.close(1001, "below");
  assertEquals(socket.readyState, WebSocket.CLOSING);
  const { payload } = await peer.readFrame();
  await peer.send({ opcode: 8, payload });
  await peer.halfClose();
  const { code, reason } = await closed;
  assertEquals({ code, reason }, { code: 1001, reason: "below" });
});

Deno.test("WebSocket: a signal that has fired fails it before anything is sent", async () => {
  const signal = AbortSignal.abort(new Error("no time"));
  const socket = new WebSocket("ws://127.0.0.1:1/", { signal });
  const types = typesOf(socket);
  const failed = next(socket, "error");
  const closed = next(socket, "close");
  assertEquals(socket.readyState, WebSocket.CONNECTING);
  assertEquals((await failed as ErrorEvent).error.message, "no time");
  await closed;
  assertEquals(types, ["error", "close"]);
});

Deno.test("WebSocket: a signal ends connecting, and does nothing to an open connection", async () => {
  const early = new AbortController();
  await using dialed = await dial((url) => new WebSocket(url, { signal: early.signal }));
  const failed = next(dialed.socket, "error");
  await dialed.peer.readHead();
  early.abort();
  assertEquals((await failed as ErrorEvent).error.name, "AbortError");

  const late = new AbortController();
  await using opened = await open({ signal: late.signal });
  late.abort();
  const message = next(opened.socket, "message");
  await opened.peer.send({ opcode: 1, payload: "still here" });
  assertEquals((await message).data, "still here");
});

Deno.test("WebSocket: the time for opening is limited", async () => {
  await using dialed = await dial((url) => new WebSocket(url, { timeout: 10 }));
  const failed = next(dialed.socket, "error");
  assertEquals((await failed as ErrorEvent).error.code, "ERR_TIMEOUT");
});

Deno.test("WebSocket: limits of options hold", async () => {
  await using opened = await open({ maxMessageBytes: 4 });
  const { socket, peer } = opened;
  const failed = next(socket, "error");
  await peer.send({ opcode: 1, payload: "large" });
  await peer.readFrame();
  await peer.halfClose();
  assertEquals((await failed as ErrorEvent).error.code, "ERR_FRAME_TOO_LARGE");
});

Deno.test("WebSocket: messages that are larger than those of connect are taken", async () => {
  await using server = serve({
    port: 0,
    websocket: { open: (connection) => connection.send("x".repeat(2_000_000)) },
  });
  const socket = new WebSocket(server.url);
  assertEquals((await next(socket, "message")).data.length, 2_000_000);
  const closed = next(socket, "close");
  socket.close(1000);
  await closed;
});

Deno.test("WebSocket: more than sendLimit closes the connection, with an error", async () => {
  await using opened = await open({ sendHighWaterMark: 10, sendLimit: 10, closeTimeout: 50 });
  const { socket } = opened;
  const failed = next(socket, "error");
  const closed = next(socket, "close");
  for (let count = 0; count < 3; count++) socket.send("0123456789");
  assertEquals((await failed as ErrorEvent).error.code, "ERR_SLOW_CONSUMER");
  assertEquals((await closed).wasClean, false);
});

Deno.test("WebSocket: certificates of options are trusted", async () => {
  const file = (name: string) =>
    Deno.readTextFileSync(new URL(`../../fixtures/${name}.pem`, import.meta.url));
  await using server = serve({
    hostname: "127.0.0.1",
    port: 0,
    tls: { cert: file("localhost"), key: file("localhost_key") },
    websocket: { message: (connection, data) => connection.send(data) },
  });
  const { port } = new URL(server.url);
  const socket = new WebSocket(`wss://localhost:${port}/`, { tls: { caCerts: [file("ca")] } });
  await next(socket, "open");
  const message = next(socket, "message");
  socket.send("secret");
  const { data, origin } = await message;
  assertEquals([data, origin], ["secret", `wss://localhost:${port}`]);
  const closed = next(socket, "close");
  socket.close(1000);
  await closed;
});
