/**
 * The order of case numbers.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { compareIds } from "../../../../autobahn/suite/model/ids.ts";

Deno.test("ids: parts are compared as numbers", () => {
  const ids = ["13.1.1", "2.10", "1.1.8", "9.1.2", "2.9", "1.2.1", "12.1.10", "12.1.9"];
  assertEquals(ids.sort(compareIds), [
    "1.1.8",
    "1.2.1",
    "2.9",
    "2.10",
    "9.1.2",
    "12.1.9",
    "12.1.10",
    "13.1.1",
  ]);
});

Deno.test("ids: a group comes before what is in it, and a number is equal to itself", () => {
  assertEquals(["6.1.1", "6.1", "6"].sort(compareIds), ["6", "6.1", "6.1.1"]);
  assertEquals(compareIds("6.4.1", "6.4.1"), 0);
});
