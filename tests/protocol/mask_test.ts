/**
 * Masking (RFC 6455 §5.3), compared with the formula of the RFC byte by byte.
 *
 * @module
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import { applyMask, MaskKeys } from "../../lib/protocol/mask.ts";
import { pattern, unhex } from "../support/hex.ts";

const KEY = 0x37fa213d;
/** A key whose highest bit is set, as a signed integer. */
const NEGATIVE_KEY = 0x80ff017e | 0;

/** `transformed-octet-i = original-octet-i XOR masking-key-octet-(i MOD 4)`. */
function byTheFormula(
  original: Uint8Array,
  { start, end, key }: { start: number; end: number; key: number },
): Uint8Array {
  return original.map((byte, at) => {
    if (at < start || at >= end) return byte;
    return byte ^ (key >>> (24 - 8 * ((at - start) % 4)));
  });
}

/** Masks a copy of `original` in one piece and gives it with the key that comes next. */
function masked(
  original: Uint8Array,
  { start, end, key }: { start: number; end: number; key: number },
): { bytes: Uint8Array; next: number } {
  const bytes = original.slice();
  const next = applyMask(bytes, new DataView(bytes.buffer), start, end, key);
  return { bytes, next };
}

/** The key for the byte that is `count` bytes further on. */
function rotated(key: number, count: number): number {
  const bits = 8 * (count % 4);
  return bits === 0 ? key : (key << bits) | (key >>> (32 - bits));
}

Deno.test("applyMask: the example of RFC 6455 §5.7", () => {
  const bytes = unhex("7f9f4d5158");
  applyMask(bytes, new DataView(bytes.buffer), 0, 5, KEY);
  assertEquals(new TextDecoder().decode(bytes), "Hello");
});

Deno.test("applyMask: every length to 70 at every alignment modulo 16, nothing beside it", () => {
  const original = pattern(100);
  for (const key of [KEY, NEGATIVE_KEY]) {
    for (let start = 0; start < 17; start++) {
      for (let length = 0; length <= 70; length++) {
        const range = { start, end: start + length, key };
        const { bytes, next } = masked(original, range);
        assertEquals(bytes, byTheFormula(original, range), `${length} bytes at ${start}`);
        assertEquals(next, rotated(key, length), `the next key after ${length} bytes`);
      }
    }
  }
});

Deno.test("applyMask: lengths around those of the frame's forms", () => {
  for (const length of [125, 126, 127, 65_535, 65_536]) {
    const original = pattern(length + 3);
    const range = { start: 3, end: length + 3, key: KEY };
    assertEquals(masked(original, range).bytes, byTheFormula(original, range), `${length}`);
  }
});

Deno.test("applyMask: piece by piece it does the same as in one, wherever the cuts are", () => {
  const original = pattern(48);
  const whole = masked(original, { start: 1, end: 48, key: KEY }).bytes;
  for (let first = 1; first <= 48; first++) {
    for (let second = first; second <= 48; second++) {
      const bytes = original.slice();
      const view = new DataView(bytes.buffer);
      let key = applyMask(bytes, view, 1, first, KEY);
      key = applyMask(bytes, view, first, second, key);
      applyMask(bytes, view, second, 48, key);
      assertEquals(bytes, whole, `cut at ${first} and ${second}`);
    }
  }
});

Deno.test("applyMask: twice is not at all", () => {
  const original = pattern(33);
  const bytes = original.slice();
  const view = new DataView(bytes.buffer);
  applyMask(bytes, view, 0, 33, NEGATIVE_KEY);
  assertNotEquals(bytes, original);
  applyMask(bytes, view, 0, 33, NEGATIVE_KEY);
  assertEquals(bytes, original);
});

Deno.test("applyMask: the key zero changes nothing", () => {
  const original = pattern(33);
  assertEquals(masked(original, { start: 0, end: 33, key: 0 }), { bytes: original, next: 0 });
});

Deno.test("applyMask: the bytes may begin anywhere in their memory", () => {
  const memory = pattern(64);
  const bytes = memory.subarray(5, 50);
  const expected = byTheFormula(bytes, { start: 2, end: 45, key: KEY });
  const beside = memory.slice(50);
  applyMask(bytes, new DataView(memory.buffer, 5, 45), 2, 45, KEY);
  assertEquals(bytes.slice(), expected);
  assertEquals(memory.slice(50), beside);
});

Deno.test("MaskKeys: nothing is drawn before a key is needed", () => {
  let draws = 0;
  const keys = new MaskKeys(() => draws++);
  assertEquals(draws, 0);
  keys.next();
  assertEquals(draws, 1);
});

Deno.test("MaskKeys: each key is used once, and a new batch is drawn after 512", () => {
  let draws = 0;
  const drawn: Uint8Array[] = [];
  const keys = new MaskKeys((bytes) => {
    for (let at = 0; at < bytes.length; at += 4) {
      new DataView(bytes.buffer).setInt32(at, draws * 1_000_000 + at);
    }
    draws++;
    drawn.push(bytes.slice());
  });
  const used = Array.from({ length: 1024 }, () => keys.next());
  assertEquals(draws, 2);
  assertEquals(used, [...new Int32Array(drawn[0]!.buffer), ...new Int32Array(drawn[1]!.buffer)]);
  assertEquals(new Set(used).size, 1024);
});

Deno.test("MaskKeys: from a real generator the keys differ (RFC 6455 §10.3)", () => {
  const keys = new MaskKeys((bytes) => crypto.getRandomValues(bytes));
  const used = new Set(Array.from({ length: 600 }, () => keys.next()));
  // Two of 600 random keys are the same once in 24,000 runs; five pairs are never.
  assertEquals(used.size > 595, true);
});
