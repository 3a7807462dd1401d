/**
 * UTF-8 (RFC 3629): validation in pieces, compared with the runtime's decoder, and decoding.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { decodeUtf8, Utf8Validator } from "../../lib/protocol/utf8.ts";
import { everyCut } from "../support/cuts.ts";
import { concat, hex, unhex } from "../support/hex.ts";

/** The first and last byte of every range that RFC 3629 §4 tells apart, and some between. */
const EDGES = unhex("00 41 7f 80 8f 90 9f a0 bf c0 c1 c2 df e0 e1 ec ed ee ef f0 f1 f3 f4 f5 ff");

const reference = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What the runtime's decoder says. */
function referenceText(bytes: Uint8Array): string | undefined {
  try {
    return reference.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Whether a validator takes `pieces` as a whole text. */
function accepts(pieces: readonly Uint8Array[]): boolean {
  const validator = new Utf8Validator();
  return pieces.every((piece) => validator.push(piece, 0, piece.length)) && validator.complete;
}

/** How many bytes a validator takes, one at a time, before it refuses one. */
function acceptedBytes(bytes: Uint8Array): number {
  const validator = new Utf8Validator();
  let at = 0;
  while (at < bytes.length && validator.push(bytes, at, at + 1)) at++;
  return at;
}

/** All sequences of `length` of the edges; with `first`, of those from there on. */
function* sequences(length: number, first = 0): Generator<Uint8Array> {
  const count = EDGES.length ** length;
  for (let number = 0; number < count; number++) {
    const bytes = new Uint8Array(length);
    let rest = number;
    for (let at = length - 1; at >= 0; at--) {
      bytes[at] = EDGES[rest % EDGES.length]!;
      rest = Math.floor(rest / EDGES.length);
    }
    if (bytes[0]! >= first) yield bytes;
  }
}

/** What is invalid, and after how many bytes that is certain (RFC 3629 §3, §4). */
const INVALID: readonly (readonly [what: string, bytes: string, accepted: number])[] = [
  ["a continuation byte alone", "80", 0],
  ["a continuation byte after a character", "41 bf 41", 1],
  ["an overlong form of two bytes", "c0 80", 0],
  ["another overlong form of two bytes", "c1 bf", 0],
  ["an overlong form of three bytes", "e0 9f bf", 1],
  ["an overlong form of four bytes", "f0 8f bf bf", 1],
  ["the first high surrogate", "ed a0 80", 1],
  ["the last low surrogate", "ed bf bf", 1],
  ["the code point after U+10FFFF", "f4 90 80 80", 1],
  ["a lead byte beyond U+10FFFF", "f5 80 80 80", 0],
  ["a form of five bytes", "f8 88 80 80 80", 0],
  ["0xff", "ff", 0],
  ["two bytes, the second a character", "c3 41", 1],
  ["two bytes, the second a lead byte", "c3 c0", 1],
  ["three bytes, the third a character", "e2 82 41", 2],
  ["four bytes, the fourth a character", "f0 9f 98 41", 3],
  ["a bad byte after what narrows the next alone", "e0 a0 80 e1 80 c0", 5],
];

for (const [what, bytes, accepted] of INVALID) {
  Deno.test(`Utf8Validator: refuses ${what} at once (RFC 6455 §8.1)`, () => {
    assertEquals(acceptedBytes(unhex(bytes)), accepted);
    for (const pieces of everyCut(unhex(bytes))) assertEquals(accepts(pieces), false);
  });
}

Deno.test("Utf8Validator: takes the first and last code point of every length, cut anywhere", () => {
  const text = "\0\u007f\u0080\u07ff\u0800\ud7ff\ue000\ufffd\uffff\u{10000}\u{fffff}\u{10ffff}";
  const bytes = new TextEncoder().encode(text);
  for (const pieces of everyCut(bytes)) assert(accepts(pieces));
});

Deno.test("Utf8Validator: the bounds after a narrowed byte are the common ones again", () => {
  for (
    const bytes of ["e0a080 e18080", "ed9fbf eebfbf", "f0908080 f1bfbfbf", "f48fbfbf f3808080"]
  ) {
    assert(accepts([unhex(bytes)]), bytes);
  }
});

Deno.test("Utf8Validator: agrees with the runtime on all short sequences of edge bytes", () => {
  const validator = new Utf8Validator();
  for (const length of [1, 2, 3, 4]) {
    for (const bytes of sequences(length, length === 4 ? 0xf0 : 0)) {
      validator.reset();
      const valid = validator.push(bytes, 0, length) && validator.complete;
      assertEquals(valid, referenceText(bytes) !== undefined, hex(bytes));
    }
  }
});

Deno.test("Utf8Validator: an incomplete code point is neither complete nor refused", () => {
  for (const bytes of ["c3", "e2", "e282", "f0", "f09f", "f09f98"]) {
    const validator = new Utf8Validator();
    assert(validator.push(unhex(bytes), 0, bytes.length / 2), bytes);
    assertEquals(validator.complete, false);
    validator.reset();
    assertEquals(validator.complete, true);
    assert(validator.push(unhex("41"), 0, 1));
  }
});

Deno.test("Utf8Validator: a reset takes narrowed bounds back", () => {
  const validator = new Utf8Validator();
  validator.push(unhex("f4"), 0, 1);
  validator.reset();
  assert(validator.push(unhex("f1bfbfbf"), 0, 4));
  validator.push(unhex("f0"), 0, 1);
  validator.reset();
  assert(validator.push(unhex("f1808080"), 0, 4));
});

Deno.test("UTF-8: a bad byte is found at every place in a run of ASCII", () => {
  for (const [fill, bad] of [[0x61, 0xff], [0x00, 0x80]] as const) {
    for (let length = 1; length <= 40; length++) {
      for (let at = 0; at < length; at++) {
        const bytes = new Uint8Array(length).fill(fill);
        bytes[at] = bad;
        assertEquals(accepts([bytes]), false, `${at} of ${length}`);
        assertEquals(decodeUtf8(bytes, 0, length), undefined, `${at} of ${length}`);
      }
    }
  }
});

Deno.test("Utf8Validator: looks at its range alone", () => {
  const validator = new Utf8Validator();
  assert(validator.push(unhex("ff 61 c3a9 ff"), 1, 4));
  assert(validator.push(unhex("ff"), 0, 0));
  assert(validator.complete);
});

Deno.test("decodeUtf8: ASCII of every length around a step and around the short ones", () => {
  for (let length = 0; length <= 80; length++) {
    const text = "The quick brown fox, 0123456789. ".repeat(3).slice(0, length);
    const bytes = new TextEncoder().encode(`<${text}>`);
    assertEquals(decodeUtf8(bytes, 1, length + 1), text);
  }
});

Deno.test("decodeUtf8: a code point at every place of texts of every length to 70", () => {
  for (const sign of ["é", "€", "\u{1f600}"]) {
    for (let length = 0; length <= 70; length++) {
      for (let at = 0; at <= length; at++) {
        const text = "a".repeat(at) + sign + "b".repeat(length - at);
        const bytes = new TextEncoder().encode(text);
        assertEquals(decodeUtf8(bytes, 0, bytes.length), text);
      }
    }
  }
});

Deno.test("decodeUtf8: what is not UTF-8 is undefined, short or long", () => {
  for (const [what, bytes] of INVALID) {
    const bad = unhex(bytes);
    assertEquals(decodeUtf8(bad, 0, bad.length), undefined, what);
    const long = concat(new Uint8Array(100).fill(0x61), bad);
    assertEquals(decodeUtf8(long, 0, long.length), undefined, what);
  }
  assertEquals(decodeUtf8(unhex("61 e282"), 0, 3), undefined);
});

Deno.test("decodeUtf8: a byte order mark stays", () => {
  assertEquals(decodeUtf8(unhex("efbbbf 61"), 0, 4), "\ufeffa");
});

Deno.test("decodeUtf8: agrees with the runtime on all short sequences of edge bytes", () => {
  for (const length of [1, 2, 3]) {
    for (const bytes of sequences(length)) {
      assertEquals(decodeUtf8(bytes, 0, length), referenceText(bytes), hex(bytes));
    }
  }
});
