/**
 * The budget: what is reserved, moved and released adds up.
 *
 * @module
 */
import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import {
  CompressionBudget,
  compressionBudget,
  deflateContextBytes,
  inflateContextBytes,
} from "../../lib/compression/budget.ts";

Deno.test("CompressionBudget: 64 MiB unless told otherwise", () => {
  assertEquals(new CompressionBudget().maxBytes, 64 * 1024 * 1024);
  assertEquals(compressionBudget.maxBytes, 64 * 1024 * 1024);
  assertEquals(new CompressionBudget(5).maxBytes, 5);
});

Deno.test("CompressionBudget: what does not fit is not reserved", () => {
  const budget = new CompressionBudget(100);
  const first = budget.reserve(60);
  assert(first !== undefined);
  assertEquals(budget.reserve(41), undefined);
  assertEquals(budget.usedBytes, 60);
  const second = budget.reserve(40);
  assertEquals([second?.bytes, budget.usedBytes], [40, 100]);
  first.release();
  first.release();
  assertEquals([first.bytes, budget.usedBytes], [0, 40]);
  second?.release();
  assertEquals(budget.usedBytes, 0);
});

Deno.test("CompressionBudget: nothing fits into none", () => {
  assertEquals(new CompressionBudget(0).reserve(1), undefined);
});

Deno.test("CompressionBudget: a lower limit takes nothing away", () => {
  const budget = new CompressionBudget(100);
  const reservation = budget.reserve(80);
  budget.maxBytes = 50;
  assertEquals(budget.usedBytes, 80);
  assertEquals(budget.reserve(1), undefined);
  reservation?.release();
  assertEquals(budget.reserve(50)?.bytes, 50);
});

for (const value of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
  Deno.test(`CompressionBudget: maxBytes cannot be ${value}`, () => {
    assertThrows(() => new CompressionBudget(value), RangeError, "maxBytes must be a whole number");
    const budget = new CompressionBudget();
    assertThrows(() => budget.maxBytes = value, RangeError, `got ${value}`);
    assertEquals(budget.maxBytes, 64 * 1024 * 1024);
  });
}

Deno.test("Reservation: a part of it lives on by itself", () => {
  const budget = new CompressionBudget(100);
  const whole = budget.reserve(100);
  const part = whole?.take(30);
  assertEquals([whole?.bytes, part?.bytes, budget.usedBytes], [70, 30, 100]);
  whole?.release();
  assertEquals(budget.usedBytes, 30);
  part?.release();
  assertEquals(budget.usedBytes, 0);
});

Deno.test("Reservation: more than it holds is taken all the same, and counts", () => {
  const budget = new CompressionBudget(100);
  const whole = budget.reserve(100);
  const part = whole?.take(150);
  assertEquals([whole?.bytes, part?.bytes, budget.usedBytes], [0, 150, 150]);
  part?.release();
  whole?.release();
  assertEquals(budget.usedBytes, 0);
});

const KIBIBYTES: readonly (readonly [windowBits: number, memoryLevel: number, measured: number])[] =
  [[15, 9, 393], [15, 8, 330], [15, 5, 274], [15, 1, 266], [12, 8, 217], [9, 8, 203], [9, 1, 140]];

for (const [windowBits, memoryLevel, measured] of KIBIBYTES) {
  Deno.test(`deflateContextBytes: ${measured} KiB with ${windowBits} and ${memoryLevel}`, () => {
    const kibibytes = deflateContextBytes(windowBits, memoryLevel) / 1024;
    assertLess(Math.abs(kibibytes - measured), 1.5);
  });
}

Deno.test("inflateContextBytes: the window and what goes with it", () => {
  assertEquals(inflateContextBytes(15), 54 * 1024);
  assertEquals(inflateContextBytes(9), 22.5 * 1024);
});
