/**
 * The runtime's clock as a connection sees it.
 *
 * @module
 */
import { assert } from "@std/assert";
import { systemClock } from "../../lib/connection/clock.ts";

Deno.test("clock: time moves on, and a timer fires no earlier than asked", async () => {
  const start = systemClock.now();
  await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 5));
  const elapsed = systemClock.now() - start;
  // The runtime's timers count whole milliseconds.
  assert(elapsed >= 4, `${elapsed} ms`);
});

Deno.test("clock: a timer that was cancelled does not fire", async () => {
  let fired = false;
  const timer = systemClock.setTimeout(() => fired = true, 1);
  systemClock.clearTimeout(timer);
  systemClock.clearTimeout(undefined);
  await new Promise<void>((resolve) => systemClock.setTimeout(resolve, 5));
  assert(!fired);
});
