/**
 * Memory for small binary messages: who shares it, and how much of it one message keeps.
 *
 * @module
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { MessageSlab } from "../../lib/protocol/message_slab.ts";
import { pattern } from "../support/hex.ts";

Deno.test("MessageSlab: a copy has the bytes of its range and does not follow the input", () => {
  for (const length of [1, 2, 63, 64, 65, 125, 126, 1023, 1024, 1025, 65_536]) {
    const input = pattern(length + 10);
    const slab = new MessageSlab();
    slab.beginInput(input.length);
    const copy = slab.copy(input, 7, 7 + length);
    const expected = input.slice(7, 7 + length);
    input.fill(0);
    assertEquals(copy, expected, `${length} bytes`);
  }
});

Deno.test("MessageSlab: copies of one input share memory but no byte of it", () => {
  const input = pattern(100);
  const slab = new MessageSlab();
  slab.beginInput(100);
  const copies = [slab.copy(input, 0, 10), slab.copy(input, 20, 30), slab.copy(input, 30, 100)];
  assertStrictEquals(copies[0]!.buffer, copies[1]!.buffer);
  copies[0]!.fill(0xaa);
  copies[2]!.fill(0xbb);
  assertEquals(copies[0], new Uint8Array(10).fill(0xaa));
  assertEquals(copies[1], input.slice(20, 30));
  assertEquals(copies[2], new Uint8Array(70).fill(0xbb));
});

Deno.test("MessageSlab: messages that fill a buffer to its last byte share it", () => {
  const slab = new MessageSlab();
  slab.beginInput(100);
  const copies = [slab.copy(pattern(100), 0, 50), slab.copy(pattern(100), 50, 100)];
  assertStrictEquals(copies[0]!.buffer, copies[1]!.buffer);
  assertEquals(new Uint8Array(copies[0]!.buffer), pattern(100));
});

Deno.test("MessageSlab: inputs that follow each other share memory but no byte of it", () => {
  const slab = new MessageSlab();
  const copies = Array.from({ length: 1000 }, (_, at) => {
    slab.beginInput(20);
    const input = new Uint8Array(20).fill(at);
    return slab.copy(input, 5, 20);
  });
  copies.forEach((copy, at) => assertEquals(copy, new Uint8Array(15).fill(at)));
  const buffers = new Set(copies.map(({ buffer }) => buffer));
  assert(buffers.size < 20, `${buffers.size} buffers for 1000 messages`);
});

Deno.test("MessageSlab: the first buffer is no larger than what is left of the input", () => {
  const slab = new MessageSlab();
  slab.beginInput(50);
  assertEquals(slab.copy(pattern(50), 40, 45).buffer.byteLength, 10);
});

Deno.test("MessageSlab: buffers double, so that a quiet connection holds little", () => {
  const slab = new MessageSlab();
  const sizes = Array.from({ length: 300 }, () => {
    slab.beginInput(32);
    return slab.copy(pattern(32), 0, 32).buffer.byteLength;
  });
  assertEquals([...new Set(sizes)], [32, 64, 128, 256, 512, 1024, 2048, 4096]);
});

Deno.test("MessageSlab: trimmed, it begins anew in other memory", () => {
  const slab = new MessageSlab();
  const input = pattern(100);
  slab.beginInput(100);
  const before = slab.copy(input, 0, 10);
  slab.trim();
  const after = slab.copy(input, 50, 60);
  assert(after.buffer !== before.buffer);
  assertEquals(after.buffer.byteLength, 50);
  assertEquals([before, after], [input.slice(0, 10), input.slice(50, 60)]);
});

Deno.test("MessageSlab: one message keeps 4096 bytes alive at most", () => {
  const input = pattern(20_000);
  const slab = new MessageSlab();
  slab.beginInput(input.length);
  const copies = Array.from(
    { length: 20 },
    (_, at) => slab.copy(input, at * 1000, at * 1000 + 900),
  );
  copies.forEach((copy, at) => assertEquals(copy, input.slice(at * 1000, at * 1000 + 900)));
  for (const { buffer } of copies) assert(buffer.byteLength <= 4096);
  assertEquals(new Set(copies.map(({ buffer }) => buffer)).size, 5);
});

Deno.test("MessageSlab: a message of more than 1024 bytes has memory of its own", () => {
  const input = pattern(5000);
  const slab = new MessageSlab();
  slab.beginInput(input.length);
  const small = slab.copy(input, 0, 1024);
  const large = slab.copy(input, 1024, 2049);
  assertEquals(large.buffer.byteLength, 1025);
  assertStrictEquals(slab.copy(input, 2049, 2050).buffer, small.buffer);
});

Deno.test("MessageSlab: a receiver that transfers its message away does not break the next", () => {
  const input = pattern(100);
  const slab = new MessageSlab();
  slab.beginInput(100);
  structuredClone(null, { transfer: [slab.copy(input, 0, 10).buffer] });
  assertEquals(slab.copy(input, 10, 20), input.slice(10, 20));
});
