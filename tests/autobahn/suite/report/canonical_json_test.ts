import { assertEquals } from "@std/assert";
import { canonicalJson } from "../../../../autobahn/suite/report/canonical_json.ts";

Deno.test("canonical JSON: keys are sorted as strings, three spaces deep", () => {
  const value = { "9.1.1": { b: true, a: [1, "x"] }, "10.1.1": null };
  assertEquals(
    canonicalJson(value),
    `{
   "10.1.1": null,
   "9.1.1": {
      "a": [
         1,
         "x"
      ],
      "b": true
   }
}`,
  );
});

Deno.test("canonical JSON: keys that are whole numbers are sorted as numbers", () => {
  assertEquals(canonicalJson({ "100": 1, "20": 2, "3": 3 }).match(/\d+(?=":)/g), [
    "3",
    "20",
    "100",
  ]);
  assertEquals(canonicalJson({ "100": 1, "20": 2, "x": 3 }).match(/\w+(?=":)/g), [
    "100",
    "20",
    "x",
  ]);
});

Deno.test("canonical JSON: what is empty stands on one line", () => {
  assertEquals(canonicalJson({}), "{}");
  assertEquals(canonicalJson({ a: [], b: new Map() }), '{\n   "a": [],\n   "b": {}\n}');
});

Deno.test("canonical JSON: everything beyond ASCII is escaped, lone surrogates too", () => {
  assertEquals(
    canonicalJson("κ🌊\ud800\u2028\x1b\n"),
    '"\\u03ba\\ud83c\\udf0a\\ud800\\u2028\\u001b\\n"',
  );
  assertEquals(JSON.parse(canonicalJson("κ🌊")), "κ🌊");
});

Deno.test("canonical JSON: undefined members are left out", () => {
  assertEquals(canonicalJson({ a: undefined, b: 1 }), '{\n   "b": 1\n}');
});

Deno.test("canonical JSON: a map keeps a key that is called __proto__", () => {
  assertEquals(canonicalJson(new Map([["__proto__", 1]])), '{\n   "__proto__": 1\n}');
});
