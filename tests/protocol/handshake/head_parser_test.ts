import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import {
  type HeadLimits,
  HeadParser,
  type HeadRole,
} from "../../../lib/protocol/handshake/head_parser.ts";
import { bytes, lines, parsed, text } from "./heads.ts";

const REQUEST = lines("GET /chat HTTP/1.1", "Host: example.com", "X: \u00ff", "x: 2");
const RESPONSE = lines("HTTP/1.1 101 Switching Protocols", "Upgrade: websocket");

/** Pushes `data` whole and gives the failure's code and status; the head must fail. */
function failed(role: HeadRole, data: Uint8Array, limits: HeadLimits = {}): [string, number] {
  const parser = new HeadParser(role, limits);
  parser.push(data);
  assertEquals(parser.state, "failed");
  assertEquals(parser.head, undefined);
  assert(parser.failure);
  return [parser.failure.code, parser.failure.status];
}

/** What there is to compare about a parser that was fed `pieces`. */
function outcome(role: HeadRole, pieces: Uint8Array[]): unknown {
  const parser = new HeadParser(role);
  const taken = pieces.reduce((sum, piece) => sum + parser.push(piece), 0);
  const head = parser.head && { ...parser.head, headers: [...parser.head.headers] };
  return { state: parser.state, failure: parser.failure, head, taken, raw: text(parser.raw) };
}

Deno.test("HeadParser: reads a request", () => {
  const head = parsed("request", REQUEST);
  assertEquals([head.method, head.target, head.httpVersion], ["GET", "/chat", "1.1"]);
  assertEquals([...head.headers], [["Host", "example.com"], ["X", "\u00ff"], ["x", "2"]]);
});

Deno.test("HeadParser: reads a response", () => {
  const head = parsed("response", RESPONSE);
  assertEquals([head.status, head.reason], [101, "Switching Protocols"]);
  assertEquals(head.headers.get("upgrade"), "websocket");
});

Deno.test("HeadParser: reads a request of HTTP/1.0 without fields", () => {
  assertEquals(parsed("request", bytes("GET / HTTP/1.0\r\n\r\n")).httpVersion, "1.0");
});

Deno.test("HeadParser: stops at the end of the head, and frames that follow are left", () => {
  const parser = new HeadParser("request");
  assertEquals(parser.push(bytes(text(REQUEST) + "\x81\x80\0\0\0\0")), REQUEST.length);
  assertEquals(parser.state, "done");
  assertEquals(parser.raw, REQUEST);
  assertEquals(parser.push(bytes("more")), 0);
  assertEquals(parser.raw, REQUEST);
});

Deno.test("HeadParser: before the end there is no head, no failure, and the raw bytes so far", () => {
  const parser = new HeadParser("request");
  assertEquals(parser.raw, new Uint8Array());
  assertEquals(parser.push(REQUEST.subarray(0, 10)), 10);
  assertEquals(parser.push(new Uint8Array()), 0);
  assertEquals([parser.state, parser.head, parser.failure], ["reading", undefined, undefined]);
  assertEquals(text(parser.raw), "GET /chat ");
});

Deno.test("HeadParser: the buffer of a push may be used again", () => {
  const parser = new HeadParser("request");
  const shared = new Uint8Array(1);
  for (const byte of REQUEST) {
    shared[0] = byte;
    parser.push(shared);
  }
  assertEquals(parser.raw, REQUEST);
  assertEquals(parser.head?.target, "/chat");
});

Deno.test("HeadParser: cut at any byte, the same comes out", () => {
  const interim = text(lines("HTTP/1.1 103 Early Hints", "Link: x"));
  const cases: [HeadRole, Uint8Array][] = [
    ["request", bytes(`\r\n${text(REQUEST)}\x81\x05Hello`)],
    ["response", bytes(`${interim}${text(RESPONSE)}\x81\x05Hello`)],
    ["request", bytes("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n")],
    ["request", bytes("GET / HTTP/1.1\r\nHost: a\n\r\n")],
    ["request", bytes("GET / HTTP/1.1\r\nHost : a\r\n\r\n")],
    ["request", bytes("GET / HTTP/1.1\r\nHost: \0\r\n\r\n")],
  ];
  for (const [role, data] of cases) {
    const whole = outcome(role, [data]);
    for (let at = 0; at <= data.length; at++) {
      assertEquals(outcome(role, [data.subarray(0, at), data.subarray(at)]), whole, `cut at ${at}`);
    }
    assertEquals(outcome(role, Array.from(data, (byte) => Uint8Array.of(byte))), whole);
  }
});

Deno.test("HeadParser: one empty line before a request is forgiven, a second is not", () => {
  const parser = new HeadParser("request");
  const data = bytes(`\r\n${text(REQUEST)}`);
  assertEquals(parser.push(data), data.length);
  assertEquals(parser.head?.target, "/chat");
  assertEquals(parser.raw, data);
  assertEquals(failed("request", bytes("\r\n\r\nGET / HTTP/1.1\r\n")), ["ERR_REQUEST_LINE", 400]);
  assertEquals(failed("request", bytes("\nGET / HTTP/1.1\r\n")), ["ERR_LINE_END", 400]);
});

Deno.test("HeadParser: an empty line before a response is an error", () => {
  assertEquals(failed("response", bytes("\r\n"))[0], "ERR_STATUS_LINE");
});

Deno.test("HeadParser: bare CR, bare LF, folding, space before the colon, control characters", () => {
  const line = "GET / HTTP/1.1\r\n";
  const wrong: [string, string][] = [
    [`${line}Host: a\rX: b\r\n`, "ERR_LINE_END"],
    [`${line}Host: a\r\r\n`, "ERR_LINE_END"],
    [`${line}Host: a\n`, "ERR_LINE_END"],
    [`${line}\n`, "ERR_LINE_END"],
    ["GET / HTTP/1.1\n", "ERR_LINE_END"],
    [`${line} Host: a\r\n`, "ERR_FIELD_FOLDED"],
    [`${line}Host: a\r\n b\r\n`, "ERR_FIELD_FOLDED"],
    [`${line}Host: a\r\n\tb\r\n`, "ERR_FIELD_FOLDED"],
    [`${line}Host : a\r\n`, "ERR_FIELD_NAME"],
    [`${line}Host\r\n`, "ERR_FIELD_NAME"],
    [`${line}Host: \0\r\n`, "ERR_CONTROL_CHARACTER"],
    [`${line}Host: \x1b\r\n`, "ERR_CONTROL_CHARACTER"],
    [`${line}Host: \x7f\r\n`, "ERR_CONTROL_CHARACTER"],
    ["GET /\0 HTTP/1.1\r\n", "ERR_CONTROL_CHARACTER"],
    ["GET /\x80 HTTP/1.1\r\n", "ERR_TARGET"],
    ["GET /\r\n", "ERR_REQUEST_LINE"],
  ];
  for (const [data, code] of wrong) {
    assertEquals(failed("request", bytes(data)), [code, 400], JSON.stringify(data));
  }
  assertEquals(parsed("request", lines("GET / HTTP/1.1", "A: a\tb")).headers.get("a"), "a\tb");
});

Deno.test("HeadParser: a TLS ClientHello fails at once", () => {
  assertEquals(failed("request", bytes("\x16\x03\x01"))[0], "ERR_CONTROL_CHARACTER");
});

Deno.test("HeadParser: the preface of HTTP/2 is another version", () => {
  assertEquals(failed("request", bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")), [
    "ERR_HTTP_VERSION",
    505,
  ]);
});

Deno.test("HeadParser: takes nothing after a failure", () => {
  const parser = new HeadParser("request");
  assertEquals(parser.push(bytes("G\0T")), 2);
  assertEquals(parser.push(REQUEST), 0);
  assertEquals(parser.state, "failed");
  assertEquals(
    parser.failure?.message,
    "a head must have no control character but the tab (RFC 9110 §5.5)",
  );
});

Deno.test("HeadParser: a request line of 8 KiB passes, one byte more is 414", () => {
  const line = (length: number) => `GET /${"x".repeat(length - 14)} HTTP/1.1\r\n`;
  assertEquals(line(8192).length, 8194);
  parsed("request", bytes(line(8192) + "\r\n"));
  assertEquals(failed("request", bytes(line(8193))), ["ERR_URI_TOO_LONG", 414]);
  assertEquals(failed("request", new Uint8Array(8194).fill(0x41)), ["ERR_URI_TOO_LONG", 414]);
  const limits = { maxLineBytes: 100_000 };
  assertEquals(failed("request", bytes(line(20_000)), limits), ["ERR_URI_TOO_LONG", 414]);
});

Deno.test("HeadParser: a field of 8 KiB passes, one byte more is 431", () => {
  const head = (length: number) => lines("GET / HTTP/1.1", `X: ${"x".repeat(length - 3)}`);
  assertEquals(parsed("request", head(8192)).headers.get("x")?.length, 8189);
  assertEquals(failed("request", head(8193)), ["ERR_LINE_TOO_LONG", 431]);
});

Deno.test("HeadParser: a head of 16 KiB passes, one byte more is 431", () => {
  const head = (length: number) => {
    const fields = [`A: ${"a".repeat(8000)}`, `B: ${"b".repeat(8000)}`];
    const short = lines("GET / HTTP/1.1", ...fields, "C: ").length;
    return lines("GET / HTTP/1.1", ...fields, `C: ${"c".repeat(length - short)}`);
  };
  assertEquals(head(16_384).length, 16_384);
  parsed("request", head(16_384));
  assertEquals(failed("request", head(16_385)), ["ERR_HEAD_TOO_LARGE", 431]);
});

Deno.test("HeadParser: a hundred fields pass, one more is 431", () => {
  const head = (count: number) => lines("GET / HTTP/1.1", ...Array(count).fill("X: 1"));
  assertEquals(parsed("request", head(100)).headers.size, 100);
  assertEquals(failed("request", head(101)), ["ERR_TOO_MANY_FIELDS", 431]);
});

Deno.test("HeadParser: limits can be set, and are checked", () => {
  assertEquals(failed("request", REQUEST, { maxHeadBytes: 20 })[0], "ERR_HEAD_TOO_LARGE");
  assertEquals(failed("request", REQUEST, { maxFields: 2 })[0], "ERR_TOO_MANY_FIELDS");
  assertThrows(() => new HeadParser("request", { maxFields: NaN }), RangeError, "maxFields");
});

Deno.test("HeadParser: interim responses are skipped, 101 is not one of them", () => {
  const interim = text(lines("HTTP/1.1 100 Continue")) +
    text(lines("HTTP/1.1 103 Early Hints", "Link: </a>"));
  const parser = new HeadParser("response");
  const data = bytes(interim + text(RESPONSE));
  assertEquals(parser.push(data), data.length);
  assertEquals(parser.head?.status, 101);
  assertEquals([...parser.head?.headers ?? []], [["Upgrade", "websocket"]]);
  assertEquals(parser.raw, data);
  assertEquals(parsed("response", lines("HTTP/1.1 200 OK")).status, 200);
});

Deno.test("HeadParser: a stream of interim responses ends at 16 KiB", () => {
  const parser = new HeadParser("response");
  const piece = lines("HTTP/1.1 100 Continue");
  for (let i = 0; i < 1000 && parser.state === "reading"; i++) parser.push(piece);
  assertEquals(parser.failure?.code, "ERR_HEAD_TOO_LARGE");
  assertEquals(parser.raw.length, 16_384);
});

Deno.test("HeadParser: the fields of interim responses count", () => {
  const piece = text(lines("HTTP/1.1 103 Early Hints", ...Array(60).fill("Link: x")));
  assertEquals(failed("response", bytes(piece + piece))[0], "ERR_TOO_MANY_FIELDS");
});

Deno.test("HeadParser: endless fields and a status line of 1 MB end within 16 KiB", () => {
  const fields = `HTTP/1.1 200 OK\r\n${`X: ${"x".repeat(997)}\r\n`.repeat(1000)}`;
  assertEquals(failed("response", bytes(fields))[0], "ERR_HEAD_TOO_LARGE");
  const parser = new HeadParser("response");
  const taken = parser.push(bytes(`HTTP/1.1 200 ${"x".repeat(1_000_000)}\r\n`));
  assertEquals(parser.failure?.code, "ERR_LINE_TOO_LONG");
  assertLess(taken, 16_385);
});

/** How many milliseconds a head of so many fields of 1 KB takes at one byte a push. */
function costOfBytes(fields: number): number {
  const field = `X: ${"x".repeat(995)}`;
  const data = lines("GET / HTTP/1.1", ...Array(fields).fill(field));
  const pieces = Array.from(data, (byte) => Uint8Array.of(byte));
  let best = Infinity;
  // Others may use the processor too: the best of a few runs is the cost.
  for (let run = 0; run < 5; run++) {
    const parser = new HeadParser("request", { maxHeadBytes: 65_536 });
    const start = performance.now();
    for (const piece of pieces) parser.push(piece);
    best = Math.min(best, performance.now() - start);
    assertEquals([parser.state, parser.head?.headers.size], ["done", fields]);
  }
  return best;
}

// Reading all again for each byte would make it 16 times as much, and seconds. The limit in
// milliseconds is wide: a slow machine that also counts coverage takes some 50 of them.
Deno.test("HeadParser: 60 KB at one byte a push cost little, and four times what 15 KB cost", () => {
  costOfBytes(15);
  const [few, many] = [costOfBytes(15), costOfBytes(60)];
  assertLess(many, 9 * few + 5, `${few} and ${many} ms`);
  assertLess(many, 250);
});

Deno.test("HeadParser: names of Object.prototype are fields like others", () => {
  const head = parsed("request", lines("GET / HTTP/1.1", "__proto__: a", "constructor: b"));
  assertEquals([head.headers.get("__proto__"), head.headers.get("constructor")], ["a", "b"]);
  assertEquals(head.headers.get("toString"), undefined);
});
