/** The days of the cases: every case has one, and no day costs more than can be afforded. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { AUTOBAHN_CASES } from "../../../autobahn/suite/cases/mod.ts";
import type { Case } from "../../../autobahn/suite/model/case.ts";
import { chosen, costOf, DAYS, readChoice } from "./choice.ts";

const EVERY_DAY = Array.from({ length: DAYS }, (_, index) => index + 1);

const sum = (cases: readonly Case[]): number =>
  cases.reduce((total, each) => total + costOf(each), 0);
const idsOf = (number: number): string[] => chosen(AUTOBAHN_CASES, number).map(({ id }) => id);

Deno.test("interop conformance: after all days every case has run", () => {
  const seen = new Set(EVERY_DAY.flatMap(idsOf));
  assertEquals([...seen].sort(), AUTOBAHN_CASES.map(({ id }) => id).sort());
  assertEquals(chosen(AUTOBAHN_CASES, "all"), AUTOBAHN_CASES);
  assertEquals(chosen(AUTOBAHN_CASES, 27, { shift: 3 }), chosen(AUTOBAHN_CASES, 2));
});

Deno.test("interop conformance: a day has its cases once, and those that always run", () => {
  const always = AUTOBAHN_CASES.map(({ id }) => id)
    .filter((id) => !/^1[23]\./.test(id) || /\.[35]$/.test(id));
  assertEquals(always.length, 301 + 12 * 2);
  for (const number of EVERY_DAY) {
    const ids = idsOf(number);
    assertEquals(new Set(ids).size, ids.length);
    assertEquals(always.filter((id) => !ids.includes(id)), []);
  }
  const own = EVERY_DAY.map((number) => idsOf(number).filter((id) => !always.includes(id)));
  assertEquals(own.flat().length, 12 * 16);
});

Deno.test("interop conformance: no day costs more than all messages of up to 8 KiB", () => {
  const short = AUTOBAHN_CASES.filter(({ id }) => /^1[23]\.\d\.([1-6]|11)$/.test(id));
  for (const number of EVERY_DAY) {
    const cost = sum(chosen(AUTOBAHN_CASES, number));
    assert(cost <= sum(short), `day ${number}: ${cost} of ${sum(short)}`);
  }
});

Deno.test("interop conformance: the day is today, or what is asked for", () => {
  const day = 24 * 60 * 60 * 1000;
  const first = Date.parse("2026-01-02T00:00:00Z");
  const days = EVERY_DAY.map((_, index) => readChoice("", first + index * day));
  assertEquals(days.toSorted((a, b) => Number(a) - Number(b)), EVERY_DAY);
  assertEquals(readChoice("", first + DAYS * day), readChoice("", first));
  assertEquals(readChoice("", first + day - 1), readChoice("", first));
  assertEquals([readChoice("1"), readChoice("28"), readChoice("all")], [1, 28, "all"]);
  for (const text of ["0", "29", "1.5", "some"]) {
    assertThrows(() => readChoice(text), TypeError, `must be "all" or a day, 1 to 28: ${text}`);
  }
});
