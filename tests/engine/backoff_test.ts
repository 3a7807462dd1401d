import { assertEquals } from "@std/assert";
import { Backoff } from "../../lib/engine/backoff.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";

/** A clock that notes how long was to be waited, and waits for nothing. */
class HastyClock extends FakeClock {
  readonly delays: number[] = [];

  override setTimeout(callback: () => void, delay: number): unknown {
    this.delays.push(delay);
    return super.setTimeout(callback, 0);
  }
}

Deno.test("Backoff: waits double up to a second, and begin anew after a reset", async () => {
  const clock = new HastyClock();
  const backoff = new Backoff(clock);
  for (let turn = 0; turn < 9; turn++) {
    const waiting = backoff.wait();
    clock.advance(0);
    assertEquals(await waiting, true);
  }
  assertEquals(clock.delays, [10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
  backoff.reset();
  const waiting = backoff.wait();
  clock.advance(0);
  assertEquals(await waiting, true);
  assertEquals(clock.delays.at(-1), 10);
});

Deno.test("Backoff: a wait lasts as long as it should", async () => {
  const clock = new FakeClock();
  const backoff = new Backoff(clock);
  let over = false;
  backoff.wait().then(() => over = true);
  clock.advance(9);
  await settle();
  assertEquals(over, false);
  clock.advance(1);
  await settle();
  assertEquals(over, true);
});

Deno.test("Backoff: stopping ends the wait and every later one", async () => {
  const clock = new FakeClock();
  const backoff = new Backoff(clock);
  const waiting = backoff.wait();
  backoff.stop();
  assertEquals([await waiting, await backoff.wait(), clock.timers], [false, false, 0]);
});
