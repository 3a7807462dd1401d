/**
 * Section 1, framing: whole messages at the lengths where the header changes its form.
 *
 * @module
 */
import type { CaseEvent, FrameSpec, ScriptedCase } from "../model/case.ts";
import { filled } from "./bytes.ts";
import { binary, binaryArrives, text, textArrives } from "./frames.ts";
import { answered } from "./scripted.ts";

interface Kind {
  readonly group: string;
  readonly name: string;
  /** As many bytes as the longest message takes. */
  readonly bytes: Uint8Array;
  readonly send: (payload: Uint8Array, rest: { chopBytes?: number }) => FrameSpec;
  readonly arrives: (payload: Uint8Array) => CaseEvent;
}

interface Size {
  readonly length: number;
  /** Seconds that the echo may take. */
  readonly seconds: number;
  readonly chopBytes?: number;
}

/** Around 125 and 65,535 bytes, where the length takes 7, 16 or 64 bits (RFC 6455 §5.2). */
const SIZES: readonly Size[] = [
  { length: 0, seconds: 1 },
  { length: 125, seconds: 1 },
  { length: 126, seconds: 1 },
  { length: 127, seconds: 1 },
  { length: 128, seconds: 1 },
  { length: 65_535, seconds: 10 },
  { length: 65_536, seconds: 10 },
  { length: 65_536, seconds: 10, chopBytes: 997 },
];

const KINDS: readonly Kind[] = [
  { group: "1.1", name: "text", bytes: filled(0x2a, 65_536), send: text, arrives: textArrives },
  {
    group: "1.2",
    name: "binary",
    bytes: filled(0xfe, 65_536),
    send: binary,
    arrives: binaryArrives,
  },
];

function sized(kind: Kind, size: Size, position: number): ScriptedCase {
  const payload = kind.bytes.subarray(0, size.length);
  const { chopBytes } = size;
  const pieces = chopBytes === undefined ? "" : `, written in pieces of ${chopBytes} bytes`;
  return answered(`${kind.group}.${position}`, {
    description: `One ${kind.name} message of ${
      size.length.toLocaleString("en")
    } bytes in one frame${pieces}.`,
    expectation:
      `The same ${kind.name} message comes back, then the connection closes cleanly with 1000.`,
    rule: "RFC 6455 §5.2",
    frames: [kind.send(payload, chopBytes === undefined ? {} : { chopBytes })],
    answers: [kind.arrives(payload)],
    patience: { kill: size.seconds * 1_000 },
  });
}

/** The 16 cases of section 1. */
export const SECTION_01: readonly ScriptedCase[] = KINDS.flatMap((kind) =>
  SIZES.map((size, index) => sized(kind, size, index + 1))
);
