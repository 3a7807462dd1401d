/**
 * Message assembly with compressed messages (RFC 7692 §6): the same messages come out, the
 * limits hold for what they inflate to, and faults of the inflater end it. The compression
 * is that of `fake_compression.ts`: `0361` is `aaa`.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { Opcode } from "../../lib/protocol/opcodes.ts";
import {
  type AssemblerSetUp,
  eventsOf,
  feed,
  type Frame,
  setUpAssembler,
} from "../support/assembler.ts";
import { everyCut, piecesOf } from "../support/cuts.ts";
import { FakeInflater, runsOf } from "../support/fake_compression.ts";
import { hex, pattern, unhex } from "../support/hex.ts";

const { CONTINUATION, TEXT, BINARY } = Opcode;

/** An assembler with an inflater. */
function setUp(
  options: Parameters<typeof setUpAssembler>[0] = {},
): AssemblerSetUp & { inflater: FakeInflater } {
  const inflater = new FakeInflater();
  return { ...setUpAssembler({ inflater, ...options }), inflater };
}

Deno.test("MessageAssembler: a compressed message is inflated, whole and in fragments", () => {
  const it = setUp();
  assertEquals(eventsOf(it, [[TEXT, "0361 0162", true, true]]), ['text "aaab"']);
  assertEquals(eventsOf(it, [[BINARY, "0700 02ff", true, true]]), [`binary ${"00".repeat(7)}ffff`]);
  const fragments: Frame[] = [[TEXT, "03", false, true], [CONTINUATION, "", false]];
  assertEquals(eventsOf(it, [...fragments, [CONTINUATION, "610162", true]]), ['text "aaab"']);
  assertEquals(eventsOf(it, [...fragments, [CONTINUATION, "61", false]]), []);
  assertEquals(eventsOf(it, [[CONTINUATION, "", true]]), ['text "aaa"']);
  assertEquals(it.inflater.finished, 4);
});

Deno.test("MessageAssembler: an empty compressed message is an empty message", () => {
  const it = setUp();
  assertEquals(eventsOf(it, [[TEXT, "", true, true]]), ['text ""']);
  assertEquals(eventsOf(it, [[BINARY, "", false, true], [CONTINUATION, "", true]]), ["binary "]);
  assertEquals(it.inflater.finished, 2);
});

Deno.test("MessageAssembler: any cut of a compressed payload gives the same message", () => {
  const text = "Gr\u00fc\u00dfe, \u20ac 5, \u{1f600}!!!!!!!!!!!!!!!!!!!!!!!!";
  const bytes = new TextEncoder().encode(text);
  const runs = runsOf(bytes);
  for (const pieces of everyCut(runs)) {
    const it = setUp();
    for (const opcode of [TEXT, BINARY]) {
      assertEquals(feed(it, [opcode, runs, true, true], () => pieces), undefined);
    }
    assertEquals(it.sink.events, [`text ${JSON.stringify(text)}`, `binary ${hex(bytes)}`]);
  }
});

Deno.test("MessageAssembler: compressed messages and others come in turns", () => {
  const it = setUp();
  const frames: Frame[] = [[TEXT, "0261", true, true], [TEXT, "0261", true]];
  const more: Frame[] = [[BINARY, "0407", false], [CONTINUATION, "02", true], [
    BINARY,
    "0407",
    true,
    true,
  ]];
  assertEquals(eventsOf(it, [...frames, ...more, ...frames]), [
    ...['text "aa"', 'text "\\u0002a"', "binary 040702", "binary 07070707"],
    ...['text "aa"', 'text "\\u0002a"'],
  ]);
});

Deno.test("MessageAssembler: a compressed message piece by piece, what finishing gives too", () => {
  const it = setUp({ piecewise: true });
  const first: Frame = [TEXT, "0661 0162", false, true];
  assertEquals(eventsOf(it, [first]), ["start text", "piece 616161616161"]);
  const last: Frame = [CONTINUATION, "0163", true];
  assertEquals(eventsOf(it, [last]), ["piece 6263", "end"]);
  const copies = it.sink.pieces.map((piece) => hex(piece));
  assertEquals(copies, ["6161616161", "61", "62", "63"], "each is a copy");
});

Deno.test("MessageAssembler: what is inflated may be exactly maxMessageBytes, no byte more", () => {
  for (const piecewise of [false, true]) {
    for (const maxMessageBytes of [1, 4, 5, 6, 250]) {
      const exact = runsOf(new Uint8Array(maxMessageBytes));
      const it = setUp({ maxMessageBytes, piecewise });
      for (const pieces of everyCut(exact)) {
        assertEquals(feed(it, [BINARY, exact, true, true], () => pieces), undefined);
      }
      const one = runsOf(new Uint8Array(maxMessageBytes + 1));
      for (const runs of [one, runsOf(new Uint8Array(100_000))]) {
        const { inflater, ...other } = setUp({ maxMessageBytes, piecewise });
        assertEquals(feed(other, [BINARY, runs, true, true]), "ERR_MESSAGE_TOO_LARGE");
        assertEquals(inflater.produced, maxMessageBytes + 1, "one byte beyond the limit at most");
        const taken = other.sink.pieces.reduce((sum, piece) => sum + piece.length, 0);
        assert(taken <= maxMessageBytes, "what is too much is not handed on");
      }
    }
  }
});

Deno.test("MessageAssembler: each compressed message has the whole limit, fragments share it", () => {
  const it = setUp({ maxMessageBytes: 10 });
  for (let count = 0; count < 3; count++) {
    assertEquals(eventsOf(it, [[BINARY, "0a00", true, true]]).length, 1);
  }
  eventsOf(it, [[BINARY, "0600", false, true], [CONTINUATION, "0400", false]]);
  assertEquals(feed(it, [CONTINUATION, "0100", true]), "ERR_MESSAGE_TOO_LARGE");
});

Deno.test("MessageAssembler: memory never grows beyond maxMessageBytes, inflated or not", () => {
  const it = setUp({ maxMessageBytes: 5001 });
  feed(it, [BINARY, runsOf(new Uint8Array(5001)), true, true]);
  assertEquals(it.sink.binaries[0]!.buffer.byteLength, 5001);
});

// What does not shrink grows when it is compressed, so on the wire there is some slack: an
// eighth of the limit, 16 bytes for each fragment, and 1024 bytes.
Deno.test("MessageAssembler: a compressed message may be a little longer on the wire", () => {
  const most = 1600 + 200 + 16 + 1024;
  for (const piecewise of [false, true]) {
    const set = () => setUp({ maxMessageBytes: 1600, maxFrameBytes: 100_000, piecewise }).assembler;
    assertEquals(set().begin(BINARY, true, most), undefined);
    assertEquals(set().begin(BINARY, true, most + 1), "ERR_MESSAGE_TOO_LARGE");
    assertEquals(set().begin(BINARY, false, 1601), "ERR_MESSAGE_TOO_LARGE");
    const fragments = set();
    assertEquals(fragments.begin(TEXT, true, 1600), undefined);
    assertEquals(fragments.begin(CONTINUATION, false, 1256), undefined);
    assertEquals(fragments.begin(CONTINUATION, false, 17), "ERR_MESSAGE_TOO_LARGE");
  }
});

Deno.test("MessageAssembler: a compressed frame may be a little longer on the wire", () => {
  const most = 160 + 20 + 16 + 1024;
  const set = () => setUp({ maxFrameBytes: 160 }).assembler;
  assertEquals(set().begin(BINARY, true, most), undefined);
  assertEquals(set().begin(BINARY, true, most + 1), "ERR_FRAME_TOO_LARGE");
  const fragments = set();
  assertEquals(fragments.begin(BINARY, true, 1), undefined);
  assertEquals(fragments.begin(CONTINUATION, false, most + 16), undefined);
  assertEquals(fragments.begin(CONTINUATION, false, most + 33), "ERR_FRAME_TOO_LARGE");
  // The slack is gone with the message that it was for.
  const plain = set();
  assertEquals(plain.begin(BINARY, true, 0), undefined);
  assertEquals(plain.end(true), undefined);
  assertEquals(plain.begin(BINARY, false, 160), undefined);
  assertEquals(plain.begin(CONTINUATION, false, 161), "ERR_FRAME_TOO_LARGE");
});

Deno.test("MessageAssembler: maxFragments holds for compressed messages, empty ones counted", () => {
  const it = setUp({ maxFragments: 3 });
  const most: Frame[] = [[TEXT, "", false, true], [CONTINUATION, "0161", false]];
  assertEquals(eventsOf(it, [...most, [CONTINUATION, "", true]]), ['text "a"']);
  eventsOf(it, [...most, [CONTINUATION, "", false]]);
  assertEquals(feed(it, [CONTINUATION, "", true]), "ERR_TOO_MANY_FRAGMENTS");
});

const BAD: readonly (readonly [what: string, bytes: string, code: string])[] = [
  ["is garbage", "0261 0061", "ERR_DEFLATE_DATA"],
  ["is cut short", "0261 02", "ERR_DEFLATE_DATA"],
  ["inflates to an encoded surrogate", "0161 01ed01a00180", "ERR_UTF8"],
  ["inflates to an overlong form", "01c001af", "ERR_UTF8"],
  ["inflates to an incomplete code point at its end", "0161 01e20182", "ERR_UTF8"],
];

for (const [what, bytes, code] of BAD) {
  Deno.test(`MessageAssembler: a text that ${what} is refused`, () => {
    for (const piecewise of [false, true]) {
      for (const pieces of everyCut(unhex(bytes))) {
        const it = setUp({ piecewise });
        assertEquals(feed(it, [TEXT, bytes, true, true], () => pieces), code);
        const complete = it.sink.events.filter((event) => /^(text|end)/.test(event));
        assertEquals(complete, [], "the message is never complete");
      }
      const it = setUp({ piecewise });
      const fault = feed(it, [TEXT, bytes, false, true]) ?? feed(it, [CONTINUATION, "", true]);
      assertEquals(fault, code);
    }
  });
}

Deno.test("MessageAssembler: compressed text fails at its first bad byte, before its end", () => {
  const { assembler } = setUp();
  assertEquals(assembler.begin(TEXT, true, 1000), undefined);
  assertEquals(assembler.payload(unhex("016101ed"), 0, 4), undefined);
  assertEquals(assembler.payload(unhex("01a0"), 0, 2), undefined, "the last run is not out yet");
  assertEquals(assembler.payload(unhex("0161"), 0, 2), "ERR_UTF8");
});

Deno.test("MessageAssembler: compressed binary may be any bytes", () => {
  const it = setUp();
  for (const length of [1, 255, 256, 5000]) {
    const bytes = pattern(length);
    const cut = (whole: Uint8Array) => piecesOf(whole, 7);
    assertEquals(feed(it, [BINARY, runsOf(bytes), true, true], cut), undefined);
    assertEquals(it.sink.take(), [`binary ${hex(bytes)}`]);
  }
});

Deno.test("MessageAssembler: it is known whether a compressed message has ended", () => {
  const it = setUp();
  feed(it, [TEXT, "0161", false, true]);
  assertEquals(it.assembler.midMessage, true);
  feed(it, [CONTINUATION, "", true]);
  assertEquals(it.assembler.midMessage, false);
});

Deno.test("MessageAssembler: reset within a compressed message, it forgets that it was one", () => {
  const it = setUp();
  feed(it, [TEXT, "0361", false, true]);
  it.assembler.reset();
  assertEquals(it.assembler.midMessage, false);
  assertEquals(it.assembler.end(true), undefined);
  assertEquals(it.inflater.finished, 0);
  assertEquals(it.sink.events, []);
});

Deno.test("MessageAssembler: reset by its sink within a compressed message, it tells no more", () => {
  const cases: readonly (readonly [payload: string, by: string, told: readonly string[]])[] = [
    ["0361 0362", "piece 616161", ["start text", "piece 616161"]],
    ["0361", "piece 616161", ["start text", "piece 616161"]], // finishing gives it
    ["0361", "end", ["start text", "piece 616161", "end"]],
  ];
  for (const [payload, by, told] of cases) {
    const it = setUp({ piecewise: true });
    it.sink.onEvent = (event) => {
      if (event !== by) return;
      it.inflater.close();
      it.assembler.reset();
    };
    assertEquals(feed(it, [TEXT, payload, true, true]), undefined);
    assertEquals(it.sink.events, told);
    assertEquals(it.assembler.midMessage, false);
  }
});
