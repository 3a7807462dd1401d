/**
 * How the class closes a connection, and how it tells of one that was closed.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { WebSocket } from "../../../lib/client/websocket/websocket.ts";
import { closePayload, type RawPeer } from "../../support/raw_peer.ts";
import { type AnySocket, CLASSES, dial, next, open, tasksDone, typesOf } from "./sockets.ts";

const TEXT = 1;
const CLOSE = 8;

/** What `close` is called with, and the payload of the frame that is sent. */
const FRAMES: readonly [what: string, args: [code?: unknown, reason?: unknown], hex: string][] = [
  ["nothing", [], ""],
  ["undefined", [undefined], ""],
  ["undefined twice", [undefined, undefined], ""],
  ["1000", [1000], "03e8"],
  ["1000 and undefined", [1000, undefined], "03e8"],
  ["1000 and nothing", [1000, ""], "03e8"],
  ["1000 and a reason", [1000, "Clean"], "03e8436c65616e"],
  ["3000 and a reason", [3000, "a"], "0bb861"],
  ["4999 and a reason", [4999, "a"], "138761"],
  ["a string that is a number", ["1000"], "03e8"],
  ["a code to be rounded", [2999.5], "0bb8"],
  ["a reason that is a number", [1000, 5], "03e835"],
  ["a reason of 123 bytes", [1000, "é".repeat(61) + "x"], `03e8${"c3a9".repeat(61)}78`],
  ["a reason with half a pair", [1000, "\ud807"], "03e8efbfbd"],
];

async function opened(Class: typeof globalThis.WebSocket): Promise<
  AsyncDisposable & { readonly socket: AnySocket; readonly peer: RawPeer }
> {
  const dialed = await dial((url) => new Class(url));
  const opening = next(dialed.socket, "open");
  await dialed.peer.acceptUpgrade();
  await opening;
  return dialed;
}

/** Answers the close frame of a client and ends the stream. */
async function farewell(peer: RawPeer, payload: Uint8Array): Promise<void> {
  await peer.send({ opcode: CLOSE, payload });
  await peer.halfClose();
}

for (const [name, Class] of CLASSES) {
  for (const [what, args, hex] of FRAMES) {
    Deno.test(`WebSocket: close with ${what}, ${name}`, async () => {
      await using pair = await opened(Class);
      const { socket, peer } = pair;
      const types = typesOf(socket);
      const closed = next(socket, "close");
      assertEquals(Reflect.apply(socket.close, socket, args), undefined);
      assertEquals(socket.readyState, Class.CLOSING);
      const { opcode, payload } = await peer.readFrame();
      assertEquals([opcode, payload.toHex()], [CLOSE, hex]);
      await farewell(peer, payload);
      const { code, reason, wasClean } = await closed;
      assertEquals({ code, reason, wasClean }, {
        code: hex === "" ? 1005 : payload[0]! << 8 | payload[1]!,
        reason: new TextDecoder().decode(payload.subarray(2)),
        wasClean: true,
      });
      assertEquals([types, socket.readyState], [["close"], Class.CLOSED]);
    });
  }

  for (const code of [0, 500, 999, 1001, 1005, 2999, 5000, NaN, null, "bye", 66_536]) {
    Deno.test(`WebSocket: close with ${code} is an InvalidAccessError, ${name}`, async () => {
      await using pair = await opened(Class);
      const { socket } = pair;
      const close = () => Reflect.apply(socket.close, socket, [code]);
      assertEquals(assertThrows(close, DOMException).name, "InvalidAccessError");
      assertEquals(socket.readyState, Class.OPEN);
    });
  }

  Deno.test(`WebSocket: a reason of 124 bytes is a SyntaxError, ${name}`, async () => {
    await using pair = await opened(Class);
    const { socket } = pair;
    for (const reason of ["x".repeat(124), "é".repeat(62)]) {
      const error = assertThrows(() => socket.close(1000, reason), DOMException);
      assertEquals([error.name, socket.readyState], ["SyntaxError", Class.OPEN]);
    }
  });

  Deno.test(`WebSocket: what the server closes with is told, ${name}`, async () => {
    await using pair = await opened(Class);
    const { socket, peer } = pair;
    const types = typesOf(socket);
    const closed = next(socket, "close");
    await peer.send({ opcode: CLOSE, payload: closePayload(1001, "zurück") });
    assertEquals((await peer.readFrame()).payload.slice(0, 2), closePayload(1001));
    await peer.halfClose();
    const { code, reason, wasClean } = await closed;
    assertEquals({ code, reason, wasClean }, { code: 1001, reason: "zurück", wasClean: true });
    assertEquals(types, ["close"]);
  });

  Deno.test(`WebSocket: a close frame without a code is told as 1005, ${name}`, async () => {
    await using pair = await opened(Class);
    const { socket, peer } = pair;
    const closed = next(socket, "close");
    await peer.send({ opcode: CLOSE });
    assertEquals((await peer.readFrame()).payload.length, 0);
    await peer.halfClose();
    const { code, reason, wasClean } = await closed;
    assertEquals({ code, reason, wasClean }, { code: 1005, reason: "", wasClean: true });
  });

  Deno.test(`WebSocket: what the server sends behind its close frame is not heard, ${name}`, async () => {
    await using pair = await opened(Class);
    const { socket, peer } = pair;
    const types = typesOf(socket);
    const closed = next(socket, "close");
    await peer.send({ opcode: CLOSE, payload: closePayload(1000) });
    await peer.send({ opcode: TEXT, payload: "late" });
    assertEquals((await peer.readFrame()).opcode, CLOSE);
    await peer.halfClose();
    assertEquals([(await closed).wasClean, types], [true, ["close"]]);
  });

  Deno.test(`WebSocket: close within the close event changes nothing, ${name}`, async () => {
    await using pair = await opened(Class);
    const { socket, peer } = pair;
    const types = typesOf(socket);
    const closed = next(socket, "close");
    socket.addEventListener("close", () => {
      socket.close();
      assertEquals(socket.readyState, Class.CLOSED);
    });
    socket.close(1000);
    socket.close(1000, "again");
    const { payload } = await peer.readFrame();
    assertEquals(payload.toHex(), "03e8");
    await farewell(peer, payload);
    await closed;
    await tasksDone();
    assertEquals(types, ["close"]);
  });
}

Deno.test("WebSocket: messages that come while it closes are not heard", async () => {
  await using pair = await open();
  const { socket, peer } = pair;
  const types = typesOf(socket);
  const closed = next(socket, "close");
  socket.close(1000);
  const { payload } = await peer.readFrame();
  await peer.send({ opcode: TEXT, payload: "late" });
  await farewell(peer, payload);
  assertEquals((await closed).wasClean, true);
  assertEquals(types, ["close"]);
});

Deno.test("WebSocket: close from a message drops the messages behind it", async () => {
  await using pair = await open();
  const { socket, peer } = pair;
  const seen: string[] = [];
  socket.onmessage = ({ data }) => {
    seen.push(data);
    socket.close(1000);
  };
  const closed = next(socket, "close");
  const frames = ["a", "b", "c"].map((payload) => ({ opcode: TEXT, payload }));
  await Promise.all(frames.map((frame) => peer.send(frame)));
  const { payload } = await peer.readFrame();
  await farewell(peer, payload);
  await closed;
  assertEquals(seen, ["a"]);
});

Deno.test("WebSocket: what came before the server's close frame is heard first", async () => {
  await using pair = await open();
  const { socket, peer } = pair;
  const states: [string, number][] = [];
  socket.onmessage = ({ data }) => states.push([data, socket.readyState]);
  const closed = next(socket, "close");
  const frames = ["a", "b", "c"].map((payload) => ({ opcode: TEXT, payload }));
  const close = { opcode: CLOSE, payload: closePayload(1000) };
  await Promise.all([...frames, close].map((frame) => peer.send(frame)));
  assertEquals((await peer.readFrame()).opcode, CLOSE);
  await peer.halfClose();
  await closed;
  assertEquals(states, [["a", 1], ["b", 1], ["c", 1]]);
});

Deno.test("WebSocket: once the server has begun to close, it is closing", async () => {
  await using pair = await open();
  const { socket, peer } = pair;
  const closed = next(socket, "close");
  await peer.send({ opcode: CLOSE, payload: closePayload(1000) });
  assertEquals((await peer.readFrame()).opcode, CLOSE);
  await tasksDone();
  assertEquals(socket.readyState, WebSocket.CLOSING);
  socket.send("late");
  socket.close(4000, "late");
  assertEquals([socket.readyState, socket.bufferedAmount], [WebSocket.CLOSING, 4]);
  await peer.halfClose();
  const { code, reason, wasClean } = await closed;
  assertEquals({ code, reason, wasClean }, { code: 1000, reason: "", wasClean: true });
});

Deno.test("WebSocket: the server's code counts, not ours", async () => {
  await using pair = await open();
  const { socket, peer } = pair;
  const closed = next(socket, "close");
  socket.close(4111, "local");
  await peer.readFrame();
  await farewell(peer, closePayload(4222, "remote"));
  const { code, reason, wasClean } = await closed;
  assertEquals({ code, reason, wasClean }, { code: 4222, reason: "remote", wasClean: true });
});

Deno.test("WebSocket: an empty reason alone needs no code", async () => {
  await using pair = await open();
  const { socket, peer } = pair;
  socket.close(undefined, "");
  const { payload } = await peer.readFrame();
  assertEquals(payload.length, 0);
  await farewell(peer, payload);
});

Deno.test("WebSocket: a reason alone goes out with the code 1000", async () => {
  await using pair = await open();
  const { socket, peer } = pair;
  socket.close(undefined, "bye");
  const { payload } = await peer.readFrame();
  assertEquals(payload, closePayload(1000, "bye"));
  await farewell(peer, payload);
});

Deno.test("WebSocket: a server that does not answer is cut off after closeTimeout", async () => {
  await using pair = await open({ closeTimeout: 20 });
  const { socket } = pair;
  const types = typesOf(socket);
  const failed = next(socket, "error");
  const closed = next(socket, "close");
  socket.close(1000);
  assertEquals((await failed as ErrorEvent).error.code, "ERR_CLOSE_TIMEOUT");
  const { code, wasClean } = await closed;
  assertEquals({ code, wasClean, types }, {
    code: 1006,
    wasClean: false,
    types: ["error", "close"],
  });
});
