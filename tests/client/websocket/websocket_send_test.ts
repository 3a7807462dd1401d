/**
 * What `send` takes, and what arrives.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { serve } from "../../../lib/server/serve.ts";
import { WebSocket } from "../../../lib/client/websocket/websocket.ts";
import { CLASSES, dial, next, open } from "./sockets.ts";

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;

/** What is sent, and the opcode and the payload in hexadecimal that arrive. */
const MESSAGES: readonly [what: string, data: unknown, opcode: number, hex: string][] = [
  ["an empty string", "", TEXT, ""],
  ["text", "Hello", TEXT, "48656c6c6f"],
  ["text beyond ASCII", "å a\u030a \ud801\udc7e", TEXT, "c3a5" + "2061cc8a20" + "f09091be"],
  ["half surrogate pairs", "a\udc00xb\ud800x", TEXT, "61efbfbd7862efbfbd78"],
  ["surrogates the wrong way round", "\udc00\ud800", TEXT, "efbfbdefbfbd"],
  ["null", null, TEXT, "6e756c6c"],
  ["undefined", undefined, TEXT, "756e646566696e6564"],
  ["a number", 42, TEXT, "3432"],
  ["an object", { toString: () => "ok" }, TEXT, "6f6b"],
  ["an empty ArrayBuffer", new ArrayBuffer(0), BINARY, ""],
  ["an ArrayBuffer", Uint8Array.of(1, 2).buffer, BINARY, "0102"],
  ["a view with an offset", Uint8Array.of(1, 2, 3, 4).subarray(1, 3), BINARY, "0203"],
  ["a view of larger items", new Uint16Array([0x0102, 0x0304]).subarray(1), BINARY, "0403"],
  ["a DataView", new DataView(Uint8Array.of(1, 2, 3).buffer, 1), BINARY, "0203"],
  ["an empty Blob", new Blob([]), BINARY, ""],
  ["a Blob", new Blob(["abc", Uint8Array.of(0)]), BINARY, "61626300"],
];

for (const [name, Class] of CLASSES) {
  for (const [what, data, opcode, hex] of MESSAGES) {
    Deno.test(`WebSocket: ${what} is sent, ${name}`, async () => {
      await using dialed = await dial((url) => new Class(url));
      const { socket, peer } = dialed;
      const opened = next(socket, "open");
      await peer.acceptUpgrade();
      await opened;
      const returned: unknown = socket.send(data as string);
      const frame = await peer.readFrame();
      assertEquals([frame.opcode, frame.payload.toHex(), frame.fin], [opcode, hex, true]);
      assertEquals(frame.mask?.length, 4);
      assertEquals(returned, undefined);
    });
  }

  Deno.test(`WebSocket: before it is open, send is an InvalidStateError, ${name}`, async () => {
    await using dialed = await dial((url) => new Class(url));
    for (const data of ["", "a", new ArrayBuffer(1), new Blob(["a"])]) {
      const error = assertThrows(() => dialed.socket.send(data), DOMException);
      assertEquals(error.name, "InvalidStateError");
    }
    assertEquals(dialed.socket.bufferedAmount, 0);
  });

  Deno.test(`WebSocket: send needs data, and no symbol, ${name}`, async () => {
    await using dialed = await dial((url) => new Class(url));
    const { socket } = dialed;
    assertThrows(() => Reflect.apply(socket.send, socket, []), TypeError);
    assertThrows(() => Reflect.apply(socket.send, socket, [Symbol("a")]), TypeError);
  });

  Deno.test(`WebSocket: shared memory cannot be sent, ${name}`, async () => {
    await using dialed = await dial((url) => new Class(url));
    const { socket, peer } = dialed;
    const opened = next(socket, "open");
    await peer.acceptUpgrade();
    await opened;
    assertThrows(() => socket.send(new Uint8Array(new SharedArrayBuffer(1))), TypeError);
    assertThrows(() => socket.send(new SharedArrayBuffer(1)), TypeError);
  });

  Deno.test(`WebSocket: once it closes, send does nothing more, ${name}`, async () => {
    await using dialed = await dial((url) => new Class(url));
    const { socket, peer } = dialed;
    const opened = next(socket, "open");
    await peer.acceptUpgrade();
    await opened;
    socket.close(1000);
    socket.send("late");
    socket.send(new Blob(["late"]));
    assertEquals((await peer.readFrame()).opcode, CLOSE);
  });
}

Deno.test("WebSocket: bytes are copied when they are sent", async () => {
  await using opened = await open();
  const { socket, peer } = opened;
  const bytes = Uint8Array.of(1);
  socket.send(bytes);
  bytes[0] = 9;
  socket.send(new Blob(["a"]));
  bytes[0] = 2;
  socket.send(bytes); // waits for the Blob
  bytes[0] = 9;
  const payloads: string[] = [];
  for (let count = 0; count < 3; count++) payloads.push((await peer.readFrame()).payload.toHex());
  assertEquals(payloads, ["01", "61", "02"]);
});

Deno.test("WebSocket: a Blob, what is sent behind it and close keep their order", async () => {
  await using opened = await open();
  const { socket, peer } = opened;
  const large = new Blob(["x".repeat(100_000)]);
  socket.send("1");
  socket.send(large);
  socket.send("2");
  socket.send(new Blob(["3"]));
  socket.send("4");
  socket.close(1000, "bye");
  socket.send("5");
  assertEquals(socket.readyState, WebSocket.CLOSING);
  const sizes: [number, number][] = [];
  for (let count = 0; count < 6; count++) {
    const { opcode, payload } = await peer.readFrame();
    sizes.push([opcode, payload.length]);
  }
  assertEquals(sizes, [[TEXT, 1], [BINARY, 100_000], [TEXT, 1], [BINARY, 1], [TEXT, 1], [
    CLOSE,
    5,
  ]]);
});

Deno.test("WebSocket: a Blob that cannot be read fails the connection", async () => {
  await using opened = await open();
  const { socket, peer } = opened;
  const blob = new Blob(["a"]);
  blob.arrayBuffer = () => Promise.reject(new Error("the file has changed"));
  const failed = next(socket, "error");
  const closed = next(socket, "close");
  socket.send(blob);
  socket.send("behind it");
  socket.close();
  assertEquals((await failed as ErrorEvent).error.message, "the file has changed");
  const { code, wasClean } = await closed;
  assertEquals({ code, wasClean }, { code: 1006, wasClean: false });
  assertEquals((await peer.readFramesToEnd()).frames, []);
});

Deno.test("WebSocket: a Blob that is read too late is dropped", async () => {
  await using opened = await open();
  const { socket, peer } = opened;
  const blob = new Blob(["a"]);
  const read = Promise.withResolvers<ArrayBuffer>();
  blob.arrayBuffer = () => read.promise;
  const closed = next(socket, "close");
  socket.send(blob);
  await peer.reset();
  await closed;
  read.resolve(new ArrayBuffer(1));
  socket.send("b");
  assertEquals(socket.bufferedAmount, 2);
});

Deno.test("WebSocket: messages of every size come back as they were", async () => {
  await using server = serve({
    port: 0,
    websocket: {
      maxMessageBytes: 4_000_000,
      compression: true,
      message: (connection, data) => connection.send(data),
    },
  });
  const socket = new WebSocket(server.url);
  socket.binaryType = "arraybuffer";
  await next(socket, "open");
  for (const size of [0, 1, 125, 126, 65_535, 65_536, 65_537, 3_000_000]) {
    const text = next(socket, "message");
    socket.send("é".repeat(size / 2));
    assertEquals((await text).data.length, Math.floor(size / 2));
    const bytes = new Uint8Array(size).fill(7);
    const binary = next(socket, "message");
    socket.send(bytes);
    assertEquals(new Uint8Array((await binary).data), bytes);
  }
  const closed = next(socket, "close");
  socket.close(1000);
  assertEquals((await closed).wasClean, true);
});

Deno.test("WebSocket: what a slow server leaves behind waits, and all of it arrives", async () => {
  const release = Promise.withResolvers<void>();
  let received = 0;
  await using server = serve({
    port: 0,
    websocket: {
      message: async (connection) => {
        await release.promise;
        if (++received === 50) connection.send("all");
      },
    },
  });
  const socket = new WebSocket(server.url);
  await next(socket, "open");
  const message = new Uint8Array(65_536);
  for (let count = 0; count < 50; count++) socket.send(message);
  assertEquals(socket.bufferedAmount, 50 * 65_536);
  const answer = next(socket, "message");
  release.resolve();
  assertEquals((await answer).data, "all");
  assertEquals(socket.bufferedAmount, 0);
  const closed = next(socket, "close");
  socket.close(1000);
  assertEquals((await closed).wasClean, true);
});
