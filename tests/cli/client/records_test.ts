import { assert, assertEquals, assertRejects } from "@std/assert";
import { type ByteSource, records, type RecordsOptions } from "../../../lib/cli/client/records.ts";
import { everyCut } from "../../support/cuts.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const LINE_FEED = encoder.encode("\n");

/** A source that gives one piece a time. */
function sourceOf(pieces: Iterable<Uint8Array>): ByteSource {
  const iterator = Iterator.from(pieces);
  let rest: Uint8Array = new Uint8Array(0);
  return {
    read(buffer) {
      if (rest.length === 0) {
        const { value, done } = iterator.next();
        if (done) return Promise.resolve(null);
        rest = value;
      }
      const count = Math.min(rest.length, buffer.length);
      buffer.set(rest.subarray(0, count));
      rest = rest.subarray(count);
      return Promise.resolve(count);
    },
  };
}

async function textsOf(
  pieces: Iterable<Uint8Array>,
  options: RecordsOptions = { delimiter: LINE_FEED },
): Promise<string[]> {
  const texts: string[] = [];
  for await (const found of records(sourceOf(pieces), options)) {
    for (const record of found) texts.push(decoder.decode(record));
  }
  return texts;
}

/** What comes in, the delimiter, and the records that this is. */
const INPUTS: [input: string, delimiter: string, records: string[]][] = [
  ["", "\n", []],
  ["\n", "\n", [""]],
  ["one", "\n", ["one"]],
  ["one\n", "\n", ["one"]],
  ["one\n\n\ntwo", "\n", ["one", "", "", "two"]],
  ["über\n潮汐\n", "\n", ["über", "潮汐"]],
  ["a||b|c||||d|", "||", ["a", "b|c", "", "d|"]],
  ["ababcabab", "abab", ["", "c"]],
  ["aaab", "aab", ["a"]],
  ["x\0y", "\0", ["x", "y"]],
];

Deno.test("records: the same however the stream is cut", async () => {
  for (const [input, delimiter, expected] of INPUTS) {
    for (const pieces of everyCut(encoder.encode(input))) {
      const options = { delimiter: encoder.encode(delimiter) };
      assertEquals(await textsOf(pieces, options), expected, JSON.stringify(input));
    }
  }
});

Deno.test("records: without a delimiter, each piece that is read is a record", async () => {
  const options = { delimiter: new Uint8Array(0) };
  const pieces = ["a\n", "bc", ""].map((text) => encoder.encode(text));
  assertEquals(await textsOf(pieces, options), ["a\n", "bc"]);
});

Deno.test("records: a long record in many pieces takes time in proportion to its length", async () => {
  const piece = encoder.encode("x".repeat(1000));
  const [record = ""] = await textsOf(Array(10_000).fill(piece));
  assertEquals(record.length, 10_000_000);
});

Deno.test("records: one that is too long is refused before it is stored, those before it are not", async () => {
  const delimiter = LINE_FEED;
  assertEquals(await textsOf([encoder.encode("12345\n1234\n12345")], { delimiter, maxBytes: 5 }), [
    "12345",
    "1234",
    "12345",
  ]);
  const endless = Array(1e9).keys().map(() => encoder.encode("123"));
  await assertRejects(
    () => textsOf(endless, { delimiter, maxBytes: 5 }),
    RangeError,
    "a message is longer than 5 bytes",
  );
  const found = records(sourceOf([encoder.encode("fine\n123456\nlost\n")]), {
    delimiter,
    maxBytes: 5,
  });
  const { value = [] } = await found.next();
  assertEquals(value.map((record) => decoder.decode(record)), ["fine"]);
  await assertRejects(() => found.next(), RangeError);
});

Deno.test("records: the stream is read only as far as records are asked for", async () => {
  let given = 0;
  function* endless(): Generator<Uint8Array> {
    while (true) yield encoder.encode(`${++given}\n`);
  }
  const iterator = records(sourceOf(endless()), { delimiter: LINE_FEED });
  const first = await iterator.next();
  assertEquals(first.value?.map((record) => decoder.decode(record)), ["1"]);
  await iterator.next();
  await iterator.return();
  assert(given < 5, `${given} pieces were read`);
});
