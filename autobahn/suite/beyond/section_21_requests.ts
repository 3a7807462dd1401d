/**
 * Section 21, first part: what a client asks for, and the answers that it must take.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { text } from "../cases/frames.ts";
import type { RawCase } from "../model/case.ts";
import type { Head } from "../model/stage.ts";
import { encodeFrame, OPCODE } from "../wire/frame.ts";
import { latin1Text } from "../wire/head.ts";
import { fieldValues, listElements } from "./answers.ts";
import { type AnsweringPlan, answerings, answersOf } from "./answering.ts";
import { RawSocket } from "./raw_socket.ts";
import { buildResponse } from "./responses.ts";
import { fine, NOT_OPENED, verdict } from "./verdicts.ts";

/** A token (RFC 9110 §5.6.2). */
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
/** A list of extensions (RFC 6455 §9.1). */
const EXTENSION = new RegExp(`^${TOKEN}(\\s*;\\s*${TOKEN}(\\s*=\\s*(${TOKEN}|"${TOKEN}"))?)*$`);

/** What is wrong with a field that must stand there once, with such a value. */
function single(head: Head, { name, form }: { name: string; form: RegExp }): string | undefined {
  const values = fieldValues(head, name);
  if (values.length === 1 && form.test(values[0] ?? "")) return undefined;
  return `The request has ${name} with ${JSON.stringify(values)}.`;
}

/** What is wrong with what a list offers. */
function badElement(
  head: Head,
  { name, form }: { name: string; form: RegExp },
): string | undefined {
  const elements = listElements(head, name);
  const bad = elements.find((element) => !form.test(element));
  if (bad !== undefined) return `The request has ${name} with ${JSON.stringify(bad)}.`;
  if (fieldValues(head, name).length > 0 && elements.length === 0) {
    return `The request has ${name} without a value.`;
  }
  return undefined;
}

/** A host, and the port unless it is the one of http. */
function hostForm(port: number): RegExp {
  return port === 80 ? /^([^\s/:@]+|\[[\da-f:.]+\])(:80)?$/i : new RegExp(`^[^\\s/@]+:${port}$`);
}

const REQUESTS: readonly AnsweringPlan[] = [
  {
    description: "The request line is looked at.",
    expectation: "GET, a path without a fragment, HTTP/1.1.",
    rule: "RFC 6455 §4.1",
    wanted: "opens",
    inspect: ({ start }) =>
      /^GET \/[\x21\x22\x24-\x7e]* HTTP\/1\.1$/.test(start)
        ? undefined
        : `The request begins with "${start}".`,
  },
  {
    description: "Host is looked at.",
    expectation: "Host stands there once, and names the host and the port.",
    rule: "RFC 6455 §4.1",
    wanted: "opens",
    inspect: (request, { target }) =>
      single(request, { name: "host", form: hostForm(target.port) }),
  },
  {
    description: "Upgrade and Connection are looked at.",
    expectation: "Upgrade names websocket, Connection names Upgrade.",
    rule: "RFC 6455 §4.1",
    wanted: "opens",
    inspect: (request) => {
      const has = (name: string, token: string): boolean =>
        listElements(request, name).some((element) => element.toLowerCase() === token);
      return has("upgrade", "websocket") && has("connection", "upgrade")
        ? undefined
        : "Upgrade does not name websocket, or Connection does not name Upgrade.";
    },
  },
  {
    description: "Sec-WebSocket-Key is looked at.",
    expectation: "Sec-WebSocket-Key stands there once: 16 bytes in base64.",
    rule: "RFC 6455 §4.1, §11.3.1",
    wanted: "opens",
    inspect: (request) => {
      const key = fieldValues(request, "sec-websocket-key").join();
      return Buffer.from(key, "base64").length === 16 && key.length === 24
        ? undefined
        : `The request has Sec-WebSocket-Key with "${key}".`;
    },
  },
  {
    description: "Sec-WebSocket-Version is looked at.",
    expectation: "Sec-WebSocket-Version stands there once, and is 13.",
    rule: "RFC 6455 §4.1, §11.3.5",
    wanted: "opens",
    inspect: (request) => single(request, { name: "sec-websocket-version", form: /^13$/ }),
  },
  {
    description: "Sec-WebSocket-Protocol is looked at, if there is one.",
    expectation: "Tokens, each of them once.",
    rule: "RFC 6455 §4.1",
    wanted: "opens",
    inspect: (request) => {
      const elements = listElements(request, "sec-websocket-protocol");
      return new Set(elements).size < elements.length
        ? "The request offers a subprotocol twice."
        : badElement(request, {
          name: "sec-websocket-protocol",
          form: new RegExp(`^${TOKEN}$`),
        });
    },
  },
  {
    description: "Sec-WebSocket-Extensions is looked at, if there is one.",
    expectation: "It keeps to its grammar.",
    rule: "RFC 6455 §9.1",
    wanted: "opens",
    inspect: (request) =>
      badElement(request, { name: "sec-websocket-extensions", form: EXTENSION }),
  },
  {
    description: "The request is looked at for a body.",
    expectation: "There is none: no Content-Length beyond 0, and no Transfer-Encoding.",
    rule: "RFC 6455 §4.1",
    wanted: "opens",
    inspect: (request) =>
      fieldValues(request, "content-length").some((length) => length !== "0") ||
        fieldValues(request, "transfer-encoding").length > 0
        ? "The request has a body."
        : undefined,
  },
];

/** Nothing may come before the answer. */
const PATIENT: RawCase = {
  form: "raw",
  id: "21.2.1",
  description: "The answer comes after one second.",
  expectation: "The client sends nothing in the meantime, then it opens the WebSocket.",
  rule: "RFC 6455 §4.1",
  testees: ["client"],
  run: async (stage) => {
    const { stream, request } = stage.accepted!;
    try {
      const early = await stream.read(1_000);
      if (early === "end") {
        return verdict("INFORMATIONAL", "The client waits for less than a second.", NOT_OPENED);
      }
      if (early !== "silence") {
        return verdict("FAILED", "The client did not wait for the answer.", NOT_OPENED);
      }
      await stream.write(buildResponse(request));
      const socket = new RawSocket(stream, { testee: "client" });
      const trouble = await socket.echoes("hello");
      return trouble === undefined
        ? fine("The client waited.", await socket.closeNormally())
        : verdict("FAILED", `The client did not open: ${trouble}`, NOT_OPENED);
    } finally {
      stream.drop("fin");
    }
  },
};

/** A frame comes together with the answer. */
const AT_ONCE: RawCase = {
  form: "raw",
  id: "21.2.2",
  description: "A ping and a message come in the same write as the answer.",
  expectation: "The client answers both, in order.",
  rule: "RFC 6455 §4.1, §5.5.2",
  testees: ["client"],
  run: async (stage) => {
    const { stream, request } = stage.accepted!;
    try {
      const socket = new RawSocket(stream, { testee: "client" });
      const ping = encodeFrame({ opcode: OPCODE.ping, payload: Uint8Array.of(1) }, {
        masked: false,
      });
      const after = Buffer.concat([ping, encodeFrame(text("hello"), { masked: false })]);
      await stream.write(buildResponse(request, { after }));
      const pong = await socket.nextPong();
      if (pong === undefined || latin1Text(pong) !== "\x01") {
        return verdict("FAILED", "The ping was not answered first.");
      }
      const trouble = await socket.brings("hello");
      return trouble === undefined
        ? fine("Both were answered.", await socket.closeNormally())
        : verdict("FAILED", `The ping was answered, but ${trouble}`);
    } finally {
      stream.drop("fin");
    }
  },
};

const RIGHT_ANSWERS: readonly AnsweringPlan[] = [
  ...answersOf({ rule: "RFC 6455 §4.1", wanted: "opens" }, {
    "The answer is an ordinary one.": {},
    "Upgrade is written WebSocket.": { fields: { "Upgrade": "WebSocket" } },
    "Connection is written upgrade.": { fields: { "Connection": "upgrade" } },
    "Connection is a list: keep-alive, Upgrade.": {
      fields: { "Connection": "keep-alive, Upgrade" },
    },
    "The fields stand in the opposite order.": { reversed: true },
  }),
  ...answersOf({ rule: "RFC 9110 §5.3", wanted: "opens" }, {
    "Connection stands twice: keep-alive, and Upgrade.": {
      fields: { "Connection": "keep-alive" },
      lines: ["Connection: Upgrade"],
    },
  }),
  ...answersOf({ rule: "RFC 9110 §5.1", wanted: "opens" }, {
    "The names of the fields are in upper case.": {
      eachLine: (line) => line.replace(/^[^:]+/, (name) => name.toUpperCase()),
    },
    "The names of the fields are in lower case.": {
      eachLine: (line) => line.replace(/^[^:]+/, (name) => name.toLowerCase()),
    },
    "Fields that nobody knows, a cookie of 4,000 bytes among them.": {
      lines: ["X-Tidewire-Suite: 1", `Set-Cookie: c=${"x".repeat(4_000)}`],
    },
  }),
  ...answersOf({ rule: "RFC 9112 §5.1", wanted: "opens" }, {
    "No space follows the colons.": { eachLine: (line) => line.replace(": ", ":") },
    "Spaces and tabs stand around the values.": {
      eachLine: (line) => `${line.replace(": ", ": \t ")} \t`,
    },
  }),
  ...answersOf({ rule: "RFC 9112 §4", wanted: "opens" }, {
    "The reason phrase is another one.": { start: () => "HTTP/1.1 101 Here we go" },
    "The reason phrase is empty.": { start: () => "HTTP/1.1 101 " },
  }),
  ...answersOf({ rule: "RFC 9110 §15.2", wanted: "opens" }, {
    "An answer 103 comes before.": {
      before: "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n",
    },
    "Two answers 102 come before.": { before: "HTTP/1.1 102 Processing\r\n\r\n".repeat(2) },
  }),
  ...answersOf({ rule: "RFC 9110 §5.5", wanted: "opens", level: "SHOULD" }, {
    "A field that nobody knows has a byte beyond ASCII in its value.": {
      lines: ["X-Name: caf\u00e9"],
    },
  }),
  ...answersOf({ rule: "RFC 9112 §2.2", wanted: "opens", chop: { chopBytes: 1 } }, {
    "The answer comes a byte at a time.": {},
  }),
];

/** What a client asks for, and answers that it must take. */
export const CLIENT_REQUESTS: readonly RawCase[] = [
  ...answerings("21.1", REQUESTS),
  PATIENT,
  AT_ONCE,
  ...answerings("21.3", RIGHT_ANSWERS),
];
