import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { Clock } from "../../../lib/connection/clock.ts";
import {
  headOfRequest,
  idleTimeoutOf,
  refusalResponse,
  upgradeNative,
} from "../../../lib/engine/native/upgrade.ts";
import {
  acceptOf,
  buildFrame,
  type HeadChanges,
  RawPeer,
  SAMPLE_KEY,
  SOME_MASK,
  upgradeRequest,
} from "../../support/raw_peer.ts";
import { NativeServer } from "./native_server.ts";

const TEXT = 1;
const CLOSE = 8;

/** A clock that stands still until it is told that all timers are over. */
class StoppedClock implements Clock {
  readonly timers = new Map<number, { callback: () => void; delay: number }>();
  #count = 0;

  now(): number {
    return 0;
  }

  setTimeout(callback: () => void, delay: number): number {
    this.timers.set(++this.#count, { callback, delay });
    return this.#count;
  }

  clearTimeout(handle: unknown): void {
    this.timers.delete(handle as number);
  }

  /** Lets every timer expire. */
  expire(): void {
    for (const { callback } of [...this.timers.values()]) callback();
  }
}

Deno.test("native upgrade: answers with the accept key, the subprotocol and the application's fields", async () => {
  const headers: [string, string][] = [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]];
  await using server = new NativeServer({ subprotocol: "chat", headers });
  await using peer = await RawPeer.connect(server.port);
  const { startLine, fields } = await peer.requestUpgrade({
    fields: { "Sec-WebSocket-Protocol": "news ,chat", Connection: "keep-alive, UPGRADE" },
  });
  assertEquals(startLine, "HTTP/1.1 101 Switching Protocols");
  assertEquals(fields.get("sec-websocket-accept"), [acceptOf(SAMPLE_KEY)]);
  assertEquals(fields.get("sec-websocket-protocol"), ["chat"]);
  assertEquals(fields.get("set-cookie"), ["a=1", "b=2"]);
  await server.accept();
});

Deno.test("native upgrade: without a subprotocol the response has no such field", async () => {
  await using server = new NativeServer();
  await using peer = await RawPeer.connect(server.port);
  const { fields } = await peer.requestUpgrade({ fields: { "Sec-WebSocket-Protocol": "other" } });
  assertEquals(fields.has("sec-websocket-protocol"), false);
  await server.accept();
});

/** Requests that the runtime alone would have upgraded, or answered badly. */
const REFUSED: readonly [string, HeadChanges, string][] = [
  ["POST", { startLine: "POST / HTTP/1.1" }, "405 Method Not Allowed"],
  ["no Host", { fields: { Host: null } }, "400 Bad Request"],
  ["a bad Host", { fields: { Host: "a b" } }, "400 Bad Request"],
  ["two Hosts", { lines: ["Host: other.example"] }, "400 Bad Request"],
  ["no Upgrade", { fields: { Upgrade: null } }, "426 Upgrade Required"],
  ["no Connection", { fields: { Connection: null } }, "400 Bad Request"],
  ["version 8", { fields: { "Sec-WebSocket-Version": "8" } }, "426 Upgrade Required"],
  ["no version", { fields: { "Sec-WebSocket-Version": null } }, "426 Upgrade Required"],
  ["the version twice", { lines: ["Sec-WebSocket-Version: 13"] }, "426 Upgrade Required"],
  ["a garbage key", { fields: { "Sec-WebSocket-Key": "garbage" } }, "400 Bad Request"],
  ["no key", { fields: { "Sec-WebSocket-Key": null } }, "400 Bad Request"],
  ["two keys", { lines: [`Sec-WebSocket-Key: ${SAMPLE_KEY}`] }, "400 Bad Request"],
  ["a body", { fields: { "Content-Length": "5" } }, "400 Bad Request"],
  ["bad subprotocols", { fields: { "Sec-WebSocket-Protocol": "a b" } }, "400 Bad Request"],
  ["bad extensions", { fields: { "Sec-WebSocket-Extensions": "; x" } }, "400 Bad Request"],
  ["a target beyond ASCII", { startLine: "GET /ü HTTP/1.1" }, "400 Bad Request"],
];

for (const [name, changes, status] of REFUSED) {
  Deno.test(`native upgrade: ${name} is refused with ${status}`, async () => {
    await using server = new NativeServer();
    await using peer = await RawPeer.connect(server.port);
    const { startLine, fields } = await peer.requestUpgrade(changes);
    assertEquals(startLine, `HTTP/1.1 ${status}`);
    if (status.startsWith("405")) assertEquals(fields.get("allow"), ["GET"]);
    if (!status.startsWith("426")) return;
    assertEquals(fields.get("upgrade"), ["websocket"]);
    assertEquals(fields.get("connection"), ["Upgrade"]);
    if (name !== "no Upgrade") assertEquals(fields.get("sec-websocket-version"), ["13"]);
  });
}

Deno.test("native upgrade: a frame that comes along with the request is not lost", async () => {
  await using server = new NativeServer();
  await using peer = await RawPeer.connect(server.port);
  const frame = buildFrame({ opcode: TEXT, mask: SOME_MASK, payload: "early" });
  await peer.write(new Uint8Array([...new TextEncoder().encode(upgradeRequest()), ...frame]));
  await peer.readHead();
  await peer.sendMasked({ opcode: CLOSE });
  const far = await server.accept();
  await far.closed;
  assertEquals(far.messages, ["early"]);
});

Deno.test({
  name: "native upgrade: a client that resets before the response is given up after openTimeout",
  // The runtime keeps such a request for ever: see deno_behaviour_handshake_test.ts.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const clock = new StoppedClock();
    const asked = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    const upgraded = Promise.withResolvers<void>();
    let opened = 0;
    let abandoned = 0;
    const listen = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    const server = Deno.serve(listen, async (request) => {
      asked.resolve();
      await gone.promise;
      upgraded.resolve();
      return upgradeNative(request, {
        heartbeat: false,
        clock,
        openTimeout: 7000,
        onOpen: () => opened++,
        onAbandoned: () => abandoned++,
      });
    });
    server.unref();
    const peer = await RawPeer.connect(server.addr.port);
    await peer.write(upgradeRequest());
    await asked.promise;
    await peer.reset();
    gone.resolve();
    await upgraded.promise;
    assertEquals([...clock.timers.values()].map(({ delay }) => delay), [7000]);
    clock.expire();
    clock.expire();
    assertEquals([opened, abandoned, clock.timers.size], [0, 1, 0]);
  },
});

Deno.test("native upgrade: a connection that opens after it was given up is closed with 1001", async () => {
  const clock = new StoppedClock();
  const listen = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  let opened = 0;
  let abandoned = 0;
  const server = Deno.serve(listen, (request) => {
    const response = upgradeNative(request, {
      heartbeat: false,
      clock,
      onOpen: () => opened++,
      onAbandoned: () => abandoned++,
    });
    clock.expire();
    return response;
  });
  await using peer = await RawPeer.open(server.addr.port);
  assertEquals((await peer.readFrame()).payload.toHex(), "03e9");
  await peer.sendMasked({ opcode: CLOSE });
  await peer.readToEnd();
  assertEquals([opened, abandoned], [0, 1]);
  await server.shutdown();
});

Deno.test("native upgrade: an open connection leaves no timer behind", async () => {
  const clock = new StoppedClock();
  await using server = new NativeServer({ clock });
  await using _peer = await RawPeer.open(server.port);
  await server.accept();
  assertEquals([clock.timers.size, server.abandoned], [0, 0]);
});

Deno.test("native upgrade: fields that are not well formed are refused before anything happens", () => {
  const request = new Request("http://127.0.0.1/");
  const options = { heartbeat: false, onOpen: () => {}, onAbandoned: () => {} } as const;
  const upgradeWith = (more: { subprotocol?: string; headers?: [string, string][] }) => () =>
    upgradeNative(request, { ...options, ...more });
  assertThrows(upgradeWith({ subprotocol: "a\r\nb" }), TypeError, "it must be a token");
  assertThrows(upgradeWith({ headers: [["X", "a\r\nb"]] }), TypeError, "no line break");
  assertThrows(upgradeWith({ headers: [["Upgrade", "x"]] }), TypeError, "by the handshake itself");
});

Deno.test("native upgrade: the head has the target as it was sent", () => {
  const targetOf = (url: string, host: string) => {
    const headers = new Headers({ host });
    return headOfRequest({ method: "GET", url, headers } as Request).target;
  };
  assertEquals(targetOf("http://a.example/room?id=1", "a.example"), "/room?id=1");
  assertEquals(targetOf("http://a.example/../x//y", "a.example"), "/../x//y");
  assertEquals(targetOf("http://a.example", "a.example"), "/");
  assertEquals(targetOf("https://b.example/x", "a.example"), "https://b.example/x");
  assertEquals(targetOf("http://a.example/ü", "a.example"), "");
  assertEquals(targetOf("no url", "a.example"), "");
});

Deno.test("native upgrade: a refusal has its status, its fields and its sentence", async () => {
  const headers: [string, string][] = [["Retry-After", "5"]];
  const response = refusalResponse({ status: 503, message: "full", headers });
  assertEquals([response.status, await response.text()], [503, "full"]);
  assertEquals(response.headers.get("retry-after"), "5");
  assertEquals(response.headers.has("connection"), false);
  assertStringIncludes(response.headers.get("content-type") ?? "", "text/plain");
  assertEquals(refusalResponse({ status: 400, message: "" }).status, 400);
});

Deno.test("native upgrade: the heartbeat becomes the runtime's idleTimeout in seconds", () => {
  assertEquals(idleTimeoutOf(false), 0);
  assertEquals(idleTimeoutOf({ interval: 20_000, timeout: 20_000 }), 40);
  assertEquals(idleTimeoutOf({ interval: 100, timeout: 50 }), 0.15);
});
