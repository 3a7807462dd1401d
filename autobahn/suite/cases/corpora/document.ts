/**
 * A document like a PDF file: objects of text between streams that are compressed already. It
 * shrinks by about a quarter, all of it in the text.
 *
 * @module
 */
import { joinBytes, utf8 } from "../../wire/bytes.ts";
import { Corpus } from "./corpus.ts";
import { SeededRandom } from "./random.ts";

const BYTES = 1_042_328;

/** How long the streams are. */
const SHORTEST_STREAM = 3_000;
const STREAM_SPAN = 6_000;
/** What an entry of the table of objects takes. */
const ENTRY_BYTES = 20;
/** Room for the trailer after the table. */
const TRAILER_BYTES = 200;

/** The lines of the tables of letter widths, which all fonts of the document share. */
const WIDTH_LINES = 6;
const WIDTHS_A_LINE = 16;
const FONTS_A_PAGE = 4;
const LINES_A_FONT = 7;

function widthLine(random: SeededRandom): string {
  return Array.from({ length: WIDTHS_A_LINE }, () => 222 + 56 * random.below(12)).join(" ");
}

/** A page: its description, with the widths of the letters of its fonts. */
function pageObject(number: number, lines: readonly string[], random: SeededRandom): Uint8Array {
  const fonts = Array.from({ length: FONTS_A_PAGE }, (_, index) => {
    const widths = Array.from({ length: LINES_A_FONT }, () => random.pick(lines));
    return `/F${index} <</Type /Font /Subtype /Type1 /FirstChar 32 /LastChar 143 /Widths [\n${
      widths.join("\n")
    }\n]>>`;
  });
  return utf8(
    `${number} 0 obj\n<</Type /Page /Parent 1 0 R /MediaBox [0 0 595 842] /Contents ${
      number + 1
    } 0 R /Resources <</Font <<\n${fonts.join("\n")}\n>> >> >>\nendobj\n`,
  );
}

/** A stream of what cannot be compressed any more. */
function streamObject(number: number, length: number, random: SeededRandom): Uint8Array {
  const data = new Uint8Array(length);
  random.fill(data);
  return joinBytes([
    utf8(`${number} 0 obj\n<</Length ${length} /Filter /FlateDecode>>\nstream\n`),
    data,
    utf8("\nendstream\nendobj\n"),
  ]);
}

/** Where the objects are, and the end of the file, which takes `bytes` bytes. */
function trailer(offsets: readonly number[], at: number, bytes: number): Uint8Array {
  const entries = offsets.map((offset) => `${offset.toString().padStart(10, "0")} 00000 n \n`);
  const head = `xref\n0 ${offsets.length + 1}\n0000000000 65535 f \n${entries.join("")}`;
  const tail = `trailer\n<</Size ${offsets.length + 1} /Root 1 0 R>>\nstartxref\n${at}\n%%EOF\n`;
  return utf8(head.padEnd(bytes - tail.length, "\n") + tail);
}

function build(): Uint8Array {
  const random = new SeededRandom(0x7064_6620);
  const lines = Array.from({ length: WIDTH_LINES }, () => widthLine(random));
  const pieces: Uint8Array[] = [];
  const offsets: number[] = [];
  let at = 0;
  const add = (piece: Uint8Array) => {
    pieces.push(piece);
    at += piece.length;
  };
  const room = () => BYTES - at - ENTRY_BYTES * (offsets.length + 3) - TRAILER_BYTES;
  add(utf8("%PDF-1.4\n"));
  offsets.push(at);
  add(utf8("1 0 obj\n<</Type /Catalog>>\nendobj\n"));
  while (room() > 2 * SHORTEST_STREAM + STREAM_SPAN) {
    offsets.push(at);
    add(pageObject(offsets.length, lines, random));
    offsets.push(at);
    add(streamObject(offsets.length, SHORTEST_STREAM + random.below(STREAM_SPAN), random));
  }
  offsets.push(at);
  add(streamObject(offsets.length, room() - TRAILER_BYTES, random));
  add(trailer(offsets, at, BYTES - at));
  return joinBytes(pieces);
}

/** A document. */
export const DOCUMENT: Corpus = new Corpus({
  title: "A document like a PDF file",
  binary: true,
  bytes: BYTES,
  build,
});
