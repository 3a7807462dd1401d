import { assertEquals, assertThrows } from "@std/assert";
import { formatRefusal, formatUpgradeResponse } from "../../../lib/protocol/handshake/response.ts";
import { checkUpgradeRequest } from "../../../lib/protocol/handshake/server_handshake.ts";
import { KEY, parsed, request, text } from "./heads.ts";

Deno.test("formatUpgradeResponse: the response of RFC 6455 §1.3", () => {
  assertEquals(
    text(formatUpgradeResponse({ key: KEY, subprotocol: "chat" })),
    "HTTP/1.1 101 Switching Protocols\r\n" +
      "Upgrade: websocket\r\n" +
      "Connection: Upgrade\r\n" +
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" +
      "Sec-WebSocket-Protocol: chat\r\n" +
      "\r\n",
  );
});

Deno.test("formatUpgradeResponse: nothing in common leaves the fields out", () => {
  const head = parsed("response", formatUpgradeResponse({ key: KEY, extensions: [] }));
  assertEquals(head.headers.size, 3);
});

Deno.test("formatUpgradeResponse: extensions and the application's headers", () => {
  const head = parsed(
    "response",
    formatUpgradeResponse({
      key: KEY,
      subprotocol: undefined,
      extensions: [{ name: "permessage-deflate", parameters: [["server_max_window_bits", "10"]] }],
      headers: [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]],
    }),
  );
  assertEquals(
    head.headers.get("Sec-WebSocket-Extensions"),
    "permessage-deflate; server_max_window_bits=10",
  );
  assertEquals(head.headers.getAll("Set-Cookie"), ["a=1", "b=2"]);
});

Deno.test("formatUpgradeResponse: throws on what would break the head", () => {
  const subprotocol = "chat\r\nX: y";
  assertThrows(() => formatUpgradeResponse({ key: KEY, subprotocol }), TypeError, "be a token");
  for (const field of [["X", "a\r\nb"], ["X\n", "a"], ["X", "\0"]] as [string, string][]) {
    assertThrows(() => formatUpgradeResponse({ key: KEY, headers: [field] }), TypeError, "header");
  }
  for (const name of ["Connection", "upgrade", "Sec-WebSocket-Protocol", "Content-Length"]) {
    const headers: [string, string][] = [[name, "x"]];
    assertThrows(() => formatUpgradeResponse({ key: KEY, headers }), TypeError, `"${name}"`);
  }
});

Deno.test("formatRefusal: a whole response with the message as its body", () => {
  assertEquals(
    text(formatRefusal({ status: 503, message: "full", headers: [["Retry-After", "5"]] })),
    "HTTP/1.1 503 Service Unavailable\r\n" +
      "Connection: close\r\n" +
      "Content-Length: 4\r\n" +
      "Retry-After: 5\r\n" +
      "Content-Type: text/plain; charset=utf-8\r\n" +
      "\r\n" +
      "full",
  );
});

Deno.test("formatRefusal: 426 names Upgrade in Connection", () => {
  const refusal = checkUpgradeRequest(request({ Upgrade: null }));
  assertEquals(refusal.kind, "refusal");
  if (refusal.kind !== "refusal") return;
  assertEquals(
    text(formatRefusal(refusal)),
    "HTTP/1.1 426 Upgrade Required\r\n" +
      "Connection: Upgrade, close\r\n" +
      "Content-Length: 56\r\n" +
      "Upgrade: websocket\r\n" +
      "Content-Type: text/plain; charset=utf-8\r\n" +
      "\r\n" +
      "the Upgrade field must name websocket (RFC 6455 \xc2\xa74.2.1)",
  );
});

Deno.test("formatRefusal: the content type can be chosen, the length is in bytes", () => {
  const headers: [string, string][] = [["content-type", "application/json"]];
  assertEquals(
    text(formatRefusal({ status: 400, message: '"\u20ac"', headers })),
    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 5\r\n" +
      'content-type: application/json\r\n\r\n"\xe2\x82\xac"',
  );
});

Deno.test("formatRefusal: no body after HEAD, nor with 304", () => {
  const refusal = { status: 405, message: "no" };
  assertEquals(text(formatRefusal(refusal, { method: "HEAD" })).endsWith("utf-8\r\n\r\n"), true);
  assertEquals(text(formatRefusal({ ...refusal, status: 304 })).endsWith("\r\n\r\n"), true);
  assertEquals(text(formatRefusal(refusal, { method: "GET" })).endsWith("\r\n\r\nno"), true);
});

Deno.test("formatRefusal: a status without a phrase of ours has an empty one", () => {
  const head = text(formatRefusal({ status: 418, message: "" }));
  assertEquals(head.startsWith("HTTP/1.1 418 \r\n"), true);
});

Deno.test("formatRefusal: throws on a status that refuses nothing", () => {
  for (const status of [101, 200, 299, 600, NaN, 400.5, Infinity]) {
    assertThrows(() => formatRefusal({ status, message: "" }), RangeError, "from 300 to 599");
  }
});

Deno.test("formatRefusal: throws on headers that would break it", () => {
  const wrong: [string, string][] = [
    ["X", "a\r\n\r\nHTTP/1.1 200 OK"],
    ["X Y", "a"],
    ["Content-Length", "0"],
    ["transfer-encoding", "chunked"],
    ["Connection", "keep-alive"],
  ];
  for (const field of wrong) {
    const refusal = { status: 400, message: "", headers: [field] };
    assertThrows(() => formatRefusal(refusal), TypeError, "Cannot write the header");
  }
});
