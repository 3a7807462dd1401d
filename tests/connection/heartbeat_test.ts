/**
 * The heartbeat: pings on a timer, and when a peer counts as gone.
 *
 * @module
 */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
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

/** Answers each ping that came. */
async function answerPings({ peer }: Opened): Promise<void> {
  for (const { opcode, payload } of peer.takeAll()) {
    if (opcode === OP.PING) peer.send({ opcode: OP.PONG, payload });
  }
  await settle();
}

Deno.test("heartbeat: a ping leaves every 20 s, and its pong measures the round trip", async () => {
  for (const role of ["server", "client"] as const) {
    const opened = await openConnection({ role, options: HEARTBEAT });
    const { connection, peer, clock } = opened;
    assertEquals(connection.latency, undefined);
    for (let i = 1; i <= 5; i++) {
      await clock.advance(19_999 - (i === 1 ? 0 : 45));
      assertEquals(peer.takeLines(), []);
      await clock.advance(1);
      const ping = peer.take();
      assertEquals([ping.opcode, ping.payload.toHex()], [OP.PING, `0000000${i}`]);
      await clock.advance(45);
      peer.send({ opcode: OP.PONG, payload: ping.payload });
      await settle();
      assertEquals(connection.latency, 45);
    }
    assertEquals(connection.state, "open");
    connection.destroy();
    await assertOver(opened, 1006);
  }
});

Deno.test("heartbeat: a peer that is gone is noticed within 40 s, whenever it went", async () => {
  // The last sign of life: after the start, or after so long.
  for (const last of [0, 1, 10_000, 19_999, 20_000, 20_001, 39_999, 40_000, 55_000]) {
    for (const sign of ["pong", "data"] as const) {
      const opened = await openConnection({ options: HEARTBEAT });
      const { peer, clock, connection } = opened;
      for (let now = 0; now < last; now += 1000) {
        await clock.advance(Math.min(1000, last - now));
        await answerPings(opened);
      }
      if (sign === "data") peer.sendText("the last word");
      await settle();
      const from = clock.now();
      opened.link.other.output.held = true; // what it sends from now on does not arrive
      connection.closed.then(() => assertLessOrEqual(clock.now() - from, 40_000));
      await clock.advance(40_000);
      await assertOver(opened, 1006, "ERR_HEARTBEAT_TIMEOUT");
    }
  }
});

Deno.test("heartbeat: pongs that answer nothing do not keep a peer alive", async () => {
  const opened = await openConnection({ options: HEARTBEAT });
  const { peer, clock } = opened;
  for (let i = 0; i < 40; i++) {
    await clock.advance(1000);
    for (const payload of ["", "wrong", "\0\0\0\0", "\0\0\0\x02"]) {
      peer.send({ opcode: OP.PONG, payload });
    }
    peer.send({ opcode: OP.PING, payload: "nor do pings" });
    await settle();
  }
  await clock.advance(1);
  await assertOver(opened, 1006, "ERR_HEARTBEAT_TIMEOUT");
});

Deno.test("heartbeat: a pong that comes twice counts once", async () => {
  const opened = await openConnection({ options: HEARTBEAT });
  const { peer, clock } = opened;
  await clock.advance(20_000);
  const { payload } = peer.take();
  peer.send({ opcode: OP.PONG, payload });
  await settle();
  for (let i = 0; i < 39; i++) {
    await clock.advance(1000);
    peer.send({ opcode: OP.PONG, payload });
  }
  assertEquals(opened.connection.state, "open");
  await clock.advance(1000);
  await assertOver(opened, 1006, "ERR_HEARTBEAT_TIMEOUT");
});

Deno.test("heartbeat: a slow upload survives, though its pongs cannot come through", async () => {
  const opened = await openConnection({ options: HEARTBEAT });
  const { connection, peer, clock } = opened;
  const message = connection.receive();
  const frame = peer.frame({ opcode: OP.BINARY, payload: new Uint8Array(100).fill(7) });
  peer.write(frame.subarray(0, 6));
  for (const byte of frame.subarray(6)) {
    peer.write(new Uint8Array([byte]));
    await clock.advance(15_000);
    assertEquals(connection.state, "open");
  }
  assertEquals(await message, new Uint8Array(100).fill(7));
  connection.destroy();
  await assertOver(opened, 1006);
});

Deno.test("heartbeat: a peer that we make wait is not blamed for it", async () => {
  const opened = await openConnection({ options: { ...HEARTBEAT, receiveHighWaterMark: 1000 } });
  const { connection, peer, clock, link } = opened;
  peer.sendText("x".repeat(1000));
  await settle();
  assert(link.paused);
  await clock.advance(19_000);
  peer.sendText("it sends on");
  for (let i = 0; i < 10; i++) {
    await clock.advance(15_000);
    for (const { payload } of peer.takeAll()) peer.send({ opcode: OP.PONG, payload });
  }
  assertEquals(connection.state, "open");
  await clock.advance(30_900); // a moment before a deadline the reading goes on
  link.other.output.held = true; // and what waits takes a moment to come
  assertEquals((await connection.receive())?.length, 1000);
  await clock.advance(200);
  assertEquals(connection.state, "open");
  link.other.output.held = false;
  assertEquals(await connection.receive(), "it sends on");
  await answerPings(opened);
  await clock.advance(1000);
  assertEquals(connection.state, "open");
  connection.destroy();
  await assertOver(opened, 1006);
});

Deno.test("heartbeat: a peer that stays silent after a pause of ours is noticed", async () => {
  const opened = await openConnection({ options: { ...HEARTBEAT, receiveHighWaterMark: 1000 } });
  const { connection, peer, clock } = opened;
  peer.sendText("x".repeat(1000));
  await clock.advance(100_000);
  assertEquals(connection.state, "open");
  assertEquals((await connection.receive())?.length, 1000);
  await clock.advance(40_000);
  await assertOver(opened, 1006, "ERR_HEARTBEAT_TIMEOUT");
});

// A ping waits behind what was written before; whether the peer takes that is another deadline.
Deno.test("heartbeat: while output waits nobody is blamed for a pong, and then again", async () => {
  for (const answers of [true, false]) {
    const opened = await openConnection({ options: { ...HEARTBEAT, writeTimeout: 1_000_000 } });
    const { connection, clock, link, peer } = opened;
    link.output.stalled = true;
    connection.send(new Uint8Array(1000));
    await clock.advance(200_000);
    assertEquals(connection.state, "open");
    assertEquals(peer.takeLines(), []);
    link.output.stalled = false;
    await settle();
    const from = clock.now();
    const kinds = peer.takeAll().map(({ opcode, payload }) => {
      if (answers && opcode === OP.PING) peer.send({ opcode: OP.PONG, payload });
      return opcode;
    });
    assertEquals(kinds, [OP.BINARY, ...Array(10).fill(OP.PING)]);
    if (answers) {
      for (let i = 0; i < 10; i++) {
        await clock.advance(10_000);
        await answerPings(opened);
      }
      assertEquals(connection.state, "open");
      connection.destroy();
      await assertOver(opened, 1006);
    } else {
      connection.closed.then(() => assertLessOrEqual(clock.now() - from, 40_000));
      await clock.advance(40_000);
      await assertOver(opened, 1006, "ERR_HEARTBEAT_TIMEOUT");
    }
  }
});

Deno.test("heartbeat: a peer that reads slowly lives, though its pongs are late", async () => {
  const opened = await openConnection({ options: HEARTBEAT });
  const { connection, clock, link, peer } = opened;
  link.output.takes = [1];
  link.output.stalled = true;
  connection.send("0123456789");
  for (let i = 0; i < 12; i++) {
    assertEquals(connection.state, "open");
    await clock.advance(9000); // the write deadline of 10 s sees a byte leave now and then
    link.output.stalled = false;
    await Promise.resolve();
    link.output.stalled = true;
  }
  await settle();
  assertEquals(connection.state, "open");
  assertEquals(peer.takeLines(), ["text 0123456789"]);
  connection.destroy();
  await assertOver(opened, 1006);
});

Deno.test("heartbeat: false means none", async () => {
  const opened = await openConnection({ options: { heartbeat: false } });
  await opened.clock.advance(1_000_000);
  assertEquals(opened.peer.takeLines(), []);
  assertEquals(opened.clock.timers, 0);
  opened.connection.destroy();
  await assertOver(opened, 1006);
});

Deno.test("heartbeat: a process that stood still for 60 s drops nobody", async () => {
  for (const before of [0, 19_000, 21_000, 39_000]) {
    const opened = await openConnection({ options: HEARTBEAT });
    const { connection, clock, peer } = opened;
    const message = connection.receive();
    await clock.advance(before);
    peer.send({ opcode: OP.TEXT, fin: false, payload: "begun" });
    await settle();
    // The peer answers, but what it sends is not read while the process stands still.
    opened.link.other.output.held = true;
    await answerPings(opened);
    await clock.stall(60_000);
    assertEquals(connection.state, "open");
    opened.link.other.output.held = false;
    await answerPings(opened);
    await clock.advance(50);
    await answerPings(opened);
    peer.send({ opcode: OP.CONT, payload: ", ended" });
    assertEquals(await message, "begun, ended");
    await clock.advance(19_000);
    await answerPings(opened);
    assertEquals(connection.state, "open");
    connection.destroy();
    await assertOver(opened, 1006);
  }
});
