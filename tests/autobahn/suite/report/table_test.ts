import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { BEHAVIORS } from "../../../../autobahn/suite/model/behavior.ts";
import { formatTable } from "../../../../autobahn/suite/report/mod.ts";
import { caseResult, failedResult, HOSTILE_AGENT } from "./fixtures.ts";

const PLAIN = { colour: false } as const;

Deno.test("table: counts by section, then a sentence for every fault", () => {
  const results = [
    caseResult(),
    failedResult({ behaviorClose: "WRONG CODE", resultClose: "1002 is not 1007." }),
    caseResult({ id: "10.1.1", behavior: "INFORMATIONAL", behaviorClose: "INFORMATIONAL" }),
  ];
  assertEquals(
    formatTable(results, PLAIN),
    `ws 8.23, a server, 3 cases

                              INFOR-
                              MATIO-
Section           Cases   OK     NAL  FAILED  Closing
1 Framing             1    1
6 UTF-8               1                    1  1 WRONG CODE
10 Miscellaneous      1            1
All                   3    1       1       1  1 WRONG CODE

6.4.1    FAILED: Something else came.
         closing WRONG CODE: 1002 is not 1007.
`,
  );
});

Deno.test("table: without faults there are no sentences, and no column for closing", () => {
  assertEquals(
    formatTable([caseResult({ isServer: true })], PLAIN),
    `ws 8.23, a client, 1 case

Section    Cases   OK
1 Framing      1    1
All            1    1
`,
  );
});

Deno.test("table: agents stand one after the other", () => {
  const text = formatTable([caseResult({ agent: "b" }), caseResult({ agent: "a" })], PLAIN);
  assertEquals(text.match(/^\w, a server, 1 case$/gm), [
    "b, a server, 1 case",
    "a, a server, 1 case",
  ]);
});

Deno.test("table: no results", () => {
  assertEquals(formatTable([], PLAIN), "No case was run.\n");
});

Deno.test("table: every line fits the width", () => {
  const results = BEHAVIORS.map((behavior, index) =>
    caseResult({
      id: `${index + 1}.1.1`,
      behavior,
      behaviorClose: behavior,
      result: "A sentence of many short words that go on and on for a while. ".repeat(4),
    })
  );
  for (const width of [40, 60, 80, 100, 160]) {
    for (const line of formatTable(results, { colour: false, width }).split("\n")) {
      assert(line.length <= width, `${line.length} > ${width}: ${line}`);
    }
  }
});

Deno.test("table: colours change nothing but colours", () => {
  const results = [caseResult(), failedResult({ behaviorClose: "UNCLEAN" })];
  const coloured = formatTable(results, { colour: true });
  assertStringIncludes(coloured, "\x1b[31mFAILED\x1b[39m: Something else came.");
  assertStringIncludes(coloured, "\x1b[32m1\x1b[39m");
  // deno-lint-ignore no-control-regex -- escape sequences
  assertEquals(coloured.replace(/\x1b\[\d+m/g, ""), formatTable(results, PLAIN));
});

Deno.test("table: a hostile agent writes nothing to the terminal but its name", () => {
  const results = [failedResult({ agent: HOSTILE_AGENT, result: HOSTILE_AGENT })];
  const text = formatTable(results, PLAIN);
  // deno-lint-ignore no-control-regex -- what a terminal would act on
  assertEquals(text.match(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]/g), null);
});

Deno.test("table: neighbours with the same faults share a line, where nothing lies between", () => {
  const failed = ["6.4.1", "6.4.2", "6.4.3", "6.4.5", "6.5.1", "6.5.2"].map((id) =>
    failedResult({ id })
  );
  const results = [...failed, caseResult({ id: "6.4.4" })];
  assertEquals(
    formatTable(results, PLAIN).split("\n").filter((line) => line.includes("Something")),
    [
      "6.4.1 to 6.4.3 FAILED: Something else came.",
      "6.4.5    FAILED: Something else came.",
      "6.5.1, 6.5.2 FAILED: Something else came.",
    ],
  );
});

Deno.test("table: one sentence for both verdicts is told once", () => {
  const both = failedResult({ behaviorClose: "WRONG CODE", resultClose: "Something else came." });
  assertStringIncludes(
    formatTable([both], PLAIN),
    "\n6.4.1    FAILED, closing WRONG CODE: Something else came.\n",
  );
});
