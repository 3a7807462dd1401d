import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  readBag,
  readStreamArguments,
  readWebSocketArguments,
} from "../../../lib/client/websocket/options.ts";

const MEBIBYTE = 1024 * 1024;

/** What `new WebSocket(url, second, third)` offers. */
const PROTOCOLS: readonly [what: string, second: unknown, third: unknown, expected: string[]][] = [
  ["nothing", undefined, undefined, []],
  ["null", null, undefined, []],
  ["a string", "a", undefined, ["a"]],
  ["an empty string", "", undefined, [""]],
  ["a number", 5, undefined, ["5"]],
  ["a list", ["a", "b"], undefined, ["a", "b"]],
  ["a list of numbers", [1, 2], undefined, ["1", "2"]],
  ["an empty list", [], undefined, []],
  ["a set", new Set(["a", "b"]), undefined, ["a", "b"]],
  ["empty options", {}, undefined, []],
  ["options with a string", { protocols: "a" }, undefined, ["a"]],
  ["options with a list", { protocols: ["a", "b"] }, undefined, ["a", "b"]],
  ["options with an empty list", { protocols: [] }, undefined, []],
  ["nothing and then options", undefined, { protocols: ["a"] }, ["a"]],
  ["null and then options", null, {}, []],
  ["a string and then options", "a", {}, ["a"]],
  ["a list and then options", ["a", "b"], { timeout: 1 }, ["a", "b"]],
];

for (const [what, second, third, expected] of PROTOCOLS) {
  Deno.test(`WebSocket options: ${what} offers ${JSON.stringify(expected)}`, () => {
    assertEquals(readWebSocketArguments(second, third).protocols, expected);
  });
}

Deno.test("WebSocket options: those of connect are passed on, wherever they stand", () => {
  const { signal } = new AbortController();
  const given = { timeout: 5, signal, headers: { a: "b" }, compression: false } as const;
  const expected = {
    ...given,
    maxMessageBytes: 64 * MEBIBYTE,
    maxFragments: 65_536,
    sendLimit: 256 * MEBIBYTE,
  };
  assertEquals(readWebSocketArguments({ ...given, protocols: "a" }, undefined).options, expected);
  assertEquals(readWebSocketArguments(["a"], given).options, expected);
});

Deno.test("WebSocket options: the wide defaults give way", () => {
  const given = { maxMessageBytes: 10, maxFragments: 2, sendLimit: 30, sendHighWaterMark: 20 };
  assertEquals(readWebSocketArguments(given, undefined).options, given);
  const { sendLimit } =
    readWebSocketArguments({ sendHighWaterMark: 300 * MEBIBYTE }, undefined).options;
  assertEquals(sendLimit, 300 * MEBIBYTE);
  const unset = { maxMessageBytes: undefined, maxFragments: undefined, sendLimit: undefined };
  const { maxMessageBytes } = readWebSocketArguments(unset, undefined).options;
  assertEquals(maxMessageBytes, 64 * MEBIBYTE);
});

const WRONG: readonly [what: string, second: unknown, third: unknown, message: string][] = [
  ["options twice", {}, {}, "given twice"],
  ["protocols twice", ["a"], { protocols: ["a"] }, "protocols were given twice"],
  ["a third argument that is no object", "a", 5, "must be an object, got number"],
  ["protocols that are no list", { protocols: {} }, undefined, "a string or a list"],
  ["a symbol", Symbol("a"), undefined, "symbol"],
  ["the runtime's HTTP client", { client: {} }, undefined, "client is not known; take headers"],
  ["handlers", { handlers: {} }, undefined, "handlers is not known; take event listeners"],
  ["streaming", { streaming: true }, undefined, "streaming is not known; take connect"],
  ["subprotocols", [], { subprotocols: [] }, "subprotocols is not known; it is called protocols"],
];

for (const [what, second, third, message] of WRONG) {
  Deno.test(`WebSocket options: ${what} is a TypeError`, () => {
    const error = assertThrows(() => readWebSocketArguments(second, third), TypeError);
    assertStringIncludes(error.message.toLowerCase(), message.toLowerCase());
  });
}

Deno.test("WebSocketStream options: protocols are a list", () => {
  assertEquals(readStreamArguments(undefined).protocols, []);
  assertEquals(readStreamArguments({ protocols: new Set(["a", "b"]) }).protocols, ["a", "b"]);
  assertThrows(() => readStreamArguments({ protocols: "a" }), TypeError, "a list of strings");
  assertThrows(() => readStreamArguments({ protocols: {} }), TypeError, "a list of strings");
});

Deno.test("WebSocketStream options: those of connect are passed on", () => {
  assertEquals(readStreamArguments({ protocols: [], timeout: 5 }).options, {
    timeout: 5,
    maxMessageBytes: 64 * MEBIBYTE,
    maxFragments: 65_536,
  });
  assertThrows(() => readStreamArguments({ handlers: {} }), TypeError, "handlers is not known");
});

for (const value of [true, 1, "a", Symbol("a"), 1n]) {
  Deno.test(`WebSocket options: a ${typeof value} is no dictionary`, () => {
    assertThrows(() => readBag(value), TypeError, `must be an object, got ${typeof value}`);
  });
}

Deno.test("WebSocket options: nothing is an empty dictionary", () => {
  assertEquals(readBag(undefined), {});
  assertEquals(readBag(null), {});
});
