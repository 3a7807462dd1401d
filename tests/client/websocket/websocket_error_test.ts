import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  errorOf,
  readCloseInfo,
  WebSocketError,
} from "../../../lib/client/websocket/websocket_error.ts";

Deno.test("WebSocketError: without arguments it says nothing", () => {
  const error = new WebSocketError();
  const { name, code, message, closeCode, reason } = error;
  assertEquals({ name, code, message, closeCode, reason }, {
    name: "WebSocketError",
    code: 0,
    message: "",
    closeCode: null,
    reason: "",
  });
  assert(error instanceof DOMException);
  assert(error instanceof Error);
});

const CLOSINGS: readonly [init: { closeCode?: number; reason?: string }, ...unknown[]][] = [
  [{}, null, ""],
  [{ closeCode: 1000 }, 1000, ""],
  [{ closeCode: 3333 }, 3333, ""],
  [{ closeCode: 4999, reason: "why" }, 4999, "why"],
  [{ reason: "why" }, 1000, "why"],
  [{ reason: "" }, null, ""],
  [{ reason: "\ud800" }, 1000, "\ufffd"],
];

for (const [init, closeCode, reason] of CLOSINGS) {
  Deno.test(`WebSocketError: ${JSON.stringify(init)} gives code and reason`, () => {
    const error = new WebSocketError("message", init);
    assertEquals([error.message, error.closeCode, error.reason], ["message", closeCode, reason]);
  });
}

for (const closeCode of [0, 999, 1001, 1006, 2999, 5000]) {
  Deno.test(`WebSocketError: the code ${closeCode} is an InvalidAccessError`, () => {
    const error = assertThrows(() => new WebSocketError("", { closeCode }), DOMException);
    assertEquals(error.name, "InvalidAccessError");
  });
}

Deno.test("WebSocketError: a reason of more than 123 bytes is a SyntaxError", () => {
  for (const reason of ["x".repeat(124), "🔌".repeat(31)]) {
    const error = assertThrows(() => new WebSocketError("", { reason }), DOMException);
    assertEquals(error.name, "SyntaxError");
  }
});

Deno.test("WebSocketError: one from elsewhere can have any code, and a cause", () => {
  const cause = new Error("below");
  const error = errorOf("message", { closeCode: 1006, reason: "why", cause });
  assertEquals([error.closeCode, error.reason, error.message], [1006, "why", "message"]);
  assertStrictEquals(error.cause, cause);
  assertEquals("cause" in errorOf("", { closeCode: null, reason: "", cause: undefined }), false);
});

Deno.test("WebSocketError: its members can be enumerated and not be set", () => {
  const error = new WebSocketError("", { closeCode: 4000 });
  assertEquals(Reflect.set(error, "closeCode", 4001), false);
  assertEquals(Object.keys(WebSocketError.prototype).sort(), ["closeCode", "reason"]);
  assertEquals(Object.prototype.toString.call(error), "[object WebSocketError]");
});

Deno.test("WebSocketError: code and reason come from an object, or from nothing", () => {
  assertEquals(readCloseInfo(undefined), { code: undefined, reason: "" });
  assertEquals(readCloseInfo(null), { code: undefined, reason: "" });
  assertEquals(readCloseInfo({ closeCode: "3000", reason: 5 }), { code: 3000, reason: "5" });
  for (const info of [true, 1, "a"]) assertThrows(() => readCloseInfo(info), TypeError);
  for (const closeCode of [-1, 65_536, NaN]) {
    assertThrows(() => readCloseInfo({ closeCode }), TypeError);
  }
});
