import { assert, assertEquals } from "@std/assert";
import { ticksAround } from "../../../lib/cli/page/plot.js";

Deno.test("page plot: ticks are 1, 2 and 5 times powers of ten around the samples", () => {
  assertEquals(ticksAround([0.3, 7]), [0.2, 0.5, 1, 2, 5, 10]);
  assertEquals(ticksAround([0.1, 10]), [0.1, 0.2, 0.5, 1, 2, 5, 10]);
  assertEquals(ticksAround([1]), [0.5, 1, 2]);
  assertEquals(ticksAround([1, 1.1, 0.9]), [0.2, 0.5, 1, 2, 5]);
});

Deno.test("page plot: ticks enclose any samples, and zero is no trouble", () => {
  for (const samples of [[0], [0, 0], [1e-9], [0, 60_000], [86_400_000], [0.005]]) {
    const ticks = ticksAround(samples);
    assert(ticks.length >= 3 && ticks.every((tick) => Number.isFinite(tick) && tick > 0));
    assertEquals(ticks, ticks.toSorted((a, b) => a - b));
    assert((ticks.at(-1) ?? 0) >= Math.max(...samples));
  }
});
