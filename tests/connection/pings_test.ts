/**
 * Pings, their pongs, and the round trips between.
 *
 * @module
 */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConnectionClosedError, ConnectionError } from "../../lib/connection/errors.ts";
import { Pings } from "../../lib/connection/pings.ts";
import { FakeClock } from "../support/fake_clock.ts";

function setUp(): { clock: FakeClock; pings: Pings; sent: string[] } {
  const clock = new FakeClock();
  const sent: string[] = [];
  return { clock, sent, pings: new Pings(clock, (payload) => sent.push(payload.toHex())) };
}

const bytes = (...values: number[]) => new Uint8Array(values);

Deno.test("pings: the round trip is the time from ping to pong", async () => {
  const { clock, pings, sent } = setUp();
  assertEquals(pings.latency, undefined);
  const answer = pings.ping();
  assertEquals(sent, ["00000001"]);
  await clock.advance(37);
  assertEquals(pings.onPong(bytes(0, 0, 0, 1)), 37);
  assertEquals(await answer, 37);
  assertEquals(pings.latency, 37);
});

Deno.test("pings: each one that is made here differs from the others", () => {
  const { pings, sent } = setUp();
  pings.beat();
  pings.beat();
  pings.beat();
  assertEquals(sent, ["00000001", "00000002", "00000003"]);
});

Deno.test("pings: a pong that was not asked for, is wrong, or comes twice answers nothing", async () => {
  const { pings } = setUp();
  assertEquals(pings.onPong(bytes()), undefined);
  assertEquals(pings.onPong(bytes(1, 2, 3)), undefined);
  const answer = pings.ping(bytes(1, 2, 3));
  assertEquals(pings.onPong(bytes(1, 2)), undefined);
  assertEquals(pings.onPong(bytes(1, 2, 4)), undefined);
  assertEquals(pings.onPong(bytes(1, 2, 3, 0)), undefined);
  assertEquals(pings.latency, undefined);
  assertEquals(pings.onPong(bytes(1, 2, 3)), 0);
  assertEquals(pings.onPong(bytes(1, 2, 3)), undefined);
  assertEquals(await answer, 0);
});

Deno.test("pings: a pong answers the pings before its own, which the peer skipped", async () => {
  const { clock, pings } = setUp();
  const first = pings.ping(bytes(1));
  await clock.advance(10);
  const second = pings.ping(bytes(2));
  await clock.advance(10);
  const third = pings.ping(bytes(3));
  assertEquals(pings.onPong(bytes(2)), 10);
  assertEquals(await first, 20);
  assertEquals(await second, 10);
  await clock.advance(5);
  assertEquals(pings.onPong(bytes(3)), 5);
  assertEquals(await third, 5);
});

Deno.test("pings: the caller may change its payload at once, whatever kind of array it is", async () => {
  const { Buffer } = await import("node:buffer");
  for (const payload of [bytes(1, 2), Buffer.from([1, 2])]) {
    const { pings } = setUp();
    const answer = pings.ping(payload);
    payload.fill(9);
    assertEquals(pings.onPong(bytes(1, 2)), 0);
    assertEquals(await answer, 0);
  }
});

Deno.test("pings: at the end those that wait fail with its error", async () => {
  const { pings } = setUp();
  pings.beat();
  const answer = pings.ping();
  const error = new ConnectionClosedError();
  pings.end(error);
  assertEquals(await assertRejects(() => answer, ConnectionClosedError), error);
  assertEquals(pings.onPong(bytes(0, 0, 0, 2)), undefined);
});

Deno.test("pings: a signal ends the waiting, and leaves no listener behind", async () => {
  const { pings, sent } = setUp();
  const controller = new AbortController();
  const answer = pings.ping(bytes(7), controller.signal);
  const reason = new Error("enough");
  controller.abort(reason);
  assertEquals(await assertRejects(() => answer), reason);
  assertEquals(sent, ["07"]);
  // Its pong may still come, and is measured.
  assertEquals(pings.onPong(bytes(7)), 0);
  await assertRejects(() => pings.ping(undefined, controller.signal), Error, "enough");
  assertEquals(sent, ["07"], "a signal that was given before sends nothing");
});

Deno.test("pings: a signal that comes too late changes nothing", async () => {
  const { pings } = setUp();
  const controller = new AbortController();
  const answer = pings.ping(bytes(7), controller.signal);
  pings.onPong(bytes(7));
  assertEquals(await answer, 0);
  controller.abort();
});

Deno.test("pings: no more than 64 wait at a time", async () => {
  const { pings, sent } = setUp();
  for (let i = 0; i < 64; i++) pings.beat();
  assertEquals(sent.length, 64);
  pings.beat();
  assertEquals(sent.length, 64);
  const error = await assertRejects(() => pings.ping(), ConnectionError, "64 pings wait");
  assertEquals(error.code, "ERR_INVALID_STATE");
  pings.onPong(bytes(0, 0, 0, 1));
  pings.beat();
  assertEquals(sent.length, 65);
});

Deno.test("pings: one that cannot be sent does not wait", () => {
  const clock = new FakeClock();
  let fails = true;
  const pings = new Pings(clock, () => {
    if (fails) throw new RangeError("too long");
  });
  assertThrows(() => pings.ping(bytes(5)), RangeError, "too long");
  fails = false;
  assertEquals(pings.onPong(bytes(5)), undefined);
});
