import { assert, assertEquals } from "@std/assert";
import { Histogram } from "../../../../lib/cli/client/bench/histogram.ts";

Deno.test("histogram: empty, it has no times", () => {
  const histogram = new Histogram();
  assertEquals(histogram.count, 0);
  assertEquals([histogram.min, histogram.max, histogram.mean, histogram.percentile(50)], [
    NaN,
    NaN,
    NaN,
    NaN,
  ]);
});

Deno.test("histogram: short times are told apart to the microsecond", () => {
  const histogram = new Histogram();
  for (let microseconds = 1; microseconds <= 100; microseconds++) {
    histogram.record(microseconds / 1000);
  }
  assertEquals(histogram.count, 100);
  assertEquals([1, 50, 99, 100].map((percent) => histogram.percentile(percent)), [
    0.001,
    0.05,
    0.099,
    0.1,
  ]);
  assertEquals([histogram.min, histogram.max], [0.001, 0.1]);
  assert(Math.abs(histogram.mean - 0.0505) < 1e-9);
});

Deno.test("histogram: any percentile is right within one per cent", () => {
  const histogram = new Histogram();
  // Spread evenly over twelve decades, by the golden ratio.
  const times = Array.from({ length: 10_000 }, (_, index) => index * 0.618033988749895 % 1)
    .map((part) => Math.exp(part * 20 - 6));
  for (const time of times) histogram.record(time);
  times.sort((a, b) => a - b);
  for (const percent of [0.01, 1, 10, 25, 50, 75, 90, 99, 99.9, 99.99, 100]) {
    const exact = times[Math.ceil(times.length * percent / 100) - 1]!;
    const found = histogram.percentile(percent);
    // Short times are rounded to the microsecond.
    assert(Math.abs(found - exact) <= exact * 0.01 + 0.0005, `${percent}: ${found}, not ${exact}`);
  }
});

Deno.test("histogram: times out of all bounds are held, and negative ones are 0", () => {
  const histogram = new Histogram();
  histogram.record(-5);
  histogram.record(1e12);
  assertEquals([histogram.min, histogram.max, histogram.percentile(1)], [0, 1e12, 0]);
  assert(histogram.percentile(100) > 2_000_000);
});
