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
