/** Reports that were doctored, and what the checker says of them. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { checkVerdicts } from "../../../autobahn/checker/check_report.ts";
import { parseIndex } from "../../../autobahn/checker/index_file.ts";
import { summaryText } from "../../../autobahn/checker/summary.ts";
import { FileFormatError, parseExpected } from "../../../autobahn/suite/cli/expected_file.ts";
import { expectedPath, type Index, reportAsExpected } from "./reports.ts";

const NAME = "native_server";

function check(doctor: (index: Index) => void, count = 517): { code: number; text: string } {
  const index = reportAsExpected(NAME);
  doctor(index);
  const [[agent, verdicts] = ["", new Map()]] = parseIndex(JSON.stringify(index), "index.json");
  return checkVerdicts(agent, verdicts, {
    expected: {
      verdicts: parseExpected(Deno.readTextFileSync(expectedPath(NAME)), NAME),
      source: `${NAME}.json`,
    },
    count,
    updateHint: "--update",
  });
}

Deno.test("check: a report that is as expected passes", () => {
  const { code, text } = check(() => {});
  assertEquals(code, 0);
  assertStringIncludes(text, "All of 517 results are as in native_server.json.");
});

const DOCTORED: readonly (readonly [
  what: string,
  doctor: (index: Index) => void,
  words: readonly string[],
])[] = [
  ["a case that is missing", ({ tidewire }) => delete tidewire!["5.6"], [
    "There must be 517 cases, and there are 516.",
    "5.6   missing  OK / OK   (none)",
  ]],
  ["a case too many", ({ tidewire }) => tidewire!["8.1"] = tidewire!["1.1.1"]!, [
    "There must be 517 cases, and there are 518.",
    "8.1   new  (none)    OK / OK",
  ]],
  ["one case in the place of another", ({ tidewire }) => {
    tidewire!["8.1"] = tidewire!["1.1.1"]!;
    delete tidewire!["1.1.1"];
  }, ["1.1.1  missing", "8.1    new ", "2 of 517 results are not as in native_server.json."]],
  ["a behavior that is worse", ({ tidewire }) => tidewire!["1.1.1"]!.behavior = "FAILED", [
    "1.1.1  worse  OK / OK   FAILED / OK",
  ]],
  ["a close that is worse", ({ tidewire }) => tidewire!["1.1.1"]!.behaviorClose = "UNCLEAN", [
    "1.1.1  worse  OK / OK   OK / UNCLEAN",
  ]],
  ["a behavior that is better", ({ tidewire }) => tidewire!["6.4.3"]!.behavior = "OK", [
    "6.4.3  better  NON-STRICT / OK  OK / OK",
    "Nothing is worse: keep it with --update.",
  ]],
  ["a close that is better", ({ tidewire }) => tidewire!["7.3.6"]!.behaviorClose = "OK", [
    "7.3.6  better  OK / FAILED BY CLIENT  OK / OK",
    "Nothing is worse: keep it with --update.",
  ]],
  ["no case at all", (index) => index["tidewire"] = {}, [
    "There must be 517 cases, and there are 0.",
    "517 of 517 results are not as in native_server.json.",
  ]],
];

for (const [what, doctor, words] of DOCTORED) {
  Deno.test(`check: ${what} is a drift`, () => {
    const { code, text } = check(doctor);
    assertEquals(code, 4);
    for (const each of words) assertStringIncludes(text, each);
  });
}

Deno.test("check: the number of cases counts even where every result is as expected", () => {
  const { code, text } = check(() => {}, 516);
  assertEquals(code, 4);
  assertStringIncludes(text, "There must be 516 cases, and there are 517.");
});

Deno.test("check: without expected results, a fault is a fault", () => {
  const verdicts = (name: string) =>
    parseIndex(JSON.stringify(reportAsExpected(name)), "index.json").get("tidewire")!;
  const options = { count: 517, updateHint: "" };
  const clean = checkVerdicts("a", verdicts("codec_server"), options);
  assertEquals(clean.code, 0);
  assertStringIncludes(clean.text, "No case has a fault.");
  const faulty = checkVerdicts("a", verdicts(NAME), options);
  assertEquals(faulty.code, 1);
  assertStringIncludes(faulty.text, "219 of 517 cases have a fault.");
});

Deno.test("check: the table counts by section, and names what is not OK", () => {
  const verdicts = parseIndex(JSON.stringify(reportAsExpected(NAME)), "index.json");
  const lines = summaryText("tidewire", verdicts.get("tidewire")!).split("\n");
  assertEquals(lines[0], "tidewire");
  assert(lines.some((line) => /^7 +37 +34 OK, 3 INFORMATIONAL +33 OK, /.test(line)));
  assert(lines.some((line) => /^12 +90 +90 UNIMPLEMENTED +90 OK$/.test(line)));
  assert(lines.some((line) => /^all +517 +296 OK, /.test(line)));
  assert(lines.includes("6.4.3, 6.4.4           NON-STRICT / OK"));
  assert(lines.includes("12.1.1 … 12.1.18 (18)  UNIMPLEMENTED / OK"));
});

const WRONG: readonly (readonly [text: string, message: string])[] = [
  ["", "index.json is no JSON"],
  [`{"a": {"1.1.1": {"behavior": "OK"`, "index.json is no JSON"],
  [`["a"]`, "index.json: the whole must be an object"],
  [`{"a": []}`, 'index.json, agent "a": it must be an object of cases'],
  [`{"a": {"1.1.1": "OK"}}`, 'index.json, agent "a", case 1.1.1: it must be an object'],
  [`{"a": {"1.1.1": {"behavior": "OK"}}}`, '"behaviorClose": a verdict must be one of'],
  [`{"a": {"1.1.1": {"behavior": "GOOD", "behaviorClose": "OK"}}}`, 'got "GOOD"'],
];

for (const [text, message] of WRONG) {
  Deno.test(`check: an index that is refused: ${text}`, () => {
    assertThrows(() => parseIndex(text, "index.json"), FileFormatError, message);
  });
}
