/**
 * The deadlines of an open connection, on a clock that is moved by hand.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { ConnectionError } from "../../lib/connection/errors.ts";
import type { CloseEvent } from "../../lib/connection/transport.ts";
import { OP, openConnection, type Opened, settle } from "../support/connection_pair.ts";

const HEARTBEAT = { heartbeat: { interval: 20_000, timeout: 20_000 } };

/** Asserts how the connection ended, and that nothing is left of it. */
async function assertOver(opened: Opened, code: number, error?: string): Promise<CloseEvent> {
  const event = await opened.over();
  assertEquals([event.code, (event.error as ConnectionError | undefined)?.code], [code, error]);
  return event;
}

Deno.test("deadline: a header and then silence ends the connection after 30 s", async () => {
  const frame = (await openConnection()).peer.frame({ opcode: OP.TEXT, payload: "hello" });
  for (const size of [1, 2, 5, 6, 8]) {
    for (const options of [{ heartbeat: false } as const, HEARTBEAT]) {
      const opened = await openConnection({ options });
      const { peer, clock, connection } = opened;
      peer.write(frame.subarray(0, size));
      await clock.advance(29_999);
      assertEquals(connection.state, "open");
      await clock.advance(1);
      assertEquals(connection.state, "closing");
      const lines = peer.takeLines().filter((line) => line.startsWith("close"));
      assertEquals(lines.length, 1);
      assertStringIncludes(lines[0]!, "close 1008 the peer began a message");
      await clock.advance(5000);
      await assertOver(opened, 1006, "ERR_MESSAGE_TIMEOUT");
    }
  }
});

Deno.test("deadline: pings do not keep an incomplete message alive, its fragments do", async () => {
  const opened = await openConnection();
  const { peer, clock, connection } = opened;
  peer.send({ opcode: OP.TEXT, fin: false, payload: "a" });
  for (let i = 0; i < 10; i++) {
    await clock.advance(29_000);
    peer.send({ opcode: OP.CONT, fin: false, payload: "b" });
    await settle();
  }
  assertEquals(connection.state, "open");
  for (let i = 0; i < 30; i++) {
    peer.send({ opcode: OP.PING });
    peer.send({ opcode: OP.PONG });
    await clock.advance(1000);
  }
  assertEquals(connection.state, "closing");
  peer.sendClose(1008);
  peer.end();
  const event = await assertOver(opened, 1008, "ERR_MESSAGE_TIMEOUT");
  assertEquals(event.wasClean, true, "the peer took it well");
});

Deno.test("deadline: a complete message, or ping, leaves no deadline behind", async () => {
  const opened = await openConnection();
  const { peer, clock, connection } = opened;
  for (
    const fields of [{ opcode: OP.TEXT, payload: "hello" }, { opcode: OP.PING, payload: "hi" }]
  ) {
    const frame = peer.frame(fields);
    peer.write(frame.subarray(0, 7));
    await clock.advance(29_000);
    peer.write(frame.subarray(7));
    await clock.advance(1_000_000);
    assertEquals(connection.state, "open");
  }
  connection.destroy();
  await assertOver(opened, 1006);
});

Deno.test("deadline: a message that we make wait is given its time again", async () => {
  const options = { receiveHighWaterMark: 1000, messageTimeout: 30_000 };
  const opened = await openConnection({ options });
  const { peer, clock, connection, link } = opened;
  peer.sendText("x".repeat(1000));
  peer.write(peer.frame({ opcode: OP.TEXT, payload: "half" }).subarray(0, 8));
  await settle();
  assert(link.paused);
  await clock.advance(300_000 - 10);
  assertEquals(connection.state, "open");
  await connection.receive();
  await clock.advance(29_999);
  assertEquals(connection.state, "open");
  await clock.advance(1);
  assertEquals(connection.state, "closing");
  await clock.advance(5000);
  await assertOver(opened, 1006, "ERR_MESSAGE_TIMEOUT");
});

Deno.test("deadline: a peer that takes nothing for 10 s is cut off, at most 2.5 s later", async () => {
  for (const takes of [0, 500]) {
    const opened = await openConnection();
    const { clock, connection, link } = opened;
    link.output.capacity = takes;
    link.other.pause();
    const wait = connection.send(new Uint8Array(300_000));
    let refused: unknown;
    wait?.catch((error) => refused = error);
    await clock.advance(9999);
    assertEquals(connection.state, "open");
    await clock.advance(takes === 0 ? 1 : 2501);
    await assertOver(opened, 1006, "ERR_WRITE_TIMEOUT");
    assertEquals((refused as ConnectionError).code, "ERR_CLOSED");
  }
});

Deno.test("deadline: a peer that stops taking is cut off between 10 and 12.5 s later", async () => {
  for (const stopsAt of [0, 1, 1249, 2499, 2500, 2501, 7000, 9999]) {
    const opened = await openConnection();
    const { clock, connection, link } = opened;
    link.output.takes = [1];
    link.output.stalled = true;
    connection.send("0123456789");
    await clock.advance(stopsAt);
    link.output.stalled = false;
    await Promise.resolve(); // one byte leaves
    link.output.stalled = true;
    const from = clock.now();
    let until = 0;
    connection.closed.then(() => until = clock.now());
    await clock.advance(9999);
    assertEquals(connection.state, "open", `${stopsAt}`);
    await clock.advance(2501);
    assert(until - from >= 10_000 && until - from <= 12_500, `${stopsAt}: ${until - from}`);
    await assertOver(opened, 1006, "ERR_WRITE_TIMEOUT");
  }
});

Deno.test("deadline: a peer that takes one byte now and then is slow, not gone", async () => {
  const opened = await openConnection();
  const { clock, connection, link, peer } = opened;
  link.output.stalled = true;
  link.output.takes = [1];
  connection.send("0123456789");
  for (let i = 0; i < 12; i++) {
    await clock.advance(9000);
    link.output.stalled = false;
    await Promise.resolve(); // one byte leaves
    link.output.stalled = true;
    assertEquals(connection.state, "open");
  }
  link.output.stalled = false;
  await settle();
  assertEquals(peer.takeLines(), ["text 0123456789"]);
  await clock.advance(1_000_000);
  assertEquals(connection.state, "open", "with nothing to send there is no deadline");
  connection.destroy();
  await assertOver(opened, 1006);
});

Deno.test("deadline: an idle connection is closed with 1001", async () => {
  const opened = await openConnection({ options: { idleTimeout: 60_000 } });
  const { clock, connection, peer } = opened;
  await clock.advance(59_999);
  connection.send("data that went");
  await clock.advance(59_999);
  peer.sendText("data that came");
  await settle();
  await clock.advance(59_999);
  assertEquals(connection.state, "open");
  peer.send({ opcode: OP.PING });
  await clock.advance(1);
  assertEquals(connection.state, "closing", "a ping is no data");
  assertEquals(peer.takeLines().at(-1), "close 1001 no data came or went");
  peer.sendClose(1001);
  peer.end();
  const event = await assertOver(opened, 1001, "ERR_IDLE_TIMEOUT");
  assertEquals(event.wasClean, true);
});

Deno.test("deadline: the idle time counts bytes, so a slow upload survives", async () => {
  const opened = await openConnection({ options: { idleTimeout: 20_000, messageTimeout: 40_000 } });
  const { clock, connection, peer } = opened;
  const frame = peer.frame({ opcode: OP.TEXT, payload: "a slow message" });
  for (const byte of frame) {
    peer.write(new Uint8Array([byte]));
    await clock.advance(peer.unread === 0 ? 2000 : 0);
    assertEquals(connection.state, "open");
  }
  assertEquals(await connection.receive(), "a slow message");
  connection.destroy();
  await assertOver(opened, 1006);
});

Deno.test("deadline: a slow download survives too, unless the peer takes none of it", async () => {
  const opened = await openConnection({ options: { idleTimeout: 5000, writeTimeout: 20_000 } });
  const { clock, connection, link } = opened;
  link.output.capacity = 10;
  link.output.held = true;
  connection.send("x".repeat(100));
  await settle();
  while (link.output.onTheWay < 100) {
    link.output.capacity += 10;
    link.output.schedule();
    await clock.advance(4000);
    assertEquals(connection.state, "open");
  }
  await clock.advance(30_000);
  const event = await assertOver(opened, 1006, "ERR_WRITE_TIMEOUT");
  assertEquals(event.wasClean, false);
});

Deno.test("deadline: a connection lasts no longer than maxLifetime", async () => {
  const opened = await openConnection({ options: { maxLifetime: 3_600_000 } });
  const { clock, connection, peer } = opened;
  for (let i = 0; i < 59; i++) {
    await clock.advance(60_000);
    peer.sendText("busy");
  }
  assertEquals(connection.state, "open");
  await clock.advance(60_000);
  assertEquals(connection.state, "closing");
  assertEquals(peer.takeLines(), ["close 1001 the connection has lasted its time"]);
  peer.sendClose(1001);
  peer.end();
  const event = await assertOver(opened, 1001, undefined);
  assertEquals(event.wasClean, true);
});

Deno.test("deadline: all that can run at once ends with the connection", async () => {
  const opened = await openConnection({
    options: { ...HEARTBEAT, idleTimeout: 100_000, maxLifetime: 1_000_000 },
  });
  const { connection, peer, link } = opened;
  link.output.stalled = true;
  connection.send("waits");
  peer.send({ opcode: OP.TEXT, fin: false, payload: "begun" });
  await opened.clock.advance(5000);
  assert(opened.clock.timers > 0);
  link.reset();
  await assertOver(opened, 1006, "ERR_STREAM_FAILED");
});
