/** Bytes, UTF-8 and octet streams of the report page. */
import { assertEquals } from "@std/assert";
import {
  encodeText,
  fromHex,
  octetsShown,
  payloadShown,
  toHex,
} from "../../../../../autobahn/suite/report/page/bytes.js";
import { framesIn } from "../../../../../autobahn/suite/report/page/octet_stream.js";
import { Utf8Check } from "../../../../../autobahn/suite/report/page/utf8.js";

Deno.test("bytes: text that is no UTF-16 keeps its surrogates", () => {
  assertEquals(toHex(encodeText("a水🌊")), "61e6b0b4f09f8c8a");
  assertEquals(toHex(encodeText("a\ud800b")), "61eda08062");
  assertEquals(toHex(encodeText("\udfff🌊")), "edbfbff09f8c8a");
});

Deno.test("bytes: what a report shows of octets", () => {
  assertEquals(toHex(octetsShown([3, "0102ff"])), "0102ff");
  assertEquals(octetsShown([0, ""]).length, 0);
  assertEquals(toHex(octetsShown([997, "0102 ..."])), "0102");
});

Deno.test("bytes: what a report shows of a payload, text or not", () => {
  const long = "0123456789abcdef".repeat(4);
  const cases: [length: number, shown: string, hex: string][] = [
    [0, "", ""],
    [2, "0x03e8", "03e8"],
    // Text that looks like bytes is as long as it looks.
    [6, "0x03e8", "307830336538"],
    [3, "水", "e6b0b4"],
    [4, " ...", "202e2e2e"],
    [100, `${long} ...`, new TextEncoder().encode(long).toHex()],
    [100, `0x${"ff".repeat(64)} ...`, "ff".repeat(64)],
    [100, `0x${"ff".repeat(31)} ...`, new TextEncoder().encode(`0x${"ff".repeat(31)}`).toHex()],
  ];
  for (const [length, shown, hex] of cases) {
    assertEquals(toHex(payloadShown([length, shown])), hex, shown);
  }
});

Deno.test("UTF-8: the first wrong byte, as a decoder finds it", () => {
  const cases: [hex: string, wrong: number, whole: boolean][] = [
    ["", -1, true],
    ["61c3a4e6b0b4f09f8c8a", -1, true],
    ["80", 0, true],
    ["c0af", 0, true],
    ["c1bf", 0, true],
    ["e09fbf", 1, false],
    ["e0a080", -1, true],
    ["eda080", 1, false],
    ["ed9fbf", -1, true],
    ["f08fbfbf", 1, false],
    ["f4908080", 1, false],
    ["f48fbfbf", -1, true],
    ["f5808080", 0, true],
    ["fe", 0, true],
    ["c320", 1, false],
    ["e6b0", -1, false],
  ];
  for (const [hex, wrong, whole] of cases) {
    const check = new Utf8Check();
    assertEquals(check.push(fromHex(hex)), wrong, hex);
    if (wrong < 0) assertEquals(check.whole, whole, hex);
    const valid = isUtf8(fromHex(hex));
    assertEquals(wrong < 0 && whole, valid, hex);
  }
});

Deno.test("UTF-8: every sequence of up to three bytes is judged as by TextDecoder", () => {
  // The bytes at which the rules change, and one of each kind between.
  const bytes = fromHex("007f80818f909fa0bfc0c1c2dfe0e1ecedeeeff0f1f3f4f5ff");
  for (const a of bytes) {
    for (const b of bytes) {
      for (const c of bytes) {
        const sequence = Uint8Array.of(a, b, c);
        const check = new Utf8Check();
        const valid = check.push(sequence) < 0 && check.whole;
        assertEquals(valid, isUtf8(sequence), toHex(sequence));
      }
    }
  }
});

Deno.test("UTF-8: pieces are one text", () => {
  const check = new Utf8Check();
  assertEquals([...fromHex("f09f8c8a")].map((byte) => check.push(Uint8Array.of(byte))), [
    -1,
    -1,
    -1,
    -1,
  ]);
  assertEquals(check.whole, true);
  assertEquals(check.push(fromHex("f4")), -1);
  assertEquals(check.push(fromHex("90")), 0);
});

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.slice());
    return true;
  } catch {
    return false;
  }
}

/** Pieces of a stream, given in hexadecimal; `+n` stands for n octets that are not shown. */
function pieces(...texts: string[]): { line: number; total: number; shown: Uint8Array }[] {
  return texts.map((text, line) => {
    const [hex = "", hidden = "0"] = text.split("+");
    const shown = fromHex(hex);
    return { line, total: shown.length + Number(hidden), shown };
  });
}

Deno.test("octet stream: frames across pieces, unmasked", () => {
  const frames = framesIn(pieces("81830102", "0304", "606161", "8802", "03e8"));
  assertEquals(
    frames.map((frame) => ({ ...frame, head: toHex(frame.head), payload: toHex(frame.payload) })),
    [
      {
        opcode: 1,
        fin: true,
        rsv: 0,
        masked: true,
        mask: "01020304",
        length: 3,
        head: "818301020304",
        payload: "616362",
        lines: [0, 1, 2],
      },
      {
        opcode: 8,
        fin: true,
        rsv: 0,
        masked: false,
        mask: null,
        length: 2,
        head: "8802",
        payload: "03e8",
        lines: [3, 4],
      },
    ],
  );
});

Deno.test("octet stream: all forms of the length, minimal or not", () => {
  const lengths = ["8205", "827e0005", "827f0000000000000005", "827f8000000000000000"]
    .map((head) => framesIn(pieces(`${head}0102030405`))[0]?.length);
  assertEquals(lengths, [5, 5, 5, 2 ** 63]);
});

Deno.test("octet stream: a payload that is not shown is passed over", () => {
  const frames = framesIn(pieces("827e03e8aabb+900", "+98", "8900"));
  assertEquals(frames.map(({ opcode, length, lines }) => ({ opcode, length, lines })), [
    { opcode: 2, length: 1000, lines: [0, 1] },
    { opcode: 9, length: 0, lines: [2] },
  ]);
  assertEquals(toHex(frames[0]?.payload ?? new Uint8Array()), "aabb");
});

Deno.test("octet stream: it ends where a header is not shown", () => {
  assertEquals(framesIn(pieces("8101+3", "8900")).length, 1);
  assertEquals(framesIn(pieces("+3", "8900")).length, 0);
});

Deno.test("octet stream: a header that did not come whole has no length", () => {
  for (const hex of ["81fe00", "817f000000", "8185010203"]) {
    const [frame] = framesIn(pieces(hex));
    assertEquals(frame?.length, null, hex);
    assertEquals(toHex(frame?.head ?? new Uint8Array()), hex);
  }
  assertEquals(framesIn(pieces("81")), []);
});

Deno.test("octet stream: a payload that did not come whole keeps its declared length", () => {
  const [frame] = framesIn(pieces("8105aa"));
  assertEquals(frame?.length, 5);
  assertEquals(frame?.payload.length, 1);
});
