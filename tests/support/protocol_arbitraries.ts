/**
 * Random messages, frames, garbage and cuts for properties of the protocol core.
 *
 * @module
 */
import fc from "fast-check";
import { concat, pattern } from "./hex.ts";
import { buildFrame, closePayload, type LengthForm, SOME_MASK } from "./raw_frame.ts";

/** Sizes of pieces, used in turn until a stream is at its end. */
export const pieceSizes: fc.Arbitrary<number[]> = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 6 }),
  fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 6 }),
  fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 6 }),
);

/** Cuts `bytes` into copies of pieces of `sizes`, in turn. */
export function cutBySizes(bytes: Uint8Array, sizes: readonly number[]): Uint8Array<ArrayBuffer>[] {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + sizes[pieces.length % sizes.length]!;
    pieces.push(bytes.slice(at, end));
    at = end;
  }
  return pieces;
}

/** Characters of all lengths in UTF-8, halves of surrogate pairs, and a byte order mark. */
const character = fc.oneof(
  fc.constantFrom("a", "\0", "\u00e9", "\u20ac", "\u{1f600}", "\ufeff", "\ud83d", "\ude00"),
  fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
);

/** Text of any kind, now and then long, and not always well-formed. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: character, maxLength: 60 }) },
  { weight: 2, arbitrary: fc.tuple(character, fc.nat(200)).map(([unit, n]) => unit.repeat(n)) },
  { weight: 1, arbitrary: fc.constantFrom(125, 126, 65_535, 65_536).map((n) => "x".repeat(n)) },
  { weight: 1, arbitrary: character.map((unit) => unit + "y".repeat(65_534)) },
);

/** Bytes of any kind, now and then many. */
export const anyBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 6, arbitrary: fc.uint8Array({ maxLength: 130 }) },
  { weight: 1, arbitrary: fc.constantFrom(125, 126, 127, 65_535, 65_536).map(pattern) },
);

/** A ping or a pong. */
export interface ControlStep {
  readonly kind: "control";
  readonly type: "ping" | "pong";
  readonly payload: Uint8Array;
}

/** A message in fragments, with control frames behind each. */
export interface FragmentedStep {
  readonly kind: "fragmented";
  readonly data: string | Uint8Array;
  readonly fragments: readonly { readonly size: number; readonly then: readonly ControlStep[] }[];
}

/** One thing that a session is made to send. */
export type Step =
  | ControlStep
  | FragmentedStep
  | { readonly kind: "message"; readonly data: string | Uint8Array };

const controlStep: fc.Arbitrary<ControlStep> = fc.record({
  kind: fc.constant("control"),
  type: fc.constantFrom("ping", "pong"),
  payload: fc.uint8Array({ maxLength: 125 }),
});

/** Something to send. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  controlStep,
  fc.record({ kind: fc.constant("message" as const), data: fc.oneof(anyText, anyBytes) }),
  fc.record({
    kind: fc.constant("fragmented" as const),
    data: fc.oneof(anyText, anyBytes),
    fragments: fc.array(
      fc.record({
        size: fc.oneof(fc.nat(4), fc.nat(40_000)),
        then: fc.array(controlStep, { maxLength: 2 }),
      }),
      { maxLength: 6 },
    ),
  }),
);

/** Mostly what a data frame may be, else anything that four bits allow. */
const opcode = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(1, 2, 0, 9, 10, 8) },
  { weight: 1, arbitrary: fc.nat(15) },
);

const payload = fc.oneof(
  { weight: 4, arbitrary: fc.string({ maxLength: 20 }) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  {
    weight: 2,
    arbitrary: fc.integer({ min: 900, max: 5100 }).map((code) => closePayload(code, "r")),
  },
  { weight: 1, arbitrary: fc.constantFrom(125, 126, 127, 300).map(pattern) },
);

/** A frame to a server, mostly valid on its own. */
const anyFrame: fc.Arbitrary<Uint8Array> = fc.record({
  opcode,
  payload,
  fin: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.boolean()),
  rsv: fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, fc.nat(7)),
  lengthForm: fc.oneof(
    { weight: 15, arbitrary: fc.constant(undefined) },
    fc.constantFrom<LengthForm>(16, 64),
  ),
  masked: fc.oneof({ weight: 20, arbitrary: fc.constant(true) }, fc.constant(false)),
}).map(({ masked, lengthForm, ...fields }) =>
  buildFrame({
    ...fields,
    ...(masked ? { mask: SOME_MASK } : {}),
    ...(lengthForm === undefined ? {} : { lengthForm }),
  })
);

/** Any bytes: frames that a server accepts, frames with faults, garbage. */
export const anyInput: fc.Arbitrary<Uint8Array> = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: anyFrame },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  ),
  { maxLength: 12 },
).map((parts) => concat(...parts));
