/**
 * Masking (RFC 6455 §5.3).
 *
 * @module
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import { applyMask, randomMask } from "../../../../autobahn/suite/wire/mask.ts";
import { hex, unhex } from "../../../support/hex.ts";

const KEY = unhex("37fa213d");

Deno.test("mask: the example of RFC 6455 §5.7", () => {
  const bytes = unhex("7f9f4d5158");
  applyMask(bytes, { key: KEY, start: 0, end: 5 });
  assertEquals(new TextDecoder().decode(bytes), "Hello");
});

Deno.test("mask: every alignment, length, start and phase is as byte by byte", () => {
  for (let offset = 0; offset < 4; offset++) {
    for (let length = 0; length < 20; length++) {
      for (let phase = 0; phase < 5; phase++) {
        const bytes = new Uint8Array(32).fill(0xaa).subarray(offset);
        applyMask(bytes, { key: KEY, start: 3, end: 3 + length, phase });
        const expected = new Uint8Array(bytes.length).fill(0xaa);
        for (let i = 0; i < length; i++) expected[3 + i]! ^= KEY[phase + i & 3]!;
        assertEquals(hex(bytes), hex(expected), `${offset}, ${length}, ${phase}`);
      }
    }
  }
});

Deno.test("mask: random keys differ, also across a refill", () => {
  const keys = new Set(Array.from({ length: 3000 }, () => hex(randomMask())));
  // Two of 3000 keys are the same in one of a thousand runs; a hundred never are.
  assertEquals(keys.size > 2900, true);
  const first = randomMask();
  const copy = first.slice();
  for (let i = 0; i < 20_000; i++) randomMask();
  assertEquals(first, copy);
  assertNotEquals(hex(first), "00000000");
});
