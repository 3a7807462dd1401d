/**
 * Frames to send (RFC 6455 §5.2).
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { encodeFragments, encodeFrame } from "../../../../autobahn/suite/wire/frame.ts";
import { FrameCollector } from "../../../../autobahn/suite/wire/frame_reader.ts";
import type { FrameSpec } from "../../../../autobahn/suite/model/case.ts";
import { hex, unhex } from "../../../support/hex.ts";

const HELLO = new TextEncoder().encode("Hello");
const MASK = unhex("37fa213d");
const plain = (spec: FrameSpec): string => hex(encodeFrame(spec, { masked: false }));

Deno.test("frame: the examples of RFC 6455 §5.7", () => {
  assertEquals(plain({ opcode: 1, payload: HELLO }), "810548656c6c6f");
  assertEquals(plain({ opcode: 1, payload: HELLO, mask: MASK }), "818537fa213d7f9f4d5158");
  assertEquals(plain({ opcode: 1, payload: HELLO.subarray(0, 3), fin: false }), "010348656c");
  assertEquals(plain({ opcode: 0, payload: HELLO.subarray(3) }), "80026c6f");
  assertEquals(plain({ opcode: 9, payload: HELLO }), "890548656c6c6f");
});

Deno.test("frame: the length has its shortest form, at every boundary", () => {
  const head = (length: number): string =>
    plain({ opcode: 2, payload: new Uint8Array(length) }).slice(0, 20);
  assertEquals(plain({ opcode: 2 }), "8200");
  assertEquals(head(125).slice(0, 4), "827d");
  assertEquals(head(126).slice(0, 8), "827e007e");
  assertEquals(head(65_535).slice(0, 8), "827effff");
  assertEquals(head(65_536), "827f0000000000010000");
});

Deno.test("frame: longer forms and false lengths on demand", () => {
  const payload = HELLO.subarray(0, 1);
  assertEquals(plain({ opcode: 1, payload, lengthBits: 16 }), "817e000148");
  assertEquals(plain({ opcode: 1, payload, lengthBits: 64 }), "817f000000000000000148");
  assertEquals(plain({ opcode: 1, payload, declaredLength: 5n }), "810548");
  assertEquals(
    plain({ opcode: 1, payload, declaredLength: 0xffff_ffff_ffff_ffffn }),
    "817fffffffffffffffff48",
  );
});

Deno.test("frame: all bits of the first byte", () => {
  assertEquals(plain({ opcode: 15, rsv: 7, fin: false }), "7f00");
  assertEquals(plain({ opcode: 3, rsv: 4 }), "c300");
});

Deno.test("frame: a client masks with a random key, unless told not to", () => {
  const first = encodeFrame({ opcode: 1, payload: HELLO }, { masked: true });
  const second = encodeFrame({ opcode: 1, payload: HELLO }, { masked: true });
  assertEquals(first.length, 11);
  assertEquals(first[1], 0x85);
  // One run in four thousand millions has the same key twice.
  assertEquals(hex(first) === hex(second), false);
  const [frame] = new FrameCollector().push(first);
  assertEquals(frame?.payload, HELLO);
  assertEquals(
    hex(encodeFrame({ opcode: 1, payload: HELLO, mask: false }, { masked: true })),
    "810548656c6c6f",
  );
});

Deno.test("frame: the payload given is left as it is", () => {
  const payload = HELLO.slice();
  encodeFrame({ opcode: 1, payload }, { masked: true });
  encodeFragments(payload, { opcode: 1, rsv: 0, fragmentBytes: 2, masked: true });
  assertEquals(payload, HELLO);
});

Deno.test("frame: fields that do not fit are refused", () => {
  const wrong: [FrameSpec, string][] = [
    [{ opcode: 16 }, "opcode must be 0 to 15; got 16"],
    [{ opcode: 1, rsv: 8 }, "rsv must be 0 to 7; got 8"],
    [{ opcode: 1, mask: new Uint8Array(3) }, "mask must be 4 bytes; got 3"],
    [{ opcode: 1, declaredLength: -1n }, "declaredLength must be 0 to 2^64 - 1; got -1"],
    [
      { opcode: 1, payload: new Uint8Array(126), lengthBits: 7 },
      "A length of 126 takes 16 bits; lengthBits is 7",
    ],
  ];
  for (const [spec, message] of wrong) assertThrows(() => plain(spec), RangeError, message);
});

Deno.test("frame: fragments are a message's frames, one after the other", () => {
  const { bytes, frameLengths } = encodeFragments(HELLO, {
    opcode: 1,
    rsv: 4,
    fragmentBytes: 2,
    masked: false,
  });
  assertEquals(hex(bytes), "41024865" + "00026c6c" + "80016f");
  assertEquals(frameLengths, [4, 4, 3]);
});

Deno.test("frame: fragments that are full are followed by an empty one", () => {
  const options = { opcode: 2, rsv: 0, fragmentBytes: 2, masked: false };
  assertEquals(
    hex(encodeFragments(HELLO.subarray(0, 4), options).bytes),
    "02024865" + "00026c6c" + "8000",
  );
  assertEquals(hex(encodeFragments(new Uint8Array(0), options).bytes), "8200");
});

Deno.test("frame: fragments of all three forms of length, masked", () => {
  const payload = Uint8Array.from({ length: 140_000 }, (_, at) => at % 251);
  for (const fragmentBytes of [100, 1000, 70_000]) {
    const options = { opcode: 2, rsv: 0, fragmentBytes, masked: true };
    const { bytes, frameLengths } = encodeFragments(payload, options);
    const frames = new FrameCollector().push(bytes);
    assertEquals(frames.length, payload.length / fragmentBytes + 1);
    assertEquals(frameLengths.reduce((sum, length) => sum + length, 0), bytes.length);
    frames.forEach((frame, index) => {
      assertEquals(frame.opcode, index === 0 ? 2 : 0);
      assertEquals(frame.fin, index === frames.length - 1);
      assertEquals(frame.mask?.length, 4);
      const at = index * fragmentBytes;
      assertEquals(hex(frame.payload), hex(payload.subarray(at, at + fragmentBytes)));
    });
  }
});
