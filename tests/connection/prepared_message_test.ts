/**
 * Messages that are framed once and sent to many.
 *
 * @module
 */
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { framesOf, PreparedMessage } from "../../lib/connection/prepared_message.ts";
import { openConnection, openPair, settle } from "../support/connection_pair.ts";
import { FakeDeflater } from "../support/fake_compression.ts";
import { parseFrame } from "../support/raw_frame.ts";

Deno.test("prepared message: one frame is made, and made once", () => {
  const message = new PreparedMessage("héllo");
  const frames = framesOf(message, "", {});
  assertEquals(frames.toHex(), "810668c3a96c6c6f");
  assertStrictEquals(framesOf(message, "", {}), frames);
  assertEquals(message.data, "héllo");
});

Deno.test("prepared message: it is framed, and compressed, once for each group", () => {
  for (const data of ["aaaa", new Uint8Array([7, 7, 7, 7])]) {
    const [plain, runs] = data === "aaaa"
      ? ["810461616161", "c1020461"]
      : ["820407070707", "c2020407"];
    const message = new PreparedMessage(data);
    const deflaters = [new FakeDeflater(), new FakeDeflater(), new FakeDeflater()];
    const frames = framesOf(message, "a", { deflater: deflaters[0] });
    assertEquals(frames.toHex(), runs);
    assertStrictEquals(framesOf(message, "a", { deflater: deflaters[1] }), frames);
    assertEquals(framesOf(message, "b", { deflater: deflaters[2], threshold: 5 }).toHex(), plain);
    assertEquals(framesOf(message, "", {}).toHex(), plain);
    assertEquals(framesOf(message, "c", { deflater: deflaters[2], threshold: 4 }).toHex(), runs);
    assertStrictEquals(framesOf(message, "a", {}), frames);
    assertEquals(deflaters.map(({ pushes }) => pushes.all), [1, 0, 1]);
    // What a deflater gave is overwritten by the next; the frame is not.
    assertEquals(frames.toHex(), runs);
  }
});

Deno.test("prepared message: every boundary of the length is framed in its shortest form", () => {
  for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
    for (const data of ["x".repeat(length), new Uint8Array(length).fill(7)]) {
      const frames = framesOf(new PreparedMessage(data), "", {});
      const { frame, size } = parseFrame(frames)!;
      assertEquals(size, frames.length);
      assertEquals([frame.fin, frame.rsv, frame.mask], [true, 0, null]);
      assertEquals(frame.opcode, typeof data === "string" ? 1 : 2);
      assertEquals(frame.payload.length, length);
      assertEquals(frame.lengthForm, length < 126 ? 7 : length < 65_536 ? 16 : 64);
    }
  }
});

Deno.test("prepared message: bytes are copied, whatever kind of array they came in", () => {
  for (const bytes of [new Uint8Array([1, 2, 3]), Buffer.from([1, 2, 3])]) {
    const message = new PreparedMessage(bytes);
    bytes.fill(9);
    assertEquals(framesOf(message, "", {}).toHex(), "8203010203");
  }
});

Deno.test("prepared message: lone surrogates become U+FFFD", () => {
  assertEquals(framesOf(new PreparedMessage("\ud83d"), "", {}).toHex(), "8103efbfbd");
});

Deno.test("prepared message: anything but text and bytes is a TypeError", () => {
  const wrong: unknown[] = [1, null, undefined, new Uint16Array(1), new ArrayBuffer(1), ["x"]];
  for (const data of wrong) {
    assertThrows(() => new PreparedMessage(data as string), TypeError, "string or a Uint8Array");
  }
});

Deno.test("prepared message: many connections get it, and more than once", async () => {
  const message = new PreparedMessage("to all");
  for (let i = 0; i < 3; i++) {
    const { connection, peer } = await openConnection();
    connection.send(message);
    connection.send("between");
    connection.send(message);
    await settle();
    assertEquals(peer.takeLines(), ["text to all", "text between", "text to all"]);
    connection.destroy();
  }
});

Deno.test("prepared message: both roles can send it", async () => {
  const { client, server } = await openPair();
  const message = new PreparedMessage(new Uint8Array([1, 2, 3]));
  client.connection.send(message);
  server.connection.send(message);
  assertEquals(await server.connection.receive(), new Uint8Array([1, 2, 3]));
  assertEquals(await client.connection.receive(), new Uint8Array([1, 2, 3]));
  client.connection.close();
  await client.over();
  await server.over();
});
