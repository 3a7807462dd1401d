/**
 * The byte sequences of section 6, judged by the decoder of the platform.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { toHex } from "../../../../autobahn/suite/cases/bytes.ts";
import { GREEK_WORD, UTF8_GROUPS } from "../../../../autobahn/suite/cases/utf8_sequences.ts";

function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

Deno.test("UTF-8 sequences: each is valid or not as TextDecoder says", () => {
  for (const { title, sequences } of UTF8_GROUPS) {
    for (const { bytes, valid } of sequences) {
      assertEquals(decodes(bytes), valid, `${title}: ${toHex(bytes)}`);
    }
  }
});

Deno.test("UTF-8 sequences: 132 in 19 groups, 63 of them valid", () => {
  const all = UTF8_GROUPS.flatMap(({ sequences }) => sequences);
  assertEquals(UTF8_GROUPS.length, 19);
  assertEquals(all.length, 132);
  assertEquals(all.filter(({ valid }) => valid).length, 63);
});

Deno.test("UTF-8 sequences: the word is Greek, and its prefixes are its own", () => {
  assertEquals(new TextDecoder().decode(GREEK_WORD), "\u03ba\u1f79\u03c3\u03bc\u03b5");
  const prefixes = UTF8_GROUPS[1]?.sequences ?? [];
  assertEquals(prefixes.map(({ bytes }) => bytes.length), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  assertEquals(prefixes.at(-1)?.bytes, GREEK_WORD);
});

Deno.test("UTF-8 sequences: the non-characters are the last two code points of every plane", () => {
  const group = UTF8_GROUPS.find(({ title }) => title.includes("no characters"));
  const codePoints = (group?.sequences ?? []).map(({ bytes }) =>
    new TextDecoder().decode(bytes).codePointAt(0) ?? 0
  );
  assertEquals(codePoints.slice(0, 4), [0xfffe, 0xffff, 0x1fffe, 0x1ffff]);
  assertEquals(codePoints.at(-1), 0x10ffff);
  assertEquals(codePoints.every((codePoint) => (codePoint & 0xfffe) === 0xfffe), true);
});
