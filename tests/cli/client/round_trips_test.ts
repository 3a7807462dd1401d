import { assertEquals } from "@std/assert";
import { RoundTrips } from "../../../lib/cli/client/round_trips.ts";

Deno.test("round trips: answers belong to messages in their order", () => {
  let now = 0;
  const trips = new RoundTrips(() => now);
  assertEquals(trips.onReceived(), undefined);
  trips.onSent();
  now = 10;
  trips.onSent();
  now = 15;
  assertEquals([trips.onReceived(), trips.onReceived(), trips.onReceived()], [15, 5, undefined]);
});

Deno.test("round trips: what has no answer when the connection is lost gets none", () => {
  let now = 0;
  const trips = new RoundTrips(() => now);
  trips.onSent();
  trips.reset();
  now = 5;
  trips.onSent();
  now = 6;
  assertEquals(trips.onReceived(), 1);
});

Deno.test("round trips: a peer that does not answer each message costs no memory without end", () => {
  const trips = new RoundTrips(() => 0);
  for (let count = 0; count < 70_000; count++) trips.onSent();
  assertEquals(trips.onReceived(), undefined);
});
