/**
 * Results of clients, and those who wait for them.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { CaseResult } from "../../../../autobahn/suite/model/result.ts";
import { ClientResults } from "../../../../autobahn/suite/run/client_results.ts";

const result = (duration: number): CaseResult => ({ duration }) as CaseResult;

Deno.test("client results: who comes early waits, who comes late does not", async () => {
  const results = new ClientResults();
  const early = results.of("x", "1.1.1");
  results.begin("x", "1.1.1");
  results.finish("x", "1.1.1", result(1));
  assertEquals((await early).duration, 1);
  assertEquals((await results.of("x", "1.1.1")).duration, 1);
});

Deno.test("client results: a run under way is waited for, also when there was one before", async () => {
  const results = new ClientResults();
  results.begin("x", "1");
  results.finish("x", "1", result(1));
  results.begin("x", "1");
  const second = results.of("x", "1");
  results.finish("x", "1", result(2));
  assertEquals((await second).duration, 2);
});

Deno.test("client results: agents and cases are told apart, and an aborted run has none", async () => {
  const results = new ClientResults();
  const waiting = results.of("x", "1");
  results.begin("y", "1");
  results.finish("y", "1", result(1));
  results.begin("x", "2");
  results.finish("x", "2", result(2));
  results.begin("x", "1");
  results.finish("x", "1", undefined);
  results.begin("x", "1");
  results.finish("x", "1", result(3));
  assertEquals((await waiting).duration, 3);
});
