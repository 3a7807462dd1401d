import { assertEquals } from "@std/assert";
import type { HeadFailureCode } from "../../../lib/protocol/handshake/errors.ts";
import type { HttpVersion, RequestHead } from "../../../lib/protocol/handshake/head.ts";
import { requestHeadFrom } from "../../../lib/protocol/handshake/head.ts";
import { checkRequestHead, requestUrl } from "../../../lib/protocol/handshake/request_check.ts";

/** A request for `target` with `fields`. */
function head(
  target: string,
  fields: [string, string][],
  httpVersion: HttpVersion = "1.1",
): RequestHead {
  return { ...requestHeadFrom("GET", target, fields), httpVersion };
}

/** The code that `fields` of a request fail with. */
function code(fields: [string, string][], version?: HttpVersion): HeadFailureCode | undefined {
  return checkRequestHead(head("/", fields, version))?.code;
}

/** The code that `Host: value` fails with. */
function hostCode(value: string): HeadFailureCode | undefined {
  return code([["Host", value]]);
}

Deno.test("checkRequestHead: a failure has a status, a code and a message", () => {
  assertEquals(checkRequestHead(head("/", [])), {
    code: "ERR_HOST",
    status: 400,
    message: "there must be one Host field, with a host and perhaps a port (RFC 9112 §3.2)",
  });
});

Deno.test("checkRequestHead: hosts that are valid", () => {
  const hosts = ["example.com", "EXAMPLE.com:8080", "example.com:", "127.0.0.1", "[::1]:8080"];
  for (const host of [...hosts, "a_b", "xn--bcher-kva.example", "localhost:65535"]) {
    assertEquals(hostCode(host), undefined, host);
  }
});

Deno.test("checkRequestHead: hosts that are not", () => {
  const hosts = ["", ":80", "a b", "a/b", "a?b", "a#b", "a\\b", "user@a", "a:b", "a:65536", "a:-1"];
  for (const host of [...hosts, "::1", "[::1", "[::g]", "a, a", "b\u00fccher", "%00", "a:80:80"]) {
    assertEquals(hostCode(host), "ERR_HOST", host);
  }
});

Deno.test("checkRequestHead: one Host exactly with HTTP/1.1, at most one with HTTP/1.0", () => {
  const host: [string, string] = ["Host", "a"];
  assertEquals(code([]), "ERR_HOST");
  assertEquals(code([host, host]), "ERR_HOST");
  assertEquals(code([], "1.0"), undefined);
  assertEquals(code([host], "1.0"), undefined);
  assertEquals(code([host, host], "1.0"), "ERR_HOST");
  assertEquals(code([["Host", "a b"]], "1.0"), "ERR_HOST");
});

Deno.test("checkRequestHead: lengths", () => {
  const host: [string, string] = ["Host", "a"];
  const length = (...values: string[]) =>
    code([host, ...values.map((value): [string, string] => ["Content-Length", value])]);
  for (const value of ["0", "5", "007", "9007199254740991"]) {
    assertEquals(length(value), undefined, value);
  }
  for (const value of ["", "-1", "+1", "1.5", "0x10", "5, 5", "1e3", "9007199254740992", "५"]) {
    assertEquals(length(value), "ERR_CONTENT_LENGTH", value);
  }
  assertEquals(length("5", "6"), "ERR_CONTENT_LENGTH");
  assertEquals(length("5", "5"), "ERR_CONTENT_LENGTH");
});

Deno.test("checkRequestHead: transfer codings", () => {
  const host: [string, string] = ["Host", "a"];
  const coding = (value: string, version?: HttpVersion) =>
    code([host, ["Transfer-Encoding", value]], version);
  assertEquals(coding("chunked"), undefined);
  assertEquals(coding("Chunked"), undefined);
  for (
    const value of ["", "identity", "gzip, chunked", "chunked, chunked", "xchunked", ",chunked"]
  ) {
    assertEquals(coding(value), "ERR_TRANSFER_ENCODING", value);
  }
  assertEquals(coding("chunked", "1.0"), "ERR_TRANSFER_ENCODING");
  assertEquals(
    code([host, ["Transfer-Encoding", "chunked"], ["Content-Length", "5"]]),
    "ERR_CONTENT_LENGTH",
  );
});

Deno.test("checkRequestHead: targets", () => {
  const target = (value: string, method = "GET") =>
    checkRequestHead(requestHeadFrom(method, value, [["Host", "a"]]))?.code;
  const good = [
    "/",
    "/..",
    "/%00",
    "//host/x",
    "/\\host",
    "http://b",
    "HTTPS://b:1/c?d",
    "http://b?c",
  ];
  for (const value of good) assertEquals(target(value), undefined, value);
  const bad = ["*", "a", "b:443", "ws://b/", "http:b", "http:///b", "http://u@b/", "http://u:p@b/"];
  for (
    const value of [...bad, "http://", "http://[b]/", "http://b:65536/", "http://\\b", "?a", ""]
  ) {
    assertEquals(target(value), "ERR_TARGET", value);
  }
  assertEquals(target("*", "OPTIONS"), undefined);
  assertEquals(target("a:443", "CONNECT"), "ERR_TARGET");
});

Deno.test("requestUrl: a path stays on our host", () => {
  const url = (target: string, secure = false) =>
    requestUrl(head(target, [["Host", "example.com:8080"]]), secure)?.href;
  assertEquals(url("/chat?room=1"), "http://example.com:8080/chat?room=1");
  assertEquals(url("/chat", true), "https://example.com:8080/chat");
  assertEquals(url("//evil.example/x"), "http://example.com:8080//evil.example/x");
  assertEquals(url("/\\evil.example"), "http://example.com:8080//evil.example");
  assertEquals(url("/a/../../../b"), "http://example.com:8080/b");
  assertEquals(url("/%2e%2e/%00"), "http://example.com:8080/%00");
  assertEquals(url("/@evil.example"), "http://example.com:8080/@evil.example");
});

Deno.test("requestUrl: the host of an absolute target takes precedence, our scheme stays", () => {
  const url = (target: string, secure: boolean) =>
    requestUrl(head(target, [["Host", "example.com"]]), secure)?.href;
  assertEquals(url("http://other.example/a?b", false), "http://other.example/a?b");
  assertEquals(url("http://other.example/a", true), "https://other.example/a");
  assertEquals(url("https://other.example", false), "http://other.example/");
});

Deno.test("requestUrl: without a usable host or target there is none", () => {
  assertEquals(requestUrl(head("/", [["Host", "a/b"]]), false), undefined);
  assertEquals(requestUrl(head("/", [["Host", "a"], ["Host", "b"]]), false), undefined);
  assertEquals(requestUrl(head("*", [["Host", "a"]]), false), undefined);
  assertEquals(requestUrl(head("/x", [], "1.0"), false)?.href, "http://localhost/x");
});
