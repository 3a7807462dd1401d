/**
 * Frames that come, in pieces of any size.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  FrameCollector,
  FrameReader,
  headerLength,
  parseHeader,
} from "../../../../autobahn/suite/wire/frame_reader.ts";
import { hex, unhex } from "../../../support/hex.ts";

const STREAM = unhex(
  "810548656c6c6f" + // text
    "818537fa213d7f9f4d5158" + // text, masked
    "020101" + "890170" + "800102" + // fragments with a ping between them
    "f300" + // reserved bits and a reserved opcode
    "827e000148" + // a length that is not minimal
    "880203e8",
);

function read(pieces: readonly Uint8Array[]): string[] {
  const collector = new FrameCollector();
  return pieces.flatMap((piece) => collector.push(piece)).map((frame) =>
    `${frame.fin ? "" : "not "}fin ${frame.rsv} ${frame.opcode} ${frame.lengthBits} ${
      frame.mask ? hex(frame.mask) : "-"
    } ${hex(frame.payload)}`
  );
}

const EXPECTED = [
  "fin 0 1 7 - 48656c6c6f",
  "fin 0 1 7 37fa213d 48656c6c6f",
  "not fin 0 2 7 - 01",
  "fin 0 9 7 - 70",
  "fin 0 0 7 - 02",
  "fin 7 3 7 - ",
  "fin 0 2 16 - 48",
  "fin 0 8 7 - 03e8",
];

Deno.test("frame reader: whatever comes has a reading, whole", () => {
  assertEquals(read([STREAM]), EXPECTED);
});

Deno.test("frame reader: the same byte by byte, and cut in two anywhere", () => {
  assertEquals(read(Array.from(STREAM, (byte) => Uint8Array.of(byte))), EXPECTED);
  for (let cut = 0; cut <= STREAM.length; cut++) {
    assertEquals(read([STREAM.subarray(0, cut), STREAM.subarray(cut)]), EXPECTED, `cut at ${cut}`);
  }
});

Deno.test("frame reader: payload is told piece by piece, before the frame is complete", () => {
  const told: string[] = [];
  const reader = new FrameReader({
    header: ({ length }) => told.push(`header ${length}`),
    data: (piece) => told.push(hex(piece)),
    end: () => told.push("end"),
  });
  reader.push(unhex("81"));
  reader.push(unhex("03 41"));
  reader.push(unhex("42"));
  assertEquals(told, ["header 3", "41", "42"]);
  reader.push(unhex("43 8900"));
  assertEquals(told, ["header 3", "41", "42", "43", "end", "header 0", "end"]);
});

Deno.test("frame reader: a huge length is told, and nothing is allocated for it", () => {
  const header = parseHeader(unhex("827fffffffffffffffff"));
  assertEquals(header?.length, 2 ** 64);
  assertEquals(headerLength(header!), 10);
  assertEquals(parseHeader(unhex("827f7fffffffffffff")), undefined);
  assertEquals(parseHeader(unhex("82fe0001373737"))?.length, undefined);
  assertEquals(headerLength(parseHeader(unhex("82fe000137373737"))!), 8);
});

Deno.test("frame reader: once stopped it reads none of the bytes at hand", () => {
  const told: string[] = [];
  const reader: FrameReader = new FrameReader({
    header: ({ opcode }) => told.push(`header ${opcode}`),
    data: () => {},
    end: () => {
      told.push("end");
      reader.stop();
    },
  });
  reader.push(unhex("810141 820142"));
  reader.push(unhex("830143"));
  assertEquals(told, ["header 1", "end"]);
});
