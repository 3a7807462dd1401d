import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import { inflateRawSync } from "node:zlib";
import { embeddedJson, reportPage } from "../../../../autobahn/suite/report/html.ts";
import { caseResult, failedResult, HOSTILE_AGENT } from "./fixtures.ts";

const GROUPS = { "1": "Framing", "1.1": "Text", "6": "UTF-8" };

/** What stands in the elements of one name, with their attributes. */
function elements(page: string, name: string): { attributes: string; content: string }[] {
  return [...page.matchAll(new RegExp(`<${name}([^>]*)>(.*?)</${name}>`, "gs"))]
    .map(([, attributes = "", content = ""]) => ({ attributes, content }));
}

Deno.test("report page: its policy allows its own script and styles by hash, and nothing else", () => {
  const page = reportPage([caseResult()], GROUPS);
  const [, policy = ""] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  const hashes = (name: string): string =>
    elements(page, name).filter(({ attributes }) => attributes === "")
      .map(({ content }) => `'sha256-${createHash("sha256").update(content).digest("base64")}'`)
      .join(" ");
  assertEquals(policy.split("; "), [
    "default-src 'none'",
    `script-src ${hashes("script")}`,
    `style-src ${hashes("style")}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  assertEquals(elements(page, "style").length, 5);
});

Deno.test("report page: nothing is loaded from anywhere", () => {
  const page = reportPage([caseResult()], GROUPS);
  assertEquals(page.match(/\b(src|href|action)="(?!data:)[^"]*"/g), null);
  assertEquals(page.match(/@import|url\(/g), null);
  assertEquals(page.match(/<!-- (policy|report) -->/g), null);
});

Deno.test("report page: the index has both verdicts and sentences, the packs have the rest", () => {
  const results = [caseResult(), failedResult(), caseResult({ agent: "other", isServer: true })];
  const page = reportPage(results, GROUPS);
  const scripts = elements(page, "script");
  const index = JSON.parse(
    scripts.find(({ attributes }) => attributes.includes("json"))?.content ?? "",
  );
  assertEquals(index.groups, GROUPS);
  assertEquals(index.cases.map(({ id }: { id: string }) => id), ["1.1.1", "6.4.1"]);
  assertEquals(index.agents, [
    {
      name: "ws 8.23",
      role: "server",
      tested: "2026-01-02T03:04:05.678Z",
      cells: [["OK", "OK", 3, 1000, 0, 1], ["FAILED", "OK", 3, 1000, 2, 1]],
    },
    {
      name: "other",
      role: "client",
      tested: "2026-01-02T03:04:05.678Z",
      cells: [["OK", "OK", 3, 1000, 0, 1], null],
    },
  ]);
  const packs = scripts.filter(({ attributes }) => attributes.includes("pack-"));
  assertEquals(packs.map(({ attributes }) => attributes.match(/id="(.*)"/)?.[1]), [
    "pack-0-1",
    "pack-0-6",
    "pack-1-1",
  ]);
  const packed = Buffer.from(packs[1]?.content ?? "", "base64");
  assertEquals(JSON.parse(inflateRawSync(packed).toString()), { "6.4.1": failedResult() });
});

Deno.test("report page: hostile words stay words", () => {
  const words = { description: HOSTILE_AGENT, result: HOSTILE_AGENT, rule: HOSTILE_AGENT };
  const plain = reportPage([caseResult()], GROUPS);
  const page = reportPage([caseResult({ ...words, agent: HOSTILE_AGENT })], GROUPS);
  assertEquals(elements(page, "script").length, elements(plain, "script").length);
  assertEquals(page.includes("<img"), false);
  const data = elements(page, "script").find(({ attributes }) => attributes.includes("json"));
  assertEquals(JSON.parse(data?.content ?? "").agents[0].name, HOSTILE_AGENT);
});

Deno.test("report page: embedded JSON has nothing that could end a script element", () => {
  const text = embeddedJson(["</script><!--\u2028\u2029", "$&"]);
  assertEquals(
    text,
    '["\\u003c/script\\u003e\\u003c!--\\u2028\\u2029","$\\u0026"]'.replace("\\u0026", "&"),
  );
  assertEquals(JSON.parse(text), ["</script><!--\u2028\u2029", "$&"]);
});

Deno.test("report page: a very long wire log keeps its beginning and its end", () => {
  const line = ["RO", [1, "00"]] as const;
  const wirelog = Array.from({ length: 50_000 }, () => [line[0], [...line[1]]]);
  const result = caseResult({
    wirelog: wirelog as typeof wirelog & ReturnType<typeof caseResult>["wirelog"],
  });
  const page = reportPage([result], GROUPS);
  assert(page.length < 200_000, `${page.length} characters`);
  const pack = elements(page, "script").find(({ attributes }) => attributes.includes("pack-0-1"));
  const kept = JSON.parse(inflateRawSync(Buffer.from(pack?.content ?? "", "base64")).toString());
  assertEquals(kept["1.1.1"].wirelog.length, 1_502);
  assertStringIncludes(JSON.stringify(kept["1.1.1"].wirelog), '["WLM",false],["WLM",true]');
});
