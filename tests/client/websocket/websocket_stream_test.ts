/**
 * How a `WebSocketStream` opens, or does not.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import type { WebSocketStreamOptions } from "../../../lib/client/websocket/options.ts";
import { WebSocketError } from "../../../lib/client/websocket/websocket_error.ts";
import { WebSocketStream } from "../../../lib/client/websocket/websocket_stream.ts";
import { ConnectionClosedError } from "../../../lib/connection/errors.ts";
import { RawListener, type RawPeer } from "../../support/raw_peer.ts";
import { openStream } from "./sockets.ts";

/** A stream whose TCP connection a bare server has accepted. */
async function dialStream(options?: WebSocketStreamOptions): Promise<
  AsyncDisposable & { readonly socket: WebSocketStream; readonly peer: RawPeer }
> {
  const listener = await RawListener.listen();
  const socket = new WebSocketStream(`ws://127.0.0.1:${listener.port}/`, options);
  const peer = await listener.accept();
  return {
    socket,
    peer,
    [Symbol.asyncDispose]: async () => {
      await peer[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
      await socket.closed.catch(() => {});
    },
  };
}

Deno.test("WebSocketStream: it opens with streams, protocol and extensions", async () => {
  await using dialed = await dialStream({ protocols: ["a", "b"] });
  const { socket, peer } = dialed;
  assertEquals(socket.connection, undefined);
  const fields = {
    "Sec-WebSocket-Protocol": "b",
    "Sec-WebSocket-Extensions": "permessage-deflate",
  };
  const request = await peer.acceptUpgrade({ fields });
  assertEquals(request.fields.get("sec-websocket-protocol"), ["a, b"]);
  const { readable, writable, protocol, extensions } = await socket.opened;
  assert(readable instanceof ReadableStream);
  assert(writable instanceof WritableStream);
  assertEquals([protocol, extensions], ["b", "permessage-deflate"]);
  assertEquals(socket.connection?.state, "open");
  assertStrictEquals(socket.opened, socket.opened);
});

Deno.test("WebSocketStream: its URL has the scheme ws or wss", () => {
  const signal = AbortSignal.abort();
  assertEquals(new WebSocketStream("http://A.example/b", { signal }).url, "ws://a.example/b");
  assertEquals(new WebSocketStream(new URL("wss://a.example"), { signal }).url, "wss://a.example/");
});

for (const url of ["/echo", "invalid:", "ws://a b/", "ws://127.0.0.1/#", "ftp://127.0.0.1/"]) {
  Deno.test(`WebSocketStream: ${url} is a SyntaxError`, () => {
    assertEquals(assertThrows(() => new WebSocketStream(url), DOMException).name, "SyntaxError");
  });
}

Deno.test("WebSocketStream: protocols that are wrong are a SyntaxError", () => {
  for (const protocols of [[""], ["a b"], ["a", "a"], ["a", "A"]]) {
    const make = () => new WebSocketStream("ws://127.0.0.1/", { protocols });
    assertEquals(assertThrows(make, DOMException).name, "SyntaxError");
  }
});

Deno.test("WebSocketStream: arguments of the wrong type are a TypeError", () => {
  const make = (...args: unknown[]) => () => Reflect.construct(WebSocketStream, args);
  assertThrows(make(), TypeError, "there must be a URL");
  assertThrows(make("ws://127.0.0.1/", true), TypeError, "must be an object");
  assertThrows(make("ws://127.0.0.1/", { protocols: "a" }), TypeError, "a list");
  assertThrows(() => Reflect.apply(WebSocketStream, undefined, ["ws://127.0.0.1/"]), TypeError);
});

Deno.test("WebSocketStream: it looks like an interface of Web IDL", () => {
  assertEquals([WebSocketStream.name, WebSocketStream.length], ["WebSocketStream", 1]);
  assertEquals(WebSocketStream.prototype.close.length, 0);
  assertEquals(String(WebSocketStream.prototype), "[object WebSocketStream]");
  assertEquals(Object.keys(WebSocketStream.prototype).sort(), [
    "close",
    "closed",
    "connection",
    "opened",
    "ping",
    "url",
  ]);
  assertThrows(() => WebSocketStream.prototype.url, TypeError);
});

Deno.test("WebSocketStream: a refusal rejects both promises, with the cause", async () => {
  await using dialed = await dialStream();
  const { socket, peer } = dialed;
  await peer.readHead();
  await peer.write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  const opening = await assertRejects(() => socket.opened, WebSocketError, "404");
  assertEquals([opening.closeCode, opening.reason], [null, ""]);
  const closing = await assertRejects(() => socket.closed, WebSocketError, "404");
  assertEquals([closing.closeCode, closing.reason], [1006, ""]);
  assertEquals((closing.cause as { code: string }).code, "ERR_REFUSED");
});

Deno.test("WebSocketStream: a server that takes none of the protocols is refused", async () => {
  await using dialed = await dialStream({ protocols: ["a"] });
  await dialed.peer.acceptUpgrade();
  await assertRejects(() => dialed.socket.opened, WebSocketError, "none of the subprotocols");
  assertEquals((await dialed.peer.readFramesToEnd()).frames, []);
});

Deno.test("WebSocketStream: what connect refuses rejects both promises", async () => {
  const socket = new WebSocketStream("ws://127.0.0.1/", { timeout: -1 });
  const error = await assertRejects(() => socket.opened, WebSocketError, "timeout must be");
  assert(error.cause instanceof RangeError);
  await assertRejects(() => socket.closed, WebSocketError);
});

Deno.test("WebSocketStream: promises that reject while nobody waits do no harm", async () => {
  const socket = new WebSocketStream("ws://127.0.0.1:1/");
  await assertRejects(() => socket.closed, WebSocketError);
  // An unhandled rejection of `opened` would have failed this test.
});

Deno.test("WebSocketStream: a signal that has fired keeps it from connecting", async () => {
  await using listener = await RawListener.listen();
  const signal = AbortSignal.abort();
  const socket = new WebSocketStream(`ws://127.0.0.1:${listener.port}/never`, { signal });
  for (const promise of [socket.opened, socket.closed]) {
    assertStrictEquals(await promise.catch((error) => error), signal.reason);
  }
  const second = new WebSocketStream(`ws://127.0.0.1:${listener.port}/first`);
  await using peer = await listener.accept();
  assertEquals((await peer.readHead()).startLine, "GET /first HTTP/1.1");
  second.close();
  await second.closed.catch(() => {});
});

Deno.test("WebSocketStream: a signal ends connecting with its reason", async () => {
  const controller = new AbortController();
  await using dialed = await dialStream({ signal: controller.signal });
  const { socket, peer } = dialed;
  await peer.readHead();
  const reason = new Error("no time");
  controller.abort(reason);
  for (const promise of [socket.opened, socket.closed]) {
    assertStrictEquals(await promise.catch((error) => error), reason);
  }
  assertEquals((await peer.readToEnd()).end, "eof");
});

Deno.test("WebSocketStream: a signal does nothing to an open connection", async () => {
  const controller = new AbortController();
  await using opened = await openStream({ signal: controller.signal });
  controller.abort();
  await opened.peer.send({ opcode: 1, payload: "still here" });
  assertEquals(await opened.readable.getReader().read(), { done: false, value: "still here" });
});

Deno.test("WebSocketStream: close while connecting gives that up", async () => {
  await using dialed = await dialStream();
  const { socket, peer } = dialed;
  await peer.readHead();
  socket.close({ closeCode: 3000, reason: "never said" });
  const opening = await assertRejects(() => socket.opened, WebSocketError, "given up");
  assertEquals(opening.closeCode, null);
  const closing = await assertRejects(() => socket.closed, WebSocketError, "given up");
  assertEquals([closing.closeCode, closing.reason], [1006, ""]);
  assertEquals((await peer.readToEnd()).end, "eof");
  socket.close();
});

Deno.test("WebSocketStream: headers and other options of connect are taken", async () => {
  await using dialed = await dialStream({ headers: { "X-Token": "a" }, compression: false });
  const { fields } = await dialed.peer.readHead();
  assertEquals(fields.get("x-token"), ["a"]);
  assertEquals(fields.has("sec-websocket-extensions"), false);
});

Deno.test("WebSocketStream: ping gives the round trip, once it is open", async () => {
  await using dialed = await dialStream();
  const { socket, peer } = dialed;
  const error = assertThrows(() => socket.ping(), DOMException);
  assertEquals(error.name, "InvalidStateError");
  await peer.acceptUpgrade();
  await socket.opened;
  const trip = socket.ping();
  const { payload } = await peer.readFrame();
  await peer.send({ opcode: 10, payload });
  assert(await trip >= 0);
  await peer.reset();
  await socket.closed.catch(() => {});
  await assertRejects(() => socket.ping(), ConnectionClosedError);
});
