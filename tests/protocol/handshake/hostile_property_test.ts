/**
 * Heads put together at random from valid and hostile parts: nothing may throw, and how
 * the bytes are cut may change nothing. A failure prints its seed.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { checkUpgradeResponse } from "../../../lib/protocol/handshake/client_handshake.ts";
import { HeadParser, type HeadRole } from "../../../lib/protocol/handshake/head_parser.ts";
import { checkRequestHead, requestUrl } from "../../../lib/protocol/handshake/request_check.ts";
import {
  checkUpgradeRequest,
  formatRefusal,
  formatUpgradeResponse,
  selectSubprotocol,
} from "../../../lib/protocol/handshake/server_handshake.ts";
import { ACCEPT, bytes, KEY, parsed } from "./heads.ts";

const size = fc.integer({ min: 1, max: 20 });
const value = fc.oneof(
  fc.constantFrom("example.com", "websocket", "Upgrade", KEY, ACCEPT, "13", "0", "chunked", "a, b"),
  fc.constantFrom(
    'a; b="c',
    'a; b="\\',
    "a;b=c",
    "a",
    ",",
    "",
    "__proto__",
    "[::1]:80",
    "\0",
    "\r",
  ),
  fc.string({ unit: "binary-ascii" }),
);

/** The field `name`: mostly as it must be, else gone, given twice, or with any value. */
function field(name: string, right: string): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 20, arbitrary: fc.constant(right === "" ? "" : `${name}: ${right}\r\n`) },
    { weight: 1, arbitrary: fc.constantFrom("", `${name}: ${right}\r\n`.repeat(2)) },
    { weight: 2, arbitrary: value.map((other) => `${name}: ${other}\r\n`) },
  );
}

const fields = fc.tuple(
  field("Host", "example.com"),
  field("Upgrade", "websocket"),
  field("Connection", "Upgrade"),
  field("Sec-WebSocket-Key", KEY),
  field("Sec-WebSocket-Accept", ACCEPT),
  field("Sec-WebSocket-Version", "13"),
  field("Sec-WebSocket-Protocol", "a"),
  field("Sec-WebSocket-Extensions", "a; b=c"),
  field("Content-Length", ""),
  field("Transfer-Encoding", ""),
  field("__proto__", ""),
);

/** The bytes of a head with the first line `line`, mostly, and of what follows it. */
function head(line: string): fc.Arbitrary<Uint8Array> {
  const first = fc.oneof(
    { weight: 8, arbitrary: fc.constant(line) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(`\r\n${line}`, "GET //h HTTP/1.0\r\n", `${line} a\r\n`),
    },
    { weight: 1, arbitrary: fc.constantFrom(`HTTP/1.1 100 x\r\n\r\n${line}`, "HTTP/1.1 404 \r\n") },
    { weight: 1, arbitrary: fc.webUrl().map((url) => `GET ${url} HTTP/1.1\r\n`) },
    { weight: 1, arbitrary: fc.string({ unit: "binary-ascii" }) },
  );
  return fc.tuple(first, fields, fc.string()).map(([start, all, rest]) =>
    bytes(`${start}${all.join("")}\r\n${rest}`)
  );
}

/** Feeds `data` in pieces of `size` bytes and tells all that can be seen. */
function outcome(role: HeadRole, data: Uint8Array, size: number): unknown {
  const parser = new HeadParser(role);
  let taken = 0;
  for (let at = 0; at < data.length; at += size) {
    taken += parser.push(data.subarray(at, at + size));
  }
  const { state, failure, raw } = parser;
  return { state, failure, raw, taken, headers: [...parser.head?.headers ?? []] };
}

Deno.test("handshake: no request makes the server's half throw", () => {
  fc.assert(fc.property(head("GET / HTTP/1.1\r\n"), size, (data, size) => {
    const parser = new HeadParser("request");
    parser.push(data);
    assertEquals(outcome("request", data, size), outcome("request", data, data.length));
    if (parser.failure !== undefined) formatRefusal(parser.failure);
    if (parser.head === undefined) return;
    const valid = checkRequestHead(parser.head) === undefined;
    assertEquals(valid && parser.head.target !== "*" && !requestUrl(parser.head, true), false);
    const result = checkUpgradeRequest(parser.head);
    if (result.kind === "refusal") formatRefusal(result);
    else {
      const subprotocol = selectSubprotocol(result.subprotocols, result.subprotocols);
      const { key, extensions } = result;
      parsed("response", formatUpgradeResponse({ key, subprotocol, extensions }));
    }
  }));
});

Deno.test("handshake: no response makes the client's half throw", () => {
  const expected = { key: KEY, subprotocols: ["a"], extensions: [{ name: "a", parameters: [] }] };
  fc.assert(fc.property(head("HTTP/1.1 101 x\r\n"), size, (data, size) => {
    const parser = new HeadParser("response");
    parser.push(data);
    assertEquals(outcome("response", data, size), outcome("response", data, data.length));
    if (parser.head !== undefined) checkUpgradeResponse(parser.head, expected);
  }));
});
