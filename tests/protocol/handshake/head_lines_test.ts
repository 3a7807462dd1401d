import { assertEquals } from "@std/assert";
import {
  parseField,
  parseRequestLine,
  parseStatusLine,
} from "../../../lib/protocol/handshake/head_lines.ts";

Deno.test("parseRequestLine: method, target and version", () => {
  assertEquals(parseRequestLine("GET /chat?a=b HTTP/1.1"), {
    method: "GET",
    target: "/chat?a=b",
    httpVersion: "1.1",
  });
  assertEquals(parseRequestLine("OPTIONS * HTTP/1.0"), {
    method: "OPTIONS",
    target: "*",
    httpVersion: "1.0",
  });
});

Deno.test("parseRequestLine: what is no request line", () => {
  const wrong = [
    "",
    "GET",
    "GET /",
    "GET  / HTTP/1.1",
    "GET /  HTTP/1.1",
    "GET / HTTP/1.1 ",
    " GET / HTTP/1.1",
    "GET / x HTTP/1.1",
    "GET\t/\tHTTP/1.1",
    "G(T / HTTP/1.1",
    "GET / http/1.1",
    "GET / HTTP/1.10",
    "GET / HTTP/11",
    "GET / HTTPS/1.1",
  ];
  for (const line of wrong) assertEquals(parseRequestLine(line), "ERR_REQUEST_LINE", line);
});

Deno.test("parseRequestLine: other versions", () => {
  for (const version of ["2.0", "0.9", "2.1", "3.0"]) {
    assertEquals(parseRequestLine(`PRI * HTTP/${version}`), "ERR_HTTP_VERSION");
  }
});

Deno.test("parseRequestLine: a higher minor version is taken for the highest known", () => {
  for (const version of ["1.2", "1.9"]) {
    assertEquals(parseRequestLine(`GET / HTTP/${version}`), {
      method: "GET",
      target: "/",
      httpVersion: "1.1",
    });
  }
});

Deno.test("parseRequestLine: a target is visible ASCII without a fragment", () => {
  for (const target of ["/#", "/a#b", "/caf\u00e9", "/\t", "", "/a\u0080"]) {
    assertEquals(parseRequestLine(`GET ${target} HTTP/1.1`), "ERR_TARGET", target);
  }
  for (const target of ["/%00", "/..", "//host/", "/a|b", "http://h/", "/%23"]) {
    assertEquals(parseRequestLine(`GET ${target} HTTP/1.1`), {
      method: "GET",
      target,
      httpVersion: "1.1",
    });
  }
});

Deno.test("parseStatusLine: version, status and reason", () => {
  assertEquals(parseStatusLine("HTTP/1.1 101 Switching Protocols"), {
    status: 101,
    reason: "Switching Protocols",
    httpVersion: "1.1",
  });
  assertEquals(parseStatusLine("HTTP/1.0 200 "), { status: 200, reason: "", httpVersion: "1.0" });
  assertEquals(parseStatusLine("HTTP/1.2 200 "), { status: 200, reason: "", httpVersion: "1.1" });
  assertEquals(parseStatusLine("HTTP/1.1 999 \tcaf\u00e9"), {
    status: 999,
    reason: "\tcaf\u00e9",
    httpVersion: "1.1",
  });
});

Deno.test("parseStatusLine: what is no status line", () => {
  const wrong = ["", "HTTP/1.1", "HTTP/1.1 101", "HTTP/1.1 099 x", "HTTP/1.1 10 x", "ICY 200 OK"];
  for (const line of [...wrong, "HTTP/1.1  101 x", " HTTP/1.1 101 x", "HTTP/1.1 1010 x"]) {
    assertEquals(parseStatusLine(line), "ERR_STATUS_LINE", line);
  }
  assertEquals(parseStatusLine("HTTP/2.0 200 OK"), "ERR_HTTP_VERSION");
});

Deno.test("parseField: name and value without the whitespace around it", () => {
  assertEquals(parseField("Host: example.com"), ["Host", "example.com"]);
  assertEquals(parseField("Host:example.com \t"), ["Host", "example.com"]);
  assertEquals(parseField("X:"), ["X", ""]);
  assertEquals(parseField("X: a : b  c"), ["X", "a : b  c"]);
  assertEquals(parseField("X:\t\u00a0\u00ff"), ["X", "\u00a0\u00ff"]);
});

Deno.test("parseField: what is no field", () => {
  for (const line of [" X: a", "\tX: a", " "]) assertEquals(parseField(line), "ERR_FIELD_FOLDED");
  for (const line of ["X : a", "X\t: a", ": a", "X", "X Y: a", "(X): a", "\u00e9: a", "Xa"]) {
    assertEquals(parseField(line), "ERR_FIELD_NAME", line);
  }
});
