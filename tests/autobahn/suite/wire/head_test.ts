/**
 * Heads of HTTP.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  field,
  fieldCount,
  hasToken,
  headLength,
  latin1Text,
  parseHead,
} from "../../../../autobahn/suite/wire/head.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const HEAD = "GET /a?b=c HTTP/1.1\r\nHost: x:1\r\nX-A:  1 \r\nx-a: 2\r\nnonsense\r\n\r\n";

Deno.test("head: the first line and the fields, repetitions apart", () => {
  assertEquals(parseHead(bytes(HEAD + "rest")), {
    start: "GET /a?b=c HTTP/1.1",
    fields: [["host", "x:1"], ["x-a", "1"], ["x-a", "2"]],
    length: HEAD.length,
  });
});

Deno.test("head: there is none before its empty line", () => {
  for (let cut = 0; cut < HEAD.length; cut++) {
    assertEquals(headLength(bytes(HEAD.slice(0, cut))), undefined, `cut at ${cut}`);
  }
  assertEquals(headLength(bytes(HEAD)), HEAD.length);
  assertEquals(parseHead(bytes("GET / HTTP/1.1\n\n")), undefined);
});

Deno.test("head: fields are joined, counted, and looked up by token", () => {
  const head = parseHead(bytes(HEAD))!;
  assertEquals(field(head, "x-a"), "1, 2");
  assertEquals(field(head, "y"), undefined);
  assertEquals(fieldCount(head, "x-a"), 2);
  assertEquals(hasToken("keep-alive, Upgrade", "upgrade"), true);
  assertEquals(hasToken("upgraded", "upgrade"), false);
  assertEquals(hasToken(undefined, "upgrade"), false);
});

Deno.test("head: every byte is the character of its number", () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const text = latin1Text(all.subarray(1));
  assertEquals(text.length, 255);
  for (let at = 0; at < 255; at++) assertEquals(text.charCodeAt(at), at + 1);
  const head = parseHead(Uint8Array.of(...bytes("GET / HTTP/1.1\r\nX: "), 0x80, 13, 10, 13, 10))!;
  assertEquals(field(head, "x"), "\x80");
});
