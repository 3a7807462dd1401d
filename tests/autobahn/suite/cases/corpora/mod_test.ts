/**
 * The corpora: the same bytes in every run, of the size that they say, and what they claim to be.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import { CORPORA } from "../../../../../autobahn/suite/cases/corpora/mod.ts";
import { BITMAP } from "../../../../../autobahn/suite/cases/corpora/bitmap.ts";
import { DOCUMENT } from "../../../../../autobahn/suite/cases/corpora/document.ts";
import { JSON_DATA } from "../../../../../autobahn/suite/cases/corpora/json_data.ts";
import { PROSE } from "../../../../../autobahn/suite/cases/corpora/prose.ts";
import { WEB_PAGE } from "../../../../../autobahn/suite/cases/corpora/web_page.ts";

function sha1(bytes: Uint8Array): string {
  return createHash("sha1").update(bytes).digest("hex");
}

/** Text, decoded strictly. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/** What is left of the data when it is deflated, as a share. */
function left(bytes: Uint8Array): number {
  return deflateRawSync(bytes).length / bytes.length;
}

Deno.test("corpora: the bytes are the same in every run", () => {
  assertEquals(CORPORA.map((corpus) => sha1(corpus.data())), [
    "b8cf64ba07d89b82c2eca1a32ef79eef99cce0b8",
    "d55eee7397f218724a58241540fa1616d118d117",
    "93ac368d341b182f0ca0b47bc4f501667b320293",
    "f23b3c1e94737e618edb97f1fcf7e35ce9426e17",
    "775db111e8912d8ee7ee8e42f60db589418d590c",
  ]);
});

Deno.test("corpora: each has the size that it says", () => {
  assertEquals(CORPORA.map(({ bytes, binary }) => [bytes, binary]), [
    [194_056, false],
    [263_222, true],
    [222_218, true],
    [263_647, false],
    [1_042_328, true],
  ]);
  for (const corpus of CORPORA) assertEquals(corpus.data().length, corpus.bytes, corpus.title);
});

Deno.test("corpora: they can be compressed as far as their kind can", () => {
  const between: readonly (readonly [least: number, most: number])[] = [
    [0.02, 0.06],
    [0.75, 0.9],
    [0.3, 0.42],
    [0.03, 0.07],
    [0.7, 0.8],
  ];
  for (const [index, [least, most]] of between.entries()) {
    const share = left(CORPORA[index]?.data() ?? new Uint8Array(1));
    assert(share >= least && share <= most, `${CORPORA[index]?.title}: ${share}`);
  }
});

Deno.test("corpora: the JSON file can be parsed, and is not all ASCII", () => {
  const text = textOf(JSON_DATA.data());
  const { readings } = JSON.parse(text) as { readings: Record<string, unknown> };
  assert(Object.keys(readings).length > 500);
  assert([...text].length < JSON_DATA.bytes);
});

Deno.test("corpora: the web page is UTF-8, and not all ASCII", () => {
  const text = textOf(WEB_PAGE.data());
  assertMatch(text, /^<!DOCTYPE html>[^]*<\/html>\s*$/);
  assertEquals(text.match(/<tr\b/g)?.length, 770);
  assertEquals(text.match(/<\/tr>/g)?.length, 770);
  assert([...text].length < WEB_PAGE.bytes);
});

Deno.test("corpora: the bitmap says 512 × 512 pixels of 8 bits, and where they begin", () => {
  const view = new DataView(BITMAP.data().slice().buffer);
  assertEquals(view.getUint16(0), 0x424d);
  assertEquals(view.getUint32(2, true), BITMAP.bytes);
  assertEquals(view.getUint32(10, true), 1_078);
  assertEquals([view.getInt32(18, true), view.getInt32(22, true)], [512, 512]);
  assertEquals(view.getUint16(28, true), 8);
  const shades = new Set(BITMAP.data().subarray(1_078));
  assert(shades.size > 100, `${shades.size} shades`);
});

Deno.test("corpora: the verse has umlauts and lines", () => {
  const text = new TextDecoder().decode(PROSE.data());
  assertMatch(text, /ü/);
  assert(text.split("\r\n").length > 3_000);
});

Deno.test("corpora: the objects of the document are where its table says", () => {
  const data = DOCUMENT.data();
  const text = new TextDecoder("latin1").decode(data);
  const [, start] = /startxref\n(\d+)\n%%EOF\n$/.exec(text) ?? [];
  const table = text.slice(Number(start));
  assertMatch(table, /^xref\n0 \d+\n0000000000 65535 f \n/);
  const offsets = [...table.matchAll(/^(\d{10}) 00000 n $/gm)].map(([, offset]) => Number(offset));
  assert(offsets.length > 200, `${offsets.length} objects`);
  for (const [index, offset] of offsets.entries()) {
    assertEquals(text.slice(offset, offset + 12).split(" obj")[0], `${index + 1} 0`);
  }
});
