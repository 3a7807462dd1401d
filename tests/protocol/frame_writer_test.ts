/**
 * The frame writer (RFC 6455 §5.2): its bytes, looked at by hand and by a reader that
 * shares no code with it.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { frameStart, FrameWriter } from "../../lib/protocol/frame_writer.ts";
import { MaskKeys } from "../../lib/protocol/mask.ts";
import { Opcode } from "../../lib/protocol/opcodes.ts";
import { OutputBuffer } from "../../lib/protocol/output_buffer.ts";
import { concat, hex, pattern } from "../support/hex.ts";
import { sameKeys } from "../support/mask_keys.ts";
import { parseFrame, type RawFrame, SOME_MASK } from "../support/raw_frame.ts";

const TEXT = frameStart(Opcode.TEXT, true);
const BINARY = frameStart(Opcode.BINARY, true);

const ROLES = ["server", "client"] as const;

/** A writer for `role` behind `before` bytes that are in the output already. */
function setUp(
  role: "server" | "client",
  before = 0,
): { writer: FrameWriter; output: OutputBuffer } {
  const output = new OutputBuffer();
  output.append(new Uint8Array(before).fill(0xee));
  return {
    output,
    writer: role === "client"
      ? new FrameWriter(output, sameKeys(SOME_MASK))
      : new FrameWriter(output),
  };
}

/** The bytes that `write` makes. */
function bytesOf(role: "server" | "client", write: (writer: FrameWriter) => void): Uint8Array {
  const { writer, output } = setUp(role);
  write(writer);
  return output.take();
}

/** Reads the only frame in `bytes` from position `from` on. */
function onlyFrame(bytes: Uint8Array, from = 0): RawFrame {
  const read = parseFrame(bytes.subarray(from));
  assert(read !== null, "the frame is not all there");
  assertEquals(read.size, bytes.length - from);
  return read.frame;
}

Deno.test("FrameWriter: the examples of RFC 6455 §5.7", () => {
  const hello = new TextEncoder().encode("Hello");
  const server = (write: (writer: FrameWriter) => void) => hex(bytesOf("server", write));
  assertEquals(server((writer) => writer.writeText(TEXT, "Hello")), "810548656c6c6f");
  assertEquals(
    hex(bytesOf("client", (writer) => writer.writeText(TEXT, "Hello"))),
    "818537fa213d7f9f4d5158",
  );
  const ping = frameStart(Opcode.PING, true);
  assertEquals(server((writer) => writer.writeBytes(ping, hello)), "890548656c6c6f");
  const pong = frameStart(Opcode.PONG, true);
  assertEquals(
    hex(bytesOf("client", (writer) => writer.writeBytes(pong, hello))),
    "8a8537fa213d7f9f4d5158",
  );
  assertEquals(
    server((writer) => {
      writer.writeBytes(frameStart(Opcode.TEXT, false), hello.subarray(0, 3));
      writer.writeBytes(frameStart(Opcode.CONTINUATION, true), hello.subarray(3));
    }),
    "010348656c" + "80026c6f",
  );
  const header = (size: number) =>
    server((writer) => writer.writeBytes(BINARY, new Uint8Array(size))).slice(0, 20);
  assert(header(256).startsWith("827e0100"));
  assert(header(65_536).startsWith("827f0000000000010000"));
});

Deno.test("frameStart: FIN and RSV1 are the highest bits (RFC 6455 §5.2)", () => {
  assertEquals(frameStart(Opcode.TEXT, false), 0x01);
  assertEquals(frameStart(Opcode.TEXT, true), 0x81);
  assertEquals(frameStart(Opcode.TEXT, true, true), 0xc1);
  assertEquals(frameStart(Opcode.CONTINUATION, false, true), 0x40);
  assertEquals(frameStart(Opcode.PONG, true, false), 0x8a);
});

const BOUNDARIES = [0, 1, 39, 40, 41, 125, 126, 127, 65_535, 65_536, 65_537];

for (const role of ROLES) {
  const mask = role === "client" ? Uint8Array.from(SOME_MASK) : null;

  Deno.test(`FrameWriter: a ${role}'s bytes of every boundary length, in the shortest form`, () => {
    for (const length of BOUNDARIES) {
      for (const before of [0, 1, 2, 3, 5]) {
        const { writer, output } = setUp(role, before);
        const payload = pattern(length);
        writer.writeBytes(BINARY, payload);
        assertEquals(onlyFrame(output.take(), before), {
          fin: true,
          rsv: 0,
          opcode: 2,
          mask,
          lengthForm: length < 126 ? 7 : length < 65_536 ? 16 : 64,
          payload,
        });
        assertEquals(payload, pattern(length), "the caller's bytes are left alone");
      }
    }
  });

  Deno.test(`FrameWriter: a ${role}'s text of every boundary length, in the shortest form`, () => {
    for (const unit of ["a", "é", "€", "\u{1f600}"]) {
      const size = new TextEncoder().encode(unit).length;
      for (const length of BOUNDARIES) {
        const text = unit.repeat(Math.floor(length / size)) + "z".repeat(length % size);
        const { writer, output } = setUp(role, 3);
        writer.writeText(TEXT, text);
        assertEquals(onlyFrame(output.take(), 3), {
          fin: true,
          rsv: 0,
          opcode: 1,
          mask,
          lengthForm: length < 126 ? 7 : length < 65_536 ? 16 : 64,
          payload: new TextEncoder().encode(text),
        }, `${length} bytes of ${unit}`);
      }
    }
  });

  Deno.test(`FrameWriter: a ${role}'s header has the size for bytes, not for characters`, () => {
    for (const units of [125, 126, 65_535, 65_536]) {
      for (const extra of [1, 2, 3]) {
        const text = "é".repeat(extra) + "a".repeat(units - extra);
        const frame = onlyFrame(bytesOf(role, (writer) => writer.writeText(TEXT, text)));
        assertEquals(frame.payload, new TextEncoder().encode(text));
        const length = units + extra;
        assertEquals(frame.lengthForm, length < 126 ? 7 : length < 65_536 ? 16 : 64);
      }
    }
  });

  Deno.test(`FrameWriter: lone surrogates in a ${role}'s text become U+FFFD`, () => {
    for (const filling of ["", "a".repeat(39), "a".repeat(200), "€".repeat(50_000)]) {
      for (const text of ["\ud800", "\udfff", "\u{1f600}\ud83d", "\udc00\ud800"]) {
        const whole = filling + text + filling;
        const frame = onlyFrame(bytesOf(role, (writer) => writer.writeText(TEXT, whole)));
        assertEquals(new TextDecoder().decode(frame.payload), whole.toWellFormed());
      }
    }
  });

  Deno.test(`FrameWriter: text that outgrows the output at any place stays whole (${role})`, () => {
    const texts = ["a\u{1f600}".repeat(40), "\u00e9".repeat(100), `${"a".repeat(30)}\u00e9`];
    for (let before = 3850; before <= 4100; before++) {
      for (const text of [...texts, "\u20ac".repeat(before % 10 === 0 ? 5000 : 50)]) {
        const { writer, output } = setUp(role, before);
        writer.writeText(TEXT, text);
        const bytes = output.take();
        assertEquals(bytes.subarray(0, before).every((byte) => byte === 0xee), true);
        assertEquals(new TextDecoder().decode(onlyFrame(bytes, before).payload), text);
      }
    }
  });

  Deno.test(`FrameWriter: a ${role}'s frames follow each other without a gap`, () => {
    const bytes = bytesOf(role, (writer) => {
      writer.writeText(TEXT, "é");
      writer.writeText(TEXT, "");
      writer.writeText(TEXT, "a".repeat(125) + "é");
      writer.writeBytes(BINARY, pattern(200));
    });
    const payloads: string[] = [];
    for (let at = 0; at < bytes.length;) {
      const read = parseFrame(bytes.subarray(at));
      assert(read !== null);
      payloads.push(hex(read.frame.payload));
      at += read.size;
    }
    assertEquals(payloads, ["c3a9", "", "61".repeat(125) + "c3a9", hex(pattern(200))]);
  });
}

Deno.test("FrameWriter: the last character of each length in UTF-8 and the next, short or long", () => {
  for (
    const sign of ["\u007f", "\u0080", "\u07ff", "\u0800", "\uffff", "\u{10000}", "\u{10ffff}"]
  ) {
    for (const filling of ["", "a".repeat(100)]) {
      const frame = onlyFrame(
        bytesOf("server", (writer) => writer.writeText(TEXT, filling + sign)),
      );
      assertEquals(frame.payload, new TextEncoder().encode(filling + sign));
    }
  }
});

Deno.test("FrameWriter: every frame of a client has a key of its own (RFC 6455 §5.3)", () => {
  const output = new OutputBuffer();
  const writer = new FrameWriter(output, new MaskKeys((bytes) => crypto.getRandomValues(bytes)));
  writer.writeBytes(BINARY, pattern(50));
  writer.writeBytes(BINARY, pattern(50));
  writer.writeText(TEXT, "");
  const bytes = output.take();
  const keys = [bytes.subarray(2, 6), bytes.subarray(58, 62), bytes.subarray(114, 118)].map(hex);
  assertEquals(new Set(keys).size, 3);
  assertNotEquals(hex(bytes.subarray(6, 56)), hex(bytes.subarray(62, 112)));
  assertEquals(onlyFrame(bytes, 112).payload.length, 0);
});

Deno.test("FrameWriter: the caller may change its bytes once they are written", () => {
  const payload = pattern(60);
  const { writer, output } = setUp("server");
  writer.writeBytes(BINARY, payload);
  payload.fill(0);
  assertEquals(output.take(), concat(Uint8Array.of(0x82, 60), pattern(60)));
});

Deno.test("FrameWriter: a view of some memory is written, not what lies beside it", () => {
  for (const length of [5, 100]) {
    const payload = pattern(200).subarray(7, 7 + length);
    const frame = onlyFrame(bytesOf("client", (writer) => writer.writeBytes(BINARY, payload)));
    assertEquals(frame.payload, payload.slice());
  }
});
