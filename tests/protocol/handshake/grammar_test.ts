import { assertEquals, assertLess } from "@std/assert";
import {
  asciiLowerCase,
  isFieldValue,
  isToken,
  listContains,
  splitList,
  trimWhitespace,
} from "../../../lib/protocol/handshake/grammar.ts";

Deno.test("grammar: a token is one or more visible characters that delimit nothing", () => {
  const tokens = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter(
    isToken,
  );
  assertEquals(
    tokens.join(""),
    "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~",
  );
  for (const text of ["", "a b", "a\n", "\na", "a:", "é", "\u212a"]) {
    assertEquals(isToken(text), false, JSON.stringify(text));
  }
  assertEquals(isToken("permessage-deflate"), true);
});

Deno.test("grammar: a field value has tabs, spaces, visible characters and Latin-1", () => {
  const valid = Array.from({ length: 300 }, (_, code) => code)
    .filter((code) => isFieldValue(String.fromCharCode(code)));
  const expected = [0x09];
  for (let code = 0x20; code <= 0x7e; code++) expected.push(code);
  for (let code = 0x80; code <= 0xff; code++) expected.push(code);
  assertEquals(valid, expected);
  assertEquals(isFieldValue(""), true);
  assertEquals(isFieldValue("a\r\nb"), false);
  assertEquals(isFieldValue("a\n"), false);
});

Deno.test("grammar: lower case is that of ASCII", () => {
  assertEquals(asciiLowerCase("WebSocKet-É\u212a"), "websocket-É\u212a");
});

Deno.test("grammar: only spaces and tabs are trimmed", () => {
  assertEquals(trimWhitespace(" \t a b\t "), "a b");
  assertEquals(trimWhitespace("\u00a0a\u00a0"), "\u00a0a\u00a0");
  assertEquals(trimWhitespace(" \t "), "");
  assertEquals(trimWhitespace(""), "");
});

Deno.test("grammar: empty elements of a list are left out", () => {
  assertEquals(splitList("a, b ,\t,,c"), ["a", "b", "c"]);
  assertEquals(splitList(" , ,"), []);
  assertEquals(splitList(""), []);
});

Deno.test("grammar: a list contains a name in any case, and whole", () => {
  assertEquals(listContains("keep-alive, Upgrade", "upgrade"), true);
  assertEquals(listContains("UPGRADE", "upgrade"), true);
  assertEquals(listContains("no-upgrade, upgraded", "upgrade"), false);
  assertEquals(listContains("websoc\u212aet", "websocket"), false);
  assertEquals(listContains("", "upgrade"), false);
  assertEquals(listContains(undefined, "upgrade"), false);
});

Deno.test("grammar: hostile values take linear time", () => {
  const start = performance.now();
  assertEquals(trimWhitespace(" ".repeat(1_000_000) + "x" + " ".repeat(1_000_000)), "x");
  assertEquals(trimWhitespace(" x".repeat(500_000)).length, 999_999);
  assertEquals(splitList(",".repeat(1_000_000)), []);
  assertEquals(isToken("a".repeat(1_000_000) + " "), false);
  assertLess(performance.now() - start, 5_000);
});
