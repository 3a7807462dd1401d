/**
 * What can be sent, and what becomes of it.
 *
 * @module
 */
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { lengthOf, messageOf, ownCopy, type Sendable } from "../../lib/connection/message.ts";
import { PreparedMessage } from "../../lib/connection/prepared_message.ts";

Deno.test("message: what is sent as it is, is not copied", () => {
  for (const data of ["text", new Uint8Array(3), new PreparedMessage("text")]) {
    assertStrictEquals(messageOf(data), data);
  }
});

Deno.test("message: a view is no more than the bytes that it shows", () => {
  const { buffer } = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  assertEquals(messageOf(buffer), Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  assertEquals(messageOf(new DataView(buffer, 1, 2)), Uint8Array.of(2, 3));
  assertEquals(messageOf(new Uint16Array(buffer, 2, 2)), Uint8Array.of(3, 4, 5, 6));
  assertEquals(messageOf(new SharedArrayBuffer(2)), new Uint8Array(2));
});

Deno.test("message: what is none is a TypeError that says what would be one", () => {
  for (const [data, got] of [[5, "number"], [null, "null"], [{}, "object"]] as const) {
    assertThrows(() => messageOf(data as unknown as Sendable), TypeError, `got ${got}`);
  }
});

Deno.test("message: its length is that of what was prepared", () => {
  for (const data of ["four", new Uint8Array(4)]) {
    assertEquals([lengthOf(data), lengthOf(new PreparedMessage(data))], [4, 4]);
  }
});

Deno.test("message: only bytes have to be copied to be kept", () => {
  for (const bytes of [Uint8Array.of(1, 2), Buffer.from([1, 2])]) {
    const copy = ownCopy(bytes);
    bytes.fill(9);
    assertEquals(copy, Uint8Array.of(1, 2));
  }
  for (const message of ["text", new PreparedMessage("text")]) {
    assertStrictEquals(ownCopy(message), message);
  }
});
