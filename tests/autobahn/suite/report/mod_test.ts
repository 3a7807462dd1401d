import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import {
  InvalidReportError,
  readIndex,
  readResults,
  writeReports,
} from "../../../../autobahn/suite/report/mod.ts";
import { canonicalJson } from "../../../../autobahn/suite/report/canonical_json.ts";
import { caseResult, failedResult, HOSTILE_AGENT } from "./fixtures.ts";

/** Runs a test with a folder of its own. */
async function inFolder(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "report-" });
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function namesIn(directory: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(directory))).map((entry) => entry.name).sort();
}

Deno.test("report: a case's file, the index and the page are written", () =>
  inFolder(async (parent) => {
    const directory = join(parent, "made", "on demand");
    const paths = await writeReports([caseResult(), failedResult()], { directory });
    assertEquals(await namesIn(directory), [
      "index.html",
      "index.json",
      "ws_8_23_case_1_1_1.json",
      "ws_8_23_case_6_4_1.json",
    ]);
    assertEquals(
      paths.map((path) => path.slice(directory.length + 1)).sort(),
      await namesIn(directory),
    );
    assertEquals(
      await Deno.readTextFile(join(directory, "index.json")),
      `{
   "ws 8.23": {
      "1.1.1": {
         "behavior": "OK",
         "behaviorClose": "OK",
         "duration": 3,
         "remoteCloseCode": 1000,
         "reportfile": "ws_8_23_case_1_1_1.json"
      },
      "6.4.1": {
         "behavior": "FAILED",
         "behaviorClose": "OK",
         "duration": 3,
         "remoteCloseCode": 1000,
         "reportfile": "ws_8_23_case_6_4_1.json"
      }
   }
}`,
    );
  }));

Deno.test("report: the file of a case is the whole result, key by key", () =>
  inFolder(async (directory) => {
    const result = failedResult();
    await writeReports([result], { directory });
    const text = await Deno.readTextFile(join(directory, "ws_8_23_case_6_4_1.json"));
    assertEquals(JSON.parse(text), result);
    assertEquals(text, canonicalJson(result));
    assertStringIncludes(
      text,
      '   "rxOctetStats": {\n      "2": 1,\n      "4": 1,\n      "100": 1\n   },\n',
    );
    const keys = Object.keys(JSON.parse(text));
    assertEquals(keys, keys.toSorted());
  }));

Deno.test("report: agents that are tested one after the other stand in one report", () =>
  inFolder(async (directory) => {
    await writeReports([caseResult({ agent: "first" })], { directory });
    await writeReports([failedResult({ agent: "second" })], { directory });
    assertEquals([...(await readIndex(directory)).keys()], ["first", "second"]);
    const page = await Deno.readTextFile(join(directory, "index.html"));
    assertStringIncludes(page, '"name":"first"');
    assertStringIncludes(page, '"name":"second"');
  }));

Deno.test("report: files of an earlier run of the same agent go", () =>
  inFolder(async (directory) => {
    await writeReports([caseResult(), failedResult()], { directory });
    await Deno.writeTextFile(join(directory, "notes.txt"), "mine");
    await writeReports([caseResult()], { directory });
    assertEquals(await namesIn(directory), [
      "index.html",
      "index.json",
      "notes.txt",
      "ws_8_23_case_1_1_1.json",
    ]);
  }));

Deno.test("report: what Autobahn wrote is kept, and read without what it does not have", () =>
  inFolder(async (directory) => {
    const { rule: _rule, level: _level, ...genuine } = caseResult({ agent: "genuine" });
    const index = { genuine: { "1.1.1": entryOf("genuine_case_1_1_1.json") } };
    await Deno.writeTextFile(join(directory, "index.json"), JSON.stringify(index));
    await Deno.writeTextFile(join(directory, "genuine_case_1_1_1.json"), JSON.stringify(genuine));
    await writeReports([caseResult()], { directory });
    const [first] = await readResults(directory, await readIndex(directory));
    assertEquals(first, { ...genuine, rule: "", level: "MUST" });
  }));

Deno.test("report: a hostile agent gets plain files, and its name back", () =>
  inFolder(async (directory) => {
    await writeReports([caseResult({ agent: HOSTILE_AGENT })], { directory });
    await writeReports([caseResult({ agent: "__proto__" })], { directory });
    const index = await readIndex(directory);
    assertEquals([...index.keys()].sort(), [HOSTILE_AGENT, "__proto__"].sort());
    for (const name of await namesIn(directory)) {
      assert(/^[a-z0-9_]+\.(json|html)$/.test(name), name);
    }
    const page = await Deno.readTextFile(join(directory, "index.html"));
    assertEquals(page.includes("<img"), false);
  }));

Deno.test("report: a folder with another index.json is refused, and left as it is", () =>
  inFolder(async (directory) => {
    const bad = [
      "{",
      "[]",
      "null",
      '{"a": []}',
      '{"a": {"1.1.1": {}}}',
      JSON.stringify({ a: { "1.1.1": entryOf("../../etc/passwd") } }),
      JSON.stringify({ a: { '"><script>': entryOf("a_case_1.json") } }),
      JSON.stringify({ a: { "1.1.1": { ...entryOf("a_case_1_1_1.json"), behavior: "FINE" } } }),
    ];
    for (const text of bad) {
      await Deno.writeTextFile(join(directory, "index.json"), text);
      await assertRejects(() => writeReports([caseResult()], { directory }), InvalidReportError);
      assertEquals(await namesIn(directory), ["index.json"], text);
      assertEquals(await Deno.readTextFile(join(directory, "index.json")), text);
    }
  }));

Deno.test("report: a case whose file is gone or broken is told apart", () =>
  inFolder(async (directory) => {
    await writeReports([caseResult({ agent: "first" })], { directory });
    const path = join(directory, "first_case_1_1_1.json");
    await Deno.writeTextFile(path, '{"behavior": "OK"}');
    const error = await assertRejects(
      () => writeReports([caseResult({ agent: "second" })], { directory }),
      InvalidReportError,
    );
    assertStringIncludes(error.message, "first_case_1_1_1.json is no result of a case");
    await Deno.remove(path);
    await writeReports([caseResult({ agent: "second" })], { directory });
    assertEquals([...(await readIndex(directory)).keys()], ["first", "second"]);
  }));

function entryOf(reportfile: string): Record<string, unknown> {
  return { behavior: "OK", behaviorClose: "OK", duration: 1, remoteCloseCode: 1000, reportfile };
}
