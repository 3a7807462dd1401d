import { assertEquals, assertThrows } from "@std/assert";
import { constants, inflateRawSync } from "node:zlib";
import { DeflateBits } from "../../../../autobahn/suite/beyond/deflate_bits.ts";

/** What the blocks come to; the tail that is not sent is put back. */
function inflated(payload: Uint8Array): Uint8Array {
  const whole = new Uint8Array([...payload, 0x00, 0x00, 0xff, 0xff]);
  return new Uint8Array(inflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH }));
}

const hello = new TextEncoder().encode("hello");

Deno.test("DeflateBits: a stored block is its bytes", () => {
  assertEquals(inflated(new DeflateBits().stored(hello).flushed()), hello);
});

Deno.test("DeflateBits: literals of a block with fixed codes, of all values", () => {
  const all = Uint8Array.from({ length: 256 }, (_, value) => value);
  assertEquals(inflated(new DeflateBits().block(1).literals(all).end().flushed()), all);
});

Deno.test("DeflateBits: Hello in fixed codes is the example of RFC 7692 §7.2.3.1", () => {
  const bits = new DeflateBits().block(1).literals(new TextEncoder().encode("Hello")).end();
  assertEquals(bits.flushed(), Uint8Array.of(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00));
});

Deno.test("DeflateBits: matches of every length", () => {
  for (let length = 3; length <= 258; length++) {
    const bits = new DeflateBits().block(1).literals(hello.subarray(0, 1)).match(length, 1).end();
    assertEquals(inflated(bits.flushed()), new Uint8Array(length + 1).fill(hello[0]!));
  }
});

Deno.test("DeflateBits: matches of distances around the border of each code", () => {
  const before = Uint8Array.from({ length: 32_768 }, (_, index) => (index * index) >> 7);
  const borders = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 257, 1_025, 8_193, 16_385, 24_577, 32_768];
  for (const distance of borders.flatMap((border) => [border, Math.max(1, border - 1)])) {
    const bits = new DeflateBits().stored(before).block(1).match(3, distance).end();
    const from = before.length - distance;
    const wanted = [0, 1, 2].map((at) => before[from + at % distance]!);
    assertEquals([...inflated(bits.flushed()).subarray(before.length)], wanted, `${distance}`);
  }
});

Deno.test("DeflateBits: what no code stands for is refused", () => {
  assertThrows(
    () => new DeflateBits().block(1).match(259, 1),
    RangeError,
    "at most 258 bytes long",
  );
  assertThrows(
    () => new DeflateBits().block(1).match(3, 32_769),
    RangeError,
    "at most 32768 bytes back",
  );
});
