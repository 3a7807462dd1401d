/**
 * Long messages that are compressed: in turns, in order, and with nothing left behind.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { workQueue } from "../../lib/compression/work_queue.ts";
import { ConnectionClosedError, ConnectionError } from "../../lib/connection/errors.ts";
import {
  LONG_BYTES,
  LongMessage,
  MOST_FRAGMENTS,
  TURN_BYTES,
} from "../../lib/connection/long_message.ts";
import { type ConnectionOptions, resolveOptions } from "../../lib/connection/options.ts";
import { openPair } from "../support/connection_pair.ts";
import { FakeCompression } from "../support/fake_compression.ts";
import { FakeTransport } from "../support/fake_transport.ts";
import { isPending, type OutboxRig, setUpOutbox } from "../support/outbox_rig.ts";
import { Hold, idle, LONG } from "./long_work.ts";

/** An outbox whose messages are compressed, on a transport that says what was sent, in short. */
function setUp(options: ConnectionOptions = {}): OutboxRig & { taken(): string[] } {
  const transport = new FakeTransport();
  transport.compressesFrom = 100;
  transport.weight = 0;
  const rig = setUpOutbox(options, transport);
  const taken = () => transport.taken().map((call) => call.replace(/[0-9a-f]{64,}/, inShort));
  return { ...rig, taken };
}

function inShort(digits: string): string {
  return `${digits.slice(0, 2)}*${digits.length / 2}`;
}

Deno.test("long messages: they leave in fragments of a turn each, later messages behind them", async () => {
  const { outbox, taken } = setUp();
  outbox.send(LONG, undefined);
  outbox.send("after", undefined);
  assertEquals(taken(), [], "nothing is compressed at once");
  await idle();
  assertEquals(taken(), [
    `fragment binary aa*${TURN_BYTES}`,
    `fragment binary aa*${TURN_BYTES}`,
    `fragment binary aa*${TURN_BYTES}`,
    `fragment binary aa*${TURN_BYTES} fin`,
    "text after",
  ]);
});

Deno.test("long messages: text is told by its opcode, and its last fragment may be short", async () => {
  const { outbox, taken } = setUp();
  outbox.send("a".repeat(LONG_BYTES) + "é", undefined);
  await idle();
  const calls = taken();
  assertEquals(calls.length, 5);
  assertEquals(calls[0], `fragment text 61*${TURN_BYTES}`);
  assertEquals(calls[4], "fragment text c3a9 fin");
});

Deno.test("long messages: even the longest has no more fragments than peers allow", () => {
  assert(MOST_FRAGMENTS <= resolveOptions({}).maxFragments / 2);
  const most = MOST_FRAGMENTS * TURN_BYTES;
  for (const [length, turn] of [[most, TURN_BYTES], [most + 1, TURN_BYTES + 1]] as const) {
    const transport = new FakeTransport();
    const sizes: number[] = [];
    const ends: boolean[] = [];
    transport.sendFragment = (_, bytes, { fin }) => {
      sizes.push(bytes.length);
      ends.push(fin);
    };
    const long = new LongMessage(transport, new Uint8Array(length), () => {});
    while (long.turn());
    assertEquals(sizes.length, MOST_FRAGMENTS);
    assertEquals(sizes.reduce((sum, size) => sum + size), length);
    assertEquals(Math.max(...sizes), turn);
    assertEquals(ends.indexOf(true), MOST_FRAGMENTS - 1);
  }
});

Deno.test("long messages: what is short, or not to be compressed, goes at once", () => {
  const { outbox, taken } = setUp();
  outbox.send(LONG.subarray(1), undefined);
  outbox.send(LONG, { compress: false });
  assertEquals(taken(), [
    `binary aa*${LONG_BYTES - 1}`,
    `binary aa*${LONG_BYTES} uncompressed`,
  ]);
  assertEquals(workQueue.size, 0);
});

Deno.test("long messages: a threshold above that holds for them", () => {
  const transport = new FakeTransport();
  transport.compressesFrom = LONG_BYTES + 1;
  const { outbox } = setUpOutbox({}, transport);
  outbox.send(LONG, undefined);
  assertEquals(transport.taken().length, 1);
});

Deno.test("long messages: the caller may change its bytes at once", async () => {
  const { outbox, taken } = setUp();
  const bytes = LONG.slice();
  outbox.send(bytes, undefined);
  bytes.fill(0);
  await idle();
  assertEquals(taken()[3], `fragment binary aa*${TURN_BYTES} fin`);
});

Deno.test("long messages: what is not compressed yet is buffered, and to be waited for", async () => {
  const { outbox, events } = setUp();
  const sent = outbox.send(LONG, undefined);
  assertEquals(outbox.bufferedAmount, LONG_BYTES);
  assertEquals(await isPending(sent), true);
  await sent;
  assertEquals(outbox.bufferedAmount, 0);
  assertEquals(events, ["drain"]);
});

Deno.test("long messages: their length is not held against the peer", async () => {
  const { outbox, events, taken } = setUp({ sendLimit: 2000 });
  outbox.send(LONG, undefined);
  outbox.send("after", undefined);
  await idle();
  assertEquals(events, ["drain"]);
  assertEquals(taken().at(-1), "text after");
});

for (
  const [slowConsumer, code, told] of [
    ["disconnect", "ERR_SLOW_CONSUMER", ["slow"]],
    ["coalesce", "ERR_SLOW_CONSUMER", ["slow"]],
    ["block", "ERR_SEND_LIMIT", []],
  ] as const
) {
  Deno.test(`long messages: under ${slowConsumer}, what waits for them is limited`, async () => {
    const { outbox, events, taken } = setUp({ slowConsumer, sendLimit: 2000 });
    outbox.send(LONG, undefined);
    const promised = outbox.send("x".repeat(1936), undefined);
    const error = await assertRejects(() => outbox.send("one too many", undefined)!);
    assert(error instanceof ConnectionError);
    assertEquals([error.code, events], [code, told]);
    assert(taken().length < 4, "it is not compressed at once for that");
    // Whoever waits for what send gives has room again.
    await promised;
    outbox.send("after", undefined);
    assertEquals(taken().slice(-2).map((call) => call.slice(0, 10)), ["text xxxxx", "text after"]);
  });
}

for (
  const [slowConsumer, left] of [
    ["drop-newest", ["text 1", "text 2"]],
    ["drop-oldest", ["text 3", "text 4"]],
  ] as const
) {
  Deno.test(`long messages: under ${slowConsumer}, what is too much behind them is dropped`, async () => {
    const { outbox, events, taken } = setUp({ slowConsumer });
    outbox.send(LONG, undefined);
    for (let i = 1; i <= 4; i++) outbox.send(`${i}`.padEnd(500 - 64), undefined);
    assertEquals([taken(), outbox.dropped], [[], 2]);
    await idle();
    assertEquals(taken().slice(4).map((call) => call.trim()), [...left]);
    assertEquals(events, ["drain"]);
  });
}

Deno.test("long messages: the next one begins when the one before has ended", async () => {
  const { outbox, taken } = setUp();
  outbox.send(LONG, undefined);
  outbox.send(LONG.slice().fill(0xbb), undefined);
  await idle();
  assertEquals(taken().map((call) => call.split(" ")[2]?.slice(0, 2)), [
    ...["aa", "aa", "aa", "aa"],
    ...["bb", "bb", "bb", "bb"],
  ]);
});

Deno.test("long messages: closing waits for their turns, and for all that waits behind", async () => {
  const { transport, outbox, events, taken } = setUp({ sendLimit: 2 * LONG_BYTES });
  const sent = outbox.send(LONG, undefined);
  outbox.send("between", undefined);
  outbox.send(LONG, undefined);
  outbox.send("last", undefined);
  transport.bufferedAmount = 1_000_000; // the peer is behind
  outbox.close(() => transport.calls.push("handed over"));
  assertEquals(taken(), [], "nothing is compressed at once");
  await assertRejects(async () => await outbox.send("late", undefined), ConnectionClosedError);
  await idle();
  const calls = taken();
  assertEquals(calls.length, 11);
  assertEquals([calls[3], calls[4], ...calls.slice(8)], [
    `fragment binary aa*${TURN_BYTES} fin`,
    "text between",
    `fragment binary aa*${TURN_BYTES} fin`,
    "text last",
    "handed over",
  ]);
  assertEquals([outbox.bufferedAmount, events], [1_000_000, []]);
  transport.bufferedAmount = 0;
  outbox.onProgress();
  await sent;
  assertEquals(events, ["drain"]);
});

Deno.test("long messages: what ends while it closes is never handed over", async () => {
  for (const end of ["end", "abandon"] as const) {
    const { transport, outbox, taken } = setUp();
    outbox.send(LONG, undefined);
    outbox.send("after", undefined);
    outbox.close(() => transport.calls.push("handed over"));
    outbox[end](new ConnectionClosedError());
    assertEquals([workQueue.size, outbox.bufferedAmount, outbox.compressing], [0, 0, false]);
    outbox.onProgress();
    assertEquals(taken(), []);
    await assertRejects(async () => await outbox.send("late", undefined), ConnectionClosedError);
  }
});

Deno.test("long messages: who waits to begin a stream hears at once that there will be none", async () => {
  for (const end of ["close", "abandon"] as const) {
    using _hold = new Hold();
    const { outbox } = setUp();
    outbox.send(LONG, undefined);
    const turn = outbox.turn();
    outbox[end](() => {});
    await assertRejects(async () => await turn, ConnectionClosedError);
    outbox.end(new ConnectionClosedError());
  }
});

Deno.test("long messages: what a handler sends when closing has sent them comes too late", async () => {
  const open = { options: { compression: true, maxMessageBytes: LONG_BYTES } };
  const { client, server } = await openPair({
    client: {
      ...open,
      agreed: new FakeCompression(),
      handlers: {
        drain: async (connection) => {
          await assertRejects(async () => await connection.send("late"), ConnectionClosedError);
        },
      },
    },
    server: { ...open, agreed: new FakeCompression() },
  });
  client.connection.send(LONG);
  client.connection.close();
  const messages = await Array.fromAsync(server.connection);
  assertEquals(messages, [LONG]);
  assertEquals((await client.over()).wasClean, true);
  assertEquals((await server.over()).wasClean, true);
});

Deno.test("long messages: when the connection ends, nothing more is compressed", async () => {
  const { outbox, taken } = setUp();
  const sent = outbox.send(LONG, undefined);
  const turn = outbox.turn();
  outbox.end(new ConnectionClosedError());
  assertEquals(workQueue.size, 0);
  await assertRejects(async () => await sent, ConnectionClosedError);
  await assertRejects(async () => await turn, ConnectionClosedError);
  assertEquals(taken(), []);
  assertEquals(outbox.bufferedAmount, 0);
});

Deno.test("long messages: one that cannot be compressed is told, and nothing follows it", async () => {
  const { transport, outbox, events, taken } = setUp();
  const { sendFragment } = transport;
  let fragments = 0;
  transport.sendFragment = (...fragment) => {
    if (++fragments === 2) throw new Error("zlib failed");
    sendFragment.apply(transport, fragment);
  };
  outbox.send(LONG, undefined);
  outbox.send("after", undefined);
  await idle();
  assertEquals(events.splice(0), ["error Error: zlib failed"]);
  outbox.close(() => events.push("handed over"));
  assertEquals(events, ["handed over"], "nothing is left to wait for");
  assertEquals(taken(), [`fragment binary aa*${TURN_BYTES}`]);
});

Deno.test("long messages: where not even its beginning can be compressed, nothing follows either", async () => {
  for (const closes of [false, true]) {
    const { transport, outbox, events, taken } = setUp();
    transport.sendFragment = () => {
      throw new Error("zlib failed");
    };
    outbox.send(LONG, undefined);
    outbox.send("after", undefined);
    if (closes) outbox.close(() => events.push("handed over"));
    await idle();
    const handedOver = closes ? ["handed over"] : [];
    assertEquals(events, ["error Error: zlib failed", ...handedOver]);
    assertEquals(taken(), []);
    assertEquals(outbox.bufferedAmount, 0);
    await assertRejects(async () => await outbox.send("later", undefined), ConnectionClosedError);
  }
});

Deno.test("long messages: one that waits and cannot be compressed ends no turn of another", async () => {
  const { transport, outbox, events, taken } = setUp();
  transport.sendText = () => {
    throw new Error("zlib failed");
  };
  outbox.send(LONG, undefined);
  outbox.send("after", undefined);
  outbox.send(new Uint8Array(3), undefined);
  await idle();
  assertEquals(events, ["error Error: zlib failed"]);
  assertEquals(taken().length, 4, "the long message has left, and nothing behind it");
});

Deno.test("long messages: while one is compressed the connection is not idle", async () => {
  const open = { options: { compression: true, idleTimeout: 1000, maxMessageBytes: LONG_BYTES } };
  const { client, server, clock } = await openPair({
    client: { ...open, agreed: new FakeCompression() },
    server: { ...open, agreed: new FakeCompression() },
  });
  client.connection.send(LONG);
  await clock.advance(999);
  server.connection.send("data");
  await clock.advance(1);
  assertEquals(client.connection.state, "open");
  assertEquals(await server.connection.receive(), LONG);
  await clock.advance(1000);
  assertEquals(client.connection.state, "closed", "now it is");
  assertEquals((await server.over()).code, 1001);
});

Deno.test("long messages: they arrive as sent, with pings in between, also as streams before and after", async () => {
  const open = { options: { maxMessageBytes: 16 * LONG_BYTES, compression: { threshold: 0 } } };
  const { client, server } = await openPair({
    client: { ...open, agreed: new FakeCompression() },
    server: { ...open, agreed: new FakeCompression({ independent: false }) },
  });
  for (const [from, to] of [[client, server], [server, client]] as const) {
    const text = "x".repeat(5 * LONG_BYTES);
    from.connection.send(text);
    const stream = from.connection.sendStream("binary").getWriter();
    const streamed = stream.write(LONG).then(() => stream.close());
    from.connection.send(LONG);
    await from.connection.ping();
    assert(await to.connection.receive() === text);
    const next = [await to.connection.receive(), await to.connection.receive()];
    assertEquals(next, [LONG, LONG]);
    await streamed;
  }
  client.connection.send("x".repeat(5 * LONG_BYTES));
  client.connection.close();
  assertEquals((await server.connection.receive())?.length, 5 * LONG_BYTES);
  assertEquals((await server.over()).wasClean, true);
  assertEquals((await client.over()).wasClean, true);
});
