import { assertEquals, assertLess } from "@std/assert";
import type { RequestHead } from "../../../lib/protocol/handshake/head.ts";
import {
  checkUpgradeRequest,
  formatRefusal,
  formatUpgradeResponse,
  isUpgradeRequest,
  requestHeadFrom,
  selectSubprotocol,
} from "../../../lib/protocol/handshake/server_handshake.ts";
import { bytes, type Changes, KEY, lines, parsed, request, text } from "./heads.ts";

const UPGRADE: [string, string] = ["Upgrade", "websocket"];

/** Status, code and headers of the refusal, or `"offer"`. */
function verdict(head: RequestHead): unknown {
  const result = checkUpgradeRequest(head);
  return result.kind === "offer" ? "offer" : [result.status, result.code, result.headers];
}

/** The verdict on a valid request with `changes`. */
function after(changes: Changes): unknown {
  return verdict(request(changes));
}

Deno.test("checkUpgradeRequest: the request of RFC 6455 §1.2", () => {
  const head = parsed(
    "request",
    lines(
      "GET /chat HTTP/1.1",
      "Host: server.example.com",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Key: ${KEY}`,
      "Origin: http://example.com",
      "Sec-WebSocket-Protocol: chat, superchat",
      "Sec-WebSocket-Version: 13",
    ),
  );
  assertEquals(isUpgradeRequest(head), true);
  assertEquals(checkUpgradeRequest(head), {
    kind: "offer",
    key: KEY,
    subprotocols: ["chat", "superchat"],
    extensions: [],
  });
});

Deno.test("checkUpgradeRequest: a refusal says what would be right", () => {
  assertEquals(checkUpgradeRequest(request({ "Sec-WebSocket-Version": "8" })), {
    kind: "refusal",
    status: 426,
    code: "ERR_VERSION",
    message: "there must be one Sec-WebSocket-Version field, and it must be 13 (RFC 6455 §4.4)",
    headers: [UPGRADE, ["Sec-WebSocket-Version", "13"]],
  });
});

Deno.test("checkUpgradeRequest: any method but GET is 405 with Allow", () => {
  for (const method of ["POST", "PUT", "HEAD", "OPTIONS", "get"]) {
    assertEquals(verdict(request({}, { method })), [405, "ERR_METHOD", [["Allow", "GET"]]]);
  }
});

Deno.test("checkUpgradeRequest: HTTP/1.0 is 426, with a Host or without", () => {
  const expected = [426, "ERR_HTTP_1_0", [UPGRADE]];
  assertEquals(verdict(request({}, { httpVersion: "1.0" })), expected);
  assertEquals(verdict(request({ Host: null }, { httpVersion: "1.0" })), expected);
});

Deno.test("checkUpgradeRequest: no Host, two Hosts, a bad one", () => {
  for (const Host of [null, ["a", "a"], "a b", ""]) {
    assertEquals(after({ Host }), [400, "ERR_HOST", []]);
  }
});

Deno.test("checkUpgradeRequest: no Upgrade, or another one, is 426", () => {
  for (const Upgrade of [null, "", "h2c", "websockets", "websocket/13", "web socket"]) {
    assertEquals(after({ Upgrade }), [426, "ERR_UPGRADE", [UPGRADE]]);
  }
  for (const Upgrade of ["WebSocket", "h2c, websocket", ["h2c", "WEBSOCKET"]]) {
    assertEquals(after({ Upgrade }), "offer");
  }
});

Deno.test("checkUpgradeRequest: Connection must have the token, in any case", () => {
  for (const Connection of [null, "", "keep-alive", "upgraded", "keep-alive Upgrade"]) {
    assertEquals(after({ Connection }), [400, "ERR_CONNECTION", []]);
  }
  for (
    const Connection of ["keep-alive, Upgrade", "UPGRADE", "upgrade,close", [
      "keep-alive",
      "uPgrade",
    ]]
  ) {
    assertEquals(after({ Connection }), "offer");
  }
});

Deno.test("checkUpgradeRequest: any version but a single 13 is 426 with the version", () => {
  for (const version of [null, "8", "13, 8", ["13", "13"], ["8", "13"], "013", "13.0", ""]) {
    assertEquals(after({ "Sec-WebSocket-Version": version }), [426, "ERR_VERSION", [
      UPGRADE,
      ["Sec-WebSocket-Version", "13"],
    ]]);
  }
});

Deno.test("checkUpgradeRequest: the key must be there once and stand for 16 bytes", () => {
  const wrong = [null, "", btoa("x".repeat(15)), btoa("x".repeat(17)), "not base64, not at all!!"];
  for (const key of [...wrong, [KEY, KEY], `${KEY}, ${KEY}`]) {
    assertEquals(after({ "Sec-WebSocket-Key": key }), [400, "ERR_KEY", []]);
  }
});

Deno.test("checkUpgradeRequest: a body is refused, so that it never becomes frames", () => {
  assertEquals(after({ "Content-Length": "5" }), [400, "ERR_BODY", []]);
  assertEquals(after({ "Transfer-Encoding": "chunked" }), [400, "ERR_BODY", []]);
  assertEquals(after({ "Content-Length": "0" }), "offer");
  const both = { "Content-Length": "5", "Transfer-Encoding": "chunked" };
  assertEquals(after(both), [400, "ERR_CONTENT_LENGTH", []]);
  assertEquals(after({ "Content-Length": ["0", "5"] }), [400, "ERR_CONTENT_LENGTH", []]);
});

Deno.test("checkUpgradeRequest: subprotocols are different tokens", () => {
  const many = (count: number) => Array.from({ length: count }, (_, i) => `p${i}`).join(", ");
  const wrong = ["", " ", ",", "a b", "a/b", "a, a", ["a", "a"], "caf\u00e9", '"a"', many(101)];
  for (const value of [...wrong, many(1000)]) {
    assertEquals(after({ "Sec-WebSocket-Protocol": value }), [400, "ERR_SUBPROTOCOLS", []]);
  }
  const offered = (value: string | string[]) => {
    const result = checkUpgradeRequest(request({ "Sec-WebSocket-Protocol": value }));
    return result.kind === "offer" ? result.subprotocols : result.code;
  };
  assertEquals(offered(["a, b", "c"]), ["a", "b", "c"]);
  assertEquals(offered("a,,b,"), ["a", "b"]);
  assertEquals(offered("a, A"), ["a", "A"]);
  assertEquals(offered("__proto__, constructor, toString"), [
    "__proto__",
    "constructor",
    "toString",
  ]);
  assertEquals(offered(many(100)).length, 100);
});

Deno.test("checkUpgradeRequest: extensions are read, malformed ones refused", () => {
  const field = "Sec-WebSocket-Extensions";
  const result = checkUpgradeRequest(request({ [field]: ["a; b=c", "__proto__"] }));
  assertEquals(result.kind === "offer" && result.extensions, [
    { name: "a", parameters: [["b", "c"]] },
    { name: "__proto__", parameters: [] },
  ]);
  for (const value of ["", "a;", 'a; b="c d"', "a b"]) {
    assertEquals(after({ [field]: value }), [400, "ERR_EXTENSIONS", []]);
  }
});

Deno.test("checkUpgradeRequest: odd targets are a path of ours or 400", () => {
  for (const target of ["/..", "/%00", "//host/", "http://example.com/chat"]) {
    assertEquals(verdict(request({}, { target })), "offer");
  }
  for (const target of ["*", "chat", "ws://example.com/", "example.com:443", "http://u@b/"]) {
    assertEquals(verdict(request({}, { target })), [400, "ERR_TARGET", []]);
  }
});

Deno.test("checkUpgradeRequest: names of Object.prototype change nothing", () => {
  const head = requestHeadFrom("GET", "/", [
    ...request().headers,
    ["__proto__", "x"],
    ["constructor", "y"],
  ]);
  assertEquals(verdict(head), "offer");
  assertEquals(({} as Record<string, unknown>)["x"], undefined);
});

Deno.test("checkUpgradeRequest: hostile lists take linear time", () => {
  const start = performance.now();
  const long = "a,".repeat(200_000);
  assertEquals(after({ "Sec-WebSocket-Protocol": long }), [400, "ERR_SUBPROTOCOLS", []]);
  assertEquals(after({ "Sec-WebSocket-Extensions": long }), "offer");
  assertEquals(after({ Connection: `${long}upgrade` }), "offer");
  assertLess(performance.now() - start, 5_000);
});

Deno.test("isUpgradeRequest: plain HTTP is not ours, a bad request for a WebSocket is", () => {
  const names = (value: string | null) => isUpgradeRequest(request({ Upgrade: value }));
  assertEquals([names(null), names("h2c"), names("WEBSOCKET")], [false, false, true]);
  assertEquals(isUpgradeRequest(request({}, { method: "POST" })), true);
});

Deno.test("requestHeadFrom: what the runtime's HTTP server has read", () => {
  const incoming = new Request("http://example.com/chat?a", { headers: [...request().headers] });
  const head = requestHeadFrom(incoming.method, "/chat?a", incoming.headers);
  assertEquals([head.method, head.target, head.httpVersion], ["GET", "/chat?a", "1.1"]);
  assertEquals(verdict(head), "offer");
});

Deno.test("selectSubprotocol: the server's order decides", () => {
  assertEquals(selectSubprotocol(["a", "b"], ["c", "b", "a"]), "b");
  assertEquals(selectSubprotocol(["a", "b"], ["A", "c"]), undefined);
  assertEquals(selectSubprotocol([], ["a"]), undefined);
  assertEquals(selectSubprotocol(["a"], []), undefined);
  assertEquals(selectSubprotocol(["a"], ["__proto__", "toString"]), undefined);
});

Deno.test("server handshake: every refusal is a response that a client can read", () => {
  const heads = [
    request({}, { method: "POST" }),
    request({ "Sec-WebSocket-Version": null }),
    request({ Host: null }),
  ];
  const statuses = heads.map((head) => {
    const refusal = checkUpgradeRequest(head);
    if (refusal.kind !== "refusal") return refusal.kind;
    const [first = "", body] = text(formatRefusal(refusal)).split("\r\n\r\n");
    const read = parsed("response", bytes(`${first}\r\n\r\n`));
    assertEquals(read.headers.get("content-length"), String(body?.length));
    return read.status;
  });
  assertEquals(statuses, [405, 426, 400]);
});

Deno.test("server handshake: a valid request and its response fit together", () => {
  const offer = checkUpgradeRequest(request({ "Sec-WebSocket-Protocol": "a, b" }));
  if (offer.kind !== "offer") throw new Error(offer.message);
  const subprotocol = selectSubprotocol(offer.subprotocols, ["b"]);
  const head = parsed("response", formatUpgradeResponse({ key: offer.key, subprotocol }));
  assertEquals([head.status, head.headers.get("sec-websocket-protocol")], [101, "b"]);
});
