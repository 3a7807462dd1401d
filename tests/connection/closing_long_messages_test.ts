/**
 * Connections that close while a long message is still to be compressed: the close frame goes
 * behind it, and nothing makes that last for ever.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { workQueue } from "../../lib/compression/work_queue.ts";
import { ConnectionClosedError, type ConnectionError } from "../../lib/connection/errors.ts";
import { LONG_BYTES } from "../../lib/connection/long_message.ts";
import {
  OP,
  openConnection,
  type Opened,
  type OpenOptions,
  openPair,
  settle,
} from "../support/connection_pair.ts";
import { FakeCompression } from "../support/fake_compression.ts";
import { Hold, idle, LONG } from "./long_work.ts";

/** A connection that compresses, with a long message sent, and a short one behind it. */
async function setUp(open: OpenOptions = {}): Promise<Opened & { agreed: FakeCompression }> {
  const agreed = new FakeCompression();
  const options = { compression: true, ...open.options };
  const opened = await openConnection({ ...open, agreed, options });
  opened.connection.send(LONG);
  opened.connection.send("behind");
  return Object.assign(opened, { agreed });
}

/** What came, without the payload of the fragments. */
function kinds({ peer }: Opened): string[] {
  return peer.takeLines().map((line) => line.replace(/^(binary…|cont…?) [^]*/, "$1"));
}

const MESSAGE = ["binary…", "cont…", "cont…", "cont"];

for (const role of ["server", "client"] as const) {
  Deno.test(`close: a ${role}'s close frame goes behind a long message, which takes its turns`, async () => {
    using hold = new Hold();
    const opened = await setUp({ role });
    const { connection, peer } = opened;
    const closed = connection.close(4000, "bye");
    assertEquals(connection.state, "closing", "at once");
    await assertRejects(async () => await connection.send("late"), ConnectionClosedError);
    assertThrows(() => connection.sendStream("text"), ConnectionClosedError);
    connection.close(4001);
    await settle();
    assertEquals(peer.takeLines(), []);
    hold.release();
    await idle();
    await settle();
    const lines = kinds(opened);
    assertEquals(lines, [...MESSAGE, "text behind", "close 4000 bye"]);
    peer.sendClose(4000);
    peer.end();
    const event = await opened.over();
    assertEquals(event, { code: 4000, reason: "", wasClean: true });
    assertEquals(await closed, event);
  });

  Deno.test(`close: closeTimeout of a ${role} counts from its close frame on`, async () => {
    using hold = new Hold();
    const opened = await setUp({ role });
    const { connection, clock } = opened;
    connection.close();
    await clock.advance(60_000);
    assertEquals(connection.state, "closing");
    hold.release();
    await idle();
    await clock.advance(4999);
    assertEquals(connection.state, "closing");
    await clock.advance(1);
    const event = await opened.over();
    assertEquals((event.error as ConnectionError).code, "ERR_CLOSE_TIMEOUT");
  });

  Deno.test(`close: a peer that reads nothing cannot hold a ${role} that compresses`, async () => {
    const opened = await setUp({ role });
    const { connection, clock, link } = opened;
    link.output.stalled = true;
    connection.close();
    await idle();
    assertEquals(connection.state, "closing");
    assert(connection.bufferedAmount > 0);
    await clock.advance(5000);
    const event = await opened.over();
    assertEquals((event.error as ConnectionError).code, "ERR_CLOSE_TIMEOUT");
  });

  Deno.test(`close: while a ${role} compresses, writeTimeout holds`, async () => {
    for (const stalls of ["before", "after"]) {
      using _hold = new Hold();
      const opened = await openConnection({
        role,
        agreed: new FakeCompression(),
        options: { compression: true },
      });
      const { connection, clock, link } = opened;
      if (stalls === "before") {
        link.output.stalled = true;
        connection.send("the peer does not take this");
        await clock.advance(6000);
      }
      connection.send(LONG);
      connection.close();
      link.output.stalled = true;
      if (stalls === "after") connection.pong();
      await clock.advance(stalls === "before" ? 3999 : 9999);
      assertEquals(connection.state, "closing", stalls);
      await clock.advance(1);
      const event = await opened.over();
      assertEquals((event.error as ConnectionError).code, "ERR_WRITE_TIMEOUT", stalls);
      assertEquals(workQueue.size, 1, "nothing but the hold is left");
    }
  });

  Deno.test(`close: a ${role} that compresses can be destroyed, and the stream may end`, async () => {
    for (const how of ["destroy", "end", "reset"]) {
      using _hold = new Hold();
      const opened = await setUp({ role });
      const { connection, peer, link } = opened;
      connection.close();
      if (how === "destroy") connection.destroy();
      else if (how === "end") peer.end();
      else link.reset();
      const event = await opened.over();
      assertEquals([event.code, event.wasClean], [1006, false], how);
      assertEquals(workQueue.size, 1, "nothing but the hold is left");
      assertEquals(connection.bufferedAmount, 0);
    }
  });

  Deno.test(`close: a ${role} that compresses answers a close frame, and gives the rest up`, async () => {
    for (const begun of [false, true]) {
      const hold = new Hold();
      const opened = await setUp({ role });
      const { connection, peer, clock, agreed } = opened;
      const bothClose = () => {
        connection.close(4000);
        peer.sendClose(1001, "going");
      };
      if (begun) {
        const { deflater } = agreed;
        const push = deflater.push.bind(deflater);
        deflater.push = (bytes, fin) => {
          if (deflater.pushes.all === 1) queueMicrotask(bothClose);
          return push(bytes, fin);
        };
        hold.release();
      } else {
        bothClose();
        await settle();
        assertEquals(workQueue.size, 1, "nothing but the hold is left");
        hold.release();
      }
      await idle();
      assertEquals(agreed.deflater.pushes.all, begun ? 2 : 0, "nothing more is compressed");
      assertEquals(connection.bufferedAmount, 0);
      assertEquals(kinds(opened), begun ? ["binary…", "cont…", "close 1001"] : ["close 1001"]);
      await clock.advance(4999);
      assertEquals(connection.state, "closing", "from now on there is a deadline");
      await clock.advance(1);
      assertEquals(await opened.over(), { code: 1001, reason: "going", wasClean: true });
    }
  });

  Deno.test(`close: a ${role} that compresses still sees the peer break a rule`, async () => {
    using _hold = new Hold();
    const opened = await setUp({ role });
    const { connection, peer } = opened;
    connection.close(4000);
    peer.send({ opcode: 3 });
    await settle();
    assertEquals(peer.takeLines(), ["close 1002"]);
    peer.end();
    assertEquals((await opened.over()).code, 1002);
    assertEquals(workQueue.size, 1, "nothing but the hold is left");
  });
}

Deno.test("close: once our close frame is handed over there is one deadline, which nothing moves", async () => {
  const opened = await setUp({ options: { writeTimeout: 1000 } });
  const { connection, peer, clock, link } = opened;
  connection.close();
  await idle();
  link.output.stalled = true;
  await clock.advance(3000);
  peer.sendClose(1000);
  await clock.advance(1999);
  assertEquals(connection.state, "closing");
  await clock.advance(1);
  await opened.over();
  const stalled = await openConnection({ options: { writeTimeout: 1000 } });
  stalled.link.output.stalled = true;
  stalled.connection.send("the peer does not take this");
  stalled.connection.close();
  await stalled.clock.advance(5000);
  const event = await stalled.over();
  assertEquals((event.error as ConnectionError).code, "ERR_CLOSE_TIMEOUT");
});

Deno.test("close: while it compresses, pings are answered and messages come, but no other deadline runs", async () => {
  using hold = new Hold();
  const heartbeat = { interval: 1000, timeout: 1000 };
  const opened = await setUp({
    options: { heartbeat, idleTimeout: 2000, maxLifetime: 3000, messageTimeout: 4000 },
  });
  const { connection, peer, clock } = opened;
  connection.close();
  peer.send({ opcode: OP.PING, payload: "p" });
  peer.sendText("still heard");
  peer.send({ opcode: OP.TEXT, fin: false, payload: "half" });
  await clock.advance(10_000);
  assertEquals([connection.state, peer.takeLines()], ["closing", ["pong 70"]]);
  assertEquals(await connection.receive(), "still heard");
  hold.release();
  await idle();
  await settle();
  assertEquals(kinds(opened).at(-1), "close 1000");
  peer.sendClose(1000);
  peer.end();
  assertEquals((await opened.over()).wasClean, true);
});

Deno.test("close: whose message cannot be compressed any more sends its close frame all the same", async () => {
  for (const destroys of [false, true]) {
    const errors: unknown[] = [];
    const opened = await setUp({
      handlers: {
        error: (connection, error) => {
          errors.push((error as Error).message);
          if (destroys) connection.destroy();
        },
      },
    });
    const { connection, peer, agreed } = opened;
    connection.close(4000);
    agreed.deflater.push = () => {
      throw new Error("zlib failed");
    };
    await idle();
    await settle();
    assertEquals(errors, ["zlib failed"]);
    assertEquals(peer.takeLines(), destroys ? [] : ["close 4000"]);
    if (!destroys) {
      peer.sendClose(4000);
      peer.end();
    }
    assertEquals((await opened.over()).wasClean, !destroys);
  }
});

Deno.test("close: both ends may close while both compress", async () => {
  const open = {
    options: { compression: true, maxMessageBytes: LONG_BYTES },
    handlers: { message: () => {} }, // who consumes nothing holds the close frame up for a while
  };
  const { client, server } = await openPair({
    client: { ...open, agreed: new FakeCompression() },
    server: { ...open, agreed: new FakeCompression() },
  });
  for (const { connection } of [client, server]) {
    connection.send(LONG);
    connection.close();
  }
  await Promise.all([client.connection.closed, server.connection.closed]);
  assertEquals((await client.over()).wasClean, true);
  assertEquals((await server.over()).wasClean, true);
});
