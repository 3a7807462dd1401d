/**
 * Waiting that is cut short leaves no timer and no listener.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { inTime, sleep } from "../../../lib/client/reconnecting/waiting.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { countedSignal } from "./rig.ts";

Deno.test("sleep: lasts as long as it should, or until the signal", async () => {
  const clock = new FakeClock();
  const { controller, listeners } = countedSignal();
  const { signal } = controller;
  let awake = false;
  sleep(100, { clock, signal }).then(() => awake = true);
  await clock.advance(99);
  assertEquals(awake, false);
  await clock.advance(1);
  assertEquals([awake, clock.timers, listeners()], [true, 0, 0]);

  const sleeping = sleep(100, { clock, signal });
  assertEquals(clock.timers, 1);
  controller.abort(new Error("get up"));
  await assertRejects(() => sleeping, Error, "get up");
  await assertRejects(() => sleep(100, { clock, signal }), Error, "get up");
  assertEquals([clock.timers, listeners()], [0, 0]);
});

Deno.test("inTime: work that is late is told so, and rejects with the error for that", async () => {
  const clock = new FakeClock();
  const { controller, listeners } = countedSignal();
  const limits = { clock, signal: controller.signal, timeout: 50, late: () => new Error("late") };
  assertEquals(await inTime(limits, () => Promise.resolve(7)), 7);
  assertEquals([clock.timers, listeners()], [0, 0]);

  let told: unknown;
  const working = inTime(limits, async (signal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    told = signal.reason;
  });
  const failing = assertRejects(() => working, Error, "late");
  await clock.advance(50);
  assertEquals((await failing).message, "late");
  assertEquals(told instanceof Error && told.message, "late");
  assertEquals([clock.timers, listeners()], [0, 0]);
});

Deno.test("inTime: the signal ends it, and work that throws at once leaves nothing", async () => {
  const clock = new FakeClock();
  const { controller, listeners } = countedSignal();
  const limits = { clock, signal: controller.signal, timeout: 50, late: () => new Error("late") };
  await assertRejects(
    () =>
      inTime(limits, () => {
        throw new Error("at once");
      }),
    Error,
    "at once",
  );
  assertEquals([clock.timers, listeners()], [0, 0]);

  const working = inTime(limits, () => Promise.withResolvers<void>().promise);
  controller.abort(new Error("enough"));
  await assertRejects(() => working, Error, "enough");
  let called = false;
  await assertRejects(
    () =>
      inTime(limits, () => {
        called = true;
        return Promise.resolve();
      }),
    Error,
    "enough",
  );
  assertEquals([called, clock.timers, listeners()], [false, 0, 0]);
});
