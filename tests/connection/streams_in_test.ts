/**
 * Messages that are received piece by piece.
 *
 * @module
 */
import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { ConnectionClosedError } from "../../lib/connection/errors.ts";
import type { IncomingMessage } from "../../lib/connection/incoming_message.ts";
import { OP, openConnection, openPair, settle, type Tested } from "../support/connection_pair.ts";

const STREAMING = { options: { streaming: true } };

/** The next message of a connection with `streaming`. */
async function nextStream({ connection }: Tested): Promise<IncomingMessage> {
  for await (const message of connection.streams()) return message;
  throw new Error("The connection ended");
}

Deno.test("stream in: messages come as streams, in order", async () => {
  const opened = await openConnection(STREAMING);
  const { connection, peer, link } = opened;
  link.other.output.pieces = [3];
  peer.sendText("whole");
  peer.send({ opcode: OP.BINARY, fin: false, payload: new Uint8Array([1, 2]) });
  peer.send({ opcode: OP.PING });
  peer.send({ opcode: OP.CONT, payload: new Uint8Array([3]) });
  peer.send({ opcode: OP.TEXT });
  peer.sendClose(1000);
  peer.end();
  const got: unknown[] = [];
  for await (const message of connection.streams()) {
    got.push(message.type, message.type === "text" ? await message.text() : await message.bytes());
  }
  assertEquals(got, ["text", "whole", "binary", new Uint8Array([1, 2, 3]), "text", ""]);
  await opened.over();
});

Deno.test("stream in: a body that is not read makes the peer wait", async () => {
  const options = { streaming: true, receiveHighWaterMark: 10_000 };
  const opened = await openConnection({ options });
  const { connection, peer, link } = opened;
  link.other.output.pieces = [1000];
  link.other.output.capacity = 1000;
  const size = 1_000_000;
  peer.send({ opcode: OP.BINARY, payload: new Uint8Array(size).fill(5) });
  const message = await nextStream(opened);
  await settle();
  assert(link.paused);
  assert(peer.unread > size - 13_000, `${peer.unread} bytes wait at the peer`);
  let sum = 0;
  for await (const piece of message.body) sum += piece.length;
  assertEquals(sum, size);
  connection.destroy();
  await opened.over();
});

Deno.test("stream in: a message larger than any limit on memory passes", async () => {
  const options = { streaming: true, receiveHighWaterMark: 100_000 };
  const { client, server } = await openPair({ server: { options } });
  server.link.output.capacity = client.link.output.capacity = 65_536;
  const chunk = new Uint8Array(65_536);
  const sending = (async () => {
    const writer = client.connection.sendStream("binary").getWriter();
    for (let i = 0; i < 200; i++) await writer.write(chunk);
    await writer.close();
  })();
  const message = await nextStream(server);
  let sum = 0;
  for await (const piece of message.body) {
    sum += piece.length;
    assertLess(client.connection.bufferedAmount, 600_000);
  }
  assertEquals(sum, 200 * chunk.length);
  await sending;
  client.connection.close();
  await client.over();
  await server.over();
});

Deno.test("stream in: limits hold there too, where they are given", async () => {
  const opened = await openConnection({ options: { streaming: true, maxMessageBytes: 10 } });
  const { peer } = opened;
  peer.send({ opcode: OP.TEXT, fin: false, payload: "x".repeat(10) });
  peer.send({ opcode: OP.CONT, payload: "y" });
  await settle();
  assertEquals(peer.takeLines(), ["close 1009"]);
  peer.end();
  assertEquals((await opened.over()).code, 1009);
});

Deno.test("stream in: a body that is cancelled is dropped, and the next message comes", async () => {
  const options = { streaming: true, receiveHighWaterMark: 1000 };
  const opened = await openConnection({ options });
  const { connection, peer, link } = opened;
  link.other.output.pieces = [500];
  peer.send({ opcode: OP.BINARY, payload: new Uint8Array(100_000) });
  peer.sendText("next");
  const first = await nextStream(opened);
  await settle();
  assert(link.paused);
  await first.body.cancel();
  assertEquals(await (await nextStream(opened)).text(), "next");
  connection.destroy();
  await opened.over();
});

Deno.test("stream in: bad UTF-8 fails the body at once, before its end", async () => {
  const opened = await openConnection(STREAMING);
  const { peer } = opened;
  peer.send({ opcode: OP.TEXT, fin: false, payload: "good" });
  peer.send({ opcode: OP.CONT, fin: false, payload: new Uint8Array([0xff]) });
  const message = await nextStream(opened);
  const text = message.text();
  text.catch(() => {});
  await settle();
  assertEquals(peer.takeLines(), ["close 1007"]);
  peer.end();
  const event = await opened.over();
  assertEquals(event.code, 1007);
  const error = await assertRejects(() => text, ConnectionClosedError);
  assertEquals(error.event, event);
});

Deno.test("stream in: a handler for streams gets one at a time", async () => {
  const log: string[] = [];
  const opened = await openConnection({
    ...STREAMING,
    handlers: {
      stream: async (_, message) => {
        log.push(`begin ${message.type}`);
        log.push(`end ${await message.text()}`);
      },
    },
  });
  const { peer } = opened;
  peer.send({ opcode: OP.TEXT, fin: false, payload: "a" });
  await settle();
  assertEquals(log, ["begin text"]);
  peer.send({ opcode: OP.CONT, payload: "b" });
  peer.send({ opcode: OP.BINARY, payload: "c" });
  peer.sendClose(1000);
  peer.end();
  while (log.length < 4) await settle();
  await opened.over();
  assertEquals(log, ["begin text", "end ab", "begin binary", "end c"]);
});

Deno.test("stream in: the end of the connection fails a body, and a whole one can still be read", async () => {
  const opened = await openConnection(STREAMING);
  const { peer, connection } = opened;
  peer.sendText("whole");
  peer.send({ opcode: OP.TEXT, fin: false, payload: "half" });
  peer.end();
  await opened.over();
  const messages: IncomingMessage[] = [];
  await assertRejects(async () => {
    for await (const message of connection.streams()) messages.push(message);
  }, ConnectionClosedError);
  assertEquals(await messages[0]!.text(), "whole");
  await assertRejects(() => messages[1]!.text(), ConnectionClosedError);
});

Deno.test("stream in: while closing, a flood that nobody reads is bounded, and what was cut fails", async () => {
  const options = { streaming: true, receiveHighWaterMark: 10_000 };
  const opened = await openConnection({ options });
  const { clock, connection, peer, link } = opened;
  link.other.output.pieces = [1000];
  connection.close();
  peer.send({ opcode: OP.BINARY, payload: new Uint8Array(5000) });
  peer.send({ opcode: OP.BINARY, payload: new Uint8Array(100_000) });
  peer.sendText("behind it");
  peer.sendClose(1000);
  peer.end();
  await settle();
  assert(link.paused);
  await clock.advance(1000);
  assertEquals((await opened.over()).wasClean, true, "reading went on");
  const messages: IncomingMessage[] = [];
  for await (const message of connection.streams()) messages.push(message);
  assertEquals(messages.length, 2);
  assertEquals((await messages[0]!.bytes()).length, 5000);
  await assertRejects(() => messages[1]!.bytes(), ConnectionClosedError);
});

Deno.test("stream: a message streams from one end to the other, cut in every way", async () => {
  const { client, server } = await openPair({ server: STREAMING });
  client.link.output.takes = [7, 1, 30];
  client.link.output.pieces = [5, 11, 2];
  const text = "a😀é𝄞".repeat(20);
  const writer = client.connection.sendStream("text").getWriter();
  const writing = (async () => {
    for (let at = 0; at < text.length; at += 3) await writer.write(text.slice(at, at + 3));
    await writer.close();
  })();
  assertEquals(await (await nextStream(server)).text(), text);
  await writing;
  client.connection.close();
  await client.over();
  await server.over();
});
