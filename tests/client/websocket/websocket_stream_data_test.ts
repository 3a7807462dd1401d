/**
 * Messages through the streams of a `WebSocketStream`, and the pace of both ends.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { WebSocketStream } from "../../../lib/client/websocket/websocket_stream.ts";
import { ConnectionError } from "../../../lib/connection/errors.ts";
import { serve } from "../../../lib/server/serve.ts";
import { buildFrame } from "../../support/raw_peer.ts";
import { openStream, tasksDone } from "./sockets.ts";

const TEXT = 1;
const BINARY = 2;

Deno.test("WebSocketStream: text is read as strings, binary as Uint8Array", async () => {
  await using opened = await openStream();
  const { readable, peer } = opened;
  const reader = readable.getReader();
  for (const payload of ["", "Hi", "é"]) {
    await peer.send({ opcode: TEXT, payload });
    assertEquals(await reader.read(), { done: false, value: payload });
  }
  for (const payload of [Uint8Array.of(), Uint8Array.of(1), Uint8Array.of(2, 3)]) {
    await peer.send({ opcode: BINARY, payload });
    const { value } = await reader.read();
    assertEquals(value, payload);
    assertEquals((value as Uint8Array).buffer.byteLength, payload.length);
  }
});

Deno.test("WebSocketStream: a message in fragments is one chunk", async () => {
  await using opened = await openStream();
  const { readable, peer } = opened;
  await peer.send({ opcode: TEXT, fin: false, payload: "a" });
  await peer.send({ opcode: 0, payload: "b" });
  assertEquals((await readable.getReader().read()).value, "ab");
});

/** What is written, and the opcode and the payload that arrive. */
const CHUNKS: readonly [what: string, chunk: unknown, opcode: number, hex: string][] = [
  ["text", "Hi", TEXT, "4869"],
  ["nothing", "", TEXT, ""],
  ["half a surrogate pair", "\ud800", TEXT, "efbfbd"],
  ["a number", 42, TEXT, "3432"],
  ["null", null, TEXT, "6e756c6c"],
  ["an object with a string", { toString: () => "ok" }, TEXT, "6f6b"],
  ["bytes", Uint8Array.of(1, 2), BINARY, "0102"],
  ["a part of a buffer", Uint8Array.of(1, 2, 3).subarray(1), BINARY, "0203"],
  ["an ArrayBuffer", Uint8Array.of(1, 2).buffer, BINARY, "0102"],
  ["a DataView", new DataView(Uint8Array.of(1, 2, 3).buffer, 2), BINARY, "03"],
];

for (const [what, chunk, opcode, hex] of CHUNKS) {
  Deno.test(`WebSocketStream: ${what} is written as one message`, async () => {
    await using opened = await openStream();
    await opened.writable.getWriter().write(chunk as string);
    const frame = await opened.peer.readFrame();
    assertEquals([frame.opcode, frame.payload.toHex()], [opcode, hex]);
  });
}

const REFUSED: readonly [what: string, chunk: () => unknown][] = [
  ["a Blob", () => new Blob(["a"])],
  ["a view of shared memory", () => new Uint8Array(new SharedArrayBuffer(4))],
  ["a resizable buffer", () => new ArrayBuffer(4, { maxByteLength: 8 })],
  ["a view of a resizable buffer", () => new Uint8Array(new ArrayBuffer(4, { maxByteLength: 8 }))],
  ["a symbol", () => Symbol("a")],
  ["what has no string", () => ({ toString: () => ({}) })],
];

for (const [what, chunk] of REFUSED) {
  Deno.test(`WebSocketStream: ${what} cannot be written`, async () => {
    await using opened = await openStream();
    const writer = opened.writable.getWriter();
    const writing = writer.write(chunk() as string);
    const error = await assertRejects(() => writing, TypeError);
    assertEquals(await writer.closed.catch((error) => error), error);
  });
}

Deno.test("WebSocketStream: bytes are copied when their turn comes", async () => {
  await using opened = await openStream();
  const bytes = Uint8Array.of(1);
  await opened.writable.getWriter().write(bytes);
  bytes[0] = 9;
  assertEquals((await opened.peer.readFrame()).payload, Uint8Array.of(1));
});

Deno.test("WebSocketStream: while nobody reads, the server has to wait", async () => {
  await using opened = await openStream({ receiveHighWaterMark: 65_536 });
  const { readable, peer } = opened;
  const frame = buildFrame({ opcode: BINARY, payload: new Uint8Array(65_536) });
  const count = 400; // more than the buffers of the system hold
  let written = 0;
  const writing = (async () => {
    for (; written < count; written++) await peer.write(frame);
  })();
  let before = -1;
  while (written !== before) {
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert(written < count, `all ${count} were taken`);
  const reader = readable.getReader();
  for (let read = 0; read < count; read++) assertEquals((await reader.read()).done, false);
  await writing;
});

Deno.test("WebSocketStream: while the server does not read, a write waits", async () => {
  await using opened = await openStream();
  const { writable, peer } = opened;
  const writer = writable.getWriter();
  let done = false;
  const size = 20_000_000; // more than the buffers of the system hold
  const writing = writer.write(new Uint8Array(size)).then(() => done = true);
  assertEquals(writer.desiredSize, 0);
  for (let turn = 0; turn < 20; turn++) await tasksDone();
  assertEquals(done, false);
  assertEquals((await peer.readFrame()).payload.length, size);
  await writing;
  await writer.ready;
});

Deno.test("WebSocketStream: a write beyond sendLimit fails under the policy that says so", async () => {
  const options = { slowConsumer: "block", sendHighWaterMark: 10, sendLimit: 10 } as const;
  await using opened = await openStream({ ...options, closeTimeout: 50 });
  const { socket, writable } = opened;
  socket.connection?.send(new Uint8Array(20_000_000));
  const error = await assertRejects(() => writable.getWriter().write("more"), ConnectionError);
  assertEquals(error.code, "ERR_SEND_LIMIT");
});

Deno.test("WebSocketStream: a pipe through an echo server gives back what went in", async () => {
  await using server = serve({
    port: 0,
    websocket: {
      maxMessageBytes: 1_000_000,
      compression: true,
      message: (connection, data) => connection.send(data),
    },
  });
  const socket = new WebSocketStream(server.url);
  const { readable, writable } = await socket.opened;
  const sizes = Array.from({ length: 60 }, (_, index) => (index * 7919) % 200_000);
  const source = ReadableStream.from(sizes.map((size) => new Uint8Array(size).fill(size)));
  const piping = source.pipeTo(writable, { preventClose: true });
  const seen: number[] = [];
  for await (const chunk of readable) {
    assert(chunk instanceof Uint8Array);
    assertEquals(chunk.every((byte) => byte === chunk.length % 256), true);
    if (seen.push(chunk.length) === sizes.length) break;
  }
  await piping;
  assertEquals(seen, sizes);
  await socket.closed;
});
