/**
 * Section 7, closing: the closing handshake, the body of the close frame, and its codes.
 *
 * @module
 */
import type { CasePeer, ExpectedClose, ScriptedCase } from "../model/case.ts";
import { joinBytes, utf8 } from "../wire/bytes.ts";
import { filled, fromHex, repeated } from "./bytes.ts";
import { OPCODE } from "../wire/frame.ts";
import { ends, frame, ping, text, textArrives, textBegins } from "./frames.ts";
import { NORMAL_CLOSE, type Words } from "./scripted.ts";
import { GREEK_WORD } from "./utf8_sequences.ts";

const HANDSHAKE_RULE = "RFC 6455 §7.1";
const BODY_RULE = "RFC 6455 §5.5.1";
const CODE_RULE = "RFC 6455 §7.4";
const CLEAN = "The connection closes cleanly with 1000.";

/** Milliseconds that the closing handshake may take. */
const CLOSING_TIME = 1_000;

/**
 * The close that follows a close frame which breaks the protocol: the suite spoke first, and the
 * testee answers with one of `closeCodes`, or just ends the connection.
 */
function faultyClose(...closeCodes: readonly number[]): ExpectedClose {
  return { closedByMe: true, closeCodes, requireClean: false };
}

/** What is expected then, in words. */
function refusal(closeCodes: readonly number[]): string {
  return `A close frame with ${
    closeCodes.join(" or ")
  } in answer, or no answer; in either case the connection ends.`;
}

interface ClosingPlan extends Words {
  /** What the suite sends, a close frame included. */
  readonly send: (peer: CasePeer) => void;
  /** @default the clean close with 1000 */
  readonly close?: ExpectedClose;
}

/** The suite sends a close frame itself; the testee sends nothing but its own. */
function closing(id: string, plan: ClosingPlan): ScriptedCase {
  const { send, close = NORMAL_CLOSE, ...words } = plan;
  return {
    form: "scripted",
    id,
    ...words,
    expected: { OK: [] },
    expectedClose: close,
    closesItself: true,
    wrongCodeFails: true,
    script: (peer) => {
      send(peer);
      peer.killAfter(CLOSING_TIME);
    },
  };
}

const HELLO = "Hello and goodbye";

const ECHO_THEN_CLOSE: ScriptedCase = {
  form: "scripted",
  id: "7.1.1",
  description: "A text message, and a close frame once it has come back.",
  expectation: "The message comes back, then the connection closes cleanly with 1000.",
  rule: HANDSHAKE_RULE,
  expected: { OK: [textArrives(HELLO)] },
  expectedClose: NORMAL_CLOSE,
  wrongCodeFails: true,
  script: (peer) => {
    peer.send(text(HELLO));
    peer.killAfter(CLOSING_TIME);
  },
};

const LONG_TEXT = repeated(utf8("abc 123 & "), 256 * 1024);

const LONG_MESSAGE_THEN_CLOSE: ScriptedCase = {
  form: "scripted",
  id: "7.1.6",
  description: "A text message of 256 KiB, a short one, a close frame and a ping, all at once.",
  expectation:
    "Any: the messages come back whole, or the close frame overtakes them. Both are allowed.",
  rule: HANDSHAKE_RULE,
  expected: { OK: [textArrives(LONG_TEXT), textArrives(HELLO)], "NON-STRICT": [] },
  expectedClose: NORMAL_CLOSE,
  closesItself: true,
  informational: true,
  script: (peer) => {
    peer.send(text(LONG_TEXT));
    peer.send(text(HELLO));
    peer.sendClose(1000);
    peer.send(ping());
    peer.killAfter(CLOSING_TIME);
  },
};

const HANDSHAKES: readonly ScriptedCase[] = [
  ECHO_THEN_CLOSE,
  closing("7.1.2", {
    description: "Two close frames.",
    expectation: `${CLEAN} The second frame is ignored.`,
    rule: HANDSHAKE_RULE,
    send: (peer) => {
      peer.sendClose(1000);
      peer.send(frame(OPCODE.close));
    },
  }),
  closing("7.1.3", {
    description: "A ping after the close frame.",
    expectation: `${CLEAN} The ping is not answered.`,
    rule: HANDSHAKE_RULE,
    send: (peer) => {
      peer.sendClose(1000);
      peer.send(ping());
    },
  }),
  closing("7.1.4", {
    description: "A text message after the close frame.",
    expectation: `${CLEAN} The message does not come back.`,
    rule: HANDSHAKE_RULE,
    send: (peer) => {
      peer.sendClose(1000);
      peer.send(text(HELLO));
    },
  }),
  closing("7.1.5", {
    description: "A text message in two fragments with the close frame between them.",
    expectation: `${CLEAN} The message does not come back.`,
    rule: HANDSHAKE_RULE,
    send: (peer) => {
      peer.send(textBegins("before the end, "));
      peer.sendClose(1000);
      peer.send(ends("after the end"));
    },
  }),
  LONG_MESSAGE_THEN_CLOSE,
];

interface Body {
  readonly what: string;
  readonly code?: number;
  readonly reason?: Uint8Array;
  /** Codes of the answer where the body breaks the protocol. @default it does not */
  readonly refusedWith?: readonly number[];
}

const NOT_UTF8 = joinBytes([GREEK_WORD, fromHex("eda080"), utf8("edited")]);

const BODIES: Readonly<Record<string, Body>> = {
  "7.3.1": { what: "no body" },
  "7.3.2": {
    what: "a body of one byte, too short for a code",
    reason: utf8("a"),
    refusedWith: [1002],
  },
  "7.3.3": { what: "the code 1000 and no reason", code: 1000 },
  "7.3.4": { what: "the code 1000 and a reason", code: 1000, reason: utf8(HELLO) },
  "7.3.5": {
    what: "the code 1000 and a reason of 123 bytes, the longest there is",
    code: 1000,
    reason: filled(0x2a, 123),
  },
  "7.3.6": {
    what: "the code 1000 and a reason of 124 bytes, too long for a control frame",
    code: 1000,
    reason: filled(0x2a, 124),
    refusedWith: [1002],
  },
  "7.5.1": {
    what: "the code 1000 and a reason that is not UTF-8",
    code: 1000,
    reason: NOT_UTF8,
    refusedWith: [1002, 1007],
  },
};

function closedWithBody(id: string, body: Body): ScriptedCase {
  const { refusedWith } = body;
  return closing(id, {
    description: `A close frame with ${body.what}.`,
    expectation: refusedWith === undefined ? CLEAN : refusal(refusedWith),
    rule: BODY_RULE,
    send: (peer) => peer.sendClose(body.code, body.reason),
    ...(refusedWith === undefined ? {} : { close: faultyClose(...refusedWith) }),
  });
}

/** Codes that a close frame may bear: of the RFC, and both ends of the two ranges for others. */
const VALID_CODES: readonly number[] = [
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011],
  ...[3000, 3999, 4000, 4999],
];

/** Codes that it may not bear: too low, never to be sent, or not given out. */
const INVALID_CODES: readonly number[] = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];

function validCode(id: string, code: number): ScriptedCase {
  return closing(id, {
    description: `A close frame with the code ${code}, which is allowed.`,
    expectation: `The connection closes cleanly with 1000${code === 1000 ? "" : ` or ${code}`}.`,
    rule: CODE_RULE,
    close: { ...NORMAL_CLOSE, closeCodes: code === 1000 ? [1000] : [1000, code] },
    send: (peer) => peer.sendClose(code),
  });
}

function invalidCode(id: string, code: number): ScriptedCase {
  return closing(id, {
    description: `A close frame with the code ${code}, which is not allowed.`,
    expectation: refusal([1002]),
    rule: CODE_RULE,
    close: faultyClose(1002),
    send: (peer) => peer.sendClose(code),
  });
}

/** A code beyond every range: the RFC does not say what happens. */
function undefinedCode(id: string, code: number): ScriptedCase {
  return {
    ...closing(id, {
      description: `A close frame with the code ${code}, which the RFC says nothing about.`,
      expectation: "Any: the RFC does not say.",
      rule: CODE_RULE,
      close: faultyClose(1000, code, 1002),
      send: (peer) => peer.sendClose(code),
    }),
    informational: true,
    wrongCodeFails: false,
  };
}

/** The 37 cases of section 7. */
export const SECTION_07: readonly ScriptedCase[] = [
  ...HANDSHAKES,
  ...Object.entries(BODIES).map(([id, body]) => closedWithBody(id, body)),
  ...VALID_CODES.map((code, index) => validCode(`7.7.${index + 1}`, code)),
  ...INVALID_CODES.map((code, index) => invalidCode(`7.9.${index + 1}`, code)),
  undefinedCode("7.13.1", 5000),
  undefinedCode("7.13.2", 65_535),
];
