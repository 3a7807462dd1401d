/**
 * The list of cases: complete, in order, and each with its words.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { AUTOBAHN_CASES, CASE_GROUPS } from "../../../../autobahn/suite/cases/mod.ts";
import { compareIds } from "../../../../autobahn/suite/model/ids.ts";

/** How many cases each group has. Sections without groups count as one. */
const COUNTS: Readonly<Record<string, number>> = {
  ...{ "1.1": 8, "1.2": 8 },
  ...{ "2": 11, "3": 7 },
  ...{ "4.1": 5, "4.2": 5 },
  ...{ "5": 20 },
  ...{ "6.1": 3, "6.2": 4, "6.3": 2, "6.4": 4, "6.5": 5, "6.6": 11, "6.7": 4, "6.8": 2 },
  ...{ "6.9": 4, "6.10": 3, "6.11": 5, "6.12": 8, "6.13": 5, "6.14": 10, "6.15": 1 },
  ...{ "6.16": 3, "6.17": 5, "6.18": 5, "6.19": 5, "6.20": 7, "6.21": 8, "6.22": 34, "6.23": 7 },
  ...{ "7.1": 6, "7.3": 6, "7.5": 1, "7.7": 13, "7.9": 9, "7.13": 2 },
  ...{ "9.1": 6, "9.2": 6, "9.3": 9, "9.4": 9, "9.5": 6, "9.6": 6, "9.7": 6, "9.8": 6 },
  ...{ "10.1": 1 },
  ...{ "12.1": 18, "12.2": 18, "12.3": 18, "12.4": 18, "12.5": 18 },
  ...{ "13.1": 18, "13.2": 18, "13.3": 18, "13.4": 18, "13.5": 18, "13.6": 18, "13.7": 18 },
};

/** The number without its last part. */
function groupOf(id: string): string {
  return id.slice(0, id.lastIndexOf("."));
}

Deno.test("cases: all 517 numbers are there, in order", () => {
  const numbers = Object.entries(COUNTS)
    .flatMap(([group, count]) => Array.from({ length: count }, (_, at) => `${group}.${at + 1}`))
    .sort(compareIds);
  assertEquals(numbers.length, 517);
  assertEquals(AUTOBAHN_CASES.map(({ id }) => id), numbers);
});

Deno.test("cases: the sections have as many as Autobahn has", () => {
  const counts: Record<string, number> = {};
  for (const { id } of AUTOBAHN_CASES) {
    const section = id.slice(0, id.indexOf("."));
    counts[section] = (counts[section] ?? 0) + 1;
  }
  assertEquals(counts, {
    ...{ "1": 16, "2": 11, "3": 7, "4": 10, "5": 20, "6": 145, "7": 37 },
    ...{ "9": 54, "10": 1, "12": 90, "13": 126 },
  });
});

Deno.test("cases: each says what is done, what is expected, and where the rule stands", () => {
  for (const each of AUTOBAHN_CASES) {
    assertMatch(each.description, /^[A-Z].{8,}[^ ]$/, each.id);
    assertMatch(each.expectation, /^[A-Z].{8,}\.$/, each.id);
    assertMatch(each.rule, /^RFC (6455|7692) §\d+(\.\d+)*$/, each.id);
    assert(!/[<>]/.test(each.description + each.expectation), `${each.id} is plain text`);
  }
});

Deno.test("cases: no two are described alike", () => {
  const seen = new Map<string, string>();
  for (const { id, description } of AUTOBAHN_CASES) {
    // Section 13 begins where 12 does, and some sequences of bytes belong to two groups.
    const key = `${groupOf(id)} ${description}`;
    assertEquals(seen.get(key), undefined, id);
    seen.set(key, id);
  }
});

Deno.test("cases: every section and every group has a title, and nothing else has", () => {
  const groups = new Set<string>();
  for (const { id } of AUTOBAHN_CASES) {
    groups.add(groupOf(id));
    groups.add(id.slice(0, id.indexOf(".")));
  }
  assertEquals(Object.keys(CASE_GROUPS).toSorted(compareIds), [...groups].toSorted(compareIds));
  for (const [group, title] of Object.entries(CASE_GROUPS)) assertMatch(title, /^[A-Z]/, group);
});

Deno.test("cases: compression is asked for in sections 12 and 13 alone", () => {
  for (const each of AUTOBAHN_CASES) {
    const asks = each.form !== "raw" && each.deflate !== undefined;
    assertEquals(asks, /^1[23]\./.test(each.id), each.id);
  }
});
