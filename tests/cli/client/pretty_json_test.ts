import { assertEquals } from "@std/assert";
import { prettyJson } from "../../../lib/cli/client/pretty_json.ts";

Deno.test("pretty json: the same as JSON.stringify makes of what survives it", () => {
  const values = [
    {},
    [],
    [[]],
    [{}],
    { a: 1 },
    { a: { b: [1, "two", null, true, { c: [] }] }, "d e": "{[,:]}" },
    ['"', "\\", '\\"', "é潮"],
  ];
  for (const value of values) {
    for (const indent of [undefined, 1]) {
      assertEquals(prettyJson(JSON.stringify(value, null, indent)), JSON.stringify(value, null, 2));
    }
  }
});

Deno.test("pretty json: every token stays as it was written", () => {
  const text = `{"n":12345678901234567890,"n":1.0e+2,"s":"\\u0041\\/"}`;
  assertEquals(
    prettyJson(text),
    `{\n  "n": 12345678901234567890,\n  "n": 1.0e+2,\n  "s": "\\u0041\\/"\n}`,
  );
});

Deno.test("pretty json: nothing in it controls a terminal", () => {
  assertEquals(prettyJson(`["\x7f\u202e"]`), `[\n  "\\u007f\\u202e"\n]`);
});

Deno.test("pretty json: what is neither object nor array, or too deep, is left alone", () => {
  for (
    const text of ["", "text", "5", `"s"`, "{", "[1,]", "{a:1}", "[".repeat(65) + "]".repeat(65)]
  ) {
    assertEquals(prettyJson(text), undefined, text);
  }
  assertEquals(typeof prettyJson("[".repeat(64) + "]".repeat(64)), "string");
});
