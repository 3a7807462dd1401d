/**
 * How the class gives up a connection that is not open yet.
 *
 * @module
 */
import { setImmediate } from "node:timers/promises";
import { assertEquals, assertThrows } from "@std/assert";
import { WebSocket } from "../../../lib/client/websocket/websocket.ts";
import { CLASSES, dial, next, typesOf } from "./sockets.ts";

for (const [name, Class] of CLASSES) {
  Deno.test(`WebSocket: wrong arguments are told while connecting too, ${name}`, async () => {
    await using dialed = await dial((url) => new Class(url));
    const { socket } = dialed;
    assertEquals(assertThrows(() => socket.close(1001), DOMException).name, "InvalidAccessError");
    assertEquals(socket.readyState, Class.CONNECTING);
  });

  Deno.test(`WebSocket: close while connecting is error and close, later, ${name}`, async () => {
    await using dialed = await dial((url) => new Class(url));
    const { socket, peer } = dialed;
    const types = typesOf(socket);
    const closed = next(socket, "close");
    await peer.readHead();
    assertEquals(socket.readyState, Class.CONNECTING);
    socket.close(3000, "never said");
    socket.close();
    assertEquals([types, socket.readyState], [[], Class.CLOSING]);
    const { reason, wasClean } = await closed;
    assertEquals({ reason, wasClean }, { reason: "", wasClean: false });
    assertEquals([types, socket.readyState], [["error", "close"], Class.CLOSED]);
  });

  Deno.test(`WebSocket: close at once, before a connection is there, ${name}`, async () => {
    const socket = new Class("ws://127.0.0.1:1/");
    const types = typesOf(socket);
    const closed = next(socket, "close");
    socket.close();
    assertEquals(socket.readyState, Class.CLOSING);
    await closed;
    assertEquals(types, ["error", "close"]);
  });
}

Deno.test("WebSocket: what is sent after connecting was given up only counts", async () => {
  await using dialed = await dial((url) => new WebSocket(url));
  const { socket } = dialed;
  socket.close();
  socket.send("abc");
  socket.send(new Blob(["de"]));
  assertEquals([socket.readyState, socket.bufferedAmount], [WebSocket.CLOSING, 5]);
});

Deno.test("WebSocket: the code of a connection that never opened is 1006", async () => {
  await using dialed = await dial((url) => new WebSocket(url));
  const failed = next(dialed.socket, "error");
  const closed = next(dialed.socket, "close");
  dialed.socket.close();
  assertEquals((await failed as ErrorEvent).error.name, "AbortError");
  assertEquals((await closed).code, 1006);
  assertEquals((await dialed.peer.readToEnd()).end, "eof");
});

Deno.test("WebSocket: in whichever turn close comes while it opens, it ends once", async () => {
  const seen = new Set<string>();
  // Turn after turn, until the turn is so late that it is open.
  for (let turns = 0; turns < 1000 && !seen.has("open,error,close"); turns++) {
    const dialed = await dial((url) => new WebSocket(url));
    const { socket, peer } = dialed;
    const types = typesOf(socket);
    const closed = next(socket, "close");
    await peer.acceptUpgrade();
    for (let turn = 0; turn < turns; turn++) await setImmediate();
    socket.close(1000);
    await dialed[Symbol.asyncDispose]();
    assertEquals((await closed).code, 1006);
    seen.add(types.join());
  }
  assertEquals([...seen].sort(), ["error,close", "open,error,close"]);
});
