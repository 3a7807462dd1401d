/**
 * The opening handshake (RFC 6455 §4) as the suite sends and checks it.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import {
  acceptKey,
  newKey,
  parseHead,
  refusal,
  requestFault,
  requestHead,
  responseFault,
  responseHead,
} from "../../../../autobahn/suite/wire/handshake.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const read = (text: string) => parseHead(new TextEncoder().encode(text))!;

Deno.test("handshake: the example of RFC 6455 §1.3", () => {
  assertEquals(acceptKey(KEY), ACCEPT);
});

Deno.test("handshake: keys are 16 bytes in base64, and new each time", () => {
  assertMatch(newKey(), /^[A-Za-z0-9+/]{22}==$/);
  assertEquals(newKey() === newKey(), false);
});

Deno.test("handshake: what the suite sends has no fault in its own eyes", () => {
  const request = requestHead({ path: "/a", host: "x:80", key: KEY, fields: [["X", "1"]] });
  assertEquals(request.slice(0, 32), "GET /a HTTP/1.1\r\nHost: x:80\r\nUser".slice(0, 32));
  assertEquals(request.endsWith("X: 1\r\n\r\n"), true);
  assertEquals(requestFault(read(request)), undefined);
  assertEquals(responseFault(read(responseHead({ key: KEY })), KEY), undefined);
});

const RESPONSE = responseHead({ key: KEY });
const RESPONSES: [change: (text: string) => string, fault: string][] = [
  [(t) => t.replace("1.1 101", "1.0 101"), "the answer is not HTTP/1.1"],
  [(t) => t.replace("101 Switching Protocols", "404 Not Found"), "refused with 404 Not Found"],
  [(t) => t.replace("Upgrade: websocket\r\n", ""), 'Upgrade must be "websocket"; got nothing'],
  [(t) => t.replace("websocket", "websocket, h2c"), 'got "websocket, h2c"'],
  [(t) => t.replace("Connection: Upgrade", "Connection: close"), 'got "close"'],
  [(t) => t.replace(ACCEPT, "AAAA"), `must be "${ACCEPT}"; got "AAAA"`],
  [(t) => t.replace("\r\n\r\n", `\r\nSec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`), "must be"],
  [
    (t) => t.replace("\r\n\r\n", "\r\nSec-WebSocket-Protocol: chat\r\n\r\n"),
    "a subprotocol, and none was asked for",
  ],
  [
    (t) =>
      t.replace(
        "\r\n\r\n",
        "\r\nSec-WebSocket-Extensions: a\r\nSec-WebSocket-Extensions: b\r\n\r\n",
      ),
    "Sec-WebSocket-Extensions appears more than once",
  ],
];

Deno.test("handshake: faults of a response are named", () => {
  for (const [change, fault] of RESPONSES) {
    const found = responseFault(read(change(RESPONSE)), KEY) ?? "";
    assertEquals(found.includes(fault), true, `"${found}" should say "${fault}"`);
  }
});

Deno.test("handshake: a response is accepted in any case of its tokens", () => {
  const text = RESPONSE.replace("Upgrade: websocket", "UPGRADE: WebSocket")
    .replace("Connection: Upgrade", "connection: keep-alive, UPGRADE");
  assertEquals(responseFault(read(text), KEY), undefined);
});

const REQUEST = requestHead({ path: "/", host: "x", key: KEY });
const REQUESTS: [change: (text: string) => string, status: string][] = [
  [(t) => t.replace("GET / HTTP/1.1", "GET /"), "400"],
  [(t) => t.replace("HTTP/1.1", "HTTP/1.0"), "400"],
  [(t) => t.replace("GET", "POST"), "405"],
  [(t) => t.replace("Upgrade: websocket\r\n", ""), "426"],
  [(t) => t.replace("Connection: Upgrade\r\n", ""), "400"],
  [(t) => t.replace("Host: x\r\n", ""), "400"],
  [(t) => t.replace("Host: x\r\n", "Host: x\r\nHost: x\r\n"), "400"],
  [(t) => t.replace("Version: 13", "Version: 8"), "426"],
  [(t) => t.replace(KEY, "short=="), "400"],
  [(t) => t.replace(`Sec-WebSocket-Key: ${KEY}\r\n`, ""), "400"],
];

Deno.test("handshake: faults of a request have a status and words", () => {
  for (const [change, status] of REQUESTS) {
    const fault = requestFault(read(change(REQUEST)));
    assertEquals(fault?.status.slice(0, 3), status, change(REQUEST));
    assertEquals((fault?.words.length ?? 0) > 10, true);
  }
  const version = requestFault(read(REQUEST.replace("Version: 13", "Version: 8")));
  assertEquals(version?.fields, [["Sec-WebSocket-Version", "13"]]);
});

Deno.test("handshake: a refusal carries its text, and its length in bytes", () => {
  const head = read(refusal("404 Not Found", "nichts für dich"));
  assertEquals(head.start, "HTTP/1.1 404 Not Found");
  assertEquals(head.fields[1], ["content-length", "17"]);
});
