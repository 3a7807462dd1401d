/**
 * Small work on bytes.
 *
 * @module
 */
import { assertEquals, assertStrictEquals } from "@std/assert";
import { EMPTY, equalBytes, joinBytes } from "../../../../autobahn/suite/wire/bytes.ts";

Deno.test("bytes: two stretches are compared in length and every byte, wherever they lie", () => {
  const bytes = new Uint8Array(1000).fill(7);
  assertEquals(equalBytes(bytes, bytes.slice()), true);
  assertEquals(equalBytes(bytes, bytes.subarray(1)), false);
  assertEquals(equalBytes(bytes.subarray(1, 10), bytes.subarray(2, 11)), true);
  for (const at of [0, 500, 999]) {
    const other = bytes.slice();
    other[at] = 8;
    assertEquals(equalBytes(bytes, other), false, `byte ${at}`);
  }
  assertEquals(equalBytes(bytes.subarray(1, 1), EMPTY), true);
});

Deno.test("bytes: pieces are joined in order, and one alone is not copied", () => {
  const piece = Uint8Array.of(1, 2);
  assertEquals(joinBytes([piece, EMPTY, Uint8Array.of(3)]), Uint8Array.of(1, 2, 3));
  assertStrictEquals(joinBytes([piece]), piece);
  assertEquals(joinBytes([]), EMPTY);
});
