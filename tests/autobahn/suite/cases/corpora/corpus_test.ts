/**
 * Windows over a corpus: in units, one after the other, around the end.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { Corpus, LONGEST_WINDOW } from "../../../../../autobahn/suite/cases/corpora/corpus.ts";
import { repeated, toHex } from "../../../../../autobahn/suite/cases/bytes.ts";
import { utf8 } from "../../../../../autobahn/suite/wire/bytes.ts";

const UNITS = LONGEST_WINDOW + 3;

/** Bytes that count to 250, again and again. */
function counting(): Corpus {
  const build = () => Uint8Array.from({ length: UNITS }, (_, at) => at % 251);
  return new Corpus({ title: "counting", binary: true, bytes: UNITS, build });
}

/** Characters of one to four bytes, in turn. */
function characters(binary: boolean): { corpus: Corpus; text: string[] } {
  const pattern = ["a", "é", "€", "😀", "\n"];
  const text = Array.from({ length: UNITS }, (_, at) => pattern[at % 5] ?? "");
  const data = utf8(text.join(""));
  const plan = { title: "characters", binary, bytes: data.length, build: () => data };
  return { corpus: new Corpus(plan), text };
}

Deno.test("corpus: windows of bytes follow one another and wrap around", () => {
  const next = counting().windows(UNITS - 5);
  const length = UNITS - 5;
  assertEquals(next().length, length);
  const second = next();
  const expected = Uint8Array.from({ length }, (_, at) => ((length + at) % UNITS) % 251);
  assertEquals(second, expected);
});

Deno.test("corpus: windows over text have whole characters, also around the end", () => {
  const { corpus, text } = characters(false);
  const length = 50_001;
  const next = corpus.windows(length);
  for (let at = 0, round = 0; round < 6; round++, at = (at + length) % UNITS) {
    const expected = [
      ...text.slice(at, at + length),
      ...text.slice(0, Math.max(0, at + length - UNITS)),
    ];
    assertEquals(new TextDecoder().decode(next()), expected.join(""), `window ${round}`);
  }
});

Deno.test("corpus: the same data as binary is cut by bytes", () => {
  const next = characters(true).corpus.windows(2);
  assertEquals([toHex(next()), toHex(next()), toHex(next())], ["61c3", "a9e2", "82ac"]);
});

Deno.test("corpus: two users have windows of their own", () => {
  const corpus = counting();
  const one = corpus.windows(16);
  one();
  assertEquals(corpus.windows(16)()[0], 0);
  assertEquals(one()[0], 16);
});

Deno.test("corpus: an empty window, and the longest one", () => {
  const corpus = counting();
  assertEquals(corpus.windows(0)().length, 0);
  assertEquals(corpus.windows(LONGEST_WINDOW)().length, LONGEST_WINDOW);
  assertThrows(() => corpus.windows(LONGEST_WINDOW + 1), RangeError, "0 to 131072 units");
  assertThrows(() => corpus.windows(-1), RangeError, "0 to 131072 units");
});

Deno.test("corpus: it is built once, and not before it is needed", () => {
  let built = 0;
  const build = () => {
    built++;
    return repeated(utf8("x"), UNITS);
  };
  const corpus = new Corpus({ title: "counted", binary: true, bytes: UNITS, build });
  assertEquals(built, 0);
  corpus.windows(1);
  corpus.windows(2);
  assertEquals(corpus.data().length, UNITS);
  assertEquals(built, 1);
});

Deno.test("corpus: less data than the longest window is refused", () => {
  const build = () => new Uint8Array(10);
  const corpus = new Corpus({ title: "short", binary: true, bytes: 10, build });
  assertThrows(() => corpus.windows(1), RangeError, "at least 131072 units, not 10");
});
