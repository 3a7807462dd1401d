/**
 * The outgoing side: when to wait, what is taken, and in which order it leaves. What each
 * policy does with a slow peer is in `outbox_policies_test.ts`.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { ConnectionClosedError, ConnectionError } from "../../lib/connection/errors.ts";
import { resolveOptions } from "../../lib/connection/options.ts";
import { Outbox, type Sendable } from "../../lib/connection/outbox.ts";
import { PreparedMessage } from "../../lib/connection/prepared_message.ts";
import { settle } from "../support/fake_clock.ts";
import { FakeTransport } from "../support/fake_transport.ts";
import { isPending, setUpOutbox as setUp } from "../support/outbox_rig.ts";

Deno.test("outbox: while little waits, a message goes straight out and there is nothing to await", () => {
  const { transport, outbox } = setUp();
  assertEquals(outbox.send("hello", undefined), undefined);
  assertEquals(outbox.send(new Uint8Array([1, 2]), undefined), undefined);
  assertEquals(transport.taken(), ["text hello", "binary 0102"]);
  assertEquals(outbox.bufferedAmount, 7);
});

Deno.test("outbox: from the high-water mark on there is a promise, until a quarter is left", async () => {
  const { transport, outbox, events, sent } = setUp();
  transport.bufferedAmount = 995;
  const wait = outbox.send("hello", undefined);
  assert(wait instanceof Promise);
  assertEquals(outbox.wait(), wait, "one promise for all who wait");
  sent(251);
  assertEquals(await isPending(wait), true);
  assertEquals(events, []);
  sent(250);
  await wait;
  assertEquals(events, ["drain"]);
  sent(0);
  assertEquals(events, ["drain"], "one event a backlog");
});

Deno.test("outbox: the drain event comes to those who ignore the promise", () => {
  const { transport, outbox, events, sent } = setUp();
  transport.weight = 1000;
  outbox.send("big", undefined);
  sent(0);
  assertEquals(events, ["drain"]);
});

Deno.test("outbox: without a drain capability there is nothing to await", () => {
  const transport = new FakeTransport(["drain"]);
  const owner = { onSlowConsumer: () => {}, onDrain: () => {}, onSendError: () => {} };
  const outbox = new Outbox(transport, owner, resolveOptions({}));
  transport.bufferedAmount = 1e9;
  assertEquals(outbox.wait(), undefined);
});

Deno.test("outbox: every buffer and every view of one is sent byte by byte", () => {
  const { transport, outbox } = setUp();
  const buffer = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]).buffer;
  const shared = new SharedArrayBuffer(4);
  new Uint8Array(shared).set([4, 3, 2, 1]);
  const resizable = new ArrayBuffer(2, { maxByteLength: 8 });
  const cases: [Sendable, string][] = [
    [buffer, "000102030405060708090a0b0c0d0e0f"],
    [buffer.slice(0, 0), ""],
    [resizable, "0000"],
    [shared, "04030201"],
    [new Uint8Array(shared, 1, 2), "0302"],
    [new Uint8Array(buffer, 3, 2), "0304"],
    [new Int8Array(buffer, 15), "0f"],
    [new Uint8ClampedArray(buffer, 1, 1), "01"],
    [new Uint16Array(buffer, 2, 2), "02030405"],
    [new Int16Array(buffer, 4, 1), "0405"],
    [new Uint32Array(buffer, 4, 1), "04050607"],
    [new Int32Array(buffer, 8, 1), "08090a0b"],
    [new Float32Array(buffer, 12, 1), "0c0d0e0f"],
    [new Float64Array(buffer, 8, 1), "08090a0b0c0d0e0f"],
    [new BigInt64Array(buffer, 0, 1), "0001020304050607"],
    [new BigUint64Array(buffer, 8, 1), "08090a0b0c0d0e0f"],
    [new DataView(buffer, 5, 3), "050607"],
    [Buffer.from(buffer, 6, 2), "0607"],
  ];
  for (const [data, hex] of cases) {
    outbox.send(data, undefined);
    assertEquals(transport.taken(), [`binary ${hex}`]);
  }
});

Deno.test("outbox: anything else is a TypeError that says what was wrong", () => {
  const { transport, outbox } = setUp();
  const wrong: [unknown, string][] = [
    [null, "null"],
    [undefined, "undefined"],
    [1, "number"],
    [true, "boolean"],
    [{ length: 1 }, "object"],
    [[1, 2], "object"],
    [Promise.resolve(""), "object"],
    [new Blob(["x"]), "object"],
    [Symbol("s"), "symbol"],
  ];
  for (const [data, got] of wrong) {
    assertThrows(() => outbox.send(data as Sendable, undefined), TypeError, `got ${got}`);
  }
  assertEquals(transport.calls, []);
});

Deno.test("outbox: what was prepared goes to the transport as such, at once or later", () => {
  const text = new PreparedMessage("hi");
  const binary = new PreparedMessage(new Uint8Array([7]));
  const { transport, outbox, sent } = setUp({ slowConsumer: "drop-oldest" });
  outbox.send(text, undefined);
  outbox.send(binary, undefined);
  assertEquals(transport.taken(), ["prepared hi", "prepared 07"]);
  transport.bufferedAmount = 1000;
  outbox.send(text, undefined);
  outbox.send(binary, { compress: false });
  assertEquals(transport.taken(), []);
  assertEquals(outbox.bufferedAmount, 1000 + 2 + 1 + 2 * 64);
  sent(0);
  assertEquals(transport.taken(), ["prepared hi", "prepared 07 uncompressed"]);
});

Deno.test("outbox: a message may be compressed unless its sender says otherwise", () => {
  const { transport, outbox } = setUp();
  const messages = ["a", new Uint8Array([7]), new PreparedMessage("b")];
  const calls = ["text a", "binary 07", "prepared b"];
  for (const options of [undefined, {}, { compress: true }]) {
    for (const message of messages) outbox.send(message, options);
    assertEquals(transport.taken(), calls);
  }
  for (const message of messages) outbox.send(message, { compress: false });
  assertEquals(transport.taken(), calls.map((call) => `${call} uncompressed`));
});

Deno.test("outbox: a message that waits keeps to what its sender said of compression", () => {
  for (const end of ["room", "close"]) {
    const { transport, outbox, sent } = setUp({ slowConsumer: "coalesce" });
    transport.bufferedAmount = 1000;
    outbox.send("a", { compress: false });
    outbox.send("b", undefined);
    outbox.send("c", { key: "c", compress: true });
    outbox.send("d", { key: "d", compress: false });
    outbox.send("c, later", { key: "c", compress: false });
    outbox.send("d, later", { key: "d" });
    if (end === "room") sent(0);
    else outbox.close(() => {});
    assertEquals(transport.taken(), [
      "text a uncompressed",
      "text b",
      "text c, later uncompressed",
      "text d, later",
    ]);
  }
});

Deno.test("outbox: while a message leaves in fragments, others wait, and then go in order", () => {
  const { transport, outbox, sent } = setUp();
  transport.fragmenting = true;
  outbox.send("a", undefined);
  outbox.send("b", undefined);
  sent(0);
  assertEquals(transport.taken(), []);
  transport.fragmenting = false;
  outbox.onProgress();
  outbox.send("c", undefined);
  assertEquals(transport.taken(), ["text a", "text b", "text c"]);
  assertEquals(outbox.dropped, 0);
});

Deno.test("outbox: what waits for a message in fragments is bounded too", async () => {
  const { transport, outbox, events } = setUp();
  transport.fragmenting = true;
  outbox.send("x".repeat(4936), undefined);
  const error = await assertRejects(() => outbox.send("x", undefined)!, ConnectionError);
  assertEquals([error.code, events], ["ERR_SLOW_CONSUMER", ["slow"]]);
});

Deno.test("outbox: a fragment waits for the transport, not for the messages that wait for it", async () => {
  const { transport, outbox, sent } = setUp();
  transport.fragmenting = true;
  outbox.send("x".repeat(2000), undefined);
  assertEquals(outbox.waitToWrite(), undefined, "what waits must not stop what it waits for");
  transport.bufferedAmount = 1000;
  const wait = outbox.waitToWrite();
  assertEquals(await isPending(wait), true);
  sent(250);
  await wait;
  assertEquals(await isPending(outbox.wait()), true);
});

Deno.test("outbox: a stream takes its turn behind the messages that wait", async () => {
  const { transport, outbox, sent } = setUp({ slowConsumer: "drop-oldest" });
  assertEquals(outbox.turn(), undefined);
  transport.bufferedAmount = 1000;
  outbox.send("first", undefined);
  const turn = outbox.turn();
  assertEquals(await isPending(turn), true);
  sent(0);
  await turn;
  assertEquals(outbox.turn(), undefined);
});

Deno.test("outbox: at the close all that waits is handed over, and no more is taken", async () => {
  const { transport, outbox, sent } = setUp({ slowConsumer: "drop-oldest" });
  transport.bufferedAmount = 1000;
  const wait = outbox.send("a", undefined);
  outbox.send("b", undefined);
  outbox.close(() => transport.calls.push("handed over"));
  assertEquals(transport.taken(), ["text a", "text b", "handed over"]);
  assertEquals(outbox.bufferedAmount, transport.bufferedAmount);
  const error = await assertRejects(() => outbox.send("c", undefined)!, ConnectionClosedError);
  assertEquals(error.code, "ERR_CLOSED");
  assertEquals(transport.taken(), []);
  sent(0);
  await wait;
});

Deno.test("outbox: what waits and then cannot be sent is told, and nothing follows it", async () => {
  for (const closes of [false, true]) {
    const { transport, outbox, events, sent } = setUp({ slowConsumer: "drop-oldest" });
    transport.bufferedAmount = 1000;
    outbox.send("one", undefined);
    const waiting = outbox.send("two", undefined);
    transport.sendText = () => {
      throw new Error("zlib failed");
    };
    const handedOver = () => events.push("handed over");
    if (closes) outbox.close(handedOver);
    else sent(0);
    assertEquals(events.splice(0), ["error Error: zlib failed", ...closes ? ["handed over"] : []]);
    Reflect.deleteProperty(transport, "sendText");
    sent(0);
    if (!closes) outbox.close(handedOver);
    assertEquals(events, closes ? [] : ["handed over"]);
    assertEquals(transport.taken(), []);
    await assertRejects(async () => await outbox.send("three", undefined), ConnectionClosedError);
    outbox.end(new ConnectionClosedError());
    await assertRejects(async () => await waiting, ConnectionClosedError);
  }
});

Deno.test("outbox: what waits for a message that will never be complete is given up", () => {
  const { transport, outbox } = setUp();
  transport.fragmenting = true;
  outbox.send("a", undefined);
  outbox.close(() => transport.calls.push("handed over"));
  assertEquals(transport.taken(), ["handed over"]);
  assertEquals(outbox.bufferedAmount, 0);
});

Deno.test("outbox: what waits when the peer closes is given up", async () => {
  const { transport, outbox, sent } = setUp({ slowConsumer: "drop-oldest" });
  transport.bufferedAmount = 1000;
  outbox.send("a", undefined);
  outbox.abandon();
  assertEquals(outbox.bufferedAmount, 1000);
  await assertRejects(async () => await outbox.send("b", undefined), ConnectionClosedError);
  sent(0);
  assertEquals(transport.taken(), []);
});

Deno.test("outbox: at the end whoever waits is told, and whoever does not is not disturbed", async () => {
  const { transport, outbox } = setUp();
  transport.bufferedAmount = 2000;
  const wait = outbox.send("a", undefined);
  const error = new ConnectionClosedError({ code: 1006, reason: "", wasClean: false });
  outbox.end(error);
  assertEquals(await assertRejects(() => wait!), error);
  assertEquals(await assertRejects(() => outbox.send("b", undefined)!), error);
  outbox.send("c", undefined);
  await settle(); // a rejection that nobody handles would fail this test
});

Deno.test("outbox: bufferedAmount is exact beyond 4 GiB", () => {
  const { transport, outbox } = setUp({ slowConsumer: "drop-oldest" });
  transport.bufferedAmount = 2 ** 32 + 1;
  outbox.send("four", undefined);
  assertEquals(outbox.bufferedAmount, 2 ** 32 + 1 + 4 + 64);
});
