/**
 * The opcodes are those of the registry.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Opcode } from "../../lib/protocol/opcodes.ts";

Deno.test("Opcode: the values are those of RFC 6455 §11.8", () => {
  assertEquals({ ...Opcode }, {
    CONTINUATION: 0,
    TEXT: 1,
    BINARY: 2,
    CLOSE: 8,
    PING: 9,
    PONG: 10,
  });
});
