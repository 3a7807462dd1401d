/**
 * Compressing and decompressing messages (RFC 7692 §7.2).
 *
 * @module
 */
import { assertEquals, assertLess, assertThrows } from "@std/assert";
import {
  DeflateError,
  MessageDeflater,
  MessageInflater,
} from "../../../../autobahn/suite/wire/deflate.ts";
import { hex, unhex } from "../../../support/hex.ts";

const TAKEOVER = { noContextTakeover: false, windowBits: 15 };
const HELLO = new TextEncoder().encode("Hello");

/** Text that does not repeat, the same in each run. */
function words(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return 97 + (state >>> 16) % 26;
  });
}

Deno.test("deflate: the examples of RFC 7692 §7.2.3 are read", () => {
  const examples = [
    "f248cdc9c90700", // §7.2.3.1, one block
    "000500faff48656c6c6f00", // §7.2.3.3, not compressed
    "f348cdc9c9070000", // §7.2.3.4, with a final block
    "f248050000 00ffff cac9c90700", // §7.2.3.5, two blocks
  ];
  for (const digits of examples) {
    const inflater = new MessageInflater(TAKEOVER);
    assertEquals(hex(inflater.decompress(unhex(digits))), hex(HELLO), digits);
    inflater.close();
  }
});

Deno.test("deflate: the window lasts from message to message (RFC 7692 §7.2.3.2)", () => {
  const inflater = new MessageInflater(TAKEOVER);
  assertEquals(inflater.decompress(unhex("f248cdc9c90700")), HELLO);
  assertEquals(inflater.decompress(unhex("f200110000")), HELLO);
  inflater.close();
  const without = new MessageInflater({ ...TAKEOVER, noContextTakeover: true });
  without.decompress(unhex("f248cdc9c90700"));
  assertThrows(() => without.decompress(unhex("f200110000")), DeflateError, "is not valid");
  without.close();
});

Deno.test("deflate: messages of all sizes go there and back, with and without takeover", () => {
  for (const noContextTakeover of [false, true]) {
    for (const windowBits of [9, 12, 15]) {
      const deflater = new MessageDeflater({ noContextTakeover, windowBits });
      const inflater = new MessageInflater({ noContextTakeover, windowBits });
      for (const length of [0, 1, 100, 0, 5000, 70_000, 600_000, 3]) {
        const message = words(length, length + 1);
        const back = inflater.decompress(deflater.compress(message));
        assertEquals(back.length, length);
        assertEquals(hex(back) === hex(message), true, `${length} bytes, ${windowBits} bits`);
      }
      deflater.close();
      inflater.close();
    }
  }
});

Deno.test("deflate: takeover makes the second message small, no takeover does not", () => {
  const message = words(2000, 1);
  const lengths = [false, true].map((noContextTakeover) => {
    const deflater = new MessageDeflater({ noContextTakeover, windowBits: 15 });
    const first = deflater.compress(message).length;
    const second = deflater.compress(message).length;
    deflater.close();
    return { first, second };
  });
  assertLess(lengths[0]!.second, lengths[0]!.first / 20);
  assertEquals(lengths[1]!.second, lengths[1]!.first);
});

Deno.test("deflate: an empty message is one byte (RFC 7692 §7.2.3.6)", () => {
  const deflater = new MessageDeflater(TAKEOVER);
  assertEquals(hex(deflater.compress(new Uint8Array(0))), "00");
  assertEquals(hex(deflater.compress(new Uint8Array(0))), "00");
  deflater.close();
});

Deno.test("deflate: a message that is cut short anywhere is refused", () => {
  const deflater = new MessageDeflater(TAKEOVER);
  const payload = deflater.compress(words(300, 7));
  deflater.close();
  for (let cut = 1; cut < payload.length; cut++) {
    const inflater = new MessageInflater(TAKEOVER);
    assertThrows(() => inflater.decompress(payload.subarray(0, cut)), DeflateError);
    inflater.close();
  }
});

Deno.test("deflate: garbage is refused", () => {
  const inflater = new MessageInflater(TAKEOVER);
  assertThrows(() => inflater.decompress(unhex("ffffffff")), DeflateError, "is not valid");
  inflater.close();
});

Deno.test("deflate: a window that is larger than agreed is noticed", () => {
  const message = new Uint8Array([...words(2000, 3), ...words(2000, 3)]);
  const deflater = new MessageDeflater({ noContextTakeover: false, windowBits: 15 });
  const payload = deflater.compress(message);
  deflater.close();
  const inflater = new MessageInflater({ noContextTakeover: false, windowBits: 10 });
  assertThrows(() => inflater.decompress(payload), DeflateError, "too far back");
  inflater.close();
});

Deno.test("deflate: closing twice is nothing, using it afterwards is an error", () => {
  const deflater = new MessageDeflater({ noContextTakeover: true, windowBits: 15 });
  deflater.compress(HELLO);
  deflater.close();
  deflater.close();
  assertThrows(() => deflater.compress(HELLO), Error, "closed");
  new MessageInflater(TAKEOVER).close();
});
