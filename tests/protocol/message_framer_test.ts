/**
 * Messages as frames (RFC 6455 §5.4, RFC 7692 §6.1): which of them are compressed, and how
 * fragments belong together. The compression is that of `fake_compression.ts`: `aaa` is
 * `0361`.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { frameStart } from "../../lib/protocol/frame_writer.ts";
import { MessageFramer, type MessageFramerOptions } from "../../lib/protocol/message_framer.ts";
import { Opcode } from "../../lib/protocol/opcodes.ts";
import { OutputBuffer } from "../../lib/protocol/output_buffer.ts";
import { FakeDeflater, runsOf } from "../support/fake_compression.ts";
import { concat, hex, pattern, unhex } from "../support/hex.ts";
import { sameKeys } from "../support/mask_keys.ts";
import { buildFrame, SOME_MASK } from "../support/raw_frame.ts";

const encoder = new TextEncoder();

interface SetUp {
  readonly framer: MessageFramer;
  /** What was written since the last call, in hexadecimal digits. */
  written(): string;
}

function setUp(options: MessageFramerOptions = {}): SetUp {
  const output = new OutputBuffer();
  const framer = new MessageFramer(output, options);
  const written = () => {
    const bytes = hex(output.take());
    output.giveBack();
    return bytes;
  };
  return { framer, written };
}

Deno.test("MessageFramer: without a deflater messages go as they are", () => {
  const { framer, written } = setUp();
  framer.writeText("aaaa", true);
  framer.writeText("", false);
  framer.writeBinary(unhex("0707070707"), true);
  framer.writeBinary(unhex(""), false);
  assertEquals(written(), "8104616161618100" + "820507070707078200");
});

Deno.test("MessageFramer: with a deflater a message bears RSV1 and what was deflated", () => {
  for (const independent of [true, false]) {
    const { framer, written } = setUp({ deflater: new FakeDeflater({ independent }) });
    framer.writeText("aaaa", true);
    framer.writeBinary(unhex("0707070707"), true);
    assertEquals(written(), "c1020461" + "c2020507");
  }
});

Deno.test("MessageFramer: a message that must not be compressed is not", () => {
  for (const independent of [true, false]) {
    const deflater = new FakeDeflater({ independent });
    const { framer, written } = setUp({ deflater });
    framer.writeText("aaaa", false);
    framer.writeBinary(unhex("0707070707"), false);
    assertEquals(written(), "810461616161" + "82050707070707");
    assertEquals(deflater.pushes, { all: 0, last: 0 });
  }
});

Deno.test("MessageFramer: a message that does not shrink goes as it is, where that may be", () => {
  const independent = setUp({ deflater: new FakeDeflater() });
  independent.framer.writeText("ab", true);
  independent.framer.writeText("aa", true); // no shorter
  independent.framer.writeText("", true);
  independent.framer.writeBinary(unhex("0102"), true);
  independent.framer.writeBinary(unhex("0101"), true);
  assertEquals(independent.written(), "81026162" + "81026161" + "8100" + "82020102" + "82020101");
  // The peer has to see whatever went into a shared window.
  const shared = setUp({ deflater: new FakeDeflater({ independent: false }) });
  shared.framer.writeText("ab", true);
  shared.framer.writeText("", true);
  shared.framer.writeBinary(unhex("0102"), true);
  assertEquals(shared.written(), "c10401610162" + "c100" + "c20401010102");
});

Deno.test("MessageFramer: from the threshold on messages are compressed", () => {
  const { framer, written } = setUp({ deflater: new FakeDeflater(), threshold: 4 });
  framer.writeText("aaa", true);
  framer.writeText("aaaa", true);
  framer.writeBinary(unhex("070707"), true);
  framer.writeBinary(unhex("07070707"), true);
  assertEquals(written(), "8103616161" + "c1020461" + "8203070707" + "c2020407");
  framer.writeText("\u20ac\u20ac\u20ac", true); // nine bytes, but the measure is UTF-16 units
  assertEquals(written(), "8109" + "e282ac".repeat(3));
});

Deno.test("MessageFramer: the threshold is 0 unless it is given", () => {
  for (const threshold of [undefined, 0]) {
    const { framer, written } = setUp({ deflater: new FakeDeflater(), threshold });
    framer.writeText("aaa", true);
    assertEquals(written(), "c1020361");
  }
});

Deno.test("MessageFramer: text of every length and kind is compressed as its UTF-8", () => {
  const deflater = new FakeDeflater({ independent: false });
  const { framer, written } = setUp({ deflater });
  for (const unit of ["a", "\u00e9", "\u20ac", "\u{1f600}"]) {
    for (const units of [1, 40, 41, 16_383, 16_384, 16_385, 40_000]) {
      const text = unit.repeat(Math.ceil(units / unit.length));
      framer.writeText(text, true);
      const payload = runsOf(encoder.encode(text));
      assertEquals(written(), hex(buildFrame({ opcode: 1, rsv: 4, payload })), `${units} units`);
    }
  }
});

Deno.test("MessageFramer: lone surrogates become U+FFFD, compressed or not", () => {
  for (const compress of [true, false]) {
    const { framer, written } = setUp({ deflater: new FakeDeflater({ independent: false }) });
    for (const text of ["\ud800", "\ud800".padEnd(20_000, "b")]) {
      framer.writeText(text, compress);
      const bytes = encoder.encode(text);
      assertEquals(bytes[0], 0xef);
      const frame = { opcode: 1, rsv: compress ? 4 : 0, payload: compress ? runsOf(bytes) : bytes };
      assertEquals(written(), hex(buildFrame(frame)));
    }
  }
});

Deno.test("MessageFramer: fragments are continuations, and RSV1 is on the first alone", () => {
  const fragments = [
    { type: "text", payload: "6161", fin: false, opcode: 1 },
    { type: "text", payload: "", fin: false, opcode: 0 },
    { type: "text", payload: "62", fin: true, opcode: 0 },
    { type: "binary", payload: "01", fin: false, opcode: 2 },
    { type: "binary", payload: "", fin: true, opcode: 0 },
    { type: "binary", payload: "02", fin: true, opcode: 2 },
    { type: "text", payload: "", fin: true, opcode: 1 },
  ] as const;
  for (const compress of [true, false]) {
    const { framer, written } = setUp({ deflater: new FakeDeflater() });
    assertEquals(framer.fragmenting, false);
    for (const { type, payload, fin, opcode } of fragments) {
      const bytes = unhex(payload);
      framer.writeFragment(type, bytes, { fin, compress });
      assertEquals(framer.fragmenting, !fin);
      const rsv = compress && opcode !== 0 ? 4 : 0;
      const frame = { opcode, fin, rsv, payload: compress ? runsOf(bytes) : bytes };
      assertEquals(written(), hex(buildFrame(frame)));
    }
  }
});

Deno.test("MessageFramer: the first fragment says for all whether they are compressed", () => {
  const deflater = new FakeDeflater();
  const { framer, written } = setUp({ deflater });
  const aaa = encoder.encode("aaa");
  framer.writeFragment("text", aaa, { fin: false, compress: true });
  framer.writeFragment("text", aaa, { fin: true, compress: false });
  assertEquals(written(), "41020361" + "80020361");
  assertEquals(deflater.pushes, { all: 2, last: 1 });
  framer.writeFragment("text", aaa, { fin: false, compress: false });
  framer.writeFragment("text", aaa, { fin: true, compress: true });
  assertEquals(written(), "0103616161" + "8003616161");
  assertEquals(deflater.pushes, { all: 2, last: 1 });
});

Deno.test("MessageFramer: fragments are compressed whatever their length", () => {
  const { framer, written } = setUp({ deflater: new FakeDeflater(), threshold: 1000 });
  framer.writeFragment("binary", unhex("01"), { fin: true, compress: true });
  assertEquals(written(), "c2020101");
});

Deno.test("MessageFramer: without a deflater fragments go as they are", () => {
  const { framer, written } = setUp();
  framer.writeFragment("text", unhex("6161"), { fin: false, compress: true });
  framer.writeFragment("text", unhex("6161"), { fin: true, compress: true });
  assertEquals(written(), "01026161" + "80026161");
});

Deno.test("MessageFramer: control frames are never compressed, within fragments either", () => {
  const { framer, written } = setUp({ deflater: new FakeDeflater() });
  framer.writeFragment("text", encoder.encode("aaa"), { fin: false, compress: true });
  framer.writeControl(frameStart(Opcode.PING, true), unhex("07070707"));
  assertEquals(framer.fragmenting, true);
  framer.writeFragment("text", encoder.encode("bbb"), { fin: true, compress: true });
  framer.writeControl(frameStart(Opcode.CLOSE, true), unhex("03e8"));
  assertEquals(written(), "41020361" + "890407070707" + "80020362" + "880203e8");
});

Deno.test("MessageFramer: what was deflated is masked like all a client sends", () => {
  const maskKeys = sameKeys(SOME_MASK);
  const { framer, written } = setUp({ deflater: new FakeDeflater(), maskKeys });
  framer.writeText("aaaa", true);
  framer.writeBinary(unhex("0102"), true);
  framer.writeFragment("text", unhex("6161"), { fin: true, compress: true });
  const mask = SOME_MASK;
  const frames = concat(
    buildFrame({ opcode: 1, rsv: 4, mask, payload: unhex("0461") }),
    buildFrame({ opcode: 2, mask, payload: unhex("0102") }),
    buildFrame({ opcode: 1, rsv: 4, mask, payload: unhex("0261") }),
  );
  assertEquals(written(), hex(frames));
});

Deno.test("MessageFramer: the caller's bytes stay as they are", () => {
  for (const deflater of [undefined, new FakeDeflater()]) {
    const { framer } = setUp({ deflater, maskKeys: sameKeys(SOME_MASK) });
    const bytes = pattern(100);
    framer.writeBinary(bytes, true);
    framer.writeFragment("binary", bytes, { fin: true, compress: true });
    assertEquals(bytes, pattern(100));
  }
});

Deno.test("MessageFramer: a deflater that throws leaves no half a frame", () => {
  const deflater = new FakeDeflater();
  const { framer, written } = setUp({ deflater });
  deflater.push = () => {
    throw new Error("no memory");
  };
  assertThrows(() => framer.writeText("aaaa", true), Error, "no memory");
  assertThrows(() => framer.writeBinary(pattern(9), true), Error, "no memory");
  assertEquals(written(), "");
});
