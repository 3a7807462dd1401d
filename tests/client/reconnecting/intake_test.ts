/**
 * Receiving across connections: the order, what happens to whoever is slow or stops
 * consuming, and the end.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ReconnectingConnection } from "../../../lib/client/reconnecting/reconnecting.ts";
import { OP, type Opened, settle } from "../../support/connection_pair.ts";
import { answerClose, breakOff, closeByPeer, Rig } from "./rig.ts";

/** A message that costs 1000 bytes in an inbox. */
const LENGTH = 936;

/** Sends messages of {@linkcode LENGTH} that begin with `name` and a number. */
async function sendMany({ peer }: Opened, name: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) peer.sendText(`${name}${i} `.padEnd(LENGTH, "."));
  await settle();
}

/** All that has come, by the first words. */
async function takeAll(tested: ReconnectingConnection): Promise<string[]> {
  const names: string[] = [];
  const controller = new AbortController();
  while (true) {
    const receiving = tested.receive(controller);
    const message = await Promise.race([receiving, settle().then(settle)]);
    if (message === undefined) {
      controller.abort();
      await receiving.catch(() => {});
      return names;
    }
    names.push(String(message).split(" ")[0]!);
  }
}

Deno.test("receiving: one loop goes over all connections, to a clean end", async () => {
  const rig = new Rig();
  const received: unknown[] = [];
  const loop = (async () => {
    for await (const message of rig.tested) received.push(message);
  })();
  const first = await rig.open();
  first.peer.sendText("one");
  first.peer.send({ opcode: OP.BINARY, payload: new Uint8Array([2]) });
  await settle();
  await breakOff(first);
  await rig.clock.advance(499);
  await (await rig.attempt()).fail();
  await rig.clock.advance(999);
  const second = await rig.open();
  second.peer.sendText("three");
  await closeByPeer(second, 1000);
  await loop;
  assertEquals(received, ["one", new Uint8Array([2]), "three"]);
  await rig.over();
});

Deno.test("receiving: what came before the end is received behind it, and then the error", async () => {
  const rig = new Rig();
  const opened = await rig.open();
  opened.peer.sendText("one");
  opened.peer.sendText("two");
  await closeByPeer(opened, 1008, "no");
  const { error } = await rig.over();
  assertEquals([await rig.tested.receive(), await rig.tested.receive()], ["one", "two"]);
  for (let i = 0; i < 2; i++) {
    assertEquals(await assertRejects(() => rig.tested.receive()), error);
  }
});

Deno.test("receiving: leaving the loop leaves it open, and loses nothing", async () => {
  const rig = new Rig();
  const { peer } = await rig.open();
  for (const text of ["one", "two", "three"]) peer.sendText(text);
  for await (const message of rig.tested) {
    assertEquals(message, "one");
    break;
  }
  const { done, value } = await rig.tested[Symbol.asyncIterator]().next();
  assertEquals([done, value, await rig.tested.receive()], [false, "two", "three"]);
  assertEquals(rig.tested.state, "open");
  await rig.end();
});

Deno.test("receiving: a signal ends the waiting, and no message is lost to it", async () => {
  const rig = new Rig();
  const { peer } = await rig.open();
  const controller = new AbortController();
  const waiting = assertRejects(() => rig.tested.receive(controller), Error, "enough");
  controller.abort(new Error("enough"));
  await waiting;
  peer.sendText("one");
  await settle();
  assertEquals(await rig.tested.receive(), "one");
  await rig.end();
});

Deno.test("receiving: what a connection left unread comes before what the next one brings", async () => {
  const rig = new Rig({ receiveHighWaterMark: 2000 });
  const first = await rig.open();
  await sendMany(first, "a", 4); // two fill the queue, two more what the connection holds
  assert(first.link.paused, "the peer has to wait");
  await breakOff(first);
  await rig.clock.advance(499);
  const second = await rig.open();
  await sendMany(second, "b", 3);
  assertEquals(await takeAll(rig.tested), ["a0", "a1", "a2", "a3", "b0", "b1", "b2"]);
  assertEquals([second.link.paused, rig.tested.missedMessages], [false, 0]);
  await rig.end();
});

Deno.test("receiving: whoever is slow makes the peer wait, and then goes on", async () => {
  const rig = new Rig({ receiveHighWaterMark: 2000 });
  const opened = await rig.open();
  await sendMany(opened, "a", 20);
  assert(opened.link.paused);
  assertEquals((await takeAll(rig.tested)).length, 20);
  assert(!opened.link.paused);
  await rig.end();
});

Deno.test("receiving: whoever does not consume is connected again all the same, in bounded memory", async () => {
  const rig = new Rig({ receiveHighWaterMark: 2000, stableAfter: 0 });
  for (const name of ["a", "b", "c", "d", "e"]) {
    const opened = await rig.open();
    await sendMany(opened, name, name === "e" ? 2 : 4);
    await breakOff(opened);
    await rig.clock.advance(499);
  }
  await rig.attempt();
  assertEquals(rig.tested.state, "connecting");
  const names = await takeAll(rig.tested);
  // Of `a` what fits into the queue and what the connection held; of `e`, the latest, what it
  // held. Each of the three in between was given up when the next one opened.
  assertEquals(names, ["a0", "a1", "a2", "a3", "e0", "e1"]);
  assertEquals(rig.tested.missedMessages, 3 * 4);
  await rig.end();
});

Deno.test("receiving: a connection that brought nothing does not count as unread", async () => {
  const rig = new Rig({ receiveHighWaterMark: 2000, stableAfter: 0 });
  for (const [name, count] of [["a", 4], ["b", 0], ["c", 2], ["d", 0]] as const) {
    const opened = await rig.open();
    await sendMany(opened, name, count);
    await breakOff(opened);
    await rig.clock.advance(499);
  }
  // `d` takes the place of `c`, which was unread.
  assertEquals(rig.tested.missedMessages, 2);
  assertEquals(await takeAll(rig.tested), ["a0", "a1", "a2", "a3"]);
  await rig.end();
});

Deno.test("receiving: a connection that brought nothing holds up no other", async () => {
  const rig = new Rig({ receiveHighWaterMark: 2000, stableAfter: 0 });
  for (const [name, count] of [["a", 4], ["b", 0]] as const) {
    const opened = await rig.open();
    await sendMany(opened, name, count);
    await breakOff(opened);
    await rig.clock.advance(499);
  }
  assertEquals((await takeAll(rig.tested)).length, 4);
  await sendMany(await rig.open(), "c", 2);
  assertEquals(await takeAll(rig.tested), ["c0", "c1"]);
  await rig.end();
});

Deno.test("receiving: whoever answers each message before the next is not stuck over a loss", async () => {
  const rig = new Rig({ receiveHighWaterMark: 2000, sendHighWaterMark: 100, stableAfter: 0 });
  const echoed: string[] = [];
  const loop = (async () => {
    for await (const message of rig.tested) {
      await rig.tested.send(message);
      echoed.push(String(message).split(" ")[0]!);
    }
  })();
  // Both sides are stuck on the first connection: unread messages here, stalled answers there.
  const first = await rig.open({ stalled: true });
  await sendMany(first, "a", 6);
  assertEquals(echoed, []);
  await breakOff(first);
  await rig.clock.advance(499);
  // The second one breaks likewise.
  const second = await rig.open({ stalled: true });
  await breakOff(second);
  await rig.clock.advance(499);
  const third = await rig.open();
  await sendMany(third, "b", 2);
  assertEquals(echoed.slice(-2), ["b0", "b1"]);
  assertEquals(echoed[0], "a0");
  rig.tested.close();
  await answerClose(third);
  await loop;
  await rig.over();
});

Deno.test("receiving: the end comes behind all that is unread, of all connections", async () => {
  const rig = new Rig({ receiveHighWaterMark: 2000 });
  const first = await rig.open();
  await sendMany(first, "a", 4);
  await breakOff(first);
  await rig.clock.advance(499);
  const second = await rig.open();
  await sendMany(second, "b", 2);
  await closeByPeer(second, 1000);
  await rig.clock.advance(5000);
  assertEquals((await rig.over()).why, "finished");
  // All at once, so that none waits until the one before has made room.
  const received = await Promise.all(Array.from({ length: 7 }, () => rig.tested.receive()));
  const names = received.map((message) => String(message).split(" ")[0]);
  assertEquals(names, ["a0", "a1", "a2", "a3", "b0", "b1", "undefined"]);
});
