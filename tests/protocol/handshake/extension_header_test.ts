import { assertEquals, assertLess, assertThrows } from "@std/assert";
import {
  type ExtensionOffer,
  formatExtensions,
  parseExtensions,
} from "../../../lib/protocol/handshake/extension_header.ts";

Deno.test("parseExtensions: the examples of RFC 6455 §9.1", () => {
  assertEquals(parseExtensions("foo"), [{ name: "foo", parameters: [] }]);
  assertEquals(parseExtensions("bar; baz=2"), [{ name: "bar", parameters: [["baz", "2"]] }]);
  assertEquals(parseExtensions("mux; max-channels=4; flow-control, deflate-stream"), [
    { name: "mux", parameters: [["max-channels", "4"], ["flow-control", true]] },
    { name: "deflate-stream", parameters: [] },
  ]);
});

Deno.test("parseExtensions: permessage-deflate as browsers offer it", () => {
  assertEquals(parseExtensions("permessage-deflate; client_max_window_bits"), [
    { name: "permessage-deflate", parameters: [["client_max_window_bits", true]] },
  ]);
  assertEquals(
    parseExtensions('permessage-deflate;server_max_window_bits="10",permessage-deflate'),
    [
      { name: "permessage-deflate", parameters: [["server_max_window_bits", "10"]] },
      { name: "permessage-deflate", parameters: [] },
    ],
  );
});

Deno.test("parseExtensions: a quoted value is a token once it is unescaped", () => {
  const value = (text: string) => parseExtensions(`a; b=${text}`)?.[0]?.parameters[0]?.[1];
  assertEquals(value('"token"'), "token");
  assertEquals(value('"to\\ken"'), "token");
  assertEquals(value('"\\t\\o"'), "to");
  for (const text of ['""', '"a b"', '"a,b"', '"a;b"', '"\\""', '"\\\\"', '"', '"a', '"a\\"']) {
    assertEquals(value(text), undefined, text);
  }
  assertEquals(parseExtensions('a; b="\\'), undefined);
});

Deno.test("parseExtensions: a comma within quotes separates nothing", () => {
  assertEquals(parseExtensions('a; b="c, d", e'), undefined);
});

Deno.test("parseExtensions: order and duplicates are kept", () => {
  assertEquals(parseExtensions("a; x; x=1; x=2, b, a"), [
    { name: "a", parameters: [["x", true], ["x", "1"], ["x", "2"]] },
    { name: "b", parameters: [] },
    { name: "a", parameters: [] },
  ]);
});

Deno.test("parseExtensions: whitespace and empty elements", () => {
  const expected: ExtensionOffer[] = [
    { name: "a", parameters: [["b", "c"]] },
    { name: "d", parameters: [] },
  ];
  assertEquals(parseExtensions("a;b=c,d"), expected);
  assertEquals(parseExtensions('\t a ; b = "c" , ,, d ,'), expected);
});

Deno.test("parseExtensions: what is malformed", () => {
  const wrong = ["", " ", ",", ", ,", ";", "a;", "a; ", "a;;b", "a; =b", "a; b=", "a; b=,c"];
  for (
    const value of [...wrong, "a b", "a=b", "a; b c", "a; b=c d", 'a; "b"', '"a"', "a/b", "\u00e9"]
  ) {
    assertEquals(parseExtensions(value), undefined, value);
  }
  assertEquals(parseExtensions('a; b="c"d'), undefined);
});

Deno.test("parseExtensions: names of Object.prototype are names like others", () => {
  assertEquals(parseExtensions("__proto__; constructor=toString; __proto__"), [
    { name: "__proto__", parameters: [["constructor", "toString"], ["__proto__", true]] },
  ]);
});

Deno.test("parseExtensions: hostile lists take linear time", () => {
  const hostile = [
    ",".repeat(1_000_000),
    "a,".repeat(200_000),
    `a${";b".repeat(200_000)}`,
    `a;b="${"c".repeat(1_000_000)}`,
    `a;b="${"\\".repeat(1_000_000)}`,
    `a${" ".repeat(1_000_000)}b`,
  ];
  const start = performance.now();
  assertEquals(hostile.map((value) => parseExtensions(value)?.length), [
    undefined,
    200_000,
    1,
    undefined,
    undefined,
    undefined,
  ]);
  assertLess(performance.now() - start, 5_000);
});

Deno.test("formatExtensions: writes what parseExtensions reads", () => {
  const value = "permessage-deflate; client_max_window_bits; server_max_window_bits=10, x";
  assertEquals(formatExtensions(parseExtensions(value) ?? []), value);
  assertEquals(formatExtensions([]), "");
});

Deno.test("formatExtensions: throws on what is no token", () => {
  const wrong: ExtensionOffer[] = [
    { name: "a\r\nb", parameters: [] },
    { name: "", parameters: [] },
    { name: "a", parameters: [["b c", true]] },
    { name: "a", parameters: [["b", '"c"']] },
    { name: "a", parameters: [["b", "c\0"]] },
  ];
  for (const offer of wrong) {
    assertThrows(() => formatExtensions([offer]), TypeError, "must be tokens");
  }
});
