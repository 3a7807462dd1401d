import { assertEquals, assertNotEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { parseWebSocketUrl } from "../../../lib/protocol/handshake/websocket_url.ts";

Deno.test("parseWebSocketUrl: ws and wss stay, http and https become them", () => {
  const cases = {
    "ws://example.com": "ws://example.com/",
    "wss://example.com/a?b": "wss://example.com/a?b",
    "http://example.com": "ws://example.com/",
    "https://example.com:443/": "wss://example.com/",
    "http://example.com:443/": "ws://example.com:443/",
    "WS://EXAMPLE.com:80": "ws://example.com/",
    " ws://[::1]:8080/ ": "ws://[::1]:8080/",
    "ws://b\u00fccher.example/\u00fc": "ws://xn--bcher-kva.example/%C3%BC",
    "ws://u:p@example.com/%23": "ws://u:p@example.com/%23",
  };
  for (const [url, expected] of Object.entries(cases)) {
    assertEquals(parseWebSocketUrl(url).href, expected);
  }
});

Deno.test("parseWebSocketUrl: a URL object is not changed", () => {
  const url = new URL("https://example.com/");
  const parsed = parseWebSocketUrl(url);
  assertNotEquals(parsed, url);
  assertStrictEquals(url.href, "https://example.com/");
  assertStrictEquals(parsed.href, "wss://example.com/");
});

Deno.test("parseWebSocketUrl: throws on what is no WebSocket URL, and says what would be right", () => {
  const wrong: [string, string][] = [
    ["", "must be an absolute URL"],
    ["/echo", "must be an absolute URL"],
    ["ws://", "must be an absolute URL"],
    ["ws://h:65536/", "must be an absolute URL"],
    [
      "localhost:8080",
      "its scheme must be ws: or wss:, or http: or https: for the same; got localhost:",
    ],
    [
      "ftp://example.com/",
      "its scheme must be ws: or wss:, or http: or https: for the same; got ftp:",
    ],
    ["ws://example.com/#a", "it must have no fragment"],
    ["ws://example.com/#", "it must have no fragment"],
    ["ws://example.com/\r\nX: y", "it must have no control characters"],
    ["ws://example.com/\n", "it must have no control characters"],
    ["ws://example.com/\0", "it must have no control characters"],
    ["ws://exam\tple.com/", "it must have no control characters"],
  ];
  for (const [url, message] of wrong) {
    assertThrows(() => parseWebSocketUrl(url), TypeError, message);
  }
});

Deno.test("parseWebSocketUrl: an error does not tell the password", () => {
  const error = assertThrows(() => parseWebSocketUrl("ftp://user:secret@example.com/"), TypeError);
  assertEquals(error.message.includes("secret"), false);
});
