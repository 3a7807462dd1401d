/**
 * Bytes of payloads.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { filled, fromHex, repeated, toHex } from "../../../../autobahn/suite/cases/bytes.ts";

Deno.test("bytes: hex is read with and without spaces, and written without", () => {
  assertEquals(fromHex("00 ff fe"), Uint8Array.of(0, 255, 254));
  assertEquals(fromHex(""), new Uint8Array(0));
  assertEquals(toHex(fromHex("0a00ff")), "0a00ff");
});

Deno.test("bytes: a pattern is repeated to any length, also shorter than itself", () => {
  const pattern = fromHex("010203");
  for (let length = 0; length < 40; length++) {
    const expected = Uint8Array.from({ length }, (_, at) => at % 3 + 1);
    assertEquals(repeated(pattern, length), expected, `length ${length}`);
  }
});

Deno.test("bytes: filled with one byte", () => {
  assertEquals(filled(7, 3), Uint8Array.of(7, 7, 7));
  assertEquals(filled(7, 0), new Uint8Array(0));
});
