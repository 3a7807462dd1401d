/**
 * How a `WebSocketStream` ends: its two promises and its two streams together.
 *
 * @module
 */
import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { WebSocketError } from "../../../lib/client/websocket/websocket_error.ts";
import { closePayload } from "../../support/raw_peer.ts";
import { type OpenedStream, openStream, tasksDone } from "./sockets.ts";

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;

/** Reads the close frame, answers with `payload` or the same, and ends the stream. */
async function farewell({ peer }: OpenedStream, payload?: Uint8Array): Promise<string> {
  const frame = await peer.readFrame();
  assertEquals(frame.opcode, CLOSE);
  await peer.send({ opcode: CLOSE, payload: payload ?? frame.payload });
  await peer.halfClose();
  return frame.payload.toHex();
}

/** Closes as a server. */
async function closeRemotely({ peer }: OpenedStream, payload: Uint8Array): Promise<void> {
  await peer.send({ opcode: CLOSE, payload });
  assertEquals((await peer.readFrame()).opcode, CLOSE);
  await peer.halfClose();
}

const FRAMES: readonly [info: { closeCode?: number; reason?: string }, hex: string][] = [
  [{}, ""],
  [{ reason: "" }, ""],
  [{ closeCode: 1000 }, "03e8"],
  [{ closeCode: 3456, reason: "pizza" }, "0d8070697a7a61"],
  [{ reason: "non-empty" }, "03e86e6f6e2d656d707479"],
];

for (const [info, hex] of FRAMES) {
  Deno.test(`WebSocketStream: close with ${JSON.stringify(info)}`, async () => {
    await using opened = await openStream();
    opened.socket.close(info);
    opened.socket.close({ closeCode: 4000 });
    assertEquals(await farewell(opened), hex);
    assertEquals(await opened.socket.closed, {
      closeCode: info.closeCode ?? (hex === "" ? 1005 : 1000),
      reason: info.reason ?? "",
    });
  });
}

Deno.test("WebSocketStream: what must not be closed with is told at once", async () => {
  await using opened = await openStream();
  const { socket } = opened;
  for (const closeCode of [0, 999, 1001, 2999, 5000]) {
    const error = assertThrows(() => socket.close({ closeCode }), DOMException);
    assertEquals(error.name, "InvalidAccessError");
  }
  const long = assertThrows(() => socket.close({ reason: ".".repeat(124) }), DOMException);
  assertEquals(long.name, "SyntaxError");
  assertThrows(() => Reflect.apply(socket.close, socket, [true]), TypeError);
  assertThrows(() => socket.close({ closeCode: 70_000 }), TypeError);
  assertEquals(socket.connection?.state, "open");
});

Deno.test("WebSocketStream: the server's code and reason count", async () => {
  await using opened = await openStream();
  opened.socket.close({ closeCode: 4111, reason: "local" });
  await farewell(opened, closePayload(4222, "ロボット"));
  assertEquals(await opened.socket.closed, { closeCode: 4222, reason: "ロボット" });
});

Deno.test("WebSocketStream: a clean end closes what is read and fails what is written", async () => {
  await using opened = await openStream();
  const { socket, readable, writable } = opened;
  await closeRemotely(opened, closePayload(1001, "bye"));
  assertEquals(await socket.closed, { closeCode: 1001, reason: "bye" });
  assertEquals((await readable.getReader().read()).done, true);
  const error = await assertRejects(() => writable.getWriter().ready, DOMException);
  assertEquals(error.name, "InvalidStateError");
});

Deno.test("WebSocketStream: a close frame without a code is told as 1005", async () => {
  await using opened = await openStream();
  await closeRemotely(opened, new Uint8Array(0));
  assertEquals(await opened.socket.closed, { closeCode: 1005, reason: "" });
});

Deno.test("WebSocketStream: an abrupt end gives everyone the same error", async () => {
  await using opened = await openStream();
  const { socket, readable, writable, peer } = opened;
  await peer.reset();
  const error = await assertRejects(() => socket.closed, WebSocketError);
  assertEquals([error.name, error.closeCode, error.reason], ["WebSocketError", 1006, ""]);
  const same = (promise: Promise<unknown>) =>
    promise.then(() => undefined, (other) => assertStrictEquals(other, error));
  const writer = writable.getWriter();
  await Promise.all([
    same(readable.getReader().read()),
    same(writer.ready),
    same(writer.closed),
    same(writer.write("late")),
  ]);
});

Deno.test("WebSocketStream: a fault of the server's has the code 1006, and its cause", async () => {
  await using opened = await openStream();
  await opened.peer.send({ opcode: 3 });
  await opened.peer.readFrame();
  await opened.peer.halfClose();
  const error = await assertRejects(() => opened.socket.closed, WebSocketError);
  assertEquals(error.closeCode, 1006);
  assertEquals((error.cause as { code: string }).code, "ERR_RESERVED_OPCODE");
});

Deno.test("WebSocketStream: what came before the end can be read, however it ended", async () => {
  for (const clean of [true, false]) {
    await using opened = await openStream();
    const { socket, readable, peer } = opened;
    for (const payload of ["a", "b", "c"]) await peer.send({ opcode: TEXT, payload });
    if (clean) await closeRemotely(opened, closePayload(1000));
    else await peer.halfClose();
    await socket.closed.catch(() => {});
    const reader = readable.getReader();
    for (const value of ["a", "b", "c"]) {
      assertEquals(await reader.read(), { done: false, value });
    }
    if (clean) assertEquals((await reader.read()).done, true);
    else await assertRejects(() => reader.read(), WebSocketError);
  }
});

Deno.test("WebSocketStream: who waits for a message is told of the end", async () => {
  await using opened = await openStream();
  const reader = opened.readable.getReader();
  const reading = reader.read();
  await closeRemotely(opened, closePayload(1000));
  assertEquals((await reading).done, true);
  await reader.closed;
});

Deno.test("WebSocketStream: a message that was not all sent makes the end unclean", async () => {
  await using opened = await openStream({ closeTimeout: 100 });
  const { socket, writable, peer } = opened;
  const writer = writable.getWriter();
  const writing = writer.write(new Uint8Array(20_000_000));
  writing.catch(() => {});
  await peer.send({ opcode: CLOSE, payload: closePayload(4567) });
  await peer.halfClose();
  const error = await assertRejects(() => socket.closed, WebSocketError);
  assertEquals(error.closeCode, 4567);
  assertStrictEquals(await writing.catch((other) => other), error);
  assertStrictEquals(await writer.write("late").catch((other) => other), error);
});

Deno.test("WebSocketStream: writing while it closes is an InvalidStateError", async () => {
  await using opened = await openStream();
  const { socket, writable } = opened;
  socket.close({ closeCode: 1000 });
  const writing = writable.getWriter().write("late");
  await farewell(opened);
  const error = await assertRejects(() => writing, DOMException);
  assertEquals(error.name, "InvalidStateError");
});

Deno.test("WebSocketStream: after close, what the server sends is dropped", async () => {
  await using opened = await openStream();
  const { socket, readable, peer } = opened;
  const reader = readable.getReader();
  const reading = reader.read();
  socket.close({ closeCode: 1000 });
  for (let count = 0; count < 10; count++) {
    await peer.send({ opcode: BINARY, payload: new Uint8Array(100_000) });
  }
  await farewell(opened);
  await socket.closed;
  assertEquals((await reading).done, true);
});

Deno.test("WebSocketStream: closing what is written waits for the closing handshake", async () => {
  await using opened = await openStream();
  const { socket, writable, readable, peer } = opened;
  const writer = writable.getWriter();
  let done = false;
  writer.write("last");
  const closing = writer.close().then(() => done = true);
  assertEquals((await peer.readFrame()).payload, new TextEncoder().encode("last"));
  const frame = await peer.readFrame();
  assertEquals(frame.opcode, CLOSE);
  for (let turn = 0; turn < 5; turn++) await tasksDone();
  assertEquals(done, false);
  await peer.send({ opcode: CLOSE, payload: frame.payload });
  await peer.halfClose();
  await closing;
  await writer.closed;
  await socket.closed;
  assertEquals((await readable.getReader().read()).done, true);
});

Deno.test("WebSocketStream: closing what is written sends no code", async () => {
  await using opened = await openStream();
  const closing = opened.writable.close();
  assertEquals(await farewell(opened), "");
  await closing;
  assertEquals(await opened.socket.closed, { closeCode: 1005, reason: "" });
});

Deno.test("WebSocketStream: closing what is written fails when the end is not clean", async () => {
  await using opened = await openStream();
  const writer = opened.writable.getWriter();
  const closing = writer.close();
  assertEquals((await opened.peer.readFrame()).opcode, CLOSE);
  await opened.peer.reset();
  const error = await assertRejects(() => closing, WebSocketError);
  assertStrictEquals(await opened.socket.closed.catch((other) => other), error);
});

/** Both ways to end a stream early. */
const ENDINGS: readonly [what: string, end: (opened: OpenedStream, why?: unknown) => unknown][] = [
  ["canceling what is read", ({ readable }, why) => readable.cancel(why)],
  ["aborting what is written", ({ writable }, why) => writable.abort(why)],
];

for (const [what, end] of ENDINGS) {
  Deno.test(`WebSocketStream: ${what} closes with a WebSocketError's code`, async () => {
    await using opened = await openStream();
    await end(opened, new WebSocketError("", { closeCode: 3456, reason: "set" }));
    assertEquals(await farewell(opened), "0d80736574");
    assertEquals(await opened.socket.closed, { closeCode: 3456, reason: "set" });
  });

  for (const why of [undefined, new Error("oh"), { closeCode: 3456 }, new DOMException("oh")]) {
    Deno.test(`WebSocketStream: ${what} with ${why} closes without a code`, async () => {
      await using opened = await openStream();
      await end(opened, why);
      assertEquals(await farewell(opened), "");
      assertEquals(await opened.socket.closed, { closeCode: 1005, reason: "" });
    });
  }

  Deno.test(`WebSocketStream: ${what} with a code of the server's closes without one`, async () => {
    await using broken = await openStream();
    await broken.peer.reset();
    const error = await assertRejects(() => broken.socket.closed, WebSocketError);
    assertEquals(error.closeCode, 1006);
    await using opened = await openStream();
    await end(opened, error);
    assertEquals(await farewell(opened), "");
  });

  Deno.test(`WebSocketStream: ${what} with a message on its way is a clean end`, async () => {
    await using opened = await openStream();
    for (const payload of ["a", "b"]) await opened.peer.send({ opcode: TEXT, payload });
    await end(opened, new WebSocketError("", { closeCode: 1000 }));
    await farewell(opened);
    assertEquals(await opened.socket.closed, { closeCode: 1000, reason: "" });
  });
}

Deno.test("WebSocketStream: aborting a write that waits closes at once", async () => {
  await using opened = await openStream({ closeTimeout: 100 });
  const { writable, socket } = opened;
  const writer = writable.getWriter();
  const writing = writer.write(new Uint8Array(20_000_000));
  writing.catch(() => {});
  const aborting = writer.abort(new WebSocketError("enough", { closeCode: 4000 }));
  assertEquals(socket.connection?.state, "closing");
  await assertRejects(() => socket.closed, WebSocketError, "closing handshake");
  await assertRejects(() => writing, WebSocketError);
  await aborting;
});
