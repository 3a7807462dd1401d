/**
 * How bytes are shown in reports.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  reportedOctets,
  reportedPayload,
  shownHex,
  shownPayload,
} from "../../../../autobahn/suite/wire/shown.ts";
import { unhex } from "../../../support/hex.ts";

const text = (length: number): Uint8Array => new Uint8Array(length).fill(0x2a);

Deno.test("shown: text stands as text, other bytes as digits", () => {
  assertEquals(shownPayload(new TextEncoder().encode("Grüße")), "Grüße");
  assertEquals(shownPayload(unhex("03e8")), "0x03e8");
  assertEquals(shownPayload(unhex("")), "");
  assertEquals(shownPayload(unhex("efbbbf41")), "\uFEFFA");
});

Deno.test("shown: more than 60 bytes are cut after 64", () => {
  assertEquals(shownPayload(text(60)), "*".repeat(60));
  assertEquals(shownPayload(text(61)), "*".repeat(61) + " ...");
  assertEquals(shownPayload(text(64)), "*".repeat(64) + " ...");
  assertEquals(shownPayload(text(1000)), "*".repeat(64) + " ...");
  assertEquals(shownHex(text(60)), "2a".repeat(60));
  assertEquals(shownHex(text(100)), "2a".repeat(64) + " ...");
});

Deno.test("shown: a text that is cut within a character is shown in digits", () => {
  const bytes = new TextEncoder().encode("a" + "ä".repeat(40));
  assertEquals(shownPayload(bytes), `0x61${"c3a4".repeat(31)}c3 ...`);
});

Deno.test("shown: the length is that of the whole, also of a beginning", () => {
  assertEquals(reportedOctets(unhex("8100")), [2, "8100"]);
  assertEquals(reportedPayload(text(64), 5000), [5000, "*".repeat(64) + " ..."]);
});
