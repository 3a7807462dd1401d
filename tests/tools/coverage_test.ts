import { assertEquals, assertMatch } from "@std/assert";
import {
  addUnloaded,
  failures,
  type FileCoverage,
  parseLcov,
  percent,
  type Rule,
  share,
  table,
  uncovered,
} from "./coverage.ts";

const REPORT = `SF:/home/me/tidewire/lib/protocol/a.ts
FN:3,f
FN:9,f
FNDA:2,f
FNDA:0,f
FNF:2
FNH:1
BRDA:4,1,0,0
BRDA:4,1,1,2
BRDA:6,1,2,-
BRF:3
BRH:1
DA:3,2
DA:4,2
DA:5,0
DA:6,0
DA:9,0
LH:2
LF:5
end_of_record
SF:/home/me/tidewire/lib/b.ts
FNF:0
FNH:0
BRF:0
BRH:0
DA:1,1
LH:1
LF:1
end_of_record
`;

const FILES: readonly FileCoverage[] = parseLcov(REPORT, "/home/me/tidewire/");

const RULE: Rule = {
  title: "lib/",
  folder: "lib/",
  profile: "all",
  lines: 50,
  branches: 33,
};

Deno.test("coverage: a report is read file by file", () => {
  assertEquals(FILES.map(({ path }) => path), ["lib/protocol/a.ts", "lib/b.ts"]);
  assertEquals(share(FILES, "lines"), { hit: 3, total: 6 });
  assertEquals(share(FILES, "branches"), { hit: 1, total: 3 });
  assertEquals(share(FILES, "functions"), { hit: 1, total: 2 });
});

Deno.test("coverage: what never ran is named with path and line", () => {
  assertEquals(uncovered(FILES), [
    "lib/protocol/a.ts:5-6 line",
    "lib/protocol/a.ts:9 line",
    "lib/protocol/a.ts:4 branch",
    "lib/protocol/a.ts:6 branch",
    "lib/protocol/a.ts:9 function",
  ]);
});

Deno.test("coverage: a rule that holds says nothing", () => {
  assertEquals(failures(RULE, FILES), []);
});

Deno.test("coverage: each figure below its threshold is named", () => {
  assertEquals(failures({ ...RULE, lines: 51, branches: 34 }, FILES), [
    "lib/: lines 50.0 %, at least 51 % are needed",
    "lib/: branches 33.3 %, at least 34 % are needed",
  ]);
});

Deno.test("coverage: a folder without files in the profile fails", () => {
  assertEquals(failures({ ...RULE, folder: "lib/hub/" }, FILES), [
    "lib/: no file is in the profile",
  ]);
});

Deno.test("coverage: one line of many is enough to miss 100 %, in print too", () => {
  const lines = Array.from({ length: 5000 }, (_, line) => ({ line, count: line === 7 ? 0 : 1 }));
  const files = [{ path: "lib/a.ts", lines, branches: [], functions: [] }];
  assertEquals(failures({ ...RULE, lines: 100 }, files), [
    "lib/: lines 99.9 %, at least 100 % are needed",
  ]);
  assertMatch(table(files), /4999\/5000\s+99\.9 %/);
});

Deno.test("coverage: a file that no test loads counts as uncovered, types alone do not", () => {
  const sources = new Map([
    ["lib/b.ts", "export const b = 1;\n"],
    ["lib/forgotten.ts", "/** Doc. */\nexport function f(): void {\n}\n"],
    ["lib/types.ts", "export interface A {\n  readonly a: string;\n}\n"],
    ["lib/mod.ts", 'export { b } from "./b.ts";\n'],
  ]);
  assertEquals(uncovered(addUnloaded(FILES.slice(1), sources)), ["lib/forgotten.ts:2-3 line"]);
});

Deno.test("coverage: of nothing, everything is covered", () => {
  assertEquals(percent({ hit: 0, total: 0 }), 100);
});
