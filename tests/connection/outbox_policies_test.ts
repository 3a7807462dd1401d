/**
 * What the outgoing side does with a slow peer, policy by policy.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Buffer } from "node:buffer";
import { ConnectionError } from "../../lib/connection/errors.ts";
import { isPending, setUpOutbox as setUp } from "../support/outbox_rig.ts";

Deno.test("outbox: under disconnect, sendLimit is where the connection ends", async () => {
  const { transport, outbox, events } = setUp({ slowConsumer: "disconnect" });
  transport.weight = 1000;
  for (let i = 0; i < 5; i++) outbox.send(`${i}`, undefined);
  assertEquals(transport.taken().length, 5);
  assertEquals(events, []);
  const refused = outbox.send("too much", undefined);
  assertEquals(transport.taken(), []);
  assertEquals(events, ["slow"]);
  const error = await assertRejects(() => refused!, ConnectionError);
  assertEquals(error.code, "ERR_SLOW_CONSUMER");
});

Deno.test("outbox: under block, sendLimit is where send is refused, until there is room", async () => {
  const { transport, outbox, events, sent } = setUp({ slowConsumer: "block" });
  transport.bufferedAmount = 5000;
  for (let i = 0; i < 3; i++) {
    const error = await assertRejects(() => outbox.send("x", undefined)!, ConnectionError);
    assertEquals(error.code, "ERR_SEND_LIMIT");
  }
  sent(4999);
  assert(outbox.send("fits", undefined) instanceof Promise);
  assertEquals(transport.taken(), ["text fits"]);
  assertEquals(events, []);
});

Deno.test("outbox: under drop-newest, what is sent to a slow peer is dropped and counted", async () => {
  const { transport, outbox, events, sent } = setUp({ slowConsumer: "drop-newest" });
  transport.weight = 600;
  for (const message of ["a", "b", "c", "d"]) outbox.send(message, undefined);
  assertEquals(transport.taken(), ["text a", "text b"]);
  assertEquals(outbox.dropped, 2);
  assertEquals(outbox.bufferedAmount, 1200);
  assertEquals(await isPending(outbox.wait()), true);
  sent(0);
  outbox.send("e", undefined);
  assertEquals(transport.taken(), ["text e"]);
  assertEquals([outbox.dropped, events], [2, ["drain"]]);
});

Deno.test("outbox: under drop-oldest, the newest wait and leave when there is room", () => {
  const { transport, outbox, sent } = setUp({ slowConsumer: "drop-oldest" });
  transport.bufferedAmount = 1000;
  const body = "x".repeat(436); // with its 64 a half of the mark
  for (let i = 0; i < 5; i++) outbox.send(`${i}${body.slice(1)}`, undefined);
  assertEquals(transport.taken(), []);
  assertEquals(outbox.dropped, 3);
  assertEquals(outbox.bufferedAmount, 2000);
  sent(999);
  assertEquals(transport.taken().map((call) => call.slice(0, 6)), ["text 3"]);
  sent(500);
  assertEquals(transport.taken().map((call) => call.slice(0, 6)), ["text 4"]);
  assertEquals(outbox.dropped, 3);
});

Deno.test("outbox: under drop-oldest, one message larger than the mark is kept", () => {
  const { transport, outbox, sent } = setUp({ slowConsumer: "drop-oldest" });
  transport.bufferedAmount = 1000;
  outbox.send("small", undefined);
  outbox.send("x".repeat(5000), undefined);
  assertEquals(outbox.dropped, 1);
  sent(0);
  assertEquals(transport.taken(), [`text ${"x".repeat(5000)}`]);
});

Deno.test("outbox: under coalesce, a message takes the place of the one with its key", () => {
  const { transport, outbox, sent } = setUp({ slowConsumer: "coalesce" });
  transport.bufferedAmount = 1000;
  outbox.send("a1", { key: "a" });
  outbox.send("b1", { key: "b" });
  outbox.send("no key", undefined);
  outbox.send("a2, longer", { key: "a" });
  outbox.send(new Uint8Array([1]), { key: "b" });
  outbox.send("no key", undefined);
  assertEquals(outbox.dropped, 2);
  assertEquals(outbox.bufferedAmount, 1000 + 10 + 1 + 6 + 6 + 4 * 64);
  sent(0);
  assertEquals(transport.taken(), [
    "text a2, longer",
    "binary 01",
    "text no key",
    "text no key",
  ]);
});

Deno.test("outbox: under coalesce, sendLimit is where the connection ends", async () => {
  const { transport, outbox, events } = setUp({ slowConsumer: "coalesce" });
  transport.bufferedAmount = 4950;
  outbox.send("first", { key: "1" });
  const error = await assertRejects(() => outbox.send("x", { key: "2" })!, ConnectionError);
  assertEquals([error.code, events], ["ERR_SLOW_CONSUMER", ["slow"]]);
  outbox.send("other", { key: "1" }); // of the same length
  assertEquals(events, ["slow"]);
  const longer = await assertRejects(() => outbox.send("longer", { key: "1" })!, ConnectionError);
  assertEquals([longer.code, events], ["ERR_SLOW_CONSUMER", ["slow", "slow"]]);
});

Deno.test("outbox: what waits is a copy, whatever kind of array it came in", () => {
  for (const make of [(b: number[]) => new Uint8Array(b), (b: number[]) => Buffer.from(b)]) {
    const { transport, outbox, sent } = setUp({ slowConsumer: "coalesce" });
    transport.bufferedAmount = 1000;
    const first = make([1, 2]);
    const second = make([3, 4]);
    outbox.send(first, { key: "a" });
    outbox.send(make([0, 0]), { key: "b" });
    outbox.send(second, { key: "b" });
    first.fill(9);
    second.fill(9);
    sent(0);
    assertEquals(transport.taken(), ["binary 0102", "binary 0304"]);
  }
});
