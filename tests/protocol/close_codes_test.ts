/**
 * Close codes and the body of a close frame (RFC 6455 §5.5.1, §7.4).
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  CloseCode,
  encodeClose,
  isCloseCode,
  MAX_REASON_BYTES,
} from "../../lib/protocol/close_codes.ts";
import { hex, unhex } from "../support/hex.ts";

/** The ranges of RFC 6455 §7.4.2 and of the registry that a close frame may bear. */
const ALLOWED: readonly (readonly [from: number, to: number])[] = [
  [1000, 1003],
  [1007, 1014],
  [3000, 4999],
];

Deno.test("isCloseCode: of all 16-bit codes, those that may be sent (RFC 6455 §7.4)", () => {
  for (let code = 0; code <= 0xffff; code++) {
    const allowed = ALLOWED.some(([from, to]) => code >= from && code <= to);
    assertEquals(isCloseCode(code), allowed, `${code}`);
  }
});

Deno.test("CloseCode: the values are those of RFC 6455 §7.4.1 and of the IANA registry", () => {
  assertEquals({ ...CloseCode }, {
    NORMAL: 1000,
    GOING_AWAY: 1001,
    PROTOCOL_ERROR: 1002,
    UNSUPPORTED_DATA: 1003,
    NO_STATUS: 1005,
    ABNORMAL: 1006,
    INVALID_DATA: 1007,
    POLICY_VIOLATION: 1008,
    TOO_LARGE: 1009,
    EXTENSION_MISSING: 1010,
    INTERNAL_ERROR: 1011,
    SERVICE_RESTART: 1012,
    TRY_AGAIN_LATER: 1013,
    BAD_GATEWAY: 1014,
  });
});

Deno.test("CloseCode: what is named may be sent, but for 1005 and 1006 (RFC 6455 §7.4.1)", () => {
  const unsendable = Object.values(CloseCode).filter((code) => !isCloseCode(code));
  assertEquals(unsendable, [CloseCode.NO_STATUS, CloseCode.ABNORMAL]);
  assertEquals(unsendable, [1005, 1006]);
});

Deno.test("encodeClose: no code makes an empty body (RFC 6455 §5.5.1)", () => {
  assertEquals(encodeClose(undefined, ""), new Uint8Array(0));
});

Deno.test("encodeClose: the code in network byte order, then the reason (RFC 6455 §5.5.1)", () => {
  assertEquals(hex(encodeClose(1000, "")), "03e8");
  assertEquals(hex(encodeClose(4999, "")), "1387");
  assertEquals(hex(encodeClose(1001, "bye")), "03e9627965");
  assertEquals(encodeClose(1002, "é €"), unhex("03ea c3a9 20 e282ac"));
});

Deno.test("encodeClose: lone surrogates become U+FFFD", () => {
  assertEquals(encodeClose(3000, "\ud800a\udc00"), unhex("0bb8 efbfbd 61 efbfbd"));
});

Deno.test("encodeClose: codes that must not be sent are refused (RFC 6455 §7.4)", () => {
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535, -1, 1000.5, NaN]) {
    const error = assertThrows(() => encodeClose(code, ""), RangeError);
    const allowed = "1000 to 1003, 1007 to 1014, or 3000 to 4999";
    assertEquals(error.message, `Cannot close with code ${code}: it must be ${allowed}`);
  }
});

Deno.test("encodeClose: a reason of 123 bytes is the longest (RFC 6455 §5.5)", () => {
  assertEquals(MAX_REASON_BYTES, 123);
  assertEquals(encodeClose(1000, "a".repeat(123)).length, 125);
  assertEquals(encodeClose(1000, "é".repeat(61) + "a").length, 125);
  assertThrows(() => encodeClose(1000, "a".repeat(124)), RangeError, "a reason of 124 bytes");
  assertThrows(() => encodeClose(1000, "é".repeat(62)), RangeError, "a reason of 124 bytes");
  assertThrows(() => encodeClose(1000, "\ud800".repeat(42)), RangeError, "of 126 bytes");
});

Deno.test("encodeClose: a reason without a code is refused", () => {
  const error = assertThrows(() => encodeClose(undefined, "bye"), TypeError);
  assert(error.message.includes("a reason needs a code"), error.message);
});
