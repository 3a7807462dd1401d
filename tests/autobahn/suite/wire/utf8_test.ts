/**
 * UTF-8 in pieces, compared with the runtime's decoder.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { isText, Utf8Validator } from "../../../../autobahn/suite/wire/utf8.ts";
import { unhex } from "../../../support/hex.ts";

function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Bytes at the bounds of what may follow another. */
const BOUNDS = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xf4, 0xff];

Deno.test("utf8: every first byte, and what may follow it and what may not", () => {
  for (let first = 0; first < 256; first++) {
    for (const second of BOUNDS) {
      for (const tail of first < 0xc0 ? [[]] : [[], [0x80], [0xbf, 0xbf], [0x41]]) {
        const bytes = Uint8Array.of(first, second, ...tail);
        assertEquals(isText(bytes), decodes(bytes), bytes.join(" "));
      }
    }
  }
});

Deno.test("utf8: the first bad byte is found, however the text is cut", () => {
  const cases: [string, number | undefined][] = [
    ["cebae1bdb9cf83cebcceb5f4908080656469746564", 12],
    ["cebae1bdb9cf83cebcceb5eda080656469746564", 12],
    ["4142c0af", 2],
    ["41e282", undefined],
    ["f0908d88", undefined],
    ["80", 0],
  ];
  for (const [digits, bad] of cases) {
    const bytes = unhex(digits);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const validator = new Utf8Validator();
      const valid = validator.push(bytes.subarray(0, cut)) && validator.push(bytes.subarray(cut));
      assertEquals(valid, bad === undefined, digits);
      assertEquals(validator.badOffset, bad, digits);
    }
  }
});

Deno.test("utf8: a text may not end within a character", () => {
  const validator = new Utf8Validator();
  assertEquals(validator.push(unhex("41e2")), true);
  assertEquals(validator.complete, false);
  assertEquals(validator.push(unhex("82ac")), true);
  assertEquals(validator.complete, true);
});

Deno.test("utf8: what was refused stays refused until the next text", () => {
  const validator = new Utf8Validator();
  assertEquals(validator.push(unhex("ff")), false);
  assertEquals(validator.push(unhex("41")), false);
  assertEquals(validator.complete, false);
  validator.reset();
  assertEquals(validator.push(unhex("41")), true);
  assertEquals(validator.badOffset, undefined);
});

Deno.test("utf8: long pieces, which go to native code, are checked at the same places", () => {
  const long = new TextEncoder().encode("ä€😀x".repeat(50));
  const validator = new Utf8Validator();
  assertEquals(validator.push(long), true);
  assertEquals(validator.complete, true);
  // Cut within a character, so that the pieces are none of them texts.
  assertEquals(validator.push(long.subarray(0, 101)), true);
  assertEquals(validator.push(long.subarray(101)), true);
  assertEquals(validator.complete, true);
  const broken = long.slice();
  broken[300] = 0xff;
  assertEquals(validator.push(broken), false);
  assertEquals(validator.badOffset, 2 * long.length + 300);
});
