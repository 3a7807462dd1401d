/**
 * The events of the class: which, in which order, with what in them, and when.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { WebSocket } from "../../../lib/client/websocket/websocket.ts";
import { ProtocolError } from "../../../lib/protocol/errors.ts";
import { buildFrame, closePayload, upgradeResponse } from "../../support/raw_peer.ts";
import { CLASSES, dial, next, open, tasksDone, typesOf } from "./sockets.ts";

const TEXT = 1;
const CLOSE = 8;

for (const [name, Class] of CLASSES) {
  Deno.test(`WebSocket: open, message, close, each as its own kind, ${name}`, async () => {
    await using dialed = await dial((url) => new Class(url));
    const { socket, peer } = dialed;
    const seen: string[] = [];
    for (const type of ["open", "message", "error", "close"] as const) {
      socket.addEventListener(type, (event) => {
        assert(event instanceof Event);
        assertEquals([event.bubbles, event.cancelable], [false, false]);
        assertStrictEquals(event.target, socket);
        seen.push(`${event.constructor.name} in state ${socket.readyState}`);
      });
    }
    const closed = next(socket, "close");
    await peer.acceptUpgrade();
    await peer.send({ opcode: TEXT, payload: "Hi" });
    await peer.send({ opcode: CLOSE, payload: closePayload(1000) });
    await peer.readFrame();
    await peer.halfClose();
    await closed;
    assertEquals(seen, [
      "Event in state 1",
      "MessageEvent in state 1",
      "CloseEvent in state 3",
    ]);
  });

  Deno.test(`WebSocket: listeners are called in the order in which they came, ${name}`, async () => {
    await using dialed = await dial((url) => new Class(url));
    const { socket, peer } = dialed;
    const calls: string[] = [];
    for (const type of ["open", "message", "close"] as const) {
      socket.addEventListener(type, () => calls.push(`${type} 1`));
      socket[`on${type}`] = () => calls.push("replaced");
      socket.addEventListener(type, () => calls.push(`${type} 3`));
      socket[`on${type}`] = () => calls.push(`${type} 2`);
    }
    const closed = next(socket, "close");
    await peer.acceptUpgrade();
    await peer.send({ opcode: TEXT, payload: "" });
    await peer.send({ opcode: CLOSE, payload: closePayload(1000) });
    await peer.readFrame();
    await peer.halfClose();
    await closed;
    const expected = ["open", "message", "close"]
      .flatMap((type) => [1, 2, 3].map((number) => `${type} ${number}`));
    assertEquals(calls, expected);
  });

  Deno.test(`WebSocket: a listener that was removed is not called, ${name}`, async () => {
    await using dialed = await dial((url) => new Class(url));
    const { socket, peer } = dialed;
    const calls: string[] = [];
    const listener = () => calls.push("removed");
    socket.addEventListener("open", listener);
    socket.removeEventListener("open", listener);
    socket.onopen = listener;
    socket.onopen = null;
    const opened = next(socket, "open");
    await peer.acceptUpgrade();
    await opened;
    assertEquals(calls, []);
  });

  Deno.test(`WebSocket: events that a program makes are dispatched, ${name}`, async () => {
    await using dialed = await dial((url) => new Class(url));
    const { socket } = dialed;
    const calls: string[] = [];
    for (const type of ["open", "message", "error", "close"] as const) {
      socket[`on${type}`] = function (event) {
        assertStrictEquals(this, socket);
        calls.push(event.type);
      };
      socket.dispatchEvent(new Event(type));
    }
    assertEquals(calls, ["open", "message", "error", "close"]);
    assertEquals(socket.readyState, Class.CONNECTING);
  });

  Deno.test(`WebSocket: what is no function is no handler, ${name}`, async () => {
    await using dialed = await dial((url) => new Class(url));
    const { socket } = dialed;
    for (const key of ["onopen", "onmessage", "onerror", "onclose"]) {
      for (const value of [2, "a", true, undefined, null]) {
        Reflect.set(socket, key, () => {});
        Reflect.set(socket, key, value);
        assertEquals(Reflect.get(socket, key), null);
      }
    }
  });
}

Deno.test("WebSocket: between two messages that came at once, awaiting code runs", async () => {
  await using opened = await open();
  const { socket, peer } = opened;
  const frames = ["a", "b", "c"].map((payload) => ({ opcode: TEXT, payload }));
  const first = next(socket, "message");
  await Promise.all(frames.map((frame) => peer.send(frame)));
  const seen = [(await first).data];
  // Not for the sake of the value: each `await` has to end before the next message comes.
  for (let step = 0; step < 20; step++) await null;
  seen.push((await next(socket, "message")).data);
  seen.push((await next(socket, "message")).data);
  assertEquals(seen, ["a", "b", "c"]);
});

Deno.test("WebSocket: a fault of the server's is error, then close with 1006, unclean", async () => {
  await using opened = await open();
  const { socket, peer } = opened;
  const types = typesOf(socket);
  const states: number[] = [];
  const closed = next(socket, "close");
  const failed = next(socket, "error");
  for (const type of ["message", "error", "close"] as const) {
    socket.addEventListener(type, () => states.push(socket.readyState));
  }
  // At once: a message, and a frame with an opcode that is reserved (RFC 6455 §5.2).
  await peer.write(Uint8Array.fromHex("8104746573748303" + "4c4f4c"));
  const frame = await peer.readFrame();
  assertEquals([frame.opcode, frame.payload.slice(0, 2)], [CLOSE, closePayload(1002)]);
  await peer.halfClose();
  const event = await failed as ErrorEvent;
  assertInstanceOf(event.error, ProtocolError);
  assertEquals([event.error.code, event.message], ["ERR_RESERVED_OPCODE", event.error.message]);
  const { code, reason, wasClean } = await closed;
  assertEquals({ code, reason, wasClean }, { code: 1006, reason: "", wasClean: false });
  assertEquals(types, ["message", "error", "close"]);
  assertEquals(states, [1, 3, 3]);
});

Deno.test("WebSocket: a connection that breaks is error, then close with 1006", async () => {
  await using opened = await open();
  const types = typesOf(opened.socket);
  const closed = next(opened.socket, "close");
  await opened.peer.reset();
  const { code, wasClean } = await closed;
  assertEquals({ code, wasClean, types }, {
    code: 1006,
    wasClean: false,
    types: ["error", "close"],
  });
});

Deno.test("WebSocket: error and close come in one task, close behind all that error began", async () => {
  await using opened = await open();
  const { socket, peer } = opened;
  const seen: string[] = [];
  const closed = next(socket, "close");
  socket.onerror = () => {
    seen.push("error");
    socket.onclose = () => seen.push("close");
    queueMicrotask(() => seen.push("microtask"));
  };
  await peer.reset();
  await closed;
  await tasksDone();
  assertEquals(seen, ["error", "close", "microtask"]);
});

Deno.test("WebSocket: what comes with the response comes behind open", async () => {
  await using dialed = await dial((url) => new WebSocket(url));
  const { socket, peer } = dialed;
  const seen: string[] = [];
  socket.onopen = () => seen.push("open");
  socket.onmessage = ({ data }) => seen.push(data);
  const closed = next(socket, "close");
  const request = await peer.readHead();
  const head = new TextEncoder().encode(upgradeResponse(request));
  const message = buildFrame({ opcode: TEXT, payload: "early" });
  const close = buildFrame({ opcode: CLOSE, payload: closePayload(1001, "PASS") });
  await peer.write(Uint8Array.of(...head, ...message, ...close));
  await peer.readFrame();
  await peer.halfClose();
  const { code, reason, wasClean } = await closed;
  assertEquals({ code, reason, wasClean }, { code: 1001, reason: "PASS", wasClean: true });
  assertEquals(seen, ["open", "early"]);
});

Deno.test("WebSocket: a listener that throws is reported, and the others are called", async () => {
  await using opened = await open();
  const { socket, peer } = opened;
  const reported = Promise.withResolvers<string>();
  const report = (event: ErrorEvent) => {
    event.preventDefault();
    reported.resolve(event.error.message);
  };
  globalThis.addEventListener("error", report);
  socket.onmessage = () => {
    throw new Error("oh");
  };
  const second = next(socket, "message");
  await peer.send({ opcode: TEXT, payload: "a" });
  assertEquals((await second).data, "a");
  assertEquals(await reported.promise, "oh");
  const third = next(socket, "message");
  await peer.send({ opcode: TEXT, payload: "b" });
  assertEquals((await third).data, "b");
  await tasksDone();
  globalThis.removeEventListener("error", report);
});
