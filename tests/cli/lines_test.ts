import { assertEquals, assertRejects } from "@std/assert";
import { lines, type LinesOptions } from "../../lib/cli/lines.ts";
import { everyCut } from "../support/cuts.ts";
import { concat } from "../support/hex.ts";

async function linesOf(
  pieces: Iterable<Uint8Array<ArrayBuffer>>,
  options?: LinesOptions,
): Promise<string[]> {
  return await Array.fromAsync(lines(ReadableStream.from(pieces), options));
}

const encoder = new TextEncoder();

/** What comes in, and the lines that this is. */
const INPUTS: [input: string, lines: string[]][] = [
  ["", []],
  ["\n", [""]],
  ["\r\n", [""]],
  ["one", ["one"]],
  ["one\n", ["one"]],
  ["one\r\ntwo\r\n", ["one", "two"]],
  ["one\n\n\ntwo", ["one", "", "", "two"]],
  ["one\rtwo\r\r\n\rthree\r", ["one\rtwo\r", "\rthree"]],
  ["über\n潮汐\n👩‍💻\n", ["über", "潮汐", "👩‍💻"]],
  ["\ufeffmarked\n\ufeffnot\n", ["marked", "\ufeffnot"]],
];

Deno.test("lines: the same however the stream is cut", async () => {
  for (const [input, expected] of INPUTS) {
    for (const pieces of everyCut(encoder.encode(input))) {
      assertEquals(await linesOf(pieces), expected, JSON.stringify(input));
    }
  }
});

Deno.test("lines: bytes that are no UTF-8 become U+FFFD", async () => {
  const bytes = concat(encoder.encode("a"), new Uint8Array([0xff, 0xc3]), encoder.encode("\nb\n"));
  for (const pieces of everyCut(bytes)) {
    assertEquals(await linesOf(pieces), ["a\ufffd\ufffd", "b"]);
  }
  assertEquals(await linesOf([new Uint8Array([0x61, 0xe2, 0x82])]), ["a\ufffd"]);
});

Deno.test("lines: a long line in many pieces takes time in proportion to its length", async () => {
  const piece = encoder.encode("x".repeat(1000));
  const [line = ""] = await linesOf(Array(10_000).fill(piece));
  assertEquals(line.length, 10_000_000);
});

Deno.test("lines: a line that is too long is refused before it is stored", async () => {
  assertEquals(await linesOf([encoder.encode("12345\n1234\r\n12345")], { maxLength: 5 }), [
    "12345",
    "1234",
    "12345",
  ]);
  const stream = ReadableStream.from(Array(1e9).keys().map(() => encoder.encode("123")));
  await assertRejects(
    () => Array.fromAsync(lines(stream, { maxLength: 5 })),
    RangeError,
    "a line is longer than 5 characters",
  );
});

Deno.test("lines: the stream is read only as far as lines are asked for", async () => {
  let given = 0;
  function* endless(): Generator<Uint8Array<ArrayBuffer>> {
    while (true) yield encoder.encode(`${++given}\n`);
  }
  const iterator = lines(ReadableStream.from(endless()));
  assertEquals([(await iterator.next()).value, (await iterator.next()).value], ["1", "2"]);
  await iterator.return();
  assertEquals(given < 10, true, `${given} pieces were read`);
});
