import { assertEquals, assertThrows } from "@std/assert";
import { type HeadLimits, resolveHeadLimits } from "../../../lib/protocol/handshake/head_limits.ts";

Deno.test("head limits: the defaults", () => {
  assertEquals(resolveHeadLimits({}), {
    maxHeadBytes: 16_384,
    maxLineBytes: 8_192,
    maxFields: 100,
  });
});

Deno.test("head limits: each can be set", () => {
  const limits = { maxHeadBytes: 1, maxLineBytes: 2, maxFields: 3 };
  assertEquals(resolveHeadLimits(limits), limits);
});

Deno.test("head limits: what is no limit is refused by its name", () => {
  for (const name of ["maxHeadBytes", "maxLineBytes", "maxFields"]) {
    for (const value of [NaN, -1, 0, 1.5, Infinity, 2 ** 53]) {
      assertThrows(() => resolveHeadLimits({ [name]: value }), RangeError, `${name} must be an`);
    }
    for (const value of ["1", null, undefined, 1n]) {
      const limits = { [name]: value } as HeadLimits;
      assertThrows(() => resolveHeadLimits(limits), TypeError, `${name} must be a number`);
    }
  }
});
