/**
 * Section 20, third part: requests that break the rules of HTTP/1.1, that bring a body, or that
 * are too long.
 *
 * @module
 */
import { fromHex } from "../cases/bytes.ts";
import { text } from "../cases/frames.ts";
import type { RawCase } from "../model/case.ts";
import { joinBytes, utf8 } from "../wire/bytes.ts";
import { encodeFrame } from "../wire/frame.ts";
import { type OpeningPlan, openings, plansOf } from "./opening.ts";
import type { RequestDraft } from "./requests.ts";

const NO_UPGRADE = { "Upgrade": null } as const;

/** A draft with further lines. */
function withLines(...lines: readonly string[]): RequestDraft {
  return { lines };
}

const SYNTAX: readonly OpeningPlan[] = [
  ...plansOf({
    expectation: "The server answers 400, and goes on serving others.",
    rule: "RFC 9112 §5.1",
    wanted: "refused",
    statuses: [400],
  }, {
    "A space stands before the colon of Upgrade.": {
      fields: NO_UPGRADE,
      lines: ["Upgrade : websocket"],
    },
    "A space stands before the colon of a field that nobody knows.": withLines("X-Other : 1"),
    "A tab stands before the colon of a field that nobody knows.": withLines("X-Other\t: 1"),
  }),
  // The Upgrade field stands where only a careless parser finds it.
  ...plansOf({ rule: "RFC 9112 §2.2, §5.2", wanted: "refused" }, {
    "Upgrade stands in a line that begins with a space, so that it belongs to the field above.": {
      fields: NO_UPGRADE,
      lines: ["X-Folded: 1", " Upgrade: websocket"],
    },
    "Upgrade stands in a line that begins with a space, right after the request line.": {
      fields: NO_UPGRADE,
      first: [" Upgrade: websocket"],
    },
    "Upgrade stands after a bare CR within the value of another field.": {
      fields: NO_UPGRADE,
      lines: ["X-Other: 1\rUpgrade: websocket"],
    },
  }),
  ...plansOf({ rule: "RFC 9110 §5.5", wanted: "refused" }, {
    "Upgrade stands after a NUL within the value of another field.": {
      fields: NO_UPGRADE,
      lines: ["X-Other: 1\0Upgrade: websocket"],
    },
  }),
  ...plansOf({ rule: "RFC 9112 §2.2, RFC 9110 §5.1", wanted: "refused", level: "SHOULD" }, {
    "A line has no colon.": withLines("no colon here"),
    "A line begins with its colon.": withLines(": 1"),
    "The name of a field holds a space.": withLines("X Other: 1"),
    "The name of a field holds an at sign.": withLines("X@Other: 1"),
    "The name of a field holds a NUL.": withLines("X\0Other: 1"),
    "The name of a field holds a byte beyond ASCII.": withLines("X-\u00e9: 1"),
  }),
  ...plansOf({ rule: "RFC 9112 §2.2, §5.2", wanted: "either" }, {
    "The value of a field is folded into two lines.": withLines("X-Other: 1\r\n 2"),
    "A bare CR stands in the value of a field.": withLines("X-Other: 1\r2"),
    "The lines end with a bare LF.": { lineEnd: "\n" },
  }),
  ...plansOf({ rule: "RFC 9110 §5.5", wanted: "either" }, {
    "A NUL stands in the value of a field.": withLines("X-Other: 1\x002"),
    "A control character stands in the value of a field.": withLines("X-Other: 1\x012"),
  }),
];

/** A frame that hides in the body of a request, and is no frame there. */
const HIDDEN_FRAME = encodeFrame(text("from the body", { mask: fromHex("01 02 03 04") }), {
  masked: true,
});
const CHUNKED = joinBytes([
  utf8(`${HIDDEN_FRAME.length.toString(16)}\r\n`),
  HIDDEN_FRAME,
  utf8("\r\n0\r\n\r\n"),
]);

const BODIES: readonly OpeningPlan[] = [
  ...plansOf({
    rule: "RFC 9112 §6, RFC 9110 §7.8",
    wanted: "either",
    expectation: "The server refuses, or opens the WebSocket and takes no byte of the body for a " +
      "frame. It goes on serving others.",
    // The first echo is that of a frame that was sent later.
    use: (socket) => socket.echoes("from a frame"),
  }, {
    "The request has a body with a Content-Length; it looks like a text frame.": {
      lines: [`Content-Length: ${HIDDEN_FRAME.length}`],
      after: HIDDEN_FRAME,
    },
    "The request has a chunked body; its chunk looks like a text frame.": {
      lines: ["Transfer-Encoding: chunked"],
      after: CHUNKED,
    },
    "The request has both Content-Length and Transfer-Encoding.": {
      lines: [`Content-Length: ${CHUNKED.length}`, "Transfer-Encoding: chunked"],
      after: CHUNKED,
    },
  }),
  ...plansOf({
    expectation: "The server answers 400, and goes on serving others.",
    rule: "RFC 9112 §6.3",
    wanted: "refused",
    statuses: [400, 501],
  }, {
    "Content-Length stands twice, with different values.": withLines(
      "Content-Length: 0",
      "Content-Length: 5",
    ),
    "Content-Length is negative.": withLines("Content-Length: -1"),
    "Content-Length has a plus sign.": withLines("Content-Length: +0"),
    "Content-Length is no number.": withLines("Content-Length: none"),
    "Transfer-Encoding does not end with chunked.": withLines(
      "Transfer-Encoding: chunked, identity",
    ),
  }),
  ...plansOf({ rule: "RFC 9112 §6.2", wanted: "either" }, {
    "Content-Length is 0.": withLines("Content-Length: 0"),
  }),
  ...plansOf({
    expectation:
      "The server opens the WebSocket, with or without an answer 100 before, or refuses.",
    rule: "RFC 9110 §7.8, §10.1.1",
    wanted: "either",
  }, { "Expect is 100-continue; there is no body.": withLines("Expect: 100-continue") }),
];

const KIB = 1024;

const SIZES: readonly OpeningPlan[] = plansOf({
  rule: "RFC 9110 §5.4, RFC 9112 §3",
  wanted: "either",
  expectation: "Every server has its limits: it opens the WebSocket, refuses, or ends the " +
    "connection. It goes on serving others.",
}, {
  "The target has 64 KiB.": {
    start: ({ path }) => `GET ${path}?${"a".repeat(64 * KIB)} HTTP/1.1`,
  },
  "The target has 4 MiB.": {
    start: ({ path }) => `GET ${path}?${"a".repeat(4 * KIB * KIB)} HTTP/1.1`,
  },
  "The value of one field has 1 MiB.": { lines: () => [`X-Long: ${"a".repeat(KIB * KIB)}`] },
  "The name of one field has 64 KiB.": { lines: () => [`${"x".repeat(64 * KIB)}: 1`] },
  "There are 20,000 fields.": {
    lines: () => Array.from({ length: 20_000 }, (_, index) => `X-${index}: 1`),
  },
  "There are 20,000 Connection fields.": {
    lines: () => Array.from({ length: 20_000 }, () => "Connection: a, b"),
  },
});

/** Requests that HTTP does not allow. */
export const ODD_REQUESTS: readonly RawCase[] = [
  ...openings("20.8", SYNTAX),
  ...openings("20.9", BODIES),
  ...openings("20.10", SIZES),
];
