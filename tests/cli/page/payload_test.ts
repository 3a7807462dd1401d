import { assert, assertEquals, assertThrows } from "@std/assert";
import { formatSize, isEcho, parseHex, preview, sizeOf } from "../../../lib/cli/page/payload.js";

/** Bytes as the page gets them. */
function bytes(...values: number[]): ArrayBuffer {
  return new Uint8Array(values).buffer;
}

Deno.test("page payload: hexadecimal is read in the usual spellings", () => {
  const deadBeef = new Uint8Array([0xde, 0xad, 0xbe, 0xef]);
  for (const text of ["deadbeef", "DE AD be ef", "0xde, 0xad, 0xBE 0xef", "de:ad:be:ef\n"]) {
    assertEquals(parseHex(text), deadBeef, text);
  }
  assertEquals(parseHex(" "), new Uint8Array(0));
  assertThrows(() => parseHex("de a"), Error, "The last byte has one digit; it needs two.");
  assertThrows(() => parseHex("de ag"), Error, "“g” is no hexadecimal digit.");
});

Deno.test("page payload: sizes are in the units of memory", () => {
  const rows: [bytes: number, text: string][] = [
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [300_000, "293 KiB"],
    [1024 ** 2, "1 MiB"],
    [16 * 1024 ** 2, "16 MiB"],
  ];
  for (const [size, text] of rows) assertEquals(formatSize(size), text);
  assertEquals(sizeOf("潮"), 3);
  assertEquals(sizeOf(bytes(1, 2)), 2);
});

Deno.test("page payload: a preview is short, and shows what cannot be seen", () => {
  const rows: [data: string | ArrayBuffer, text: string][] = [
    ["<b>bold</b>", "<b>bold</b>"],
    ["", "(empty)"],
    ["a\tb\nc", "a\tb\nc"],
    ["\0\x1b[2J\r\x7f", "\u2400\u241b[2J\u240d\u2421"],
    ["\u202eevil\u009b", "\ufffdevil\ufffd"],
    ["x".repeat(1001), `${"x".repeat(1000)} …`],
    [bytes(0, 0xff), "00 ff"],
    [bytes(), "(empty, binary)"],
    [new ArrayBuffer(65), `${"00 ".repeat(64)}…`],
  ];
  for (const [data, text] of rows) assertEquals(preview(data), text);
});

Deno.test("page payload: an echo has the type and content of what was sent", () => {
  assert(isEcho("a", "a"));
  assert(isEcho(bytes(1, 2), bytes(1, 2)));
  assert(isEcho(bytes(), bytes()));
  assert(!isEcho("a", "b"));
  assert(!isEcho("", bytes()));
  assert(!isEcho(bytes(), ""));
  assert(!isEcho(bytes(1, 2), bytes(1, 3)));
  assert(!isEcho(bytes(1, 2), bytes(1)));
});
