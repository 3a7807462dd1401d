/**
 * Section 20, first part: requests as they should be, however they are written, and what a server
 * may choose from them.
 *
 * @module
 */
import type { RawCase } from "../model/case.ts";
import { encodeFrame } from "../wire/frame.ts";
import { text } from "../cases/frames.ts";
import { fieldValues } from "./answers.ts";
import { type OpeningPlan, openings } from "./opening.ts";
import type { Target } from "./requests.ts";

const ACCEPTED: readonly OpeningPlan[] = [
  {
    description: "A request with the five fields that it must have, and no others.",
    rule: "RFC 6455 §4.2.2",
    wanted: "accepted",
  },
  {
    description: "The key is the one of the example in the RFC.",
    rule: "RFC 6455 §1.3",
    wanted: "accepted",
    draft: { fields: { "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" } },
  },
  {
    description: "The key is made of plus signs, as base64 may be.",
    rule: "RFC 6455 §4.2.2",
    wanted: "accepted",
    draft: { fields: { "Sec-WebSocket-Key": `${"+".repeat(21)}g==` } },
  },
  {
    description: "The key is made of slashes, as base64 may be.",
    rule: "RFC 6455 §4.2.2",
    wanted: "accepted",
    draft: { fields: { "Sec-WebSocket-Key": `${"/".repeat(21)}w==` } },
  },
  {
    description: "The names of the fields are in upper case.",
    rule: "RFC 9110 §5.1",
    wanted: "accepted",
    draft: { eachLine: (line) => line.replace(/^[^:]+/, (name) => name.toUpperCase()) },
  },
  {
    description: "The names of the fields are in lower case.",
    rule: "RFC 9110 §5.1",
    wanted: "accepted",
    draft: { eachLine: (line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()) },
  },
  {
    description: "The fields stand in the opposite order.",
    rule: "RFC 6455 §4.1",
    wanted: "accepted",
    draft: { reversed: true },
  },
  {
    description: "No space follows the colons.",
    rule: "RFC 9112 §5",
    wanted: "accepted",
    draft: { eachLine: (line) => line.replace(": ", ":") },
  },
  {
    description: "Spaces and tabs stand around the values.",
    rule: "RFC 9112 §5.1",
    wanted: "accepted",
    draft: { eachLine: (line) => `${line.replace(": ", ": \t ")} \t` },
  },
  {
    description: "Upgrade is written WebSocket.",
    rule: "RFC 6455 §4.2.1",
    wanted: "accepted",
    draft: { fields: { "Upgrade": "WebSocket" } },
  },
  {
    description: "Connection is written upgrade.",
    rule: "RFC 6455 §4.2.1",
    wanted: "accepted",
    draft: { fields: { "Connection": "upgrade" } },
  },
  {
    description: "Connection is a list: keep-alive, Upgrade.",
    rule: "RFC 6455 §4.2.1",
    wanted: "accepted",
    draft: { fields: { "Connection": "keep-alive, Upgrade" } },
  },
  {
    description: "Connection is a list with empty elements.",
    rule: "RFC 9110 §5.6.1",
    wanted: "accepted",
    draft: { fields: { "Connection": ", ,keep-alive,,Upgrade ," } },
  },
  {
    description: "Connection stands twice: keep-alive, and Upgrade.",
    rule: "RFC 9110 §5.3",
    wanted: "accepted",
    draft: { fields: { "Connection": "keep-alive" }, lines: ["Connection: Upgrade"] },
  },
  {
    description: "Upgrade is a list that names another protocol before websocket.",
    rule: "RFC 9110 §7.8",
    wanted: "accepted",
    level: "SHOULD",
    draft: { fields: { "Upgrade": "example/2, websocket" } },
  },
  {
    description: "Fields that nobody knows, a cookie of 4,000 bytes among them.",
    rule: "RFC 9110 §5.1",
    wanted: "accepted",
    draft: {
      lines: ["X-Tidewire-Suite: 1", `Cookie: c=${"x".repeat(4_000)}`, "Sec-WebSocket-Other: 7"],
    },
  },
  {
    description: "A field that nobody knows has a byte beyond ASCII in its value.",
    rule: "RFC 9110 §5.5",
    wanted: "accepted",
    level: "SHOULD",
    draft: { lines: ["X-Name: caf\u00e9"] },
  },
  {
    description: "The target is in absolute form, a whole URL of http or https.",
    rule: "RFC 9112 §3.2.2",
    wanted: "accepted",
    draft: {
      start: ({ secure, host, path }) => `GET http${secure ? "s" : ""}://${host}${path} HTTP/1.1`,
    },
  },
  {
    description: "An empty line stands before the request line.",
    rule: "RFC 9112 §2.2",
    wanted: "accepted",
    level: "SHOULD",
    draft: { before: "\r\n" },
  },
  {
    description: "The request comes a byte at a time.",
    rule: "RFC 9112 §2.2",
    wanted: "accepted",
    chop: { chopBytes: 1 },
  },
  {
    description: "The request comes in two parts, the second one 300 milliseconds later.",
    rule: "RFC 9112 §2.2",
    wanted: "accepted",
    chop: { chopBytes: 100, pauseMilliseconds: 300 },
  },
  {
    description: "The answer is looked at for fields that a response with 101 must not have.",
    expectation: "101 without Content-Length and Transfer-Encoding.",
    rule: "RFC 9110 §8.6, RFC 9112 §6.1",
    wanted: "accepted",
    review: ({ head }) => {
      const wrong = ["content-length", "transfer-encoding"].filter((name) =>
        fieldValues(head, name).length > 0
      );
      return wrong.length === 0 ? undefined : `The response has ${wrong.join(" and ")}.`;
    },
  },
  {
    description: "A text frame follows the request at once, before the answer, which a client " +
      "must not do.",
    expectation: "The server refuses, or it opens the WebSocket and does not lose the frame.",
    rule: "RFC 6455 §4.1",
    wanted: "either",
    draft: { after: encodeFrame(text("early"), { masked: true }) },
    use: (socket) => socket.brings("early"),
  },
];

const OFFERED = ["a.example", "b.example"];
const NAMES = ["__proto__", "constructor", "toString", "hasOwnProperty"];

const BROKEN_EXTENSIONS = [
  "x-unknown; =3",
  "x-unknown;;a",
  "x-unknown; a=",
  'x-unknown; a="b',
  'x-unknown; a="b c"',
  "x unknown",
  "a/b",
];
const ORIGINS: Readonly<Record<string, (target: Target) => string>> = {
  "the server's own": ({ secure, host }) => `http${secure ? "s" : ""}://${host}`,
  "another site's": () => "http://elsewhere.example",
  "that of a site whose name begins like the server's": ({ host }) =>
    `http://${host.replace(/:.*/, "")}.elsewhere.example`,
  "null, as of a page without an origin": () => "null",
};

const CHOICES: readonly OpeningPlan[] = [
  {
    description: "Two subprotocols are offered.",
    expectation: "101 with one of them, or with none.",
    rule: "RFC 6455 §4.2.2",
    wanted: "accepted",
    draft: { fields: { "Sec-WebSocket-Protocol": OFFERED.join(", ") } },
    asked: { subprotocols: OFFERED },
  },
  {
    description: "Two subprotocols are offered, in two fields.",
    expectation: "101 with one of them, or with none.",
    rule: "RFC 6455 §11.3.4",
    wanted: "accepted",
    draft: { lines: OFFERED.map((name) => `Sec-WebSocket-Protocol: ${name}`) },
    asked: { subprotocols: OFFERED },
  },
  {
    description: "Subprotocols with names that objects of JavaScript have are offered.",
    expectation: "101 with one of them, or with none, or a refusal.",
    rule: "RFC 6455 §4.2.2",
    wanted: "either",
    draft: { fields: { "Sec-WebSocket-Protocol": NAMES.join(", ") } },
    asked: { subprotocols: NAMES },
  },
  {
    description: "The same subprotocol is offered twice.",
    rule: "RFC 6455 §4.1",
    wanted: "either",
    draft: { fields: { "Sec-WebSocket-Protocol": "a.example, a.example" } },
    asked: { subprotocols: OFFERED },
  },
  {
    description: "A thousand subprotocols are offered.",
    rule: "RFC 6455 §4.1",
    wanted: "either",
    draft: { fields: { "Sec-WebSocket-Protocol": numbered(1_000).join(",") } },
    asked: { subprotocols: numbered(1_000) },
  },
  ...["", "two words", "a/b", "\u00e9t\u00e9", ",,,", '"quoted"'].map((value): OpeningPlan => ({
    description: `Sec-WebSocket-Protocol is not a list of tokens: [${value}].`,
    expectation: "The server refuses, or opens the WebSocket without a subprotocol.",
    rule: "RFC 6455 §4.1, §4.2.1",
    wanted: "either",
    draft: { fields: { "Sec-WebSocket-Protocol": value } },
  })),
  {
    description: "An extension that nobody knows is offered, with parameters.",
    expectation: "101 without it.",
    rule: "RFC 6455 §9.1",
    wanted: "accepted",
    draft: { fields: { "Sec-WebSocket-Extensions": 'x-unknown; level=3; mode="fast"; flag' } },
  },
  {
    description: "Extensions with names that objects of JavaScript have are offered.",
    expectation: "101 without them.",
    rule: "RFC 6455 §9.1",
    wanted: "accepted",
    draft: { fields: { "Sec-WebSocket-Extensions": NAMES.join(", ") } },
  },
  {
    description: "A thousand extensions that nobody knows are offered.",
    rule: "RFC 6455 §9.1",
    wanted: "either",
    draft: { fields: { "Sec-WebSocket-Extensions": numbered(1_000).join(", ") } },
  },
  ...BROKEN_EXTENSIONS.map((value): OpeningPlan => ({
    description: `Sec-WebSocket-Extensions breaks its grammar: [${value}].`,
    rule: "RFC 6455 §9.1",
    wanted: "refused",
    draft: { fields: { "Sec-WebSocket-Extensions": value } },
  })),
  ...Object.entries(ORIGINS).map(([which, origin]): OpeningPlan => ({
    description: `Origin is ${which}.`,
    expectation: "Whom to serve is the server's policy: it opens a WebSocket, or it refuses.",
    rule: "RFC 6455 §10.2",
    wanted: "either",
    draft: { fields: { "Origin": origin } },
  })),
];

/** So many names. */
function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `p${index}`);
}

/** Requests as they should be. */
export const RIGHT_REQUESTS: readonly RawCase[] = [
  ...openings("20.1", ACCEPTED),
  ...openings("20.2", CHOICES),
];
