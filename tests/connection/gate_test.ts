/**
 * Promises that nobody has to wait for.
 *
 * @module
 */
import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { Gate, refused } from "../../lib/connection/gate.ts";
import { settle } from "../support/fake_clock.ts";

Deno.test("gate: all who wait pass when it opens, and who comes later waits anew", async () => {
  const gate = new Gate();
  const first = gate.wait();
  assertEquals(gate.wait(), first);
  gate.open();
  await first;
  const second = gate.wait();
  assertNotEquals(second === first, true);
  gate.open();
  await second;
});

Deno.test("gate: all who wait are turned away when it fails", async () => {
  const gate = new Gate();
  const error = new Error("gone");
  const wait = gate.wait();
  gate.fail(error);
  assertEquals(await assertRejects(() => wait), error);
});

Deno.test("gate: with nobody waiting, nothing happens", async () => {
  const gate = new Gate();
  gate.open();
  gate.fail(new Error("gone"));
  gate.wait();
  gate.fail(new Error("gone"));
  refused(new Error("refused"));
  await settle(); // an unhandled rejection would fail this test
});

Deno.test("gate: a refusal rejects for those who wait for it", async () => {
  const error = new Error("refused");
  assertEquals(await assertRejects(() => refused(error)), error);
});
