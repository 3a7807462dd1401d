/**
 * Section 25, second part: compressed messages, as odd as RFC 7692 and RFC 1951 allow.
 *
 * @module
 */
import { constants, type ZlibOptions } from "node:zlib";
import {
  binary,
  binaryArrives,
  frame,
  goesOn,
  ping,
  pongArrives,
  text,
  textArrives,
  textBegins,
} from "../cases/frames.ts";
import type { FrameSpec, ScriptedCase } from "../model/case.ts";
import { utf8 } from "../wire/bytes.ts";
import { OPCODE } from "../wire/frame.ts";
import { DeflateBits } from "./deflate_bits.ts";
import { ANY_DEFLATE, compressed, deflated } from "./deflate_frames.ts";
import { answer, type AnswerPlan, numbered } from "./scripts.ts";

/** A text that is worth compressing: letters, numbers, and characters of all lengths. */
function prose(): string {
  const words = ["tide", "wire", "\u00fcber", "\u6f6e", "\u{1f30a}", "and", "again", "42"];
  let state = 1;
  return Array.from({ length: 2_000 }, () => {
    state = (state * 48_271) % 0x7fff_ffff;
    return words[state % words.length];
  }).join(" ");
}

/** The pieces of a payload, so many bytes each. */
function cut(payload: Uint8Array, length: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += length) {
    pieces.push(payload.subarray(at, at + length));
  }
  return pieces;
}

/** Ways in which zlib may write a text. */
const WAYS: Readonly<Record<string, ZlibOptions>> = {
  "without compression, in stored blocks": { level: 0 },
  "at the lowest level": { level: 1 },
  "at the highest level": { level: 9, memLevel: 9 },
  "in small blocks": { memLevel: 1 },
  "with a window of 512 bytes": { windowBits: 9 },
  "with Huffman's codes alone": { strategy: constants.Z_HUFFMAN_ONLY },
  "with runs of bytes alone": { strategy: constants.Z_RLE },
  "with fixed codes alone": { strategy: constants.Z_FIXED },
};

/** What a text is, on the wire. */
interface Sample {
  readonly description: string;
  readonly sends: () => readonly FrameSpec[];
  readonly words: string;
}

const HELLOS: readonly Sample[] = Object.entries({
  "in a block with fixed codes": ["f2 48 cd c9 c9 07 00"],
  "in two fragments": ["f2 48 cd", "c9 c9 07 00"],
  "in seven fragments of a byte": ["f2", "48", "cd", "c9", "c9", "07", "00"],
  "in fragments of which the first, the third and the last are empty": [
    "",
    "f2 48 cd",
    "",
    "c9 c9 07 00",
    "",
  ],
  "in a stored block": ["00 05 00 fa ff 48 65 6c 6c 6f 00"],
  "in a block that says that it is the last": ["f3 48 cd c9 c9 07 00 00"],
  "in two blocks, with an empty stored one between them": [
    "f2 48 05 00 00 00 ff ff ca c9 c9 07 00",
  ],
}).map(([how, pieces]): Sample => ({
  description: `The text Hello comes ${how}.`,
  sends: () => compressed(...pieces),
  words: "Hello",
}));

const ODD: readonly Sample[] = [
  {
    description: "An empty text comes as one byte, 00.",
    sends: () => compressed("00"),
    words: "",
  },
  {
    description: "An empty text comes as an empty block with fixed codes.",
    sends: () => compressed("02 00"),
    words: "",
  },
  {
    description: "A text comes between a hundred empty stored blocks and a hundred more.",
    sends: () => {
      const bits = new DeflateBits();
      for (let count = 0; count < 100; count++) bits.stored(new Uint8Array());
      bits.block(1).literals(utf8("hello")).end();
      for (let count = 0; count < 100; count++) bits.stored(new Uint8Array());
      return compressed(bits.flushed());
    },
    words: "hello",
  },
  {
    description: "A text comes as one letter, repeated by a match that overlaps itself.",
    sends: () =>
      compressed(new DeflateBits().block(1).literals(utf8("a")).match(258, 1).end().flushed()),
    words: "a".repeat(259),
  },
  {
    description: "A text comes in blocks of one byte each, of all kinds in turn.",
    sends: () => {
      const bits = new DeflateBits();
      for (const [index, byte] of utf8(prose()).subarray(0, 300).entries()) {
        if (index % 2 === 0) bits.stored(Uint8Array.of(byte));
        else bits.block(1).symbol(byte).end();
      }
      return compressed(bits.flushed());
    },
    words: new TextDecoder().decode(utf8(prose()).subarray(0, 300)),
  },
  ...Object.entries(WAYS).map(([how, options]): Sample => ({
    description: `A text of some 10,000 bytes comes as zlib writes it ${how}.`,
    sends: () => compressed(deflated(utf8(prose()), options)),
    words: prose(),
  })),
  {
    description: "A compressed text comes in fragments of 3 bytes.",
    sends: () => compressed(...cut(deflated(utf8(prose())), 3)),
    words: prose(),
  },
];

const MESSAGES: readonly AnswerPlan[] = [
  ...[...HELLOS, ...ODD].map(({ description, sends, words }): AnswerPlan => ({
    description,
    rule: "RFC 7692 §7.2",
    deflate: ANY_DEFLATE,
    sends: (peer) => {
      for (const spec of sends()) peer.send(spec);
    },
    answers: [textArrives(words)],
  })),
  {
    description:
      "Messages that are not compressed come, whole and in fragments, before and after " +
      "one that is.",
    rule: "RFC 7692 §6",
    deflate: ANY_DEFLATE,
    sends: [
      text("plain"),
      ...compressed("f2 48 cd c9 c9 07 00"),
      textBegins("in "),
      goesOn("three "),
      frame(OPCODE.continuation, "parts"),
      binary(Uint8Array.of(1, 2, 3)),
    ],
    answers: [
      textArrives("plain"),
      textArrives("Hello"),
      textArrives("in three parts"),
      binaryArrives(Uint8Array.of(1, 2, 3)),
    ],
  },
  {
    description: "A ping comes between the fragments of a compressed text.",
    rule: "RFC 7692 §6",
    deflate: ANY_DEFLATE,
    sends: (() => {
      const [first, last] = compressed("f2 48 cd", "c9 c9 07 00");
      return [first!, ping("between"), last!];
    })(),
    answers: [pongArrives("between"), textArrives("Hello")],
  },
];

/** Compressed messages. */
export const COMPRESSED_MESSAGES: readonly ScriptedCase[] = numbered("25.5", {
  plans: MESSAGES,
  make: answer,
});
