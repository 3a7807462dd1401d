/**
 * The output buffer: bytes in order, memory that is borrowed, given back and given up.
 *
 * @module
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { OutputBuffer } from "../../lib/protocol/output_buffer.ts";
import { concat, pattern } from "../support/hex.ts";

/** What was written. */
function written(output: OutputBuffer): Uint8Array {
  return output.bytes.slice(0, output.length);
}

Deno.test("OutputBuffer: holds no memory until something is written", () => {
  const output = new OutputBuffer();
  assertEquals(output.bytes.buffer.byteLength, 0);
  assertEquals(output.length, 0);
  assertEquals(output.reserve(0), 0);
  assertEquals(output.bytes.buffer.byteLength, 0);
});

Deno.test("OutputBuffer: what is appended lies one behind the other", () => {
  const output = new OutputBuffer();
  const parts = [0, 1, 4095, 1, 10_000, 3].map(pattern);
  for (const part of parts) output.append(part);
  assertEquals(written(output), concat(...parts));
});

Deno.test("OutputBuffer: growing keeps what was written, for any need", () => {
  for (const size of [1, 4096, 4097, 8193, 65_536, 65_537, 1_000_000]) {
    const output = new OutputBuffer();
    output.append(pattern(5));
    assertEquals(output.reserve(size), 5);
    assert(output.bytes.length >= 5 + size, `${size}`);
    assertEquals(output.length, 5);
    assertEquals(written(output), pattern(5));
  }
});

Deno.test("OutputBuffer: a reservation that fits moves nothing", () => {
  const output = new OutputBuffer();
  output.reserve(1);
  const { bytes } = output;
  assertEquals(output.reserve(bytes.length), 0);
  assertStrictEquals(output.bytes, bytes);
});

Deno.test("OutputBuffer: the view looks at the same memory, also after growing and taking", () => {
  const output = new OutputBuffer();
  const same = () => {
    assertStrictEquals(output.view.buffer, output.bytes.buffer);
    assertEquals(output.view.byteLength, output.bytes.length);
  };
  same();
  output.append(pattern(10));
  same();
  output.append(pattern(10_000));
  same();
  output.take();
  same();
  output.append(pattern(1));
  same();
  output.giveBack();
  same();
  output.take();
  output.giveBack();
  same();
});

Deno.test("OutputBuffer: what was taken stays as it is while more is written", () => {
  const output = new OutputBuffer();
  output.append(pattern(100));
  const taken = output.take();
  assertEquals(taken, pattern(100));
  assertEquals(output.length, 0);
  output.append(new Uint8Array(200).fill(0xee));
  assertEquals(taken, pattern(100));
  assert(taken.buffer !== output.bytes.buffer);
  output.giveBack();
  assertEquals(written(output), new Uint8Array(200).fill(0xee));
});

Deno.test("OutputBuffer: memory given back serves again, and is held no longer", () => {
  const output = new OutputBuffer();
  output.append(pattern(10));
  const { buffer } = output.bytes;
  for (let round = 0; round < 3; round++) {
    assertStrictEquals(output.take().buffer, buffer);
    assertEquals(output.bytes.length, 0);
    output.giveBack();
    assertEquals(output.bytes.length, 0);
    output.append(pattern(10));
    assertStrictEquals(output.bytes.buffer, buffer);
  }
});

Deno.test("OutputBuffer: giving back twice gives memory to one alone", () => {
  const output = new OutputBuffer();
  output.append(pattern(10));
  output.take();
  output.giveBack();
  output.giveBack();
  output.append(pattern(10));
  const other = new OutputBuffer();
  other.append(pattern(10));
  assert(other.bytes.buffer !== output.bytes.buffer);
});

Deno.test("OutputBuffer: memory that was outgrown serves others", () => {
  const output = new OutputBuffer();
  output.append(pattern(10));
  const { buffer } = output.bytes;
  output.append(pattern(5000));
  assertEquals(written(output), concat(pattern(10), pattern(5000)));
  const other = new OutputBuffer();
  other.append(pattern(1));
  assertStrictEquals(other.bytes.buffer, buffer);
  assertEquals(written(output), concat(pattern(10), pattern(5000)));
});

Deno.test("OutputBuffer: with nothing written there is nothing to take", () => {
  const output = new OutputBuffer();
  assertEquals(output.take().length, 0);
  output.giveBack();
  output.append(pattern(3));
  assertEquals(output.take(), pattern(3));
});
