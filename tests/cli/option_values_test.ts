import { assertEquals, assertThrows } from "@std/assert";
import { InvalidArgumentError } from "commander";
import {
  collectHeaders,
  collectOrigins,
  collectSubprotocols,
  parseByteSize,
  parseDuration,
  parsePort,
} from "../../lib/cli/option_values.ts";

/** Asserts that `parse` refuses each value with a message that includes `message`. */
function assertRefused(
  parse: (value: string) => unknown,
  { values, message }: { values: readonly string[]; message: string },
): void {
  for (const value of values) {
    assertThrows(() => parse(value), InvalidArgumentError, message, JSON.stringify(value));
  }
}

Deno.test("option values: a port is 0 to 65535", () => {
  assertEquals(["0", "1", "8080", "65535", "00080"].map(parsePort), [0, 1, 8080, 65535, 80]);
  assertRefused(parsePort, {
    values: [
      "",
      " ",
      "-1",
      "65536",
      "99999999",
      "1.5",
      "1e3",
      "0x50",
      "80 ",
      "http",
      "NaN",
      "８０",
    ],
    message: "It must be a whole number from 0 (any free port) to 65535.",
  });
});

Deno.test("option values: a byte size counts by 1024", () => {
  const rows: [value: string, bytes: number][] = [
    ["1000", 1000],
    ["1", 1],
    ["1000B", 1000],
    ["64KiB", 65536],
    ["64kib", 65536],
    ["64KB", 65536],
    ["64K", 65536],
    ["64 KiB", 65536],
    ["64ki", 65536],
    ["16MiB", 16 * 1024 ** 2],
    ["1.5M", 1.5 * 1024 ** 2],
    ["2g", 2 * 1024 ** 3],
    ["0.5KiB", 512],
  ];
  for (const [value, bytes] of rows) assertEquals(parseByteSize(value), bytes, value);
  assertRefused(parseByteSize, {
    values: ["", "0", "0KiB", "-1", "1.5", "KiB", "1TiB", "1e3", "1,000", "9999999999G", "1 2"],
    message: "It must be a number of bytes, such as 1000, 64KiB or 16MiB",
  });
});

Deno.test("option values: a duration has a unit and is given in milliseconds", () => {
  const rows: [value: string, milliseconds: number][] = [
    ["500ms", 500],
    ["1s", 1000],
    ["1.1s", 1100],
    ["0.5s", 500],
    ["2m", 120_000],
    ["1h", 3_600_000],
    ["10 s", 10_000],
    ["2147483647ms", 2_147_483_647],
  ];
  for (const [value, milliseconds] of rows) assertEquals(parseDuration(value), milliseconds, value);
  assertRefused(parseDuration, {
    values: ["", "1", "0s", "0.1ms", "-1s", "1d", "s", "1 second", "1S", "2147483648ms", "600h"],
    message: "It must be a time with its unit, such as 500ms, 1s, 2m or 1h",
  });
});

Deno.test("option values: headers add up, in order", () => {
  const first = collectHeaders("Authorization: Bearer a:b");
  const second = collectHeaders("X-Empty:", first);
  const third = collectHeaders("cookie:id=1; x=2 ", second);
  assertEquals(third, [["Authorization", "Bearer a:b"], ["X-Empty", ""], ["cookie", "id=1; x=2"]]);
  assertEquals(first.length, 1);
});

Deno.test("option values: a header that could not be written is refused", () => {
  assertRefused(collectHeaders, {
    values: ["", "Cookie", ": value", " X: y", "X : y", "X\r\nY: z", "é: x", "a b: c"],
    message: `It must be a name and a value, such as "Cookie: id=1".`,
  });
  assertRefused(collectHeaders, {
    values: ["X: a\r\nY: b", "X: a\0", "X: é", "X: \x7f"],
    message: "The value may hold only printable ASCII characters.",
  });
});

Deno.test("option values: subprotocols are tokens, each once", () => {
  assertEquals(collectSubprotocols("chat.v2, chat.v1", ["mqtt"]), ["mqtt", "chat.v2", "chat.v1"]);
  assertRefused(collectSubprotocols, {
    values: ["", "a,", "a b", "a;b", "ä"],
    message: `It must be a name without spaces, such as "chat.v1".`,
  });
  assertThrows(() => collectSubprotocols("a", ["a"]), InvalidArgumentError, `"a" is given twice.`);
});

Deno.test("option values: origins become a policy", () => {
  assertEquals(collectOrigins("any"), "any");
  assertEquals(collectOrigins("any", "any"), "any");
  assertEquals(collectOrigins("same-origin"), ["same-origin"]);
  const list = ["same-origin", "https://example.org", "https://*.example.net"];
  assertEquals(
    collectOrigins("https://example.org, https://*.example.net", collectOrigins("same-origin")),
    list,
  );
});

Deno.test("option values: an origin that could never match is refused, with what would be right", () => {
  assertThrows(
    () => collectOrigins("https://example.org/"),
    InvalidArgumentError,
    `it must be a scheme, a host and perhaps a port, such as "https://example.org".`,
  );
  assertRefused(collectOrigins, {
    values: ["", "example.org", "*"],
    message: "Cannot use the origin",
  });
  assertRefused((value) => collectOrigins(value, ["https://example.org"]), {
    values: ["any"],
    message: `"any" allows all origins`,
  });
  assertRefused((value) => collectOrigins(value, "any"), {
    values: ["https://example.org"],
    message: `"any" allows all origins`,
  });
});
