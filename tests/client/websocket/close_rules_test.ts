import { assertEquals, assertThrows } from "@std/assert";
import {
  checkClose,
  clampedCode,
  enforcedCode,
} from "../../../lib/client/websocket/close_rules.ts";

const CLAMPED: readonly [value: unknown, code: number][] = [
  [1000, 1000],
  ["1000", 1000],
  [999.4, 999],
  [999.5, 1000],
  [1000.5, 1000],
  [2999.5, 3000],
  [4999.6, 5000],
  [-0.5, 0],
  [-1, 0],
  [65_535.5, 65_535],
  [66_536, 65_535],
  [Infinity, 65_535],
  [-Infinity, 0],
  [NaN, 0],
  [null, 0],
  ["bye", 0],
  [{}, 0],
];

for (const [value, code] of CLAMPED) {
  const shown = typeof value === "string" ? `"${value}"` : String(value);
  Deno.test(`close rules: clamped, ${shown} is ${code}`, () => {
    assertEquals(clampedCode(value), code);
  });
}

const ENFORCED: readonly [value: unknown, code: number][] = [
  [1000, 1000],
  ["4000", 4000],
  [1000.9, 1000],
  [-0.9, 0],
  [65_535.9, 65_535],
  [null, 0],
];

for (const [value, code] of ENFORCED) {
  Deno.test(`close rules: enforced, ${value} is ${code}`, () => {
    assertEquals(enforcedCode(value), code);
  });
}

for (const value of [-1, 65_536, NaN, Infinity, "bye", {}]) {
  Deno.test(`close rules: enforced, ${value} is a TypeError`, () => {
    assertThrows(() => enforcedCode(value), TypeError, "a number from 0 to 65535");
  });
}

Deno.test("close rules: a symbol and a bigint are no codes", () => {
  for (const value of [Symbol("1000"), 1000n]) {
    assertThrows(() => clampedCode(value), TypeError);
    assertThrows(() => enforcedCode(value), TypeError);
  }
});

for (const code of [undefined, 1000, 3000, 4999]) {
  Deno.test(`close rules: a program may close with the code ${code}`, () => {
    checkClose({ code, reason: "" });
  });
}

for (const code of [0, 999, 1001, 1005, 1011, 2999, 5000, 65_535]) {
  Deno.test(`close rules: the code ${code} is an InvalidAccessError`, () => {
    const error = assertThrows(() => checkClose({ code, reason: "" }), DOMException, `${code}`);
    assertEquals(error.name, "InvalidAccessError");
  });
}

Deno.test("close rules: a reason has 123 bytes of UTF-8 at most", () => {
  for (const reason of ["x".repeat(123), "é".repeat(61), "🔌".repeat(30)]) {
    checkClose({ code: 1000, reason });
  }
  for (const reason of ["x".repeat(124), "é".repeat(62), "🔌".repeat(31)]) {
    const error = assertThrows(() => checkClose({ code: undefined, reason }), DOMException, "124");
    assertEquals(error.name, "SyntaxError");
  }
});

Deno.test("close rules: a wrong code is told before a wrong reason", () => {
  const closing = { code: 1001, reason: "x".repeat(124) };
  assertEquals(assertThrows(() => checkClose(closing), DOMException).name, "InvalidAccessError");
});
