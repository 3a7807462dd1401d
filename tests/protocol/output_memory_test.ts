/**
 * Memory for output that all connections share.
 *
 * @module
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { giveMemory, NO_MEMORY, takeMemory } from "../../lib/protocol/output_memory.ts";

Deno.test("OutputMemory: is as large as needed, rounded up to 4 KiB and its doubles", () => {
  const sizes = [[1, 4096], [4096, 4096], [4097, 8192], [65_546, 131_072], [131_073, 262_144]];
  for (const [needed, size] of sizes) {
    const memory = takeMemory(needed!);
    assertEquals(memory.bytes.length, size);
    assertEquals(memory.view.byteLength, size);
    assertStrictEquals(memory.view.buffer, memory.bytes.buffer);
  }
});

Deno.test("OutputMemory: what was given back last is taken first, by its size", () => {
  const [a, b, large] = [takeMemory(1), takeMemory(1), takeMemory(5000)];
  for (const memory of [a, large, b]) giveMemory(memory);
  assertStrictEquals(takeMemory(1), b);
  assertStrictEquals(takeMemory(1), a);
  assertStrictEquals(takeMemory(8192), large);
  assert(takeMemory(1) !== b);
});

Deno.test("OutputMemory: more than 128 KiB is not kept", () => {
  const [kept, dropped] = [takeMemory(131_072), takeMemory(131_073)];
  giveMemory(kept);
  giveMemory(dropped);
  assertStrictEquals(takeMemory(131_072), kept);
  assert(takeMemory(131_073) !== dropped);
});

Deno.test("OutputMemory: 1 MiB of each size is kept", () => {
  const all = Array.from({ length: 9 }, () => takeMemory(131_072));
  for (const memory of all) giveMemory(memory);
  const again = Array.from({ length: 9 }, () => takeMemory(131_072));
  assertEquals(again.map((memory) => all.indexOf(memory)), [7, 6, 5, 4, 3, 2, 1, 0, -1]);
});

Deno.test("OutputMemory: its start has the length asked for, and is made once for a length", () => {
  const memory = takeMemory(1);
  const five = memory.start(5);
  assertEquals(five.length, 5);
  assertStrictEquals(five.buffer, memory.bytes.buffer);
  assertStrictEquals(memory.start(5), five);
  assertEquals(memory.start(6).length, 6);
  assertEquals(memory.start(4096).length, 4096);
});

Deno.test("OutputMemory: none stays none", () => {
  assertEquals(NO_MEMORY.bytes.length, 0);
  giveMemory(NO_MEMORY);
  assert(takeMemory(1) !== NO_MEMORY);
});
