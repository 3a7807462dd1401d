import { assertEquals, assertThrows } from "@std/assert";
import { InvalidArgumentError } from "commander";
import {
  collectCookies,
  parseBackoff,
  parseBasicAuth,
  parseCloseCode,
  parseCloseReason,
  parseCount,
  parseDelimiter,
  parseListenAddress,
  parsePingInterval,
  parseRedirects,
} from "../../../lib/cli/client/flag_values.ts";

/** Asserts that `parse` refuses each value with a message that includes `message`. */
function assertRefused(
  parse: (value: string) => unknown,
  { values, message }: { values: readonly string[]; message: string },
): void {
  for (const value of values) {
    assertThrows(() => parse(value), InvalidArgumentError, message, JSON.stringify(value));
  }
}

Deno.test("flag values: a count is at least 1", () => {
  assertEquals(["1", "007", "1000000"].map(parseCount), [1, 7, 1_000_000]);
  assertRefused(parseCount, {
    values: ["", "0", "-1", "1.5", "1e3", "x", "99999999999999999"],
    message: "It must be a whole number, at least 1.",
  });
});

Deno.test("flag values: a delimiter is text with escapes", () => {
  const rows: [value: string, hex: string][] = [
    ["", ""],
    [";", "3b"],
    ["\\n", "0a"],
    ["\\r\\n", "0d0a"],
    ["\\0\\t\\\\", "00095c"],
    ["\\x1e\\xFF", "1eff"],
    ["—", "e28094"],
    ["a\\\\n", "615c6e"],
  ];
  for (const [value, hex] of rows) assertEquals(parseDelimiter(value).toHex(), hex, value);
  assertRefused(parseDelimiter, {
    values: ["\\", "\\q", "\\x1", "a\\u0041"],
    message: "no meaning",
  });
});

Deno.test("flag values: cookies add up", () => {
  assertEquals(collectCookies("b=x=y z", collectCookies("a=")), ["a=", "b=x=y z"]);
  assertRefused(collectCookies, {
    values: ["", "a", "=1", "a b=1", "a=1; b=2", "a=\n", "a=é"],
    message: `It must be a name and a value, such as "id=1"`,
  });
});

Deno.test("flag values: credentials become the value of Authorization", () => {
  assertEquals(parseBasicAuth("Aladdin:open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  assertEquals(parseBasicAuth(":"), "Basic Og==");
  assertRefused(parseBasicAuth, { values: ["", "ann", "ann:\n"], message: "such as ann:secret" });
});

Deno.test("flag values: close codes and reasons that may be sent", () => {
  assertEquals(["1000", "1014", "3000", "4999"].map(parseCloseCode), [1000, 1014, 3000, 4999]);
  assertRefused(parseCloseCode, {
    values: ["", "999", "1004", "1005", "1006", "1015", "2999", "5000", "1000.0", "x"],
    message: "It must be 1000 to 1003, 1007 to 1014, or 3000 to 4999.",
  });
  assertEquals(parseCloseReason("é".repeat(61)), "é".repeat(61));
  assertEquals(parseCloseReason("✓".repeat(41)), "✓".repeat(41));
  assertRefused(parseCloseReason, {
    values: ["é".repeat(62), "✓".repeat(42), "𝄞".repeat(31), `${"𝄞".repeat(30)}✓é`],
    message: "123 bytes of UTF-8",
  });
});

Deno.test("flag values: the first and the longest wait", () => {
  assertEquals(parseBackoff("500ms,30s"), { base: 500, cap: 30_000 });
  assertEquals(parseBackoff("1s,1s"), { base: 1000, cap: 1000 });
  assertRefused(parseBackoff, {
    values: ["1s", "1s,", "2s,1s", "1s,2s,3s", "", "1,2"],
    message: "It must be",
  });
});

Deno.test("flag values: how often to ping, or not at all", () => {
  assertEquals(["100ms", "2s", "off"].map(parsePingInterval), [100, 2000, false]);
  assertRefused(parsePingInterval, {
    values: ["0", "0ms", "0s", "0.0s", "00 m"],
    message: "0 is no time between pings; off sends none.",
  });
  assertRefused(parsePingInterval, {
    values: ["", "5", "Off", "-1s"],
    message: "It must be a time",
  });
});

Deno.test("flag values: where to listen", () => {
  assertEquals(parseListenAddress("9000"), { hostname: "127.0.0.1", port: 9000 });
  assertEquals(parseListenAddress("0.0.0.0:0"), { hostname: "0.0.0.0", port: 0 });
  assertEquals(parseListenAddress("[::1]:80"), { hostname: "::1", port: 80 });
  assertRefused(parseListenAddress, {
    values: ["", "x", "localhost:", "70000", "localhost:70000"],
    message: "It must be a whole number from 0",
  });
});

Deno.test("flag values: how many redirects", () => {
  assertEquals(["0", "5", "100"].map(parseRedirects), [0, 5, 100]);
  assertRefused(parseRedirects, {
    values: ["", "-1", "101", "1.5"],
    message: "It must be a whole number from 0 to 100.",
  });
});
