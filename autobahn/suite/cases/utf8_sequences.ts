/**
 * Byte sequences that a UTF-8 decoder must take or refuse (RFC 3629), in groups: the subjects of
 * the groups 6.5 to 6.23. They are those of Markus Kuhn's stress test for UTF-8 decoders, and the
 * code points that are no characters.
 *
 * @module
 */
import { joinBytes, utf8 } from "../wire/bytes.ts";
import { fromHex, toHex } from "./bytes.ts";

/** A sequence, and whether it is valid. */
export interface Utf8Sequence {
  readonly bytes: Uint8Array;
  readonly valid: boolean;
}

/** Sequences with something in common. */
export interface Utf8Group {
  readonly title: string;
  readonly sequences: readonly Utf8Sequence[];
}

/** A word of five letters, of two and three bytes each. */
export const GREEK_WORD: Uint8Array = fromHex("ceba e1bdb9 cf83 cebc ceb5");

/** Where a letter of the word ends. */
const LETTER_ENDS: readonly number[] = [2, 5, 7, 9, 11];

function valid(...sequences: readonly string[]): Utf8Sequence[] {
  return sequences.map((digits) => ({ bytes: fromHex(digits), valid: true }));
}

function invalid(...sequences: readonly string[]): Utf8Sequence[] {
  return sequences.map((digits) => ({ bytes: fromHex(digits), valid: false }));
}

/** A sequence amid letters of ASCII. */
function within(digits: string): Utf8Sequence {
  return { bytes: joinBytes([utf8("hello"), fromHex(digits), utf8("world")]), valid: true };
}

function prefixes(): Utf8Sequence[] {
  return Array.from(GREEK_WORD, (_, index) => ({
    bytes: GREEK_WORD.subarray(0, index + 1),
    valid: LETTER_ENDS.includes(index + 1),
  }));
}

function bytesFrom(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Every continuation byte there is, one after the other. */
function allContinuations(): Utf8Sequence {
  return { bytes: Uint8Array.from(bytesFrom(0x80, 0xbf)), valid: false };
}

/** Every start byte between two, each with a space after it instead of what it announces. */
function startsBeforeSpaces(first: number, last: number): Utf8Sequence {
  const bytes = bytesFrom(first, last).flatMap((start) => [start, 0x20]);
  return { bytes: Uint8Array.from(bytes), valid: false };
}

/** Sequences of two to six bytes without their last one: the shortest values, then the longest. */
const CUT_OFF: readonly string[] = [
  ...["c0", "e080", "f08080", "f8808080", "fc80808080"],
  ...["df", "efbf", "f7bfbf", "fbbfbfbf", "fdbfbfbfbf"],
];

/** The last two code points of every plane, which are no characters and yet valid UTF-8. */
function nonCharacters(): string[] {
  const planes = bytesFrom(0, 16).flatMap((plane) => [
    plane * 0x1_0000 + 0xfffe,
    plane * 0x1_0000 + 0xffff,
  ]);
  return planes.map((codePoint) => toHex(utf8(String.fromCodePoint(codePoint))));
}

/** The groups 6.5, 6.6 and so on, in order. */
export const UTF8_GROUPS: readonly Utf8Group[] = [
  {
    title: "Characters of one to four bytes",
    sequences: [
      within("24"),
      within("c2a2"),
      within("e282ac"),
      within("f0a4ada2"),
      { bytes: GREEK_WORD, valid: true },
    ],
  },
  { title: "Every prefix of a word whose letters take several bytes", sequences: prefixes() },
  {
    title: "The first character of each length",
    sequences: valid("00", "c280", "e0a080", "f0908080"),
  },
  {
    title: "The first value of five and six bytes, beyond Unicode",
    sequences: invalid("f888808080", "fc8480808080"),
  },
  {
    title: "The last character of each length",
    sequences: valid("7f", "dfbf", "efbfbf", "f48fbfbf"),
  },
  {
    title: "The last value of four, five and six bytes, beyond Unicode",
    sequences: invalid("f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"),
  },
  {
    title: "On both sides of the surrogates and of the last code point",
    sequences: [
      ...valid("ed9fbf", "ee8080", "efbfbd", "f48fbfbf"),
      ...invalid("f4908080"),
    ],
  },
  {
    title: "Continuation bytes with nothing to continue",
    sequences: [
      ...invalid("80", "bf", "80bf", "80bf80", "80bf80bf", "80bf80bf80", "80bf80bf80bf"),
      allContinuations(),
    ],
  },
  {
    title: "Start bytes with nothing after them",
    sequences: [
      startsBeforeSpaces(0xc0, 0xdf),
      startsBeforeSpaces(0xe0, 0xef),
      startsBeforeSpaces(0xf0, 0xf7),
      startsBeforeSpaces(0xf8, 0xfb),
      startsBeforeSpaces(0xfc, 0xfd),
    ],
  },
  { title: "Sequences without their last byte", sequences: invalid(...CUT_OFF) },
  { title: "All of these in a row", sequences: invalid(CUT_OFF.join("")) },
  { title: "Bytes that UTF-8 never has", sequences: invalid("fe", "ff", "fefeffff") },
  {
    title: "A slash, written longer than it may be",
    sequences: invalid("c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"),
  },
  {
    title: "The last value of each form that is longer than it may be",
    sequences: invalid("c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"),
  },
  {
    title: "NUL, written longer than it may be",
    sequences: invalid("c080", "e08080", "f0808080", "f880808080", "fc8080808080"),
  },
  {
    title: "Single surrogates of UTF-16",
    sequences: invalid("eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"),
  },
  {
    title: "Pairs of surrogates of UTF-16",
    sequences: invalid(
      ...["eda080", "edadbf", "edae80", "edafbf"].flatMap((high) => [
        `${high} edb080`,
        `${high} edbfbf`,
      ]),
    ),
  },
  { title: "Code points that are no characters, and valid", sequences: valid(...nonCharacters()) },
  {
    title: "Special characters, such as the one for replacement",
    sequences: valid("efbfb9", "efbfba", "efbfbb", "efbfbc", "efbfbd", "efbfbe", "efbfbf"),
  },
];
