/**
 * What message assembly refuses: fragments out of order (RFC 6455 §5.4), text that is not
 * UTF-8 (§8.1), and what is beyond the limits (§10.4).
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Opcode } from "../../lib/protocol/opcodes.ts";
import { eventsOf, feed, type Frame, setUpAssembler as setUp } from "../support/assembler.ts";
import { everyCut, piecesOf } from "../support/cuts.ts";
import { FakeInflater } from "../support/fake_compression.ts";
import { pattern, unhex } from "../support/hex.ts";

const { CONTINUATION, TEXT, BINARY } = Opcode;

Deno.test("MessageAssembler: a continuation with nothing to continue is refused (§5.4)", () => {
  for (const piecewise of [false, true]) {
    const it = setUp({ piecewise });
    assertEquals(feed(it, [CONTINUATION, "61", true]), "ERR_CONTINUATION_UNEXPECTED");
    const after = setUp({ piecewise });
    eventsOf(after, [[TEXT, "61", false], [CONTINUATION, "62", true]]);
    assertEquals(feed(after, [CONTINUATION, "63", false]), "ERR_CONTINUATION_UNEXPECTED");
    assertEquals(after.sink.events, []);
  }
});

Deno.test("MessageAssembler: a new message within a fragmented one is refused (§5.4)", () => {
  for (const piecewise of [false, true]) {
    for (const opcode of [TEXT, BINARY]) {
      const it = setUp({ piecewise });
      eventsOf(it, [[TEXT, "61", false]]);
      assertEquals(feed(it, [opcode, "62", true]), "ERR_CONTINUATION_EXPECTED");
      assertEquals(it.sink.events, []);
    }
  }
});

Deno.test("MessageAssembler: exactly maxMessageBytes pass, one more fails at its header", () => {
  for (const piecewise of [false, true]) {
    const it = setUp({ maxMessageBytes: 5, piecewise });
    eventsOf(it, [[BINARY, "0102030405", true], [BINARY, "0102", false]]);
    eventsOf(it, [[CONTINUATION, "030405", false], [CONTINUATION, "", true]]);
    const tooLarge = "ERR_MESSAGE_TOO_LARGE";
    assertEquals(it.assembler.begin(BINARY, false, 6), tooLarge);
    assertEquals(it.sink.events, []);

    const fragments = setUp({ maxMessageBytes: 5, piecewise });
    eventsOf(fragments, [[TEXT, "61626364", false]]);
    assertEquals(fragments.assembler.begin(CONTINUATION, false, 2), tooLarge);
  }
});

Deno.test("MessageAssembler: exactly maxFrameBytes pass, one more fails at its header", () => {
  for (const piecewise of [false, true]) {
    const limits = { maxFrameBytes: 3, maxMessageBytes: 7, piecewise };
    const it = setUp(limits);
    eventsOf(it, [[BINARY, "010203", true], [BINARY, "0102", false]]);
    eventsOf(it, [[CONTINUATION, "030405", false], [CONTINUATION, "0607", true]]);
    const tooLarge = "ERR_FRAME_TOO_LARGE";
    for (const length of [4, 8, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 63]) {
      const first = setUp(limits);
      assertEquals(first.assembler.begin(BINARY, false, length), tooLarge);
      const later = setUp(limits);
      assertEquals(feed(later, [TEXT, "61", false]), undefined);
      later.sink.take();
      assertEquals(later.assembler.begin(CONTINUATION, false, length), tooLarge);
      assertEquals([...first.sink.events, ...later.sink.events], []);
    }
  }
});

Deno.test("MessageAssembler: RSV1 on a continuation is refused (RFC 7692 §6.1)", () => {
  for (const compressed of [false, true]) {
    const it = setUp({ inflater: new FakeInflater() });
    eventsOf(it, [[TEXT, "0161", false, compressed]]);
    assertEquals(it.assembler.begin(CONTINUATION, true, 2), "ERR_RESERVED_BITS");
    assertEquals(it.sink.events, []);
  }
});

Deno.test("MessageAssembler: memory never grows beyond maxMessageBytes", () => {
  const it = setUp({ maxMessageBytes: 5001 });
  feed(it, [BINARY, pattern(5001), true], (whole) => piecesOf(whole, 700));
  assertEquals(it.sink.binaries, [pattern(5001)]);
  assertEquals(it.sink.binaries[0]!.buffer.byteLength, 5001);
});

Deno.test("MessageAssembler: maxFragments pass, one more fails, empty ones counted", () => {
  for (const payload of ["", "61"]) {
    const it = setUp({ maxFragments: 3 });
    const most: Frame[] = [[TEXT, payload, false], [CONTINUATION, payload, false]];
    assertEquals(eventsOf(it, [...most, [CONTINUATION, payload, true]]).length, 1);
    assertEquals(eventsOf(it, [...most, [CONTINUATION, payload, false]]).length, 0);
    assertEquals(feed(it, [CONTINUATION, payload, true]), "ERR_TOO_MANY_FRAGMENTS");
  }
});

const BAD_TEXT: readonly (readonly [what: string, bytes: string])[] = [
  ["an encoded surrogate", "61 eda080"],
  ["an overlong form", "61 c0af"],
  ["a code point beyond U+10FFFF", "f4908080"],
  ["a continuation byte alone", "6180"],
  ["a byte that is in no code point", "ff"],
  ["an incomplete code point at the end", "61 e282"],
];

for (const [what, bytes] of BAD_TEXT) {
  Deno.test(`MessageAssembler: text with ${what} is refused (RFC 6455 §8.1)`, () => {
    for (const piecewise of [false, true]) {
      for (const pieces of everyCut(unhex(bytes))) {
        const frame: Frame = [TEXT, bytes, true];
        assertEquals(feed(setUp({ piecewise }), frame, () => pieces), "ERR_UTF8");
      }
      const it = setUp({ piecewise });
      const fault = feed(it, [TEXT, bytes, false]) ?? feed(it, [CONTINUATION, "", true]);
      assertEquals(fault, "ERR_UTF8");
    }
  });
}

Deno.test("MessageAssembler: text fails at its first bad byte, before the frame is complete", () => {
  for (const piecewise of [false, true]) {
    const { assembler } = setUp({ piecewise });
    assertEquals(assembler.begin(TEXT, false, 1000), undefined);
    assertEquals(assembler.payload(unhex("61 ed"), 0, 2), undefined);
    assertEquals(assembler.payload(unhex("a0"), 0, 1), "ERR_UTF8");
  }
});

Deno.test("MessageAssembler: binary may be any bytes", () => {
  for (const piecewise of [false, true]) {
    for (const [, bytes] of BAD_TEXT) {
      assertEquals(feed(setUp({ piecewise }), [BINARY, bytes, true]), undefined);
      const it = setUp({ piecewise });
      assertEquals(feed(it, [BINARY, bytes, true], (whole) => piecesOf(whole, 1)), undefined);
    }
  }
});
