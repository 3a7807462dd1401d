import { assertEquals } from "@std/assert";
import { formatDuration, RoundTrips } from "../../../lib/cli/page/round_trips.js";

Deno.test("page round trips: the latest are kept, oldest first, and all are counted", () => {
  const trips = new RoundTrips(3);
  for (const milliseconds of [5, 1, 4, 2]) trips.add(milliseconds);
  assertEquals(trips.samples, [1, 4, 2]);
  assertEquals(trips.total, 4);
  trips.clear();
  assertEquals([trips.samples, trips.total], [[], 0]);
});

Deno.test("page round trips: quantiles are by nearest rank", () => {
  const trips = new RoundTrips(100);
  assertEquals(trips.quantile(0.5), undefined);
  trips.add(7);
  assertEquals([0, 0.5, 0.99, 1].map((q) => trips.quantile(q)), [7, 7, 7, 7]);
  trips.clear();
  for (let index = 100; index >= 1; index--) trips.add(index);
  assertEquals([0, 0.01, 0.5, 0.99, 1].map((q) => trips.quantile(q)), [1, 1, 50, 99, 100]);
});

Deno.test("page round trips: durations have the unit that suits them", () => {
  const rows: [milliseconds: number | undefined, text: string][] = [
    [undefined, "–"],
    [0, "0 µs"],
    [0.085, "85 µs"],
    [0.9994, "999 µs"],
    [0.9996, "1 ms"],
    [1.254, "1.25 ms"],
    [57, "57 ms"],
    [999.4, "999 ms"],
    [999.6, "1 s"],
    [2500, "2.5 s"],
    [12345, "12.3 s"],
  ];
  for (const [milliseconds, text] of rows) assertEquals(formatDuration(milliseconds), text);
});
