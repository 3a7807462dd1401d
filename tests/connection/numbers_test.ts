/**
 * The check of options that are numbers.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { delay, integer, wrongType } from "../../lib/connection/numbers.ts";

const RANGE = { default: 3, from: 1, to: 5 };

Deno.test("numbers: what is within the range is kept, and undefined is the default", () => {
  for (const value of [1, 2, 5]) assertEquals(integer("size", value, RANGE), value);
  assertEquals(integer("size", undefined, RANGE), 3);
  assertEquals(integer("size", undefined, { default: 9, from: 1, to: 5 }), 9);
  assertEquals(delay("timeout", undefined, { default: 3, from: 1 }), 3);
  for (const value of [0, 1, 2 ** 31 - 1]) {
    assertEquals(delay("timeout", value, { default: 3, from: 0 }), value);
  }
});

Deno.test("numbers: what is out of the range or not whole is a RangeError that names it", () => {
  for (const value of [0, 6, -1, 1.5, NaN, Infinity, -Infinity, 2 ** 53]) {
    assertThrows(
      () => integer("size", value, RANGE),
      RangeError,
      `size must be a whole number from 1 to 5; got ${value}`,
    );
  }
});

Deno.test("numbers: a delay is what a timer can hold", () => {
  for (const value of [0, -1, 0.5, NaN, 2 ** 31, Infinity]) {
    assertThrows(
      () => delay("timeout", value, { default: 1, from: 1 }),
      RangeError,
      `timeout must be a whole number from 1 to 2147483647; got ${value}`,
    );
  }
});

Deno.test("numbers: what is no number is a TypeError that names it", () => {
  const wrong: readonly (readonly [value: unknown, got: string])[] = [
    ["3", "string"],
    [null, "null"],
    [true, "boolean"],
    [3n, "bigint"],
    [{ valueOf: () => 3 }, "object"],
    [[3], "object"],
    [() => 3, "function"],
    [Symbol("3"), "symbol"],
  ];
  for (const [value, got] of wrong) {
    const message = `must be a number; got ${got}`;
    assertThrows(() => integer("size", value as number, RANGE), TypeError, `size ${message}`);
    assertThrows(() => delay("timeout", value as number, RANGE), TypeError, `timeout ${message}`);
  }
});

Deno.test("numbers: an error for an option of the wrong type tells a null from an object", () => {
  const error = wrongType("heartbeat", "an object or false", null);
  assertEquals(error.message, "heartbeat must be an object or false; got null");
  assertEquals(error instanceof TypeError, true);
  assertEquals(wrongType("a", "a string", {}).message, "a must be a string; got object");
});
