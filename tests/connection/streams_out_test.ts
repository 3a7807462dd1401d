/**
 * Messages that are sent piece by piece.
 *
 * @module
 */
import { assert, assertEquals, assertLess, assertRejects, assertThrows } from "@std/assert";
import { ConnectionClosedError, ConnectionError } from "../../lib/connection/errors.ts";
import { OP, openConnection, settle } from "../support/connection_pair.ts";

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
