/**
 * Waits, queues and timers that end with a connection.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Timers } from "../../../../autobahn/suite/peer/timers.ts";
import { Queue, Waits } from "../../../../autobahn/suite/peer/waits.ts";

Deno.test("waits: time passes, or the end comes first", async () => {
  const waits = new Waits();
  await waits.for(1);
  const long = waits.for(1_000_000);
  waits.end();
  await long;
  await waits.for(1_000_000);
});

Deno.test("queue: items are read in order, by those who wait and those who come later", async () => {
  const queue = new Queue<number>();
  const first = queue.next();
  queue.push(1);
  queue.push(2);
  queue.push(3);
  assertEquals([await first, await queue.next()], [1, 2]);
  queue.end();
  assertEquals([await queue.next(), await queue.next()], [3, undefined]);
  const ended = new Queue<number>();
  const waiting = ended.next();
  ended.end();
  assertEquals(await waiting, undefined);
});

Deno.test("timers: they call back, are cancelled, and end together", async () => {
  const timers = new Timers();
  const called: string[] = [];
  const passed = Promise.withResolvers<void>();
  timers.after(1_000_000, () => called.push("never"));
  timers.after(1, () => called.push("cancelled"))();
  timers.after(2, () => {
    called.push("called");
    passed.resolve();
  });
  await passed.promise;
  timers.end();
  timers.after(0, () => called.push("after the end"))();
  assertEquals(called, ["called"]);
});
