/**
 * The frame parser (RFC 6455 §5.2): what it reads, however the bytes are cut, in both
 * roles. What it refuses is in `frame_parser_faults_test.ts`.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { FrameParser, MAX_CONTROL_BYTES, type Role } from "../../lib/protocol/frame_parser.ts";
import { everyCut, piecesOf } from "../support/cuts.ts";
import { concat, hex, pattern, unhex } from "../support/hex.ts";
import { buildFrame, type FrameFields, SOME_MASK } from "../support/raw_frame.ts";
import { FrameRecorder } from "../support/recorder.ts";

const ROLES: readonly Role[] = ["server", "client"];

function setUp(role: Role): { parser: FrameParser; sink: FrameRecorder } {
  const sink = new FrameRecorder();
  return { sink, parser: new FrameParser(sink, { role }) };
}

/** What a parser makes of `pieces`, which it may change. */
function parse(role: Role, pieces: readonly Uint8Array[]): string[] {
  const { parser, sink } = setUp(role);
  for (const piece of pieces) parser.push(piece, 0, piece.length);
  return sink.events;
}

/** A frame as the peer of `role` sends it. */
function frameTo(role: Role, fields: FrameFields): Uint8Array<ArrayBuffer> {
  return buildFrame(role === "server" ? { mask: SOME_MASK, ...fields } : fields);
}

/** What a parser tells of a frame without faults. */
function eventsOf({ opcode, fin = true, payload = "" }: FrameFields): string[] {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  if (opcode >= 8) return [`control ${opcode} ${hex(bytes)}`];
  const ending = fin ? " fin" : "";
  const piece = bytes.length === 0 ? [] : [`payload ${hex(bytes)}`];
  return [`data ${opcode}${ending} ${bytes.length}`, ...piece, `end${ending}`];
}

/** All kinds of frames, with and without payload, in an order that the RFC allows. */
const FRAMES: readonly FrameFields[] = [
  { opcode: 1, payload: "Hello" },
  { opcode: 9, payload: "ping" },
  { opcode: 2, payload: pattern(130) },
  { opcode: 10 },
  { opcode: 1, fin: false, payload: "H\u00e9" },
  { opcode: 0, fin: false },
  { opcode: 9 },
  { opcode: 0, payload: "llo" },
  { opcode: 2 },
  { opcode: 8, payload: unhex("03e8") },
  { opcode: 10, payload: pattern(125) },
];

Deno.test("FrameParser: the examples of RFC 6455 §5.7", () => {
  const hello = "48656c6c6f";
  assertEquals(
    parse("client", [unhex(`8105${hello}`)]),
    ["data 1 fin 5", `payload ${hello}`]
      .concat("end fin"),
  );
  assertEquals(
    parse("server", [unhex("818537fa213d7f9f4d5158")]),
    ["data 1 fin 5", `payload ${hello}`, "end fin"],
  );
  assertEquals(
    parse("client", [unhex("010348656c 80026c6f")]),
    ["data 1 3", "payload 48656c", "end", "data 0 fin 2", "payload 6c6f", "end fin"],
  );
  assertEquals(parse("client", [unhex(`8905${hello}`)]), [`control 9 ${hello}`]);
  assertEquals(parse("server", [unhex("8a8537fa213d7f9f4d5158")]), [`control 10 ${hello}`]);
  for (const [header, size] of [["827e0100", 256], ["827f0000000000010000", 65_536]] as const) {
    const payload = pattern(size);
    assertEquals(
      parse("client", [concat(unhex(header), payload)]),
      [`data 2 fin ${size}`, `payload ${hex(payload)}`, "end fin"],
    );
  }
});

for (const role of ROLES) {
  Deno.test(`FrameParser: a ${role} reads data frames of every boundary length`, () => {
    for (const length of [0, 1, 124, 125, 126, 127, 255, 256, 65_534, 65_535, 65_536, 65_537]) {
      const fields = { opcode: 2, payload: pattern(length) };
      assertEquals(parse(role, [frameTo(role, fields)]), eventsOf(fields), `${length} bytes`);
    }
  });

  Deno.test(`FrameParser: a ${role} reads control frames of every length`, () => {
    for (let length = 0; length <= MAX_CONTROL_BYTES; length++) {
      const fields = { opcode: 9, payload: pattern(length) };
      assertEquals(parse(role, [frameTo(role, fields)]), eventsOf(fields), `${length} bytes`);
    }
  });

  Deno.test(`FrameParser: a ${role} reads the same from every cut of all kinds of frames`, () => {
    const stream = concat(...FRAMES.map((fields) => frameTo(role, fields)));
    const expected = FRAMES.flatMap(eventsOf);
    for (const pieces of everyCut(stream)) assertEquals(parse(role, pieces), expected);
  });

  Deno.test(`FrameParser: a ${role} reads every form of the length from every cut`, () => {
    for (const length of [125, 126, 65_535, 65_536]) {
      const fields = { opcode: 2, payload: pattern(length) };
      const stream = concat(frameTo(role, fields), frameTo(role, { opcode: 9 }));
      const expected = [...eventsOf(fields), ...eventsOf({ opcode: 9 })];
      for (let at = 1; at <= 16; at++) {
        const pieces = [...piecesOf(stream.subarray(0, at), 1), stream.slice(at)];
        assertEquals(parse(role, pieces), expected, `${length} bytes, single bytes to ${at}`);
      }
      assertEquals(parse(role, piecesOf(stream, 4096)), expected);
    }
  });

  Deno.test(`FrameParser: a ${role} reads a thousand frames of one push in order`, () => {
    const frames = Array.from({ length: 1000 }, (_, at) => ({ opcode: 1, payload: `${at}` }));
    const stream = concat(...frames.map((fields) => frameTo(role, fields)));
    assertEquals(parse(role, [stream]), frames.flatMap(eventsOf));
  });

  Deno.test(`FrameParser: a ${role} hands out payload before the frame is complete`, () => {
    const { parser, sink } = setUp(role);
    const bytes = frameTo(role, { opcode: 2, payload: pattern(20) });
    const header = bytes.length - 20;
    parser.push(bytes, 0, header);
    assertEquals(sink.events, ["data 2 fin 20"]);
    parser.push(bytes, header, header + 7);
    parser.push(bytes, header + 7, header + 19);
    assertEquals(sink.pieceLengths, [7, 12]);
    assertEquals(sink.events, ["data 2 fin 20", `payload ${hex(pattern(19))}`]);
    parser.push(bytes, header + 19, bytes.length);
    assertEquals(sink.events, eventsOf({ opcode: 2, payload: pattern(20) }));
  });

  Deno.test(`FrameParser: a ${role} can tell whether a frame has begun and not ended`, () => {
    for (const fields of [{ opcode: 2, payload: pattern(3) }, { opcode: 9, payload: "abc" }]) {
      const { parser } = setUp(role);
      const bytes = frameTo(role, fields);
      assertEquals(parser.midFrame, false);
      for (let at = 0; at < bytes.length; at++) {
        parser.push(bytes, at, at + 1);
        assertEquals(parser.midFrame, at < bytes.length - 1, `after ${at + 1} bytes`);
      }
    }
  });

  Deno.test(`FrameParser: a ${role} reads its range alone, wherever the bytes lie`, () => {
    const fields = { opcode: 2, payload: pattern(50) };
    const frame = frameTo(role, fields);
    for (let offset = 0; offset <= 16; offset++) {
      const memory = new Uint8Array(frame.length + 40).fill(0xee);
      const bytes = memory.subarray(offset, offset + frame.length + 8);
      bytes.set(frame, 4);
      const { parser, sink } = setUp(role);
      parser.push(bytes, 4, 4);
      parser.push(bytes, 4, 4 + frame.length);
      assertEquals(sink.events, eventsOf(fields));
      const beside = [
        ...memory.subarray(0, offset + 4),
        ...memory.subarray(offset + frame.length + 4),
      ];
      assertEquals(beside.every((byte) => byte === 0xee), true, "bytes beside the range");
    }
  });

  Deno.test(`FrameParser: the buffer of a ${role} may be used again after each push`, () => {
    const stream = concat(...FRAMES.map((fields) => frameTo(role, fields)));
    for (const size of [1, 3, 7, 64]) {
      const { parser, sink } = setUp(role);
      const buffer = new Uint8Array(size);
      for (const piece of piecesOf(stream, size)) {
        buffer.set(piece);
        parser.push(buffer, 0, piece.length);
        buffer.fill(0xff);
      }
      assertEquals(sink.events, FRAMES.flatMap(eventsOf));
    }
  });

  Deno.test(`FrameParser: once it is stopped, a ${role} ignores all that comes`, () => {
    const { parser, sink } = setUp(role);
    const bytes = frameTo(role, { opcode: 2, payload: pattern(3) });
    parser.push(bytes, 0, bytes.length - 1);
    parser.stop();
    parser.push(bytes, bytes.length - 1, bytes.length);
    parser.push(bytes, 0, bytes.length);
    assertEquals(sink.events, ["data 2 fin 3", `payload ${hex(pattern(2))}`]);
  });

  Deno.test(`FrameParser: stopped by its owner within a push, a ${role} reads no further`, () => {
    const stream = concat(
      frameTo(role, { opcode: 9, payload: "a" }),
      frameTo(role, { opcode: 1, payload: "b" }),
    );
    const { parser, sink } = setUp(role);
    sink.onEvent = () => {
      parser.stop();
      return undefined;
    };
    parser.push(stream, 0, stream.length);
    assertEquals(sink.events, ["control 9 61"]);
  });
}

Deno.test("FrameParser: masks of every kind at every alignment modulo 16, zero among them", () => {
  const masks = [[0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff], [0x80, 0, 0, 1], [1, 2, 3, 4]] as const;
  for (const mask of masks) {
    for (let offset = 0; offset < 16; offset++) {
      for (let length = 0; length <= 40; length++) {
        const fields = { opcode: 2, payload: pattern(length), mask };
        const frame = buildFrame(fields);
        const bytes = concat(new Uint8Array(offset), frame);
        const { parser, sink } = setUp("server");
        parser.push(bytes, offset, bytes.length);
        assertEquals(sink.events, eventsOf(fields), `${length} bytes at ${offset}, mask ${mask}`);
      }
    }
  }
});

Deno.test("FrameParser: the mask goes on where the last piece ended, at every cut", () => {
  const fields = { opcode: 2, payload: pattern(40) };
  const frame = buildFrame({ ...fields, mask: SOME_MASK });
  for (let first = 6; first <= frame.length; first++) {
    for (let second = first; second <= frame.length; second++) {
      const pieces = [frame.slice(0, first), frame.slice(first, second), frame.slice(second)];
      assertEquals(parse("server", pieces), eventsOf(fields), `cut at ${first} and ${second}`);
    }
  }
});

Deno.test("FrameParser: with RSV1 negotiated, data frames may bear it, and that is told", () => {
  const sink = new FrameRecorder();
  const parser = new FrameParser(sink, { role: "client", allowRsv1: true });
  const bytes = unhex("c10161 4200 8001 62 8100");
  parser.push(bytes, 0, bytes.length);
  assertEquals(sink.events, [
    ...["data 1 fin rsv1 1", "payload 61", "end fin"],
    ...["data 2 rsv1 0", "end", "data 0 fin 1", "payload 62", "end fin"],
    ...["data 1 fin 0", "end fin"],
  ]);
});

Deno.test("FrameParser: a data frame that lies whole in the input is told of with one call", () => {
  for (const role of ROLES) {
    for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
      const frame = frameTo(role, { opcode: 2, payload: pattern(length) });
      const { parser, sink } = setUp(role);
      // Not from the first byte of the input on, and with the begin of another behind it.
      const input = concat(frame, frame, frame.subarray(0, 1));
      parser.push(input.slice(), frame.length, input.length);
      assertEquals([sink.wholeFrames, parser.midFrame], [1, true]);
      assertEquals(sink.events, eventsOf({ opcode: 2, payload: pattern(length) }));
    }
  }
});

Deno.test("FrameParser: a data frame of which a byte is missing is told of in steps", () => {
  for (const role of ROLES) {
    const fields = { opcode: 1, payload: "Hello" };
    const frame = frameTo(role, fields);
    for (const at of [1, 2, frame.length - 5, frame.length - 1]) {
      const { parser, sink } = setUp(role);
      for (const piece of [frame.slice(0, at), frame.slice(at)]) {
        parser.push(piece, 0, piece.length);
      }
      assertEquals(sink.wholeFrames, 0, `cut at ${at}`);
      assertEquals(sink.events, eventsOf(fields));
    }
  }
});
