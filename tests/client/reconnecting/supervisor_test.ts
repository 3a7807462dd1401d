/**
 * Attempts, the waits between them, and what puts an end to them; on a clock that stands still.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { ReconnectingError } from "../../../lib/client/reconnecting/errors.ts";
import { ConnectionClosedError } from "../../../lib/connection/errors.ts";
import { settle } from "../../support/fake_clock.ts";
import { answerClose, breakOff, closeByPeer, refusal, Rig } from "./rig.ts";

Deno.test("reconnecting: nothing happens before the caller's turn is over", async () => {
  const rig = new Rig();
  assertEquals([rig.tested.state, rig.tested.attempt, rig.changes.length], ["connecting", 0, 0]);
  assertEquals(rig.attempts.length, 0);
  const attempt = await rig.attempt();
  assertEquals([rig.tested.state, rig.tested.attempt, attempt.url], [
    "connecting",
    1,
    "ws://a.example/",
  ]);
  rig.tested.close();
  await rig.over();
});

Deno.test("reconnecting: from the first failure to a connection, to its loss, to the next", async () => {
  const rig = new Rig();
  await (await rig.attempt()).fail();
  assertEquals(rig.tested.state, "waiting");
  await rig.clock.advance(499);
  const first = await rig.open();
  assertEquals(rig.tested.state, "open");
  assertStrictEquals(rig.tested.connection, first.connection);
  await breakOff(first);
  assertEquals([rig.tested.state, rig.tested.connection], ["waiting", undefined]);
  await rig.clock.advance(999);
  const second = await rig.open();
  assertStrictEquals(rig.tested.connection, second.connection);
  assertEquals(rig.states, [
    "connecting 1",
    "waiting 1 499",
    "connecting 2",
    "open 2",
    "waiting 2 999",
    "connecting 3",
    "open 3",
  ]);
  assertEquals(rig.changes.map(({ cause }) => cause?.kind), [
    undefined,
    "failed",
    "failed",
    "failed",
    "closed",
    "closed",
    "closed",
  ]);
  rig.tested.close();
  await answerClose(second);
  assertEquals((await rig.over()).why, "closed");
});

Deno.test("reconnecting: waits grow up to the cap, and no attempt comes before its time", async () => {
  const rig = new Rig({ backoff: { base: 100, factor: 3, cap: 1000 } });
  const delays = [99, 299, 899, 999, 999];
  for (const [index, delay] of delays.entries()) {
    await (await rig.attempt()).fail();
    await rig.clock.advance(delay - 1);
    assertEquals(rig.attempts.length, index + 1);
    await rig.clock.advance(1);
    assertEquals(rig.attempts.length, index + 2);
  }
  assertEquals(rig.delays, delays);
  rig.tested.close();
  await rig.over();
});

Deno.test("reconnecting: a connection that lasted begins the counts anew, a shorter one does not", async () => {
  const rig = new Rig({ stableAfter: 2000 });
  for (const lasts of [1999, 2000]) {
    await (await rig.attempt()).fail();
    await rig.clock.advance(30_000);
    const opened = await rig.open();
    await rig.clock.advance(lasts);
    await breakOff(opened);
    await rig.clock.advance(30_000);
  }
  assertEquals(rig.states, [
    "connecting 1",
    "waiting 1 499",
    "connecting 2",
    "open 2",
    "waiting 2 999", // 1999 ms were too short
    "connecting 3",
    "waiting 3 1999",
    "connecting 4",
    "open 4",
    "waiting 0 499", // 2000 ms were enough
    "connecting 1",
  ]);
  rig.tested.close();
  await rig.over();
});

Deno.test("reconnecting: with stableAfter 0 every connection was stable", async () => {
  const rig = new Rig({ stableAfter: 0 });
  for (let i = 0; i < 3; i++) {
    await breakOff(await rig.open());
    await rig.clock.advance(499);
  }
  assertEquals(rig.delays, [499, 499, 499]);
  rig.tested.close();
  await rig.over();
});

Deno.test("reconnecting: it gives up after so many attempts, with the last failure as the cause", async () => {
  const rig = new Rig({ maxAttempts: 3 });
  const iteration = assertRejects(() => rig.tested.receive(), ReconnectingError);
  for (let i = 1; i <= 3; i++) {
    await (await rig.attempt()).fail(refusal(503));
    await rig.clock.advance(30_000);
  }
  const { why, error, cause, unsent } = await rig.over();
  assertEquals([why, unsent, rig.attempts.length], ["gave-up", 0, 3]);
  assert(error instanceof ReconnectingError);
  assertEquals(error.code, "ERR_GAVE_UP");
  assertEquals(error.message, "Gave up after 3 attempts: refused with 503");
  assertEquals(error.disconnect, cause);
  assert(cause?.kind === "failed");
  assertStrictEquals(error.cause, cause.error);
  assertStrictEquals(await iteration, error);
});

Deno.test("reconnecting: attempts that opened a connection that did not last count too", async () => {
  const rig = new Rig({ maxAttempts: 2 });
  await breakOff(await rig.open());
  await rig.clock.advance(499);
  await breakOff(await rig.open());
  const { error } = await rig.over();
  assert(error instanceof ReconnectingError && error.cause instanceof ConnectionClosedError);
  assertEquals(error.message, "Gave up after 2 attempts: the connection ended with code 1006");
  assertEquals(error.cause.event?.code, 1006);
});

Deno.test("reconnecting: a stable connection grants all attempts again, even a single one", async () => {
  const rig = new Rig({ maxAttempts: 1 });
  const first = await rig.open();
  await rig.clock.advance(5000);
  await breakOff(first);
  await rig.clock.advance(499);
  await (await rig.attempt()).fail();
  const { error } = await rig.over();
  assertEquals(error instanceof Error && error.message, "Gave up after 1 attempt: nobody there");
  assertEquals(rig.attempts.length, 2);
});

Deno.test("reconnecting: it gives up rather than wait for longer than giveUpAfter", async () => {
  const rig = new Rig({ giveUpAfter: 1500 });
  await rig.clock.advance(1); // the attempt takes a moment
  await (await rig.attempt()).fail();
  assertEquals(rig.states.at(-1), "waiting 1 499"); // 500 of 1500 ms
  await rig.clock.advance(499);
  await rig.clock.advance(1);
  await (await rig.attempt()).fail();
  assertEquals(rig.states.at(-1), "waiting 2 999"); // 1500 of 1500 ms
  await rig.clock.advance(999);
  await (await rig.attempt()).fail();
  const { why } = await rig.over();
  assertEquals([why, rig.attempts.length], ["gave-up", 3]);
});

Deno.test("reconnecting: giveUpAfter counts from the end of the last stable connection", async () => {
  const rig = new Rig({ giveUpAfter: 600 });
  const opened = await rig.open();
  await rig.clock.advance(3_600_000);
  await breakOff(opened);
  assertEquals(rig.states.at(-1), "waiting 0 499");
  await rig.clock.advance(499);
  await (await rig.attempt()).fail();
  assertEquals((await rig.over()).why, "gave-up");
});

Deno.test("reconnecting: Retry-After is obeyed, and the jitter comes behind it", async () => {
  const rig = new Rig({ backoff: { base: 100 } });
  await (await rig.attempt()).fail(refusal(503, { "retry-after": "7" }));
  await rig.clock.advance(30_000);
  const date = "Sun, 06 Nov 1994 08:49:37 GMT";
  const fields = { date, "retry-after": "Sun, 06 Nov 1994 08:49:40 GMT" };
  await (await rig.attempt()).fail(refusal(429, fields));
  assertEquals(rig.delays, [7099, 3199]);
  rig.tested.close();
  await rig.over();
});

Deno.test("reconnecting: Retry-After beyond the cap is cut", async () => {
  const rig = new Rig({ backoff: { cap: 5000 } });
  await (await rig.attempt()).fail(refusal(503, { "retry-after": "3600" }));
  assertEquals(rig.delays, [5000]);
  rig.tested.close();
  await rig.over();
});

for (const code of [1000, 1002, 1003, 1007, 1008, 1009, 1010, 3000, 3003]) {
  Deno.test(`reconnecting: no attempt follows when the peer closes with ${code}`, async () => {
    const rig = new Rig();
    await closeByPeer(await rig.open(), code, "that was it");
    const { why, error, cause } = await rig.over();
    assertEquals(cause, { kind: "closed", event: { code, reason: "that was it", wasClean: true } });
    if (code === 1000) {
      assertEquals([why, error], ["finished", undefined]);
      assertEquals(await rig.tested.receive(), undefined);
      return;
    }
    assertEquals(why, "not-retried");
    assert(error instanceof ReconnectingError);
    assertEquals(
      [error.code, error.message],
      [
        "ERR_NOT_RETRIED",
        `No other attempt is made: the connection ended with code ${code}, that was it`,
      ],
    );
    assertStrictEquals(await assertRejects(() => rig.tested.receive()), error);
  });
}

for (const code of [1001, 1011, 1012, 1013, 1014, 3008, 4000, 4999]) {
  Deno.test(`reconnecting: an attempt follows when the peer closes with ${code}`, async () => {
    const rig = new Rig();
    await closeByPeer(await rig.open(), code);
    await rig.clock.advance(499);
    await rig.attempt();
    rig.tested.close();
    await rig.over();
  });
}

Deno.test("reconnecting: finalCodes takes the place of the list", async () => {
  const rig = new Rig({ finalCodes: [4001] });
  await closeByPeer(await rig.open(), 1000);
  await rig.clock.advance(499);
  await closeByPeer(await rig.open(), 4001, "kicked");
  assertEquals((await rig.over()).why, "not-retried");
});

for (const status of [401, 403, 404]) {
  Deno.test(`reconnecting: no attempt follows a refusal with ${status}`, async () => {
    const rig = new Rig();
    await (await rig.attempt()).fail(refusal(status));
    const { why, error } = await rig.over();
    assertEquals(why, "not-retried");
    assertEquals(
      error instanceof Error && error.message,
      `No other attempt is made: refused with ${status}`,
    );
  });
}

Deno.test("reconnecting: closing the connection itself with another code gives the next one", async () => {
  const rig = new Rig();
  const first = await rig.open();
  rig.tested.connection?.close(1012);
  await answerClose(first);
  assertEquals(rig.tested.state, "waiting");
  await rig.clock.advance(499);
  const second = await rig.open();
  rig.tested.close();
  assertEquals(await answerClose(second), ["close 1000"]);
  await rig.over();
});

Deno.test("reconnecting: a connection that has ended before it is seen counts as one", async () => {
  const rig = new Rig({
    handlers: { open: (connection) => connection.destroy() },
  });
  await (await rig.attempt()).open();
  await settle();
  assertEquals(rig.states, ["connecting 1", "open 1", "waiting 1 499"]);
  rig.tested.close();
  await rig.over();
});
