import { assertEquals } from "@std/assert";
import { mergeIndex } from "../../../../autobahn/suite/report/index_json.ts";
import { caseResult, failedResult } from "./fixtures.ts";

const EMPTY = new Map();

Deno.test("index: an entry has both verdicts, duration, close code and file", () => {
  const index = mergeIndex(EMPTY, [failedResult({ remoteCloseCode: null, duration: 17 })]);
  assertEquals(index.get("ws 8.23")?.get("6.4.1"), {
    behavior: "FAILED",
    behaviorClose: "OK",
    duration: 17,
    remoteCloseCode: null,
    reportfile: "ws_8_23_case_6_4_1.json",
  });
});

Deno.test("index: a run with another agent keeps the first", () => {
  const first = mergeIndex(EMPTY, [caseResult({ agent: "first" })]);
  const both = mergeIndex(first, [caseResult({ agent: "second" })]);
  assertEquals([...both.keys()], ["first", "second"]);
  assertEquals(both.get("first"), first.get("first"));
});

Deno.test("index: an agent that is tested again is replaced as a whole", () => {
  const first = mergeIndex(EMPTY, [caseResult(), failedResult()]);
  const again = mergeIndex(first, [caseResult({ duration: 99 })]);
  assertEquals([...again.get("ws 8.23")?.keys() ?? []], ["1.1.1"]);
  assertEquals(again.get("ws 8.23")?.get("1.1.1")?.duration, 99);
});

Deno.test("index: agents with like names have files of their own, in one run and in two", () => {
  const first = mergeIndex(EMPTY, [caseResult({ agent: "a b" }), caseResult({ agent: "A-B" })]);
  const index = mergeIndex(first, [caseResult({ agent: "a.b" })]);
  assertEquals([...index.values()].map((cases) => cases.get("1.1.1")?.reportfile), [
    "a_b_case_1_1_1.json",
    "a_b_2_case_1_1_1.json",
    "a_b_3_case_1_1_1.json",
  ]);
});
