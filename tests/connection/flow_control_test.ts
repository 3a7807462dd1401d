/**
 * Flow control in both directions: a consumer slower than its input, a peer slower than
 * what is sent to it, and what is done about either.
 *
 * @module
 */
import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { ConnectionError } from "../../lib/connection/errors.ts";
import { ITEM_BYTES } from "../../lib/connection/inbox.ts";
import { OP, openConnection, openPair, settle } from "../support/connection_pair.ts";

/** A pipe reads so much at a time, as a socket does. */
const READ_BYTES = 4096;

Deno.test("flow: while nobody consumes, reading stops at the high-water mark", async () => {
  for (const size of [0, 10, 1000]) {
    const receiveHighWaterMark = 64 * 1024;
    const opened = await openConnection({ options: { receiveHighWaterMark } });
    const { connection, peer, link } = opened;
    link.other.output.pieces = [READ_BYTES];
    link.other.output.capacity = READ_BYTES;
    const message = peer.frame({ opcode: OP.BINARY, payload: new Uint8Array(size) });
    const count = Math.ceil(1_000_000 / message.length);
    const all = new Uint8Array(count * message.length);
    for (let i = 0; i < count; i++) all.set(message, i * message.length);
    peer.write(all);
    await settle();
    assert(link.paused);
    const taken = all.length - peer.unread;
    const held = taken / message.length * (size + ITEM_BYTES);
    const oneRead = READ_BYTES / message.length * (size + ITEM_BYTES);
    assertLess(held, receiveHighWaterMark + oneRead + size);
    // And it goes on when the consumer does.
    for (let i = 0; i < count; i++) assertEquals((await connection.receive())?.length, size);
    assertEquals(peer.unread, 0);
    connection.destroy();
  }
});

Deno.test("flow: a handler slower than its input makes the peer wait, and gets it all in order", async () => {
  const got: unknown[] = [];
  let running = 0;
  const opened = await openConnection({
    options: { receiveHighWaterMark: 2000 },
    handlers: {
      message: async (_, data) => {
        assertEquals(running++, 0, "one at a time");
        await Promise.resolve();
        got.push(data);
        running--;
      },
    },
  });
  const { peer, link } = opened;
  link.other.output.pieces = [100];
  let paused = false;
  const { pause } = link;
  link.pause = () => {
    paused = true;
    pause.call(link);
  };
  for (let i = 0; i < 1000; i++) peer.sendText(`${i}`);
  peer.sendClose(1000);
  peer.end();
  while (got.length < 1000) await settle();
  await opened.over();
  assert(paused);
  assertEquals(got, Array.from({ length: 1000 }, (_, i) => `${i}`));
});

Deno.test("flow: whoever awaits send keeps to the peer's pace", async () => {
  const opened = await openConnection({ options: { sendHighWaterMark: 10_000 } });
  const { connection, link, peer } = opened;
  link.output.takes = [1000];
  link.output.capacity = 1000;
  link.other.pause();
  let sent = 0;
  const sending = (async () => {
    for (; sent < 100; sent++) await connection.send(new Uint8Array(1000));
  })();
  await settle();
  assertLess(sent, 15);
  assertLess(connection.bufferedAmount, 11_100);
  link.other.resume();
  await sending;
  while (connection.bufferedAmount > 0) await settle();
  assertEquals(peer.takeAll().length, 100);
  connection.destroy();
  await opened.over();
});

Deno.test("flow: under disconnect a tight loop ends with 1013, and what is held is bounded", async () => {
  const opened = await openConnection({
    options: { sendHighWaterMark: 10_000, sendLimit: 50_000 },
  });
  const { connection, link, peer, clock } = opened;
  link.output.stalled = true;
  for (let i = 0; i < 10_000; i++) {
    connection.send("x".repeat(1000));
    assertLess(connection.bufferedAmount, 52_000);
  }
  assertEquals(connection.state, "closing");
  link.output.stalled = false;
  await settle();
  const lines = peer.takeLines();
  assertEquals(lines.length, 51);
  assertEquals(
    lines.at(-1),
    "close 1013 what is sent does not leave fast enough: sendLimit was reached",
  );
  await clock.advance(5000);
  const event = await opened.over();
  assertEquals([event.code, event.wasClean], [1006, false]);
  assertEquals((event.error as ConnectionError).code, "ERR_SLOW_CONSUMER");
});

Deno.test("flow: under block a tight loop is refused, and the connection lives on", async () => {
  const opened = await openConnection({
    options: { sendHighWaterMark: 10_000, sendLimit: 50_000, slowConsumer: "block" },
  });
  const { connection, link, peer } = opened;
  link.output.stalled = true;
  for (let i = 0; i < 49; i++) connection.send("x".repeat(1020));
  const error = await assertRejects(() => connection.send("y")!, ConnectionError);
  assertEquals(error.code, "ERR_SEND_LIMIT");
  connection.send("refused, and nobody waits");
  link.output.stalled = false;
  await settle();
  assertEquals(peer.takeAll().length, 49);
  connection.send("fits");
  await settle();
  assertEquals(peer.takeLines(), ["text fits"]);
  assertEquals([connection.state, connection.droppedMessages], ["open", 0]);
  connection.destroy();
  await opened.over();
});

Deno.test("flow: under drop-newest a slow peer misses what came last", async () => {
  const opened = await openConnection({
    options: { sendHighWaterMark: 1000, slowConsumer: "drop-newest" },
  });
  const { connection, link, peer } = opened;
  link.output.stalled = true;
  for (let i = 0; i < 20; i++) connection.send(`${i}`.padEnd(98));
  assertEquals(connection.droppedMessages, 10);
  link.output.stalled = false;
  await settle();
  assertEquals(
    peer.takeLines(),
    Array.from({ length: 10 }, (_, i) => `text ${i}`),
  );
  connection.destroy();
  await opened.over();
});

Deno.test("flow: under drop-oldest a slow peer misses what it did not take in time", async () => {
  const opened = await openConnection({
    options: { sendHighWaterMark: 1000, slowConsumer: "drop-oldest" },
  });
  const { connection, link, peer } = opened;
  link.output.stalled = true;
  for (let i = 0; i < 100; i++) connection.send(`${i}`.padEnd(98));
  assertLess(connection.bufferedAmount, 2200);
  link.output.stalled = false;
  await settle();
  const lines = peer.takeLines();
  assertEquals(lines.length + connection.droppedMessages, 100);
  assertEquals(lines.slice(0, 10), Array.from({ length: 10 }, (_, i) => `text ${i}`));
  assertEquals(lines.at(-1), "text 99", "the newest arrives");
  const numbers = lines.map((line) => Number(line.slice(5)));
  assertEquals(numbers, numbers.toSorted((a, b) => a - b), "in order");
  connection.destroy();
  await opened.over();
});

Deno.test("flow: under coalesce a slow peer gets the latest of each key", async () => {
  const opened = await openConnection({
    options: { sendHighWaterMark: 1000, slowConsumer: "coalesce" },
  });
  const { connection, link, peer } = opened;
  link.output.stalled = true;
  connection.send("x".repeat(1000));
  for (let i = 0; i < 100; i++) {
    for (const key of ["a", "b", "c"]) connection.send(`${key}${i}`, { key });
  }
  assertEquals(connection.droppedMessages, 297);
  assertEquals(connection.bufferedAmount, 1004 + 3 * (3 + 64));
  link.output.stalled = false;
  await settle();
  assertEquals(peer.takeLines().slice(1), ["text a99", "text b99", "text c99"]);
  for (const key of ["a", "b"]) connection.send(`${key} at once`, { key });
  await settle();
  assertEquals(peer.takeLines(), ["text a at once", "text b at once"]);
  connection.destroy();
  await opened.over();
});

Deno.test("flow: a peer that never reads is gone after 10 s, however little is sent", async () => {
  const opened = await openConnection();
  const { connection, link, clock } = opened;
  link.output.stalled = true;
  connection.send("a line");
  for (let i = 0; i < 9; i++) {
    await clock.advance(1000);
    connection.send("a line");
  }
  assertEquals(connection.state, "open");
  await clock.advance(1000);
  const event = await opened.over();
  assertEquals((event.error as ConnectionError).code, "ERR_WRITE_TIMEOUT");
});

Deno.test("flow: a peer that reads one byte a second is dropped at the limit, others are not", async () => {
  const options = { sendHighWaterMark: 10_000, sendLimit: 50_000 };
  const slow = await openConnection({ options });
  const fast = await openConnection({ options, clock: slow.clock });
  slow.link.output.takes = [1];
  slow.link.output.stalled = true;
  let ticks = 0;
  for (; slow.connection.state === "open" && ticks < 100; ticks++) {
    const tick = "x".repeat(1000);
    slow.connection.send(tick);
    fast.connection.send(tick);
    await slow.clock.advance(1000);
    assertEquals(fast.peer.takeAll().length, 1, "at once");
    slow.link.output.stalled = false;
    await Promise.resolve();
    slow.link.output.stalled = true;
  }
  assert(ticks > 40 && ticks < 60, `${ticks} ticks`);
  await slow.clock.advance(5000);
  assertEquals(((await slow.over()).error as ConnectionError).code, "ERR_SLOW_CONSUMER");
  assertEquals(fast.connection.state, "open");
  fast.connection.destroy();
  await fast.over();
});

Deno.test("flow: a ping flood from a peer that reads nothing holds a bounded number of pongs", async () => {
  const options = { sendHighWaterMark: 10_000 };
  const opened = await openConnection({ options });
  const { connection, link, peer } = opened;
  link.other.output.pieces = [READ_BYTES];
  link.output.stalled = true;
  const ping = peer.frame({ opcode: OP.PING, payload: "x".repeat(125) });
  const flood = new Uint8Array(10_000 * ping.length);
  for (let i = 0; i < 10_000; i++) flood.set(ping, i * ping.length);
  peer.write(flood);
  await settle();
  assertEquals(peer.unread, 0);
  assertLess(connection.bufferedAmount, 10_000 + READ_BYTES);
  link.output.stalled = false;
  await settle();
  assertLess(peer.takeAll().length, 120);
  connection.destroy();
  await opened.over();
});

Deno.test("flow: a message far beyond the marks is sent whole, and signalled", async () => {
  const options = { maxMessageBytes: 2 ** 26 };
  const { client, server } = await openPair({ client: { options }, server: { options } });
  client.link.output.stalled = true;
  const size = 2 ** 26;
  const bytes = new Uint8Array(size);
  bytes[size - 1] = 7;
  const wait = client.connection.send(bytes);
  assert(wait instanceof Promise);
  assertEquals(client.connection.bufferedAmount, size + 14);
  client.link.output.stalled = false;
  const got = await server.connection.receive() as Uint8Array;
  assertEquals([got.length, got[size - 1]], [size, 7]);
  await wait;
  assertEquals(client.connection.bufferedAmount, 0);
  client.connection.close();
  await client.over();
  await server.over();
});

Deno.test("flow: two who echo and do not consume come to rest, and go on without a loss", async () => {
  const options = { receiveHighWaterMark: 5000, sendHighWaterMark: 5000 };
  const { client, server } = await openPair({ client: { options }, server: { options } });
  for (const { link } of [client, server]) {
    link.output.capacity = 1000;
    link.output.takes = [1000];
    link.output.pieces = [500];
  }
  const send = async ({ connection }: typeof client) => {
    for (let i = 0; i < 200; i++) await connection.send(`${i}`.padEnd(200));
  };
  const sending = [send(client), send(server)];
  await settle();
  assert(client.link.paused && server.link.paused);
  for (const { connection } of [client, server]) {
    for (let i = 0; i < 200; i++) {
      assertEquals(await connection.receive(), `${i}`.padEnd(200));
    }
  }
  await Promise.all(sending);
  client.connection.close();
  await client.over();
  await server.over();
});
