/**
 * The messages that the class hands out: as what, with what beside them, and in which order.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { WebSocket } from "../../../lib/client/websocket/websocket.ts";
import { buildFrame, closePayload } from "../../support/raw_peer.ts";
import { CLASSES, dial, next, open } from "./sockets.ts";

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;

for (const [name, Class] of CLASSES) {
  Deno.test(`WebSocket: binary messages come as Blob or as ArrayBuffer, ${name}`, async () => {
    await using dialed = await dial((url) => new Class(url));
    const { socket, peer } = dialed;
    await peer.acceptUpgrade();
    const blob = next(socket, "message");
    await peer.send({ opcode: BINARY, payload: Uint8Array.of(1, 2) });
    const { data } = await blob;
    assert(data instanceof Blob);
    assertEquals([data.type, new Uint8Array(await data.arrayBuffer())], ["", Uint8Array.of(1, 2)]);
    socket.binaryType = "arraybuffer";
    const buffer = next(socket, "message");
    await peer.send({ opcode: BINARY, payload: Uint8Array.of(3, 4, 5) });
    assertEquals((await buffer).data, Uint8Array.of(3, 4, 5).buffer);
  });

  Deno.test(`WebSocket: a wrong binaryType is ignored, ${name}`, async () => {
    await using dialed = await dial((url) => new Class(url));
    const { socket } = dialed;
    for (const value of ["notBlob", "", "Blob", "BLOB", null, 1]) {
      Reflect.set(socket, "binaryType", value);
      assertEquals(socket.binaryType, "blob");
    }
    socket.binaryType = "arraybuffer";
    Reflect.set(socket, "binaryType", "blobs");
    assertEquals(socket.binaryType, "arraybuffer");
    socket.binaryType = "blob";
    assertEquals(socket.binaryType, "blob");
  });
}

Deno.test("WebSocket: the origin of a message is that of the URL", async () => {
  await using opened = await open();
  const message = next(opened.socket, "message");
  await opened.peer.send({ opcode: TEXT, payload: "Hi" });
  const event = await message;
  assert(event instanceof MessageEvent);
  const { data, origin, lastEventId, source, ports } = event;
  assertEquals({ data, origin, lastEventId, source, ports }, {
    data: "Hi",
    origin: opened.url.slice(0, -1),
    lastEventId: "",
    source: null,
    ports: [],
  });
});

Deno.test("WebSocket: the binary type is that of the moment of the event", async () => {
  await using opened = await open();
  const { socket, peer } = opened;
  socket.onmessage = () => socket.binaryType = "arraybuffer";
  const kinds: string[] = [];
  const both = Promise.withResolvers<void>();
  socket.addEventListener("message", ({ data }) => {
    kinds.push(data.constructor.name);
    if (kinds.length === 2) both.resolve();
  });
  const frame = { opcode: BINARY, payload: Uint8Array.of(1) };
  await Promise.all([peer.send(frame), peer.send(frame)]);
  await both.promise;
  assertEquals(kinds, ["Blob", "ArrayBuffer"]);
});

Deno.test("WebSocket: each ArrayBuffer holds its message alone, and can be transferred", async () => {
  await using opened = await open();
  const { socket, peer } = opened;
  socket.binaryType = "arraybuffer";
  const seen: number[][] = [];
  const all = Promise.withResolvers<void>();
  socket.onmessage = ({ data }) => {
    seen.push([...new Uint8Array(structuredClone(data, { transfer: [data] }))]);
    if (seen.length === 3) all.resolve();
  };
  for (const payload of [Uint8Array.of(1), Uint8Array.of(2, 2), Uint8Array.of(3)]) {
    await peer.send({ opcode: BINARY, payload });
  }
  await all.promise;
  assertEquals(seen, [[1], [2, 2], [3]]);
});

Deno.test("WebSocket: messages that come all at once keep their order, large ones among them", async () => {
  await using opened = await open({ receiveHighWaterMark: 4096 });
  const { socket, peer } = opened;
  const sizes = Array.from({ length: 500 }, (_, index) => index % 50 === 7 ? 40_000 : index);
  const seen: number[] = [];
  const closed = next(socket, "close");
  socket.onmessage = ({ data }) => {
    assertEquals(socket.readyState, WebSocket.OPEN);
    seen.push(data.length);
  };
  const frames = sizes.map((size) => buildFrame({ opcode: TEXT, payload: "x".repeat(size) }));
  const close = buildFrame({ opcode: CLOSE, payload: closePayload(1000) });
  await peer.write(new Uint8Array(await new Blob([...frames, close]).arrayBuffer()));
  assertEquals((await peer.readFrame()).opcode, CLOSE);
  await peer.halfClose();
  await closed;
  assertEquals(seen, sizes);
});
