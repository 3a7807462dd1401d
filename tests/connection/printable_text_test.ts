import { assertEquals } from "@std/assert";
import { printableText } from "../../lib/connection/printable_text.ts";

Deno.test("printable: text that is safe stays as it is", () => {
  for (const text of ["", "hello", "tide 潮 über", "a\tb", "\\n", "👩\u200d💻", "می\u200cخواهم"]) {
    assertEquals(printableText(text), text);
  }
});

Deno.test("printable: what a terminal would obey becomes an escape", () => {
  const rows: [text: string, shown: string][] = [
    ["a\nb\r\nc", "a\\nb\\r\\nc"],
    ["\x1b[2J\x1b]0;title\x07", "\\u001b[2J\\u001b]0;title\\u0007"],
    ["\0\b\v\f\x7f", "\\u0000\\u0008\\u000b\\u000c\\u007f"],
    ["\x80\x85\x9b31m\x9f", "\\u0080\\u0085\\u009b31m\\u009f"],
    ["\u2028\u2029", "\\u2028\\u2029"],
    [
      "\u061c\u200e\u200f\u202a\u202e\u2066\u2069",
      "\\u061c\\u200e\\u200f\\u202a\\u202e\\u2066\\u2069",
    ],
    ["\u200b\u2060\u206f\ufeff", "\\u200b\\u2060\\u206f\\ufeff"],
    ["a\ud800b\udc00", "a\ufffdb\ufffd"],
  ];
  for (const [text, shown] of rows) assertEquals(printableText(text), shown);
});

Deno.test("printable: no C0 or C1 control but the tab is left", () => {
  for (let code = 0; code < 0xa0; code++) {
    const shown = printableText(String.fromCharCode(code));
    const isControl = code < 0x20 || code >= 0x7f;
    assertEquals(shown.length > 1, isControl && code !== 9, `U+${code.toString(16)}`);
  }
});
