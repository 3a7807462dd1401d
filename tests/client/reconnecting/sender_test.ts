/**
 * Sending across connections: what waits, in which order it leaves, what is lost, and what
 * whoever keeps to the pace is told.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ReconnectingError } from "../../../lib/client/reconnecting/errors.ts";
import type { Connection } from "../../../lib/connection/connection.ts";
import { ConnectionClosedError, ConnectionError } from "../../../lib/connection/errors.ts";
import type { Sendable } from "../../../lib/connection/outbox.ts";
import { PreparedMessage } from "../../../lib/connection/prepared_message.ts";
import { settle } from "../../support/fake_clock.ts";
import { breakOff, closeByPeer, Rig } from "./rig.ts";

/** What has become of a promise. */
function fateOf(promise: Promise<void> | undefined): { fate: unknown } {
  const seen: { fate: unknown } = { fate: promise === undefined ? "none" : "waiting" };
  promise?.then(() => seen.fate = "resolved", (error) => seen.fate = error);
  return seen;
}

Deno.test("sending: what was sent before leaves in order as soon as there is a connection", async () => {
  const rig = new Rig();
  const fates = ["one", "two"].map((text) => fateOf(rig.tested.send(text)));
  rig.tested.send(new Uint8Array([1, 2, 3]));
  rig.tested.send(new PreparedMessage("four"));
  assertEquals(rig.tested.bufferedAmount, 3 + 3 + 3 + 4);
  await (await rig.attempt()).fail();
  await rig.clock.advance(499);
  assertEquals(fates.map(({ fate }) => fate), ["waiting", "waiting"]);
  const { peer } = await rig.open();
  assertEquals(peer.takeLines(), ["text one", "text two", "binary 010203", "text four"]);
  assertEquals(fates.map(({ fate }) => fate), ["resolved", "resolved"]);
  assertEquals(rig.tested.bufferedAmount, 0);
  await rig.end();
});

Deno.test("sending: over an open connection it is as with the connection itself", async () => {
  const rig = new Rig();
  const { peer } = await rig.open();
  assertEquals(rig.tested.send("now"), undefined);
  await settle();
  assertEquals(peer.takeLines(), ["text now"]);
  for (const data of [null, 5, {}]) {
    assertThrows(() => rig.tested.send(data as unknown as Sendable), TypeError, "Cannot send");
  }
  await rig.end();
});

Deno.test("sending: what waits is a copy", async () => {
  const rig = new Rig();
  const bytes = new Uint8Array([1, 2]);
  rig.tested.send(bytes);
  bytes.fill(9);
  assertThrows(() => rig.tested.send(null as unknown as Sendable), TypeError, "got null");
  const { peer } = await rig.open();
  assertEquals(peer.takeLines(), ["binary 0102"]);
  await rig.end();
});

Deno.test("sending: the handler open goes first, and sends over its own connection", async () => {
  const rig = new Rig({
    handlers: {
      open: (connection) => {
        connection.send("subscribe");
        rig.tested.send("behind");
      },
    },
  });
  rig.tested.send("before");
  const first = await rig.open();
  assertEquals(first.peer.takeLines(), ["text subscribe", "text before", "text behind"]);
  await breakOff(first);
  await rig.clock.advance(499);
  const second = await rig.open();
  assertEquals(second.peer.takeLines(), ["text subscribe", "text behind"]);
  await rig.end();
});

Deno.test("sending: what was handed to a connection that broke is not sent again", async () => {
  const rig = new Rig();
  const first = await rig.open();
  first.link.output.held = true;
  rig.tested.send("lost");
  await breakOff(first);
  rig.tested.send("kept");
  await rig.clock.advance(499);
  const second = await rig.open();
  assertEquals(second.peer.takeLines(), ["text kept"]);
  await rig.end();
});

Deno.test("sending: while the peer closes, messages wait for the next connection", async () => {
  const rig = new Rig();
  const first = await rig.open();
  first.peer.sendClose(1012);
  await settle();
  assertEquals([rig.tested.state, first.connection.state], ["open", "closing"]);
  const sending = fateOf(rig.tested.send("kept"));
  first.peer.end();
  await settle();
  assertEquals(first.peer.takeLines(), ["close 1012"]);
  await rig.clock.advance(499);
  const second = await rig.open();
  assertEquals([second.peer.takeLines(), sending.fate], [["text kept"], "resolved"]);
  await rig.end();
});

Deno.test("sending: the queue leaves at the peer's pace, and later messages come behind it", async () => {
  // With so low a limit, all of the queue at once would close the connection.
  const rig = new Rig({ sendHighWaterMark: 1000, sendLimit: 1000 });
  const texts = Array.from({ length: 10 }, (_, i) => `${i}`.padEnd(400, "x"));
  const fates = texts.map((text) => fateOf(rig.tested.send(text)));
  const { connection, link, peer } = await rig.open({ stalled: true });
  assertEquals(rig.tested.state, "open");
  fates.push(fateOf(rig.tested.send("behind")));
  assertEquals(new Set(fates.map(({ fate }) => fate)), new Set(["waiting"]));
  assert(connection.bufferedAmount < 1500, "most of it waits for the peer");
  assertEquals(rig.tested.bufferedAmount > 4000, true, "and is counted");
  link.output.stalled = false;
  await settle();
  assertEquals(peer.takeLines(), [...texts, "behind"].map((text) => `text ${text}`));
  assertEquals(new Set(fates.map(({ fate }) => fate)), new Set(["resolved"]));
  assertEquals([rig.tested.send("more"), connection.state], [undefined, "open"]);
  await rig.end();
});

Deno.test("sending: when the connection breaks, the rest of the queue is for the next one", async () => {
  const rig = new Rig({ sendHighWaterMark: 1000 });
  const texts = Array.from({ length: 10 }, (_, i) => `${i}`.padEnd(400, "x"));
  for (const text of texts) rig.tested.send(text);
  const first = await rig.open({ stalled: true });
  const last = fateOf(rig.tested.send("last"));
  await breakOff(first);
  assertEquals(last.fate, "waiting");
  await rig.clock.advance(499);
  const second = await rig.open();
  // Three were handed over until there was no room, and are lost.
  const rest = [...texts.slice(3), "last"];
  assertEquals(second.peer.takeLines(), rest.map((text) => `text ${text}`));
  assertEquals([last.fate, rig.tested.droppedMessages], ["resolved", 0]);
  await rig.end();
});

Deno.test("sending: what the connection does not take from the queue is counted as dropped", async () => {
  const rig = new Rig({ sendHighWaterMark: 100, sendLimit: 100, slowConsumer: "block" });
  rig.tested.send("one");
  rig.tested.send("two");
  // The handler takes all the room there is.
  const attempt = await rig.attempt();
  const open = attempt.options.handlers?.open;
  Object.assign(attempt.options.handlers ?? {}, {
    open: (connection: Connection) => {
      open?.(connection);
      connection.send("x".repeat(200));
    },
  });
  await attempt.open({ stalled: true });
  assertEquals([rig.tested.state, rig.tested.droppedMessages], ["open", 2]);
  await rig.end();
});

Deno.test("sending: a sender that waits goes on with the next connection", async () => {
  const rig = new Rig({ sendHighWaterMark: 100, writeTimeout: 60_000 });
  const first = await rig.open();
  first.link.output.stalled = true;
  const sending = fateOf(rig.tested.send("x".repeat(200)));
  assertEquals([sending.fate, rig.tested.bufferedAmount], ["waiting", 208]);
  await breakOff(first);
  assertEquals([sending.fate, rig.tested.bufferedAmount], ["waiting", 0]);
  await rig.clock.advance(499);
  const second = await rig.open();
  assertEquals([sending.fate, second.peer.takeLines()], ["resolved", []]);
  await rig.end();
});

Deno.test("sending: a sender that waits is turned away when it ends for good", async () => {
  const rig = new Rig({ sendHighWaterMark: 100 });
  const opened = await rig.open();
  opened.link.output.stalled = true;
  const sending = fateOf(rig.tested.send("x".repeat(200)));
  await breakOff(opened);
  rig.tested.close();
  await rig.over();
  assert(sending.fate instanceof ConnectionClosedError);
});

Deno.test("sending: a sender that waits while it is closed hears of the end", async () => {
  const rig = new Rig({ sendHighWaterMark: 100, closeTimeout: 100 });
  const opened = await rig.open();
  opened.link.output.stalled = true;
  const sending = fateOf(rig.tested.send("x".repeat(200)));
  rig.tested.close();
  await rig.clock.advance(200);
  await rig.over();
  assert(sending.fate instanceof ConnectionClosedError);
});

Deno.test("sending: what the connection refuses for another reason is told as it is", async () => {
  const rig = new Rig({ sendHighWaterMark: 100, sendLimit: 100, slowConsumer: "block" });
  const opened = await rig.open();
  opened.link.output.stalled = true;
  rig.tested.send("x".repeat(200));
  const error = await assertRejects(async () => await rig.tested.send("more"), ConnectionError);
  assertEquals(error.code, "ERR_SEND_LIMIT");
  assertEquals(rig.tested.state, "open");
  await rig.end();
});

Deno.test("sending: a full queue refuses by name, and counts", async () => {
  const rig = new Rig({ queue: { maxMessages: 1 } });
  rig.tested.send("one");
  const error = await assertRejects(async () => await rig.tested.send("two"), ReconnectingError);
  assertEquals([error.code, error.message, error.disconnect], [
    "ERR_QUEUE_FULL",
    "Cannot send: the queue of unsent messages is full",
    undefined,
  ]);
  assertEquals(rig.tested.droppedMessages, 1);
  const { peer } = await rig.open();
  assertEquals(peer.takeLines(), ["text one"]);
  await rig.end();
});

Deno.test("sending: a refusal that nobody waits for does no harm", async () => {
  const rig = new Rig({ queue: { maxMessages: 0 } });
  rig.tested.send("one");
  await settle();
  await rig.end();
  rig.tested.send("two");
  await settle();
});

for (
  const [policy, sent] of [["drop-newest", ["1", "2"]], ["drop-oldest", ["3", "4"]]] as const
) {
  Deno.test(`sending: with ${policy} nobody is told but by the count`, async () => {
    const rig = new Rig({ queue: { maxMessages: 2, policy } });
    const fates = ["1", "2", "3", "4"].map((text) => fateOf(rig.tested.send(text)));
    assertEquals(rig.tested.droppedMessages, 2);
    const { peer } = await rig.open();
    assertEquals(peer.takeLines(), sent.map((text) => `text ${text}`));
    assertEquals(new Set(fates.map(({ fate }) => fate)), new Set(["resolved"]));
    await rig.end();
  });
}

Deno.test("sending: the queue has room again after each connection", async () => {
  const rig = new Rig({ queue: { maxMessages: 1 } });
  for (const [text, wait] of [["one", 499], ["two", 999]] as const) {
    rig.tested.send(text);
    const opened = await rig.open();
    assertEquals(opened.peer.takeLines(), [`text ${text}`]);
    await closeByPeer(opened, 1012);
    await rig.clock.advance(wait);
  }
  assertEquals(rig.tested.droppedMessages, 0);
  await rig.end();
});
