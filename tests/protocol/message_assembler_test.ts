/**
 * Message assembly (RFC 6455 §5.4): whole messages, and messages piece by piece. What it
 * refuses is in `message_assembler_faults_test.ts`.
 *
 * @module
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { Opcode } from "../../lib/protocol/opcodes.ts";
import { eventsOf, feed, type Frame, setUpAssembler as setUp } from "../support/assembler.ts";
import { everyCut, piecesOf } from "../support/cuts.ts";
import { hex, pattern, unhex } from "../support/hex.ts";

const { CONTINUATION, TEXT, BINARY } = Opcode;

Deno.test("MessageAssembler: one frame is a whole message", () => {
  const it = setUp();
  assertEquals(eventsOf(it, [[TEXT, "48c3a9", true]]), ['text "H\u00e9"']);
  assertEquals(eventsOf(it, [[BINARY, "0001ff", true]]), ["binary 0001ff"]);
  assertEquals(eventsOf(it, [[TEXT, "", true]]), ['text ""']);
  assertEquals(eventsOf(it, [[BINARY, "", true]]), ["binary "]);
});

Deno.test("MessageAssembler: fragments are put together, empty ones too (RFC 6455 §5.4)", () => {
  const it = setUp();
  const text: Frame[] = [[TEXT, "48", false], [CONTINUATION, "", false], [
    CONTINUATION,
    "69",
    true,
  ]];
  assertEquals(eventsOf(it, text), ['text "Hi"']);
  const binary: Frame[] = [[BINARY, "", false], [CONTINUATION, "01", false]];
  assertEquals(eventsOf(it, binary), []);
  assertEquals(eventsOf(it, [[CONTINUATION, "02", true]]), ["binary 0102"]);
  assertEquals(eventsOf(it, [[BINARY, "07", false], [CONTINUATION, "", true]]), ["binary 07"]);
  assertEquals(eventsOf(it, [[TEXT, "", false], [CONTINUATION, "", true]]), ['text ""']);
  assertEquals(eventsOf(it, [[BINARY, "", false], [CONTINUATION, "", true]]), ["binary "]);
});

Deno.test("MessageAssembler: any cut of a frame's payload gives the same message", () => {
  const text = "Gr\u00fc\u00dfe, \u20ac 5, \u{1f600}!";
  const bytes = new TextEncoder().encode(text);
  for (const pieces of everyCut(bytes)) {
    const it = setUp();
    for (const opcode of [TEXT, BINARY, TEXT]) {
      assertEquals(feed(it, [opcode, bytes, true], () => pieces), undefined);
    }
    const [line, binary] = [`text ${JSON.stringify(text)}`, `binary ${hex(bytes)}`];
    assertEquals(it.sink.events, [line, binary, line]);
  }
});

Deno.test("MessageAssembler: every boundary length, whole, cut and in fragments", () => {
  for (const length of [0, 1, 125, 126, 127, 4095, 4096, 4097, 8192, 65_535, 65_536, 100_000]) {
    const it = setUp();
    const bytes = pattern(length).map((byte) => byte & 0x7f);
    const text = new TextDecoder().decode(bytes);
    for (const opcode of [TEXT, BINARY]) {
      const expected = opcode === TEXT ? `text ${JSON.stringify(text)}` : `binary ${hex(bytes)}`;
      feed(it, [opcode, bytes, true]);
      feed(it, [opcode, bytes, true], (whole) => piecesOf(whole, 1000));
      feed(it, [opcode, bytes.subarray(0, length / 2), false]);
      feed(it, [CONTINUATION, bytes.subarray(length / 2), true]);
      assertEquals(it.sink.take(), [expected, expected, expected], `${length} bytes`);
    }
  }
});

Deno.test("MessageAssembler: binary messages are the receiver's own", () => {
  const it = setUp();
  for (const length of [3, 3, 5000, 5000]) {
    feed(it, [BINARY, pattern(length), true]);
    feed(it, [BINARY, pattern(length), true], (whole) => piecesOf(whole, 2));
  }
  feed(it, [BINARY, pattern(4096), true], (whole) => piecesOf(whole, 1000));
  feed(it, [BINARY, "", true]);
  const { binaries } = it.sink;
  assertEquals(new Set(binaries.map(({ buffer }) => buffer)).size, binaries.length);
  for (const bytes of binaries) {
    assertEquals(bytes, pattern(bytes.length));
    bytes.fill(0);
  }
});

Deno.test("MessageAssembler: trimmed, small messages get other memory, a message goes on", () => {
  const it = setUp();
  feed(it, [BINARY, "0102", true]);
  feed(it, [BINARY, "0304", false]);
  it.assembler.trim();
  feed(it, [CONTINUATION, "05", true]);
  feed(it, [BINARY, "0102", true]);
  assertEquals(it.sink.events, ["binary 0102", "binary 030405", "binary 0102"]);
  assert(it.sink.binaries[0]!.buffer !== it.sink.binaries[2]!.buffer);
});

Deno.test("MessageAssembler: trimmed between texts in pieces, it goes on as before", () => {
  const it = setUp();
  const text: Frame[] = [[TEXT, "48", false], [CONTINUATION, "69", true]];
  assertEquals(eventsOf(it, text), ['text "Hi"']);
  it.assembler.trim();
  assertEquals(eventsOf(it, text), ['text "Hi"']);
});

Deno.test("MessageAssembler: a message that came in pieces keeps no more memory than it needs", () => {
  const it = setUp();
  for (const length of [501, 4095, 4096, 4097, 9000]) {
    feed(it, [BINARY, pattern(length), true], (whole) => piecesOf(whole, 500));
    assertEquals(it.sink.binaries.at(-1)?.buffer.byteLength, length);
  }
});

Deno.test("MessageAssembler: a declared length takes no memory (RFC 6455 §10.4)", () => {
  for (const opcode of [TEXT, BINARY]) {
    const most = Number.MAX_SAFE_INTEGER;
    const { assembler, sink } = setUp({ maxMessageBytes: most, maxFrameBytes: most });
    assertEquals(assembler.begin(opcode, false, most - 1), undefined);
    assertEquals(assembler.payload(unhex("6162"), 0, 2), undefined);
    assertEquals(sink.events, []);
    assertEquals(assembler.midMessage, true);
  }
});

Deno.test("MessageAssembler: a message piece by piece, each a copy", () => {
  const it = setUp({ piecewise: true });
  const input = unhex("ee 4869 ee");
  assertEquals(it.assembler.begin(TEXT, false, 2), undefined);
  assertEquals(it.sink.events, ["start text"]);
  assertEquals(it.assembler.payload(input, 1, 3), undefined);
  input.fill(0);
  assertEquals(it.assembler.end(false), undefined);
  assertEquals(feed(it, [CONTINUATION, "21", true]), undefined);
  assertEquals(it.sink.take(), ["start text", "piece 486921", "end"]);
  assertEquals(it.sink.pieces, [unhex("4869"), unhex("21")]);

  assertEquals(eventsOf(it, [[BINARY, "0102", true]]), ["start binary", "piece 0102", "end"]);
  assertEquals(eventsOf(it, [[TEXT, "", true]]), ["start text", "end"]);
  assertEquals(eventsOf(it, [[BINARY, "", false], [CONTINUATION, "", true]]), [
    "start binary",
    "end",
  ]);
});

Deno.test("MessageAssembler: the sink is asked once a message, at its first frame", () => {
  const it = setUp();
  const asked: string[] = [];
  it.sink.onEvent = (event) => asked.push(event);
  eventsOf(it, [[TEXT, "61", false], [CONTINUATION, "62", true], [BINARY, "", true]]);
  assertEquals(asked, ["start text", 'text "ab"', "start binary", "binary "]);
});

Deno.test("MessageAssembler: it is known whether a message has begun and not ended", () => {
  const it = setUp();
  const { assembler } = it;
  assertEquals(assembler.midMessage, false);
  feed(it, [TEXT, "61", true]);
  assertEquals(assembler.midMessage, false);
  assembler.begin(TEXT, false, 2);
  assertEquals(assembler.midMessage, true);
  assembler.payload(unhex("6162"), 0, 2);
  assembler.end(true);
  assertEquals(assembler.midMessage, false);
  feed(it, [BINARY, "61", false]);
  assertEquals(assembler.midMessage, true);
  feed(it, [CONTINUATION, "", true]);
  assertEquals(assembler.midMessage, false);
});

Deno.test("MessageAssembler: a code point may be cut by fragments (RFC 6455 §5.6)", () => {
  const it = setUp();
  const frames: Frame[] = [[TEXT, "f0", false], [CONTINUATION, "9f", false]];
  assertEquals(eventsOf(it, frames), []);
  assertEquals(eventsOf(it, [[CONTINUATION, "98", false], [CONTINUATION, "80", true]]), [
    'text "\u{1f600}"',
  ]);
});

Deno.test("MessageAssembler: a byte order mark stays, whole or in pieces", () => {
  const it = setUp();
  feed(it, [TEXT, "efbbbf61", true]);
  feed(it, [TEXT, "efbbbf61", true], (whole) => piecesOf(whole, 1));
  assertEquals(it.sink.events, ['text "\ufeffa"', 'text "\ufeffa"']);
});

Deno.test("MessageAssembler: a reset forgets an incomplete message", () => {
  for (const piecewise of [false, true]) {
    const it = setUp({ piecewise });
    eventsOf(it, [[TEXT, "61e2", false]]);
    it.assembler.reset();
    assertEquals(it.assembler.midMessage, false);
    eventsOf(it, []);
    const expected = piecewise ? ["start text", "piece 62", "end"] : ['text "b"'];
    assertEquals(eventsOf(it, [[TEXT, "62", true]]), expected);
    it.assembler.begin(TEXT, false, 2);
    it.assembler.payload(unhex("c3"), 0, 1);
    it.assembler.reset();
    assertEquals(feed(it, [TEXT, "6364", true], (whole) => piecesOf(whole, 1)), undefined);
    assertEquals(it.sink.take().at(-1), piecewise ? "end" : 'text "cd"');
  }
});

Deno.test("MessageAssembler: reset by its sink within a message, it tells nothing more", () => {
  const told = ["start binary", "piece 0102", "end"];
  const cases = [
    { piecewise: false, at: "start binary", expected: [] },
    { piecewise: false, at: "binary 0102", expected: ["binary 0102"] },
    { piecewise: true, at: "start binary", expected: told.slice(0, 1) },
    { piecewise: true, at: "piece 0102", expected: told.slice(0, 2) },
    { piecewise: true, at: "end", expected: told },
  ];
  for (const { piecewise, at, expected } of cases) {
    const it = setUp({ piecewise });
    it.sink.onEvent = (event) => {
      if (event === at) it.assembler.reset();
    };
    assertEquals(feed(it, [BINARY, "0102", true]), undefined);
    assertEquals(it.sink.take(), expected, `${at}, ${piecewise}`);
    assertStrictEquals(it.assembler.midMessage, false);
  }
});
