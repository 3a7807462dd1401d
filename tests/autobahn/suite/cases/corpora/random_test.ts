/**
 * Random numbers from a seed.
 *
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { SeededRandom } from "../../../../../autobahn/suite/cases/corpora/random.ts";

Deno.test("seeded random: the same seed gives the same numbers, another seed others", () => {
  const numbers = (seed: number) => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 8 }, () => random.below(1_000_000));
  };
  assertEquals(numbers(1), numbers(1));
  assert(numbers(1).join() !== numbers(2).join());
});

Deno.test("seeded random: numbers are below the limit, and all of them occur", () => {
  const random = new SeededRandom(7);
  const counts = new Array<number>(10).fill(0);
  for (let round = 0; round < 10_000; round++) {
    const number = random.below(10);
    counts[number] = (counts[number] ?? 0) + 1;
  }
  assertEquals(counts.length, 10);
  for (const count of counts) assert(count > 850 && count < 1_150, `${counts}`);
});

Deno.test("seeded random: early choices are picked more often", () => {
  const random = new SeededRandom(7);
  let early = 0;
  for (let round = 0; round < 1_000; round++) {
    if (random.pickEarly([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) < 5) early++;
  }
  assert(early > 750, `${early} of 1000`);
});

Deno.test("seeded random: there must be a choice", () => {
  const random = new SeededRandom(7);
  assertThrows(() => random.pick([]), RangeError, "there must be a choice");
  assertThrows(() => random.pickEarly([]), RangeError, "there must be a choice");
});

Deno.test("seeded random: bytes are filled with every value", () => {
  const bytes = new Uint8Array(10_000);
  new SeededRandom(7).fill(bytes);
  assertEquals(new Set(bytes).size, 256);
});
