/**
 * Long messages that are prepared for many: compressed in turns, once for all who can share them,
 * and by the way of an ordinary long message where nobody can.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { createMessageCompression } from "../../lib/compression/compression.ts";
import { workQueue } from "../../lib/compression/work_queue.ts";
import { LONG_BYTES, TURN_BYTES } from "../../lib/connection/long_message.ts";
import { PreparedMessage } from "../../lib/connection/prepared_message.ts";
import type { MessageCompression } from "../../lib/protocol/permessage_deflate/codec.ts";
import {
  OP,
  openConnection,
  type Opened,
  type OpenOptions,
  openPair,
  settle,
  type Tested,
} from "../support/connection_pair.ts";
import { FakeCompression, type FakeCompressionOptions } from "../support/fake_compression.ts";
import type { RawFrame } from "../support/raw_frame.ts";
import { Hold, idle, LONG } from "./long_work.ts";

const TURNS = LONG_BYTES / TURN_BYTES;

type SetUp = Opened & { agreed: FakeCompression };

/** A connection that compresses. */
async function setUp(
  { fake, ...open }: OpenOptions & { fake?: FakeCompressionOptions } = {},
): Promise<SetUp> {
  const agreed = new FakeCompression(fake);
  const options = { compression: true, ...open.options };
  return Object.assign(await openConnection({ ...open, agreed, options }), { agreed });
}

/** Whether frames are those of `LONG`, compressed, and no others. */
function assertLong(frames: readonly RawFrame[]): void {
  assertEquals(frames.map(({ opcode }) => opcode), [OP.BINARY, OP.CONT, OP.CONT, OP.CONT]);
  assertEquals(frames.map(({ rsv }) => rsv), [4, 0, 0, 0]);
  assertEquals(frames.map(({ fin }) => fin), [false, false, false, true]);
  let length = 0;
  for (const { payload } of frames) {
    for (let at = 0; at < payload.length; at += 2) {
      length += payload[at]!;
      assertEquals(payload[at + 1], 0xaa);
    }
  }
  assertEquals(length, LONG_BYTES);
}

async function cut(...all: readonly Opened[]): Promise<void> {
  for (const opened of all) {
    opened.connection.destroy();
    await opened.over();
  }
  assertEquals(workQueue.size, 0);
}

Deno.test("long prepared: it is compressed in turns, once for all, and each gets it in its order", async () => {
  const all = [await setUp(), await setUp(), await setUp()];
  const message = new PreparedMessage(LONG);
  for (const { connection } of all) {
    connection.send("before");
    const sent = connection.send(message);
    assert(sent instanceof Promise, "the sender is told to wait");
    assert(connection.bufferedAmount > LONG_BYTES);
    connection.send("between");
    connection.send(message);
    connection.send("after");
  }
  const pushes = () => all.map(({ agreed }) => agreed.deflater.pushes.all);
  assertEquals(pushes(), [0, 0, 0], "nothing is compressed at once");
  await idle();
  await settle();
  assertEquals(pushes(), [TURNS, 0, 0]);
  for (const { peer, connection } of all) {
    const frames = peer.takeAll();
    const texts = [frames[0]!, frames[5]!, frames[10]!].map(({ payload }) => payload);
    assertEquals(texts.map((text) => new TextDecoder().decode(text)), [
      "before",
      "between",
      "after",
    ]);
    assertLong(frames.slice(1, 5));
    assertLong(frames.slice(6, 10));
    assertEquals(connection.bufferedAmount, 0);
  }
  const late = await setUp();
  late.connection.send(message);
  assertEquals(workQueue.size, 0, "it has been made");
  await settle();
  assertLong(late.peer.takeAll());
  await cut(...all, late);
});

Deno.test("long prepared: it is compressed once for each group", async () => {
  const all = [
    await setUp(),
    await setUp({ fake: { group: "other runs" } }),
    await setUp({ options: { compression: { threshold: 3 } } }),
    await setUp(),
  ];
  const message = new PreparedMessage(LONG);
  for (const { connection } of all) connection.send(message);
  assertEquals(workQueue.size, 3);
  await idle();
  await settle();
  for (const { peer } of all) assertLong(peer.takeAll());
  assertEquals(all.map(({ agreed }) => agreed.deflater.pushes.all), [TURNS, TURNS, TURNS, 0]);
  await cut(...all);
});

Deno.test("long prepared: whoever waits gets it in a turn of its own", async () => {
  const all = [await setUp(), await setUp(), await setUp()];
  const message = new PreparedMessage(LONG);
  for (const { connection } of all) connection.send(message);
  const waiting = () => all.map(({ connection }) => connection.bufferedAmount === LONG_BYTES);
  const seen = new Set<string>();
  while (workQueue.size > 0) {
    seen.add(waiting().join());
    await settle();
  }
  assert(seen.has("false,true,true") && seen.has("false,false,true"), [...seen].join(" "));
  await cut(...all);
});

Deno.test("long prepared: it is text where it was text", async () => {
  const opened = await setUp();
  opened.connection.send(new PreparedMessage("a".repeat(LONG_BYTES - 1) + "é"));
  await idle();
  await settle();
  const frames = opened.peer.takeAll();
  assertEquals(frames.map(({ opcode }) => opcode), [1, 0, 0, 0, 0]);
  assertEquals(frames.at(-1)!.payload.toHex(), "01a9");
  await cut(opened);
});

Deno.test("long prepared: what is short, was made, or is not to be compressed goes at once", async () => {
  const opened = await setUp();
  const { connection, peer } = opened;
  connection.send(new PreparedMessage(LONG.subarray(1)));
  connection.send(new PreparedMessage(LONG), { compress: false });
  assertEquals(workQueue.size, 0);
  await settle();
  const frames = peer.takeAll();
  assertEquals(frames.map(({ fin, rsv }) => [fin, rsv]), [[true, 4], [true, 0]]);
  await cut(opened);
});

Deno.test("long prepared: what does not shrink goes as it is, in one frame", async () => {
  const mixed = Uint8Array.from(LONG, (_, at) => at); // fake_compression doubles this
  const all = [await setUp(), await setUp()];
  const message = new PreparedMessage(mixed);
  for (const { connection } of all) connection.send(message);
  await idle();
  await settle();
  for (const { peer } of all) {
    const [frame, ...more] = peer.takeAll();
    assertEquals([frame?.fin, frame?.rsv, frame?.opcode, more], [true, 0, OP.BINARY, []]);
    assertEquals(frame!.payload, mixed);
  }
  await cut(...all);
});

Deno.test("long prepared: when the one whose compressor is used ends, the next one begins again", async () => {
  const message = new PreparedMessage(LONG);
  const ends: readonly ((opened: Opened) => void)[] = [
    ({ connection }) => connection.destroy(),
    ({ peer }) => peer.sendClose(1000),
    ({ peer }) => peer.end(),
  ];
  for (const end of ends) {
    const [first, second, third] = [await setUp(), await setUp(), await setUp()];
    const message = new PreparedMessage(LONG);
    for (const { connection } of [first, second, third]) connection.send(message);
    while (first.agreed.deflater.pushes.all < 2) await settle();
    end(first);
    await idle();
    await settle();
    assert(first.peer.takeAll().every(({ opcode }) => opcode === OP.CLOSE));
    for (const { peer } of [second, third]) assertLong(peer.takeAll());
    const pushes = [second, third].map(({ agreed }) => agreed.deflater.pushes.all);
    assertEquals(pushes, [TURNS, 0]);
    await cut(first, second, third);
  }
  assertEquals(message.data, LONG);
});

Deno.test("long prepared: when nobody waits any more it is given up, and can begin anew", async () => {
  const [first, second, third] = [await setUp(), await setUp(), await setUp()];
  const message = new PreparedMessage(LONG);
  first.connection.send(message);
  second.connection.send(message);
  while (first.agreed.deflater.pushes.all < 2) await settle();
  second.connection.destroy();
  assertEquals(workQueue.size, 1, "the first one goes on");
  first.connection.destroy();
  assertEquals(workQueue.size, 0);
  third.connection.send(message);
  await idle();
  await settle();
  assertLong(third.peer.takeAll());
  assertEquals(second.agreed.deflater.pushes.all, 0);
  await cut(first, second, third);
});

Deno.test("long prepared: who ends once it is made, before it gets it, does no harm", async () => {
  const [first, second] = [await setUp(), await setUp()];
  const message = new PreparedMessage(LONG);
  first.connection.send(message);
  second.connection.send(message);
  while (first.connection.bufferedAmount > 0) await settle();
  assertEquals(workQueue.size, 1);
  second.connection.destroy();
  assertEquals(workQueue.size, 0);
  await settle();
  assertLong(first.peer.takeAll());
  await cut(first, second);
});

Deno.test("long prepared: who closes gets it first", async () => {
  using hold = new Hold();
  const [first, second] = [await setUp(), await setUp()];
  const message = new PreparedMessage(LONG);
  for (const { connection } of [first, second]) {
    connection.send(message);
    connection.send("behind");
    connection.close(4000);
    assertEquals(connection.state, "closing");
  }
  await settle();
  hold.release();
  await idle();
  await settle();
  for (const { peer } of [first, second]) {
    const frames = peer.takeAll();
    assertLong(frames.slice(0, 4));
    assertEquals(frames.slice(4).map(({ opcode }) => opcode), [OP.TEXT, OP.CLOSE]);
  }
  await cut(first, second);
});

Deno.test("long prepared: where it cannot be compressed, that connection is told, and the next one tries", async () => {
  const errors: string[] = [];
  const handlers = { error: (_: unknown, error: unknown) => void errors.push(`${error}`) };
  const [first, second] = [await setUp({ handlers }), await setUp({ handlers })];
  const { deflater } = first.agreed;
  let turns = 0;
  const push = deflater.push.bind(deflater);
  deflater.push = (bytes, fin) => {
    if (++turns === 3) throw new Error("zlib failed");
    return push(bytes, fin);
  };
  const message = new PreparedMessage(LONG);
  for (const { connection } of [first, second]) {
    connection.send(message);
    connection.send("behind");
  }
  await idle();
  await settle();
  assertEquals(errors, ["Error: zlib failed"]);
  assertEquals(first.peer.takeLines(), ["close 1011"]);
  const frames = second.peer.takeAll();
  assertLong(frames.slice(0, 4));
  assertEquals(frames.length, 5);
  await cut(first, second);
});

Deno.test("long prepared: a client, and who shares a window, send it like any long message", async () => {
  const clients = [await setUp({ role: "client" }), await setUp({ role: "client" })];
  const dependent = await setUp({ fake: { independent: false } });
  const message = new PreparedMessage(LONG);
  for (const { connection } of [...clients, dependent]) {
    connection.send(message);
    connection.send("behind");
  }
  const pushes = () => [...clients, dependent].map(({ agreed }) => agreed.deflater.pushes.all);
  assertEquals(pushes(), [0, 0, 0], "nothing is compressed at once");
  assertEquals(workQueue.size, 3);
  await idle();
  await settle();
  assertEquals(pushes(), [TURNS, TURNS, TURNS]);
  for (const { peer } of [...clients, dependent]) {
    const frames = peer.takeAll();
    assertLong(frames.slice(0, 4));
    assertEquals(frames.length, 5);
  }
  await cut(...clients, dependent);
});

Deno.test("long prepared: what zlib makes in turns is what was sent, whoever leaves meanwhile", async () => {
  const compression = (contextTakeover = false): MessageCompression =>
    createMessageCompression({
      incoming: { windowBits: 15, contextTakeover },
      outgoing: { windowBits: 15, contextTakeover },
    }, { level: 6, memoryLevel: 8 });
  const options = { compression: true, maxMessageBytes: 8 * LONG_BYTES };
  const pairs: { client: Tested; server: Tested }[] = [];
  for (const takeover of [false, false, false, true]) {
    pairs.push(
      await openPair({
        client: { options, agreed: compression(takeover) },
        server: { options, agreed: compression(takeover) },
      }),
    );
  }
  const lines = Array.from({ length: 20_000 }, (_, id) => `{"id":${id},"name":"Adé"}`);
  const text = lines.join("\n");
  assert(text.length > LONG_BYTES);
  const message = new PreparedMessage(text);
  for (const { client, server } of pairs) {
    server.connection.send(message);
    server.connection.send("behind");
    client.connection.send(message);
  }
  await settle();
  pairs[0]!.server.connection.destroy();
  for (const { client, server } of pairs.slice(1)) {
    assert(await client.connection.receive() === text);
    assertEquals(await client.connection.receive(), "behind");
    assert(await server.connection.receive() === text);
  }
  for (const { client, server } of pairs) {
    client.connection.close();
    await Promise.all([client.connection.closed, server.connection.closed]);
    await server.over();
    await client.over();
  }
  assertEquals(workQueue.size, 0);
});
