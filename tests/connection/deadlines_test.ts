/**
 * Deadlines on one timer, and what a process that stood still makes of them.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Deadline, type DeadlineKind, Deadlines } from "../../lib/connection/deadlines.ts";
import { FakeClock } from "../support/fake_clock.ts";

const NAMES = Object.keys(Deadline);

/** Deadlines, and a list of those that passed with the time since the start. */
function setUp(): { clock: FakeClock; deadlines: Deadlines; passed: string[] } {
  const clock = new FakeClock();
  const start = clock.now();
  const passed: string[] = [];
  const deadlines = new Deadlines(clock, (kind) => {
    passed.push(`${NAMES[kind]} ${clock.now() - start}`);
  });
  return { clock, deadlines, passed };
}

Deno.test("deadlines: one passes once, at its time", async () => {
  const { clock, deadlines, passed } = setUp();
  deadlines.set(Deadline.CLOSE, 5000);
  assertEquals(deadlines.has(Deadline.CLOSE), true);
  await clock.advance(4999);
  assertEquals(passed, []);
  await clock.advance(1);
  assertEquals(passed, ["CLOSE 5000"]);
  assertEquals(deadlines.has(Deadline.CLOSE), false);
  await clock.advance(100_000);
  assertEquals(passed, ["CLOSE 5000"]);
  assertEquals(clock.timers, 0);
});

Deno.test("deadlines: moving one away keeps its timer, and it passes at the later time", async () => {
  const { clock, deadlines, passed } = setUp();
  deadlines.set(Deadline.MESSAGE, 100);
  for (let i = 0; i < 5; i++) {
    await clock.advance(60);
    deadlines.set(Deadline.MESSAGE, 100);
    assertEquals(clock.timers, 1);
  }
  await clock.advance(99);
  assertEquals(passed, []);
  await clock.advance(1);
  assertEquals(passed, ["MESSAGE 400"]);
});

Deno.test("deadlines: a nearer one takes the timer over", async () => {
  const { clock, deadlines, passed } = setUp();
  deadlines.set(Deadline.IDLE, 500);
  deadlines.set(Deadline.WRITE, 100);
  assertEquals(clock.timers, 1);
  await clock.advance(1000);
  assertEquals(passed, ["WRITE 100", "IDLE 500"]);
});

Deno.test("deadlines: all can be taken away but one", async () => {
  const { clock, deadlines, passed } = setUp();
  deadlines.set(Deadline.PING, 100);
  deadlines.set(Deadline.WRITE, 200);
  deadlines.set(Deadline.IDLE, 300);
  deadlines.keepOnly(Deadline.WRITE);
  assertEquals(deadlines.has(Deadline.PING), false);
  await clock.advance(1000);
  assertEquals([passed, clock.timers], [["WRITE 200"], 0]);
});

Deno.test("deadlines: those of one moment pass together, in the order of the table", async () => {
  const { clock, deadlines, passed } = setUp();
  deadlines.set(Deadline.LIFETIME, 100);
  deadlines.set(Deadline.PONG, 100);
  deadlines.set(Deadline.PING, 100);
  await clock.advance(100);
  assertEquals(passed, ["PING 100", "PONG 100", "LIFETIME 100"]);
});

Deno.test("deadlines: one that was taken away does not pass", async () => {
  const { clock, deadlines, passed } = setUp();
  deadlines.set(Deadline.WRITE, 100);
  deadlines.set(Deadline.IDLE, 200);
  deadlines.clear(Deadline.WRITE);
  assertEquals(deadlines.has(Deadline.WRITE), false);
  await clock.advance(1000);
  assertEquals(passed, ["IDLE 200"]);
});

Deno.test("deadlines: after stop none passes, and no timer is left", async () => {
  const { clock, deadlines, passed } = setUp();
  deadlines.set(Deadline.PING, 100);
  deadlines.set(Deadline.CLOSE, 200);
  deadlines.stop();
  assertEquals(clock.timers, 0);
  await clock.advance(1000);
  assertEquals(passed, []);
});

Deno.test("deadlines: what passes may set and stop deadlines", async () => {
  const clock = new FakeClock();
  const passed: DeadlineKind[] = [];
  const deadlines = new Deadlines(clock, (kind) => {
    passed.push(kind);
    if (kind === Deadline.PING && passed.length < 3) deadlines.set(Deadline.PING, 100);
    else deadlines.stop();
  });
  deadlines.set(Deadline.PING, 100);
  deadlines.set(Deadline.IDLE, 300);
  await clock.advance(10_000);
  // The third ping stops them all, so the idle deadline of the same moment does not pass.
  assertEquals(passed, [Deadline.PING, Deadline.PING, Deadline.PING]);
  assertEquals(clock.timers, 0);
});

Deno.test("deadlines: when the process stood still, all of them move by as much", async () => {
  const { clock, deadlines, passed } = setUp();
  deadlines.set(Deadline.PONG, 20_000);
  deadlines.set(Deadline.MESSAGE, 30_000);
  await clock.advance(19_000);
  await clock.stall(60_000);
  // It should have fired after 1 s and did after 60: 59 s late.
  assertEquals(passed, []);
  await clock.advance(100);
  assertEquals(passed, ["PONG 79100"]);
  await clock.advance(10_000);
  assertEquals(passed, ["PONG 79100", "MESSAGE 89100"]);
});

Deno.test("deadlines: a timer that is a little late moves nothing", async () => {
  const { clock, deadlines, passed } = setUp();
  deadlines.set(Deadline.PONG, 20_000);
  await clock.advance(19_999);
  await clock.stall(1001);
  assertEquals(passed, ["PONG 21000"]);
});

Deno.test("deadlines: one beyond what a timer can hold passes at its time", async () => {
  const { clock, deadlines, passed } = setUp();
  deadlines.set(Deadline.LIFETIME, 2 ** 31 + 1000);
  await clock.advance(2 ** 31 + 999);
  assertEquals(passed, []);
  await clock.advance(1);
  assertEquals(passed, ["LIFETIME 2147484648"]);
});
