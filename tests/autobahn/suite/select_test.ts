/** Patterns of case numbers, on a small catalogue. */
import { assertEquals, assertThrows } from "@std/assert";
import type { Case, Role } from "../../../autobahn/suite/model/case.ts";
import {
  type Catalogue,
  selectCases,
  type Selection,
  SelectionError,
} from "../../../autobahn/suite/select.ts";

function fakeCase(id: string, testees?: readonly Role[]): Case {
  return {
    form: "raw",
    id,
    description: "",
    expectation: "",
    rule: "",
    ...(testees === undefined ? {} : { testees }),
    run: () => Promise.reject(new Error("not to be run")),
  };
}

const CATALOGUE: Catalogue = {
  autobahn: ["1.1.1", "1.1.2", "1.2.1", "2.1", "2.10", "2.11", "10.1.1", "12.1.1"]
    .map((id) => fakeCase(id)),
  beyond: [
    fakeCase("20.1", ["server"]),
    fakeCase("21.1", ["client"]),
    fakeCase("22.1"),
  ],
};

function select(selection: Partial<Selection>): string {
  return selectCases(CATALOGUE, { role: "server", ...selection }).map(({ id }) => id).join(" ");
}

const SELECTIONS: readonly (readonly [string, Partial<Selection>, string])[] = [
  ["nothing said", {}, "1.1.1 1.1.2 1.2.1 2.1 2.10 2.11 10.1.1 12.1.1"],
  ["a section", { include: ["1.*"] }, "1.1.1 1.1.2 1.2.1"],
  ["a prefix without a dot", { include: ["1*"] }, "1.1.1 1.1.2 1.2.1 10.1.1 12.1.1"],
  ["one number", { include: ["2.1"] }, "2.1"],
  ["a group", { include: ["1.1"] }, "1.1.1 1.1.2"],
  ["a star in the middle", { include: ["1.*.1"] }, "1.1.1 1.2.1"],
  ["several, in whatever order", { include: ["2.*", "1.1.1", "2.1"] }, "1.1.1 2.1 2.10 2.11"],
  ["exclusion", { exclude: ["1.*", "10.*", "12"] }, "2.1 2.10 2.11"],
  ["exclusion from a section", { include: ["2.*"], exclude: ["2.1*"] }, ""],
  ["exclusion of one", { include: ["2.*"], exclude: ["2.1"] }, "2.10 2.11"],
  ["beyond", { beyond: true, include: ["2*"] }, "2.1 2.10 2.11 20.1 22.1"],
  ["a pattern that names only what is beyond", { include: ["20.*", "1.2"] }, "1.2.1 20.1"],
  ["a star alone stays within Autobahn", { include: ["*"], exclude: ["1*"] }, "2.1 2.10 2.11"],
  ["clients", { role: "client", beyond: true, exclude: ["1*", "2.*"] }, "21.1 22.1"],
];

for (const [what, selection, expected] of SELECTIONS) {
  Deno.test(`select: ${what}`, () => {
    if (expected !== "") assertEquals(select(selection), expected);
    else assertThrows(() => select(selection), SelectionError, "No case is left");
  });
}

const MISTAKES: readonly (readonly [Partial<Selection>, string])[] = [
  [{ include: ["3.*"] }, 'No case has a number like "3.*"'],
  [{ include: ["1.1", "2.12"] }, 'No case has a number like "2.12"'],
  [{ exclude: ["99"] }, 'No case has a number like "99"'],
  [{ include: [""] }, 'No case has a number like ""'],
  [{ include: ["(1.1.1|2.1)"] }, "No case has a number like"],
  [{ include: ["1.1.1", "21.*"] }, 'The cases of "21.*" are for clients only'],
  [{ role: "client", include: ["20.1"] }, 'The cases of "20.1" are for servers only'],
];

for (const [selection, words] of MISTAKES) {
  Deno.test(`select: refused: ${JSON.stringify(selection)}`, () => {
    assertThrows(() => select(selection), SelectionError, words);
  });
}
