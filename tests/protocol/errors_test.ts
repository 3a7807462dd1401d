/**
 * The table of what a peer can do wrong: which close code answers it, and what it says.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { ProtocolError, type ProtocolErrorCode } from "../../lib/protocol/errors.ts";

/** Every code with its answer. The type fails when a code is missing here. */
const EXPECTED: Readonly<Record<ProtocolErrorCode, readonly [closeCode: number, section: string]>> =
  {
    ERR_MASK_MISSING: [1002, "RFC 6455 §5.1"],
    ERR_MASK_UNEXPECTED: [1002, "RFC 6455 §5.1"],
    ERR_RESERVED_BITS: [1002, "RFC 6455 §5.2"],
    ERR_RESERVED_OPCODE: [1002, "RFC 6455 §5.2"],
    ERR_LENGTH_NOT_MINIMAL: [1002, "RFC 6455 §5.2"],
    ERR_LENGTH_TOP_BIT: [1002, "RFC 6455 §5.2"],
    ERR_CONTROL_FRAGMENTED: [1002, "RFC 6455 §5.5"],
    ERR_CONTROL_TOO_LONG: [1002, "RFC 6455 §5.5"],
    ERR_CONTINUATION_UNEXPECTED: [1002, "RFC 6455 §5.4"],
    ERR_CONTINUATION_EXPECTED: [1002, "RFC 6455 §5.4"],
    ERR_CLOSE_PAYLOAD: [1002, "RFC 6455 §5.5.1"],
    ERR_CLOSE_CODE: [1002, "RFC 6455 §7.4"],
    ERR_UTF8: [1007, "RFC 6455 §8.1"],
    ERR_DEFLATE_DATA: [1007, "RFC 7692 §7.2.2"],
    ERR_FRAME_TOO_LARGE: [1009, "RFC 6455 §10.4"],
    ERR_MESSAGE_TOO_LARGE: [1009, "RFC 6455 §10.4"],
    ERR_TOO_MANY_FRAGMENTS: [1008, "RFC 6455 §10.4"],
  };

const CODES = Object.keys(EXPECTED) as ProtocolErrorCode[];

for (const code of CODES) {
  const [closeCode, section] = EXPECTED[code];

  Deno.test(`ProtocolError: ${code} is answered with ${closeCode}`, () => {
    const error = new ProtocolError(code);
    assertInstanceOf(error, Error);
    assertEquals(error.name, "ProtocolError");
    assertEquals(error.code, code);
    assertEquals(error.closeCode, closeCode);
    assertEquals(error.section, section);
  });

  Deno.test(`ProtocolError: the message of ${code} is one plain sentence and its section`, () => {
    const { message } = new ProtocolError(code);
    assert(message.endsWith(` (${section})`), message);
    assertMatch(message, /^[a-z][^.\n]* \(RFC \d{4} §\d+(\.\d+)*\)$/);
  });
}

Deno.test("ProtocolError: no two codes say the same", () => {
  const messages = CODES.map((code) => new ProtocolError(code).message);
  assertEquals(new Set(messages).size, CODES.length);
});

Deno.test("ProtocolError: every close code is one that a protocol error may use", () => {
  const closeCodes = new Set(CODES.map((code) => new ProtocolError(code).closeCode));
  assertEquals([...closeCodes].sort(), [1002, 1007, 1008, 1009]);
});

Deno.test("ProtocolError: it prints as its name and message", () => {
  assertEquals(
    String(new ProtocolError("ERR_MASK_MISSING")),
    "ProtocolError: a frame from a client must be masked (RFC 6455 §5.1)",
  );
});
