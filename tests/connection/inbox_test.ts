/**
 * The incoming side: order, waiting consumers, handlers, and when reading stops.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConnectionError } from "../../lib/connection/errors.ts";
import { Inbox, ITEM_BYTES } from "../../lib/connection/inbox.ts";
import { settle } from "../support/fake_clock.ts";

/** An inbox whose owner notes what it is asked for. */
function setUp(highWaterMark = 1000): { inbox: Inbox<string>; log: string[] } {
  const log: string[] = [];
  const inbox = new Inbox<string>({
    pause: () => log.push("pause"),
    resume: () => log.push("resume"),
    onHandlerError: (error) => log.push(`error ${(error as Error).message}`),
    onDrained: () => log.push("drained"),
  }, highWaterMark);
  return { inbox, log };
}

Deno.test("inbox: items are handed out in order, to those who ask before and after", async () => {
  const { inbox } = setUp();
  const first = inbox.next();
  const second = inbox.next();
  for (const item of ["a", "b", "c", "d"]) inbox.push(item, 1);
  assertEquals(await Promise.all([first, second]), ["a", "b"]);
  assertEquals(await inbox.next(), "c");
  assertEquals(await inbox.next(), "d");
  assertEquals(inbox.held, 0);
});

Deno.test("inbox: a long queue keeps its order while it is filled and emptied in turns", async () => {
  const { inbox } = setUp(1e9);
  const got: string[] = [];
  for (let i = 0; i < 1000; i++) {
    inbox.push(`${2 * i}`, 1);
    inbox.push(`${2 * i + 1}`, 1);
    got.push((await inbox.next())!);
  }
  while (inbox.held > 0) got.push((await inbox.next())!);
  assertEquals(got, Array.from({ length: 2000 }, (_, i) => `${i}`));
});

Deno.test("inbox: reading stops at the high-water mark, and goes on at half of it", async () => {
  const { inbox, log } = setUp(1000);
  inbox.push("a", 400 - ITEM_BYTES);
  inbox.push("b", 400 - ITEM_BYTES);
  assertEquals([inbox.held, inbox.paused], [800, false]);
  inbox.push("c", 200 - ITEM_BYTES);
  assertEquals([inbox.held, inbox.paused], [1000, true]);
  inbox.push("d", 100 - ITEM_BYTES); // what had been read already
  assertEquals(log, ["pause"]);
  await inbox.next();
  assertEquals([inbox.held, inbox.paused], [700, true]);
  await inbox.next();
  assertEquals([inbox.held, inbox.paused], [300, false]);
  assertEquals(log, ["pause", "resume"]);
});

Deno.test("inbox: empty items count too", () => {
  const { inbox, log } = setUp(1000);
  for (let i = 0; i < 16; i++) inbox.push("", 0);
  assertEquals(log, ["pause"]);
});

Deno.test("inbox: at the end what waits is still handed out, then the end", async () => {
  const { inbox, log } = setUp();
  inbox.push("a", 1);
  inbox.end();
  assertEquals(log, ["drained"]);
  assertEquals(await inbox.next(), "a");
  assertEquals(await inbox.next(), undefined);
  assertEquals(await inbox.next(), undefined);
});

Deno.test("inbox: an end with an error is told to those who wait and those who ask later", async () => {
  const { inbox } = setUp();
  inbox.push("a", 1);
  await inbox.next();
  const waiting = inbox.next();
  const error = new Error("gone");
  inbox.end(error);
  assertEquals(await assertRejects(() => waiting), error);
  assertEquals(await assertRejects(() => inbox.next()), error);
});

Deno.test("inbox: a signal ends the waiting, and the item goes to the next who asks", async () => {
  const { inbox } = setUp();
  const controller = new AbortController();
  const aborted = inbox.next(controller.signal);
  const other = inbox.next();
  const reason = new Error("enough");
  controller.abort(reason);
  assertEquals(await assertRejects(() => aborted), reason);
  inbox.push("a", 1);
  assertEquals(await other, "a");
  inbox.push("b", 1);
  await assertRejects(() => inbox.next(controller.signal), Error, "enough");
  assertEquals(await inbox.next(), "b");
});

Deno.test("inbox: a signal that comes with the item or after it loses nothing", async () => {
  const { inbox } = setUp();
  const controller = new AbortController();
  const got = inbox.next(controller.signal);
  inbox.push("a", 1);
  controller.abort();
  assertEquals(await got, "a");
});

Deno.test("inbox: a handler gets each item at once, and nobody may ask beside it", async () => {
  const { inbox, log } = setUp();
  const got: string[] = [];
  inbox.push("a", 1);
  inbox.handle((item) => got.push(item));
  assertEquals(inbox.handled, true);
  inbox.push("b", 1);
  assertEquals(got, ["a", "b"]);
  const error = await assertRejects(() => inbox.next(), ConnectionError);
  assertEquals(error.code, "ERR_INVALID_STATE");
  inbox.end();
  assertEquals(log, ["drained"]);
});

Deno.test("inbox: a handler that takes time gets the next item when it is done", async () => {
  const { inbox, log } = setUp(200);
  const got: string[] = [];
  const gates: (() => void)[] = [];
  inbox.handle((item) => {
    got.push(item);
    return new Promise<void>((resolve) => gates.push(resolve));
  });
  for (const item of ["a", "b", "c", "d"]) inbox.push(item, 100 - ITEM_BYTES);
  assertEquals(got, ["a"]);
  assertEquals(log, ["pause"]);
  gates.shift()!();
  await settle();
  assertEquals(got, ["a", "b"]);
  inbox.end();
  for (let i = 0; i < 3; i++) {
    assertEquals(log.includes("drained"), false);
    gates.shift()!();
    await settle();
  }
  assertEquals(got, ["a", "b", "c", "d"]);
  assertEquals(log, ["pause", "resume", "drained"]);
});

Deno.test("inbox: a handler that throws or rejects is reported, and gets the next item", async () => {
  const { inbox, log } = setUp();
  inbox.handle((item) => {
    if (item === "throws") throw new Error("1");
    if (item === "rejects") return Promise.reject(new Error("2"));
    return log.push(`got ${item}`);
  });
  for (const item of ["throws", "rejects", "fine"]) inbox.push(item, 1);
  await settle();
  assertEquals(log, ["error 1", "error 2", "got fine"]);
});

Deno.test("inbox: a handler whose items are discarded gets nothing more", async () => {
  for (const takesTime of [false, true]) {
    const { inbox, log } = setUp(200);
    const gate = Promise.withResolvers<void>();
    inbox.handle((item) => {
      log.push(`got ${item}`);
      return takesTime ? gate.promise : undefined;
    });
    inbox.push("a", 1);
    inbox.push("b", 100);
    inbox.push("c", 100);
    const before = takesTime ? ["got a", "pause"] : ["got a", "got b", "got c"];
    assertEquals(log.splice(0), before);
    inbox.discard();
    inbox.discard();
    inbox.push("d", 1);
    gate.resolve();
    await settle();
    inbox.push("e", 1);
    assertEquals(inbox.held, 0);
    inbox.end();
    assertEquals(log, takesTime ? ["resume", "drained"] : ["drained"]);
  }
});

Deno.test("inbox: discarding from within the handler, by throwing or not, is at once", () => {
  const { inbox, log } = setUp();
  for (const item of ["a", "b", "c"]) inbox.push(item, 1);
  inbox.handle((item) => {
    log.push(`got ${item}`);
    inbox.discard();
    throw new Error("1");
  });
  inbox.push("d", 1);
  assertEquals(log, ["got a", "error 1"]);
  assertEquals(inbox.held, 0);
});

Deno.test("inbox: a handler that comes after the discarding gets nothing, and the end is told", () => {
  const { inbox, log } = setUp();
  inbox.push("a", 1);
  inbox.discard();
  inbox.handle((item) => log.push(`got ${item}`));
  inbox.push("b", 1);
  assertEquals([inbox.held, log], [0, []]);
  inbox.end();
  assertEquals(log, ["drained"]);
});

Deno.test("inbox: discarding is about handlers: who asks still gets what came, and the end", async () => {
  const { inbox } = setUp();
  inbox.push("a", 1);
  inbox.discard();
  assertEquals(await inbox.next(), "a");
  const waiting = inbox.next();
  inbox.push("b", 1);
  assertEquals(await waiting, "b");
  inbox.end();
  assertEquals(await inbox.next(), undefined);
});

Deno.test("inbox: an end within the handler is told after the handler, not within it", async () => {
  for (const takesTime of [false, true]) {
    const { inbox, log } = setUp();
    inbox.handle((item) => {
      if (item === "a") {
        inbox.push("a'", 1);
        inbox.end();
      }
      log.push(`handled ${item}`);
      return takesTime ? settle().then(() => log.push(`done ${item}`)) : undefined;
    });
    inbox.push("a", 1);
    while (!log.includes("drained")) await settle();
    const expected = takesTime
      ? ["handled a", "done a", "handled a'", "done a'"]
      : ["handled a", "handled a'"];
    assertEquals(log.slice(0, expected.length), expected);
    assertEquals(log[expected.length], "drained");
  }
});

Deno.test("inbox: unblocked, reading goes on, and what does not fit is dropped from the end", async () => {
  const { inbox, log } = setUp(200);
  for (const item of ["a", "b"]) inbox.push(item, 100 - ITEM_BYTES);
  assertEquals(log, ["pause"]);
  inbox.unblock();
  assertEquals(log, ["pause", "resume"]);
  inbox.push("c", 0);
  assertEquals(inbox.held, 200);
  assertEquals(await inbox.next(), "a");
  inbox.push("d", 0); // there would be room again, but it would leave a gap
  assertEquals(await inbox.next(), "b");
  inbox.end();
  assertEquals(await inbox.next(), undefined);
  assertEquals(log, ["pause", "resume", "drained"]);
});

Deno.test("inbox: a consumer that moves on keeps its right to stop the reading", async () => {
  const { inbox, log } = setUp(200);
  for (const item of ["a", "b", "c", "d"]) inbox.push(item, 100 - ITEM_BYTES);
  assertEquals(log, ["pause"]);
  assertEquals(await inbox.next(), "a");
  inbox.unblock();
  assertEquals(log, ["pause"]);
  assertEquals(inbox.held, 300);
  inbox.push("e", 0);
  for (const item of ["b", "c", "d", "e"]) assertEquals(await inbox.next(), item);
  assertEquals(log, ["pause", "resume"]);
});

Deno.test("inbox: what waits outside of the queue counts, and is bounded once unblocked", () => {
  const { inbox, log } = setUp(200);
  assert(inbox.hold(150));
  assert(inbox.hold(150));
  assertEquals(log, ["pause"]);
  inbox.release(150);
  assertEquals(log, ["pause"]);
  inbox.release(50);
  assertEquals(log, ["pause", "resume"]);
  assert(inbox.hold(1000));
  assertEquals(log, ["pause", "resume", "pause"]);
  inbox.unblock(); // something was consumed since the connection opened
  inbox.unblock();
  assertEquals(log, ["pause", "resume", "pause", "resume"]);
  assert(!inbox.hold(1), "there is no room");
  assertEquals(inbox.held, 1100);
});
