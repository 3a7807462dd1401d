/**
 * Section 21, second part: answers that a client must not take for an open WebSocket.
 *
 * @module
 */
import { utf8 } from "../wire/bytes.ts";
import type { RawCase } from "../model/case.ts";
import { acceptKey, newKey } from "../wire/handshake.ts";
import { type AnsweringPlan, answerings, answersOf } from "./answering.ts";
import { pour } from "./pour.ts";
import type { ResponseDraft } from "./responses.ts";
import { fine, NOT_OPENED, verdict } from "./verdicts.ts";

const ACCEPT = "Sec-WebSocket-Accept";

const MISSING_PROOF: readonly AnsweringPlan[] = [
  ...answersOf({ rule: "RFC 6455 §4.1", wanted: "fails" }, {
    "There is no Sec-WebSocket-Accept.": { fields: { [ACCEPT]: null } },
    "Sec-WebSocket-Accept is empty.": { fields: { [ACCEPT]: "" } },
    "Sec-WebSocket-Accept belongs to another key.": {
      fields: { [ACCEPT]: () => acceptKey(newKey()) },
    },
    "Sec-WebSocket-Accept is the key itself.": { fields: { [ACCEPT]: ({ key }) => key } },
    "Sec-WebSocket-Accept is in upper case.": {
      fields: { [ACCEPT]: ({ accept }) => `${accept.toUpperCase().slice(0, -1)}=` },
    },
    "Sec-WebSocket-Accept lacks its last character.": {
      fields: { [ACCEPT]: ({ accept }) => accept.slice(0, -1) },
    },
    "Sec-WebSocket-Accept has a character more.": {
      fields: { [ACCEPT]: ({ accept }) => `${accept}=` },
    },
    "There is no Upgrade.": { fields: { "Upgrade": null } },
    "Upgrade is empty.": { fields: { "Upgrade": "" } },
    "Upgrade is h2c.": { fields: { "Upgrade": "h2c" } },
    "Upgrade is websockets.": { fields: { "Upgrade": "websockets" } },
    "There is no Connection.": { fields: { "Connection": null } },
    "Connection is keep-alive.": { fields: { "Connection": "keep-alive" } },
    "Connection is close.": { fields: { "Connection": "close" } },
    "Connection is Upgraded.": { fields: { "Connection": "Upgraded" } },
  }),
  ...answersOf({ rule: "RFC 6455 §11.3.3", wanted: "fails", level: "SHOULD" }, {
    "Sec-WebSocket-Accept stands twice, right both times.": {
      // Another spelling of the name, so that it is a second line and replaces nothing.
      fields: { "sec-websocket-accept": ({ accept }) => accept },
    },
    "Sec-WebSocket-Accept stands twice, right and wrong.": {
      lines: [`${ACCEPT}: dGhlIHNhbXBsZSBub25jZQ==`],
    },
  }),
];

const NOT_OFFERED: readonly AnsweringPlan[] = [
  ...answersOf({ rule: "RFC 6455 §4.1", wanted: "fails" }, {
    "A subprotocol is chosen that was not offered.": {
      lines: ["Sec-WebSocket-Protocol: not.offered.example"],
    },
    "Two subprotocols are chosen, neither was offered.": {
      lines: [
        "Sec-WebSocket-Protocol: not.offered.example",
        "Sec-WebSocket-Protocol: nor.this.example",
      ],
    },
    "An extension is accepted that was not offered.": {
      lines: ["Sec-WebSocket-Extensions: x-not-offered"],
    },
    "An extension is accepted that has the name of a property of objects of JavaScript.": {
      lines: ["Sec-WebSocket-Extensions: __proto__"],
    },
  }),
  ...answersOf({ rule: "RFC 6455 §9.1", wanted: "fails" }, {
    "Sec-WebSocket-Extensions breaks its grammar: a parameter without a value after its sign.": {
      lines: ["Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits="],
    },
    "Sec-WebSocket-Extensions breaks its grammar: a semicolon and nothing after it.": {
      lines: ["Sec-WebSocket-Extensions: permessage-deflate;"],
    },
    "Sec-WebSocket-Extensions breaks its grammar: two words.": {
      lines: ["Sec-WebSocket-Extensions: permessage deflate"],
    },
  }),
];

/** An answer with another status than 101, though its fields are those of an open WebSocket. */
function otherStatus(status: string): ResponseDraft {
  return {
    start: () => `HTTP/1.1 ${status}`,
    fields: { "Connection": "Upgrade, close" },
    lines: ["Content-Length: 0"],
  };
}

const STATUSES = [
  "200 OK",
  "201 Created",
  "301 Moved Permanently",
  "302 Found",
  "400 Bad Request",
  "401 Unauthorized",
  "403 Forbidden",
  "404 Not Found",
  "426 Upgrade Required",
  "429 Too Many Requests",
  "500 Internal Server Error",
  "503 Service Unavailable",
  "600 Beyond",
  "000 Nothing",
];

const NO_OPENING: readonly AnsweringPlan[] = [
  ...answersOf(
    { rule: "RFC 6455 §4.1", wanted: "no WebSocket" },
    Object.fromEntries(
      STATUSES.map((status) => [
        `The status is ${status}, and all fields are those of an open WebSocket.`,
        otherStatus(status),
      ]),
    ),
  ),
  ...answersOf({ rule: "RFC 9112 §4", wanted: "fails", level: "SHOULD" }, {
    "The status line has no version.": { start: () => "101 Switching Protocols" },
    "The status line is that of another protocol.": {
      start: () => "ICY/1.1 101 Switching Protocols",
    },
    "The version of HTTP is 1.0.": { start: () => "HTTP/1.0 101 Switching Protocols" },
    "The status has two digits.": { start: () => "HTTP/1.1 10 Switching Protocols" },
    "The status has four digits.": { start: () => "HTTP/1.1 1010 Switching Protocols" },
    "The status is a word.": { start: () => "HTTP/1.1 one Switching Protocols" },
    "A line has no colon.": { lines: ["no colon here"] },
    "The name of a field holds a space.": { lines: ["X Other: 1"] },
  }),
  ...answersOf({ rule: "RFC 9112 §5.1, §5.2", wanted: "either" }, {
    "A space stands before a colon.": { lines: ["X-Other : 1"] },
    "The value of a field is folded into two lines.": { lines: ["X-Other: 1\r\n 2"] },
  }),
  ...answersOf({ rule: "RFC 9110 §5.5", wanted: "either" }, {
    "A NUL stands in the value of a field.": { lines: ["X-Other: 1\x002"] },
    "A bare CR stands in the value of a field.": { lines: ["X-Other: 1\r2"] },
  }),
  ...answersOf({ rule: "RFC 9112 §2.2", wanted: "either" }, {
    "The lines end with a bare LF.": { lineEnd: "\n" },
  }),
  ...answersOf({
    rule: "RFC 9112 §6.3",
    wanted: "either",
    expectation:
      "The client ends the connection, or it takes the bytes after the head for a frame.",
  }, {
    "Content-Length is 5, which a response with 101 must not have.": {
      lines: ["Content-Length: 5"],
    },
    "Transfer-Encoding is chunked, which a response with 101 must not have.": {
      lines: ["Transfer-Encoding: chunked"],
    },
  }),
];

const ENDLESS_BYTES = 16 * 1024 * 1024;

/** Answers that do not end: how they begin, and what comes again and again. */
const ENDLESS: Readonly<Record<string, [begin: string, again: string]>> = {
  "Fields come without end, up to 16 MiB of them.": [
    "HTTP/1.1 101 Switching Protocols\r\n",
    `X-Endless: ${"a".repeat(1_000)}\r\n`.repeat(64),
  ],
  "The reason phrase has no end, up to 16 MiB.": ["HTTP/1.1 101 ", "a".repeat(64 * 1024)],
  "Answers 102 come without end, up to 16 MiB of them.": [
    "",
    "HTTP/1.1 102 Processing\r\n\r\n".repeat(2_048),
  ],
};

/** An answer does not end. */
function endless(
  id: string,
  [description, [begin, again]]: [string, [begin: string, again: string]],
): RawCase {
  return {
    form: "raw",
    id,
    description,
    expectation: "The client ends the connection before all has come.",
    rule: "RFC 9110 §17.5",
    level: "SHOULD",
    testees: ["client"],
    run: async (stage) => {
      const { stream } = stage.accepted!;
      try {
        await stream.write(utf8(begin));
        const taken = await pour(stream, { again: utf8(again), limit: ENDLESS_BYTES });
        return taken >= ENDLESS_BYTES
          ? verdict("NON-STRICT", "The client took 16 MiB.", NOT_OPENED)
          : fine(`The client had enough after ${taken >> 10} KiB.`, NOT_OPENED);
      } finally {
        stream.drop("reset");
      }
    },
  };
}

/** Answers that are wrong. */
export const WRONG_ANSWERS: readonly RawCase[] = [
  ...answerings("21.4", MISSING_PROOF),
  ...answerings("21.5", NOT_OFFERED),
  ...answerings("21.6", NO_OPENING),
  ...Object.entries(ENDLESS).map((row, index) => endless(`21.7.${index + 1}`, row)),
];
