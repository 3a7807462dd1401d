/**
 * Connections that agreed on permessage-deflate, as an application uses them. The
 * compression is that of `fake_compression.ts`: `aaaa` is `0461`.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { PreparedMessage } from "../../lib/connection/prepared_message.ts";
import type { ProtocolError } from "../../lib/protocol/errors.ts";
import {
  OP,
  openConnection,
  type Opened,
  type OpenOptions,
  openPair,
  settle,
} from "../support/connection_pair.ts";
import { FakeCompression, runsOf } from "../support/fake_compression.ts";

const THRESHOLD_0 = { compression: { threshold: 0 } };

/** A connection that agreed on compression. */
async function setUp(
  options: OpenOptions["options"] = {},
): Promise<Opened & { agreed: FakeCompression }> {
  const agreed = new FakeCompression();
  return Object.assign(
    await openConnection({ agreed, options: { ...THRESHOLD_0, ...options } }),
    { agreed },
  );
}

Deno.test("compressed: messages of every length arrive as sent, both ways", async () => {
  const open = { options: { compression: { threshold: 100 } } };
  const { client, server } = await openPair({
    client: { ...open, agreed: new FakeCompression() },
    server: { ...open, agreed: new FakeCompression({ independent: false }) },
  });
  for (const [from, to] of [[client, server], [server, client]] as const) {
    for (const length of [0, 1, 99, 100, 125, 126, 65_535, 65_536, 1_000_000]) {
      const text = "x".repeat(length);
      const bytes = new Uint8Array(length).fill(7);
      from.connection.send(text);
      from.connection.send(bytes);
      from.connection.send(text, { compress: false });
      assert(await to.connection.receive() === text);
      assertEquals(await to.connection.receive(), bytes);
      assert(await to.connection.receive() === text);
    }
  }
  client.connection.close();
  assertEquals((await server.over()).wasClean, true);
  assertEquals((await client.over()).wasClean, true);
});

Deno.test("compressed: the sender of a message says whether it may be", async () => {
  const opened = await setUp();
  const { connection, peer } = opened;
  connection.send("aaaa");
  connection.send("aaaa", {});
  connection.send("aaaa", { compress: true });
  connection.send("aaaa", { compress: false });
  connection.send(new PreparedMessage("aaaa"));
  connection.send(new PreparedMessage("aaaa"), { compress: false });
  await settle();
  const [compressed, plain] = ["1* 0461", "1 61616161"];
  const expected = [compressed, compressed, compressed, plain, compressed, plain];
  assertEquals(peer.takeHex(), expected);
  connection.destroy();
  await opened.over();
});

Deno.test("compressed: the sender of a stream says whether it may be", async () => {
  const opened = await setUp();
  const { connection, peer } = opened;
  for (const options of [undefined, {}, { compress: true }, { compress: false }]) {
    const writer = connection.sendStream("text", options).getWriter();
    await writer.write("aaaa");
    await writer.close();
    await settle();
    const first = options?.compress === false ? "1+ 61616161" : "1*+ 0461";
    assertEquals(peer.takeHex(), [first, "0 "]);
  }
  connection.destroy();
  await opened.over();
});

Deno.test("compressed: a message is received as a stream", async () => {
  const opened = await setUp({ streaming: true });
  const { connection, peer, link } = opened;
  link.other.output.pieces = [3];
  peer.send({ opcode: OP.TEXT, rsv: 4, fin: false, payload: runsOf(new Uint8Array(300).fill(97)) });
  peer.send({ opcode: OP.CONT, payload: runsOf(new Uint8Array(300).fill(98)) });
  for await (const message of connection.streams()) {
    assertEquals(await message.text(), "a".repeat(300) + "b".repeat(300));
    break;
  }
  connection.destroy();
  await opened.over();
});

Deno.test("compressed: what inflates beyond maxMessageBytes closes with 1009, for little memory", async () => {
  for (const streaming of [false, true]) {
    const opened = await setUp({ maxMessageBytes: 1000, streaming });
    const { peer, agreed } = opened;
    peer.send({ opcode: OP.BINARY, rsv: 4, payload: runsOf(new Uint8Array(100_000)) });
    await settle();
    assertEquals(peer.takeLines(), ["close 1009"]);
    assertEquals(agreed.inflater.produced, 1001);
    peer.end();
    const event = await opened.over();
    assertEquals([event.code, (event.error as ProtocolError).code], [
      1009,
      "ERR_MESSAGE_TOO_LARGE",
    ]);
  }
});

Deno.test("compressed: what cannot be inflated closes with 1007", async () => {
  const opened = await setUp();
  const { peer, connection } = opened;
  peer.send({ opcode: OP.TEXT, rsv: 4, payload: new Uint8Array([4, 97]) });
  peer.send({ opcode: OP.TEXT, rsv: 4, payload: new Uint8Array([4, 97, 4]) });
  await settle();
  assertEquals(peer.takeLines(), ["close 1007"]);
  peer.end();
  const event = await opened.over();
  assertEquals([event.code, (event.error as ProtocolError).code], [1007, "ERR_DEFLATE_DATA"]);
  assertEquals(await connection.receive(), "aaaa", "what came before");
});

Deno.test("compressed: what waits for a slow peer when it closes is given up in peace", async () => {
  const opened = await setUp({ sendHighWaterMark: 1000, slowConsumer: "drop-oldest" });
  const { connection, peer, link, agreed } = opened;
  link.output.stalled = true;
  connection.send("x".repeat(1000), { compress: false });
  connection.send(new PreparedMessage("aaaa"));
  connection.send("aaaa");
  assert(connection.bufferedAmount > 1000 + 128);
  peer.sendClose(1000);
  await settle();
  link.output.stalled = false;
  await settle();
  peer.end();
  assertEquals((await opened.over()).wasClean, true);
  assertEquals(agreed.deflater.pushes.all, 0);
  assertEquals(peer.takeAll().map(({ opcode }) => opcode), [OP.TEXT, OP.CLOSE]);
});

Deno.test("compressed: a destroyed connection gives up its compression at once", async () => {
  const opened = await setUp();
  const { connection, agreed } = opened;
  connection.send("aaaa");
  connection.destroy();
  assert(agreed.inflater.closes > 0 && agreed.deflater.closes > 0);
  connection.send("aaaa");
  await opened.over();
});
