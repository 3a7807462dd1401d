import { assert, assertEquals, assertMatch } from "@std/assert";
import { BEYOND_CASES, BEYOND_GROUPS } from "../../../../autobahn/suite/beyond/mod.ts";
import { AUTOBAHN_CASES } from "../../../../autobahn/suite/cases/mod.ts";
import { compareIds } from "../../../../autobahn/suite/model/ids.ts";

const ids = BEYOND_CASES.map(({ id }) => id);

Deno.test("beyond: numbers are unique, in order, and none of Autobahn's", () => {
  assertEquals(new Set(ids).size, ids.length);
  assertEquals(ids, ids.toSorted(compareIds));
  const taken = new Set(AUTOBAHN_CASES.map(({ id }) => id));
  assertEquals(ids.filter((id) => taken.has(id)), []);
});

Deno.test("beyond: the cases of a group are numbered from 1, without a gap", () => {
  const last = new Map<string, number>();
  for (const id of ids) {
    assertMatch(id, /^2\d\.\d+\.\d+$/);
    const dot = id.lastIndexOf(".");
    const [group, position] = [id.slice(0, dot), Number(id.slice(dot + 1))];
    assertEquals(position, (last.get(group) ?? 0) + 1, id);
    last.set(group, position);
  }
});

Deno.test("beyond: every section and group has a title, and every title a group", () => {
  const groups = new Set(ids.flatMap((id) => {
    const [section, group] = id.split(".");
    return [section!, `${section}.${group}`];
  }));
  assertEquals(Object.keys(BEYOND_GROUPS).toSorted(compareIds), [...groups].toSorted(compareIds));
  for (const [group, title] of Object.entries(BEYOND_GROUPS)) {
    assertMatch(title, /^[A-Z].*[^.]$/, group);
  }
});

Deno.test("beyond: every case has words, and a rule that names its section", () => {
  for (const { id, description, expectation, rule } of BEYOND_CASES) {
    assertMatch(description, /^[A-Z0-9].*\.$/su, id);
    assertMatch(expectation, /^[A-Z0-9].*\.$/su, id);
    assertMatch(rule, /^RFC \d{4} §\d[\d.]*(, (RFC \d{4} )?§\d[\d.]*)*$/, id);
    assert(!/\s\s/.test(description + expectation), id);
  }
});

Deno.test("beyond: no two cases of a group say the same", () => {
  const seen = new Set<string>();
  for (const { id, description } of BEYOND_CASES) {
    const key = `${id.slice(0, id.lastIndexOf("."))} ${description}`;
    assert(!seen.has(key), `${id}: ${description}`);
    seen.add(key);
  }
});

Deno.test("beyond: sections 20 and 21 are for one part, the others for both", () => {
  const testees = (section: string): Set<string> =>
    new Set(
      BEYOND_CASES.filter(({ id }) => id.startsWith(`${section}.`))
        .flatMap(({ testees = ["server", "client"] }) => testees),
    );
  assertEquals(testees("20"), new Set(["server"]));
  assertEquals(testees("21"), new Set(["client"]));
  for (const section of ["22", "23", "24", "25", "26", "27", "28"]) {
    assertEquals(testees(section), new Set(["server", "client"]), section);
  }
});
