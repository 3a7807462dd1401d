/**
 * Section 6, UTF-8: text messages that are valid, and that are not, in every fragmentation; and how
 * soon an invalid one is noticed.
 *
 * @module
 */
import type { CaseEvent, CasePeer, ExpectedClose, ScriptedCase } from "../model/case.ts";
import { joinBytes, utf8 } from "../wire/bytes.ts";
import { fromHex, toHex } from "./bytes.ts";
import { ends, goesOn, text, textArrives, textBegins, waited } from "./frames.ts";
import { answered, endPatience, failure, NORMAL_CLOSE, type Patience } from "./scripted.ts";
import { GREEK_WORD, UTF8_GROUPS, type Utf8Sequence } from "./utf8_sequences.ts";

const TEXT_RULE = "RFC 6455 §5.6";
const INVALID_RULE = "RFC 6455 §8.1";
const COMES_BACK = "The message comes back, then the connection closes cleanly with 1000.";
const REFUSED = "The connection is failed with 1007.";

/**
 * The close of a connection on which invalid text was sent. When the suite had to close it, the
 * testee has not noticed at all, and the case has failed.
 */
const INVALID_CLOSE: ExpectedClose = { ...failure(1007), wrongCloserFails: true };

interface MessagePlan {
  readonly what: string;
  readonly payload: Uint8Array;
  readonly valid: boolean;
  readonly fragmentBytes?: number;
  readonly patience: Patience;
}

/** One text message, sent as a message. */
function sent(id: string, plan: MessagePlan): ScriptedCase {
  const { payload, valid, fragmentBytes, patience } = plan;
  return {
    form: "scripted",
    id,
    description: `${plan.what}: ${toHex(payload)}`,
    expectation: valid ? COMES_BACK : REFUSED,
    rule: valid ? TEXT_RULE : INVALID_RULE,
    expected: { OK: valid ? [textArrives(payload)] : [] },
    expectedClose: valid ? NORMAL_CLOSE : INVALID_CLOSE,
    script: (peer) => {
      peer.sendMessage(payload, {
        binary: false,
        ...(fragmentBytes === undefined ? {} : { fragmentBytes }),
      });
      endPatience(peer, patience);
    },
  };
}

const SECOND: Patience = { close: 1_000 };
const MIXED = ["Grüße, ¿qué tal? ", "À bientôt: ½ µm!"] as const;

const VALID_EMPTY: readonly ScriptedCase[] = [
  answered("6.1.1", {
    description: "An empty text message.",
    expectation: COMES_BACK,
    rule: TEXT_RULE,
    frames: [text("")],
    answers: [textArrives("")],
    patience: SECOND,
  }),
  answered("6.1.2", {
    description: "A text message of three fragments, all of them empty.",
    expectation: COMES_BACK,
    rule: TEXT_RULE,
    frames: [textBegins(""), goesOn(""), ends("")],
    answers: [textArrives("")],
    patience: SECOND,
  }),
  answered("6.1.3", {
    description: "A text message of three fragments, the first and the last of them empty.",
    expectation: COMES_BACK,
    rule: TEXT_RULE,
    frames: [textBegins(""), goesOn("in the middle"), ends("")],
    answers: [textArrives("in the middle")],
    patience: SECOND,
  }),
];

const VALID_FRAGMENTED: readonly ScriptedCase[] = [
  sent("6.2.1", {
    what: "Valid text in one frame",
    payload: utf8(MIXED.join("")),
    valid: true,
    patience: SECOND,
  }),
  answered("6.2.2", {
    description: `Valid text in two fragments that meet between two characters: ${
      MIXED.map((part) => toHex(utf8(part))).join(" and ")
    }`,
    expectation: COMES_BACK,
    rule: TEXT_RULE,
    frames: [textBegins(MIXED[0]), ends(MIXED[1])],
    answers: [textArrives(MIXED.join(""))],
    patience: SECOND,
  }),
  sent("6.2.3", {
    what: "Valid text in fragments of one byte, so that they meet within characters",
    payload: utf8(MIXED.join("")),
    valid: true,
    fragmentBytes: 1,
    patience: SECOND,
  }),
  sent("6.2.4", {
    what: "A Greek word in fragments of one byte",
    payload: GREEK_WORD,
    valid: true,
    fragmentBytes: 1,
    patience: SECOND,
  }),
];

/** A surrogate between a Greek word and a Latin one. */
const WITH_SURROGATE = joinBytes([GREEK_WORD, fromHex("eda080"), utf8("edited")]);

const INVALID_FRAGMENTED: readonly ScriptedCase[] = [
  sent("6.3.1", {
    what: "Text with a surrogate in it, which is not valid, in one frame",
    payload: WITH_SURROGATE,
    valid: false,
    patience: { kill: 1_000 },
  }),
  sent("6.3.2", {
    what: "Text with a surrogate in it, which is not valid, in fragments of one byte",
    payload: WITH_SURROGATE,
    valid: false,
    fragmentBytes: 1,
    patience: { kill: 1_000 },
  }),
];

/** A value just beyond Unicode; its second byte is the one that makes it invalid. */
const BEYOND_UNICODE = fromHex("f4908080");
const LATIN_WORD = utf8("edited");

/** Three parts of an invalid text: the second one brings the fault. */
type Parts = readonly [good: Uint8Array, bad: Uint8Array, rest: Uint8Array];

/** The fault comes with a whole character. */
const BY_CHARACTER: Parts = [GREEK_WORD, BEYOND_UNICODE, LATIN_WORD];
/** The fault comes with a single byte. */
const BY_BYTE: Parts = [
  joinBytes([GREEK_WORD, BEYOND_UNICODE.subarray(0, 1)]),
  BEYOND_UNICODE.subarray(1, 2),
  joinBytes([BEYOND_UNICODE.subarray(2), LATIN_WORD]),
];

/** The three things to send; they make one message. */
type Sends = readonly [first: () => void, second: () => void, third: () => void];

/** Every part is a frame of its own. */
function asFrames(peer: CasePeer, [good, bad, rest]: Parts): Sends {
  return [
    () => peer.send(textBegins(good)),
    () => peer.send(goesOn(bad)),
    () => peer.send(ends(rest)),
  ];
}

/** The parts are pieces of the payload of one frame. */
function asPieces(peer: CasePeer, [good, bad, rest]: Parts): Sends {
  const length = good.length + bad.length + rest.length;
  const mask = peer.testee === "server" ? fromHex("5a3c96e1") : undefined;
  const masked = (piece: Uint8Array, from: number): Uint8Array =>
    mask === undefined ? piece : piece.map((byte, index) => byte ^ (mask[(from + index) % 4] ?? 0));
  return [
    () => peer.send(text(good, { declaredLength: BigInt(length), mask: mask ?? false })),
    () => peer.sendBytes(masked(bad, good.length)),
    () => peer.sendBytes(masked(rest, good.length + bad.length)),
  ];
}

const FIRST_WAIT: CaseEvent = waited("A");
const SECOND_WAIT: CaseEvent = waited("B");

/** Sends part after part, a second apart, for as long as the testee accepts it. */
async function sendParts(peer: CasePeer, sends: Sends): Promise<void> {
  sends[0]();
  if (!await peer.wait(1_000, "A")) return;
  peer.note(FIRST_WAIT);
  sends[1]();
  if (!await peer.wait(1_000, "B")) return;
  peer.note(SECOND_WAIT);
  sends[2]();
  peer.killAfter(1_000);
}

interface FailFastPlan {
  readonly what: string;
  readonly parts: Parts;
  readonly as: (peer: CasePeer, parts: Parts) => Sends;
}

function failFast(id: string, plan: FailFastPlan): ScriptedCase {
  const { parts } = plan;
  return {
    form: "scripted",
    id,
    description: `Invalid text in three ${plan.what}, a second apart: ${
      parts.map(toHex).join(", ")
    }`,
    expectation:
      "The first part is taken. The second one, which makes the text invalid, has the connection failed with 1007 at once; to notice it at the end of the message is not strict.",
    rule: INVALID_RULE,
    expected: { OK: [FIRST_WAIT], "NON-STRICT": [FIRST_WAIT, SECOND_WAIT] },
    expectedClose: INVALID_CLOSE,
    script: (peer) => sendParts(peer, plan.as(peer, parts)),
  };
}

const FAIL_FAST: readonly ScriptedCase[] = [
  failFast("6.4.1", {
    what: "frames, the second being a value beyond Unicode",
    parts: BY_CHARACTER,
    as: asFrames,
  }),
  failFast("6.4.2", {
    what: "frames, the second being the one byte that is wrong",
    parts: BY_BYTE,
    as: asFrames,
  }),
  failFast("6.4.3", {
    what: "pieces of one frame, the second being a value beyond Unicode",
    parts: BY_CHARACTER,
    as: asPieces,
  }),
  failFast("6.4.4", {
    what: "pieces of one frame, the second being the one byte that is wrong",
    parts: BY_BYTE,
    as: asPieces,
  }),
];

/** The number of the first group of sequences. */
const FIRST_GROUP = 5;

function sequence(id: string, { bytes, valid }: Utf8Sequence): ScriptedCase {
  return sent(id, {
    what: valid ? "Valid text in one frame" : "Text that is not valid in one frame",
    payload: bytes,
    valid,
    patience: { kill: 500 },
  });
}

/** The titles of the groups 6.5 to 6.23. */
export const SECTION_06_GROUPS: Readonly<Record<string, string>> = Object.fromEntries(
  UTF8_GROUPS.map(({ title }, index) => [`6.${FIRST_GROUP + index}`, title]),
);

/** The 145 cases of section 6. */
export const SECTION_06: readonly ScriptedCase[] = [
  ...VALID_EMPTY,
  ...VALID_FRAGMENTED,
  ...INVALID_FRAGMENTED,
  ...FAIL_FAST,
  ...UTF8_GROUPS.flatMap(({ sequences }, group) =>
    sequences.map((each, index) => sequence(`6.${FIRST_GROUP + group}.${index + 1}`, each))
  ),
];
