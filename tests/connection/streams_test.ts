/**
 * Messages that are sent and received piece by piece.
 *
 * @module
 */
import { assert, assertEquals, assertLess, assertRejects, assertThrows } from "@std/assert";
import { ConnectionClosedError, ConnectionError } from "../../lib/connection/errors.ts";
import type { IncomingMessage } from "../../lib/connection/incoming_message.ts";
import { OP, openConnection, openPair, settle, type Tested } from "../support/connection_pair.ts";

const STREAMING = { options: { streaming: true } };

/** The next message of a connection with `streaming`. */
async function nextStream({ connection }: Tested): Promise<IncomingMessage> {
  for await (const message of connection.streams()) return message;
  throw new Error("The connection ended");
}

Deno.test("stream out: chunks are fragments, with control frames between", async () => {
  const opened = await openConnection();
  const { connection, peer } = opened;
  const writer = connection.sendStream("text").getWriter();
  await writer.write("one ");
  connection.ping(new Uint8Array([1]));
  await writer.write("two ");
  peer.send({ opcode: OP.PING, payload: "\x02" });
  await settle();
  await writer.write("three");
  await writer.close();
  await settle();
  assertEquals(peer.takeLines(), [
    "text… one",
    "ping 01",
    "cont… two",
    "pong 02",
    "cont… three",
    "cont",
  ]);
  connection.destroy();
  await opened.over();
});

Deno.test("stream out: other messages wait for its end, and go in order", async () => {
  const opened = await openConnection();
  const { connection, peer } = opened;
  connection.send("before");
  const writer = connection.sendStream("binary").getWriter();
  connection.send("still before");
  await writer.write(new Uint8Array([1]));
  connection.send("after 1");
  connection.send("after 2");
  await writer.write(new Uint8Array([2]));
  assert(connection.bufferedAmount > 0);
  await writer.close();
  connection.send("after 3");
  await settle();
  assertEquals(peer.takeLines(), [
    "text before",
    "text still before",
    "binary… 01",
    "cont… \x02",
    "cont",
    "text after 1",
    "text after 2",
    "text after 3",
  ]);
  assertEquals(connection.bufferedAmount, 0);
  connection.destroy();
  await opened.over();
});

Deno.test("stream out: it does not overtake messages that wait for a slow peer", async () => {
  for (const close of [false, true]) {
    const options = { sendHighWaterMark: 1000, slowConsumer: "drop-oldest" } as const;
    const opened = await openConnection({ options });
    const { connection, peer, link } = opened;
    link.output.stalled = true;
    connection.send("x".repeat(1000));
    connection.send("waits");
    const writer = connection.sendStream("text").getWriter();
    const written = close ? writer.close() : writer.write("stream");
    await settle();
    link.output.stalled = false;
    await written;
    await settle();
    assertEquals(peer.takeLines().slice(1), ["text waits", close ? "text" : "text… stream"]);
    connection.destroy();
    await opened.over();
  }
});

Deno.test("stream out: messages that wait for its end do not stop it", async () => {
  const opened = await openConnection({ options: { sendHighWaterMark: 1000 } });
  const { connection, peer } = opened;
  const writer = connection.sendStream("text").getWriter();
  await writer.write("begun, ");
  const waiting = connection.send("x".repeat(2000));
  await writer.write("and ");
  await writer.write("ended");
  await writer.close();
  await waiting;
  await settle();
  assertEquals(peer.takeAll().map(({ payload }) => payload.length), [7, 4, 5, 0, 2000]);
  connection.destroy();
  await opened.over();
});

Deno.test("stream out: only one at a time", async () => {
  const opened = await openConnection();
  const { connection, peer } = opened;
  const first = connection.sendStream("text");
  const error = assertThrows(() => connection.sendStream("text"), ConnectionError, "is open");
  assertEquals(error.code, "ERR_INVALID_STATE");
  await first.close();
  const second = connection.sendStream("binary");
  await second.abort(); // nothing was sent, so nothing is lost
  const third = connection.sendStream("text").getWriter();
  await third.write("third");
  await third.close();
  await settle();
  assertEquals(peer.takeLines(), ["text", "text… third", "cont"]);
  assertEquals(connection.state, "open");
  connection.destroy();
  await opened.over();
});

Deno.test("stream out: a message that cannot be completed closes with 1011", async () => {
  const ways: [name: string, (writer: WritableStreamDefaultWriter) => Promise<unknown>][] = [
    ["abort", (writer) => writer.abort(new Error("no more"))],
    ["a chunk that is no text", (writer) => writer.write(5).catch(() => {})],
    ["an end in a character", async (writer) => {
      await writer.write(new Uint8Array([0xe2]));
      await writer.close().catch(() => {});
    }],
  ];
  for (const [name, fail] of ways) {
    const opened = await openConnection();
    const { connection, peer } = opened;
    const writer = connection.sendStream("text").getWriter();
    writer.closed.catch(() => {});
    await writer.write("begun");
    connection.send("waits in vain");
    await fail(writer);
    await settle();
    assertEquals(peer.takeLines().at(-1), "close 1011", name);
    peer.sendClose(1011);
    peer.end();
    assertEquals((await opened.over()).code, 1011);
  }
});

Deno.test("stream out: whoever writes keeps to the peer's pace", async () => {
  const opened = await openConnection({ options: { sendHighWaterMark: 10_000 } });
  const { connection, link, peer } = opened;
  link.output.takes = [1000];
  link.output.capacity = 1000;
  link.other.pause();
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pulled++ === 100) controller.close();
      else controller.enqueue(new Uint8Array(1000));
    },
  });
  let pulled = 0;
  const piping = source.pipeTo(connection.sendStream("binary"));
  await settle();
  assertLess(pulled, 20);
  link.other.resume();
  await piping;
  await settle();
  const frames = peer.takeAll();
  assertEquals(frames.reduce((sum, { payload }) => sum + payload.length, 0), 100_000);
  connection.destroy();
  await opened.over();
});

Deno.test("stream out: the end of the connection fails it", async () => {
  for (const state of ["idle", "waiting"]) {
    const opened = await openConnection({ options: { sendHighWaterMark: 1000 } });
    const { connection, link } = opened;
    const writer = connection.sendStream("binary").getWriter();
    writer.closed.catch(() => {});
    await writer.write(new Uint8Array([1]));
    link.output.stalled = state === "waiting";
    const written = state === "waiting" ? writer.write(new Uint8Array(2000)) : undefined;
    written?.catch(() => {});
    await settle();
    link.reset();
    await opened.over();
    if (written !== undefined) await assertRejects(() => written, ConnectionClosedError);
    else await assertRejects(() => writer.write(new Uint8Array([2])), ConnectionClosedError);
  }
});

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
  const { connection, peer, link } = opened;
  link.other.output.pieces = [1000];
  connection.close();
  peer.send({ opcode: OP.BINARY, payload: new Uint8Array(5000) });
  peer.send({ opcode: OP.BINARY, payload: new Uint8Array(100_000) });
  peer.sendText("behind it");
  peer.sendClose(1000);
  peer.end();
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
