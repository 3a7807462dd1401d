import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  checkUpgradeResponse,
  type ClientOffer,
  createUpgradeRequest,
  generateKey,
  type UpgradeRequest,
} from "../../../lib/protocol/handshake/client_handshake.ts";
import type { ResponseHead } from "../../../lib/protocol/handshake/head.ts";
import { HeadParser } from "../../../lib/protocol/handshake/head_parser.ts";
import {
  checkUpgradeRequest,
  formatUpgradeResponse,
} from "../../../lib/protocol/handshake/server_handshake.ts";
import { ACCEPT, bytes, type Changes, KEY, parsed, request, response, text } from "./heads.ts";

const DEFLATE = { name: "permessage-deflate", parameters: [] };
const OFFER: ClientOffer = { key: KEY, subprotocols: ["a", "b"], extensions: [DEFLATE] };

/** The request for `url` with `changes`. */
function create(url: string, changes: Partial<UpgradeRequest> = {}): Uint8Array {
  const nothing = { key: KEY, subprotocols: [], extensions: [], headers: [] };
  return createUpgradeRequest({ url: new URL(url), ...nothing, ...changes });
}

/** The code of the failure, or `"agreement"`. */
function verdict(head: ResponseHead): string {
  const result = checkUpgradeResponse(head, OFFER);
  return result.kind === "failure" ? result.code : result.kind;
}

/** The verdict on a valid response with `changes`. */
function after(changes: Changes): string {
  return verdict(response(changes));
}

Deno.test("generateKey: 16 bytes in base64", () => {
  assertEquals(generateKey(bytes("the sample nonce")), KEY);
  for (const length of [0, 15, 17]) {
    assertThrows(() => generateKey(new Uint8Array(length)), RangeError, `16 bytes, got ${length}`);
  }
});

Deno.test("createUpgradeRequest: the smallest request", () => {
  assertEquals(
    text(create("ws://example.com/chat?room=1")),
    "GET /chat?room=1 HTTP/1.1\r\n" +
      "Host: example.com\r\n" +
      "Upgrade: websocket\r\n" +
      "Connection: Upgrade\r\n" +
      `Sec-WebSocket-Key: ${KEY}\r\n` +
      "Sec-WebSocket-Version: 13\r\n" +
      "\r\n",
  );
});

Deno.test("createUpgradeRequest: subprotocols, extensions and headers", () => {
  const head = parsed(
    "request",
    create("wss://example.com/", {
      subprotocols: ["b", "a"],
      extensions: [{ name: "x", parameters: [["y", "1"]] }, DEFLATE],
      headers: new Headers({ Origin: "https://example.com", Cookie: "a=1" }),
    }),
  );
  assertEquals(head.headers.get("Sec-WebSocket-Protocol"), "b, a");
  assertEquals(head.headers.get("Sec-WebSocket-Extensions"), "x; y=1, permessage-deflate");
  assertEquals(head.headers.get("Origin"), "https://example.com");
  assertEquals(head.headers.get("Cookie"), "a=1");
});

Deno.test("createUpgradeRequest: Host has the port where it is not the default", () => {
  const host = (url: string) => parsed("request", create(url)).headers.get("host");
  assertEquals(host("ws://example.com:80/"), "example.com");
  assertEquals(host("ws://example.com:443/"), "example.com:443");
  assertEquals(host("wss://example.com:443/"), "example.com");
  assertEquals(host("ws://[::1]:8080/"), "[::1]:8080");
  assertEquals(host("https://example.com/"), "example.com");
});

Deno.test("createUpgradeRequest: a path is never empty, an empty query is left out", () => {
  const target = (url: string) => parsed("request", create(url)).target;
  assertEquals(target("ws://example.com"), "/");
  assertEquals(target("ws://example.com?"), "/");
  assertEquals(target("ws://example.com/a b?\u00fc"), "/a%20b?%C3%BC");
});

Deno.test("createUpgradeRequest: the user of the URL becomes Authorization: Basic", () => {
  const authorization = (url: string, headers: [string, string][] = []) =>
    parsed("request", create(url, { headers })).headers.getAll("authorization");
  assertEquals(authorization("ws://Aladdin:open%20sesame@h/"), [
    "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
  ]);
  assertEquals(authorization("ws://user@h/"), [`Basic ${btoa("user:")}`]);
  assertEquals(authorization("ws://:p:p@h/"), [`Basic ${btoa(":p:p")}`]);
  assertEquals(authorization("ws://t\u00e9st:100%@h/"), [`Basic ${btoa("t\u00c3\u00a9st:100%")}`]);
  assertEquals(authorization("ws://h/"), []);
  assertEquals(authorization("ws://user:p@h/", [["AUTHORIZATION", "Bearer x"]]), ["Bearer x"]);
  assertThrows(() => create("ws://a%3Ab:c@h/"), TypeError, "user name must have no colon");
});

Deno.test("createUpgradeRequest: throws before anything is sent", () => {
  assertThrows(() => create("ftp://h/"), TypeError, "scheme");
  assertThrows(() => create("ws://h/#"), TypeError, "fragment");
  assertThrows(() => create("ws://h/", { key: "short" }), TypeError, "24 characters of base64");
  assertThrows(() => create("ws://h/", { key: `${KEY}\r\nX: y` }), TypeError, "24 characters");
  for (const subprotocol of ["", "a b", "a\r\nX: y", "a\0", "\u00e9"]) {
    const changes = { subprotocols: [subprotocol] };
    assertThrows(() => create("ws://h/", changes), TypeError, "it must be a token");
  }
  assertThrows(() => create("ws://h/", { subprotocols: ["a", "a"] }), TypeError, "only once");
  const extensions = [{ name: "a\r\n", parameters: [] }];
  assertThrows(() => create("ws://h/", { extensions }), TypeError, "must be tokens");
  const headers: [string, string][] = [["X", "a\r\nb"], ["X\0", "a"], ["X", "a\0"], ["Host", "h"]];
  for (const header of [...headers, ["sec-websocket-key", KEY]] as [string, string][]) {
    assertThrows(() => create("ws://h/", { headers: [header] }), TypeError, "the header");
  }
});

Deno.test("checkUpgradeResponse: the smallest valid response", () => {
  assertEquals(checkUpgradeResponse(response(), OFFER), {
    kind: "agreement",
    subprotocol: "",
    extensions: [],
  });
});

Deno.test("checkUpgradeResponse: a subprotocol and an extension that were offered", () => {
  const head = response({
    "Sec-WebSocket-Protocol": "b",
    "Sec-WebSocket-Extensions": "permessage-deflate; server_no_context_takeover",
  });
  assertEquals(checkUpgradeResponse(head, OFFER), {
    kind: "agreement",
    subprotocol: "b",
    extensions: [{ ...DEFLATE, parameters: [["server_no_context_takeover", true]] }],
  });
});

Deno.test("checkUpgradeResponse: any status but 101", () => {
  for (const status of [200, 301, 401, 503]) {
    assertEquals(checkUpgradeResponse(response({}, { status }), OFFER), {
      kind: "failure",
      code: "ERR_UNEXPECTED_STATUS",
      message: `the server must answer with the status 101, got ${status} (RFC 6455 §4.1)`,
    });
  }
});

Deno.test("checkUpgradeResponse: HTTP/1.0", () => {
  assertEquals(verdict(response({}, { httpVersion: "1.0" })), "ERR_UNEXPECTED_VERSION");
});

Deno.test("checkUpgradeResponse: Upgrade must be websocket alone", () => {
  for (const Upgrade of [null, "", "h2c", "websocket, h2c", ["websocket", "websocket"]]) {
    assertEquals(after({ Upgrade }), "ERR_UNEXPECTED_UPGRADE");
  }
  assertEquals(after({ Upgrade: "WebSocket" }), "agreement");
});

Deno.test("checkUpgradeResponse: Connection must name Upgrade among others", () => {
  for (const Connection of [null, "", "close", "upgraded"]) {
    assertEquals(after({ Connection }), "ERR_UNEXPECTED_CONNECTION");
  }
  for (const Connection of ["keep-alive, Upgrade", "upgrade", ["keep-alive", "UPGRADE"]]) {
    assertEquals(after({ Connection }), "agreement");
  }
});

Deno.test("checkUpgradeResponse: Accept wrong, missing, twice", () => {
  const wrong = [null, "", KEY, ACCEPT.toLowerCase(), [ACCEPT, ACCEPT], `${ACCEPT}, x`, "é"];
  for (const accept of wrong) {
    assertEquals(after({ "Sec-WebSocket-Accept": accept }), "ERR_UNEXPECTED_ACCEPT");
  }
});

Deno.test("checkUpgradeResponse: a subprotocol that was not offered, or two", () => {
  for (const subprotocol of ["c", "A", "", "a, b", ["a", "b"], ["a", "a"], "__proto__"]) {
    assertEquals(after({ "Sec-WebSocket-Protocol": subprotocol }), "ERR_UNEXPECTED_SUBPROTOCOL");
  }
});

Deno.test("checkUpgradeResponse: an extension that was not offered, or one twice", () => {
  const twice = "permessage-deflate, permessage-deflate";
  for (const extensions of ["x", "permessage-deflate, x", twice, "__proto__", "toString"]) {
    assertEquals(after({ "Sec-WebSocket-Extensions": extensions }), "ERR_UNEXPECTED_EXTENSION");
  }
});

Deno.test("checkUpgradeResponse: malformed extensions, or two fields of them", () => {
  const name = "permessage-deflate";
  for (const extensions of ["", ",", `${name};`, `${name}; a="b c"`, [name, name], `${name} x`]) {
    assertEquals(after({ "Sec-WebSocket-Extensions": extensions }), "ERR_MALFORMED_EXTENSIONS");
  }
});

Deno.test("checkUpgradeResponse: a message says what came, cut and fit for a terminal", () => {
  const message = (changes: Changes) => {
    const result = checkUpgradeResponse(response(changes), OFFER);
    return result.kind === "failure" ? result.message : "";
  };
  assertStringIncludes(message({ Upgrade: null }), "that is websocket, got none (RFC");
  assertStringIncludes(message({ Upgrade: '\u009b31m"x"' }), 'got "?31m\\"x\\"" (RFC');
  assertStringIncludes(message({ Upgrade: "x".repeat(5000) }), `got "${"x".repeat(100)}..." (RFC`);
});

Deno.test("client handshake: a frame in the segment of the response is left for later", () => {
  const head = text(formatUpgradeResponse({ key: KEY }));
  const parser = new HeadParser("response");
  assertEquals(parser.push(bytes(`${head}\x81\x02hi`)), head.length);
  assertEquals(parser.head && verdict(parser.head), "agreement");
});

Deno.test("client handshake: both roles agree with each other", () => {
  const bytesSent = create("ws://example.com/chat", OFFER);
  const offer = checkUpgradeRequest(parsed("request", bytesSent));
  assertEquals(offer, { kind: "offer", ...OFFER });
  const head = parsed(
    "response",
    formatUpgradeResponse({ key: KEY, subprotocol: "a", extensions: [DEFLATE] }),
  );
  assertEquals(checkUpgradeResponse(head, OFFER), {
    kind: "agreement",
    subprotocol: "a",
    extensions: [DEFLATE],
  });
  assertEquals(checkUpgradeRequest(request()).kind, "offer");
});
