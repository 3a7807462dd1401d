/**
 * The waits between attempts: how they grow, their jitter, and what a server asked for.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { JitteredBackoff } from "../../../lib/client/reconnecting/backoff.ts";
import { seeded } from "../../support/seed.ts";

/** The longest waits that there can be. */
function longest(options: { base: number; factor: number; cap: number }, count: number): number[] {
  const backoff = new JitteredBackoff(options, () => 1 - Number.EPSILON);
  return Array.from({ length: count }, () => backoff.next());
}

Deno.test("backoff: the longest wait grows by the factor, up to the cap", () => {
  assertEquals(longest({ base: 500, factor: 2, cap: 30_000 }, 9), [
    499,
    999,
    1999,
    3999,
    7999,
    15_999,
    29_999,
    29_999,
    29_999,
  ]);
  assertEquals(longest({ base: 100, factor: 1, cap: 30_000 }, 3), [99, 99, 99]);
  assertEquals(longest({ base: 100, factor: 1.5, cap: 200 }, 3), [99, 149, 199]);
});

Deno.test("backoff: the shortest wait is none", () => {
  const backoff = new JitteredBackoff({ base: 500, factor: 2, cap: 30_000 }, () => 0);
  assertEquals([backoff.next(), backoff.next(), backoff.next()], [0, 0, 0]);
});

Deno.test("backoff: after a reset the next wait is a first one again", () => {
  const backoff = new JitteredBackoff({ base: 500, factor: 10, cap: 30_000 }, () => 0.5);
  assertEquals([backoff.next(), backoff.next()], [250, 2500]);
  backoff.reset();
  assertEquals([backoff.next(), backoff.next()], [250, 2500]);
});

Deno.test("backoff: what a server asked for comes first, the jitter behind it, the cap over both", () => {
  const backoff = new JitteredBackoff({ base: 1000, factor: 1, cap: 30_000 }, () => 0.5);
  assertEquals(backoff.next(7000), 7500);
  assertEquals(backoff.next(0), 500);
  assertEquals(backoff.next(29_800), 30_000);
  assertEquals(backoff.next(86_400_000), 30_000);
});

Deno.test("backoff: however often it is asked, a wait stays within its bounds", () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 10_000 }),
    fc.double({ min: 1, max: 100, noNaN: true }),
    fc.integer({ min: 0, max: 2 ** 31 - 10_001 }),
    fc.array(
      fc.record({
        random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        retryAfter: fc.integer({ min: 0, max: 1e12 }),
      }),
      { minLength: 1, maxLength: 400 },
    ),
    (base, factor, more, asked) => {
      const cap = base + more;
      let random = 0;
      const backoff = new JitteredBackoff({ base, factor, cap }, () => random);
      let ceiling = base;
      for (const each of asked) {
        ({ random } = each);
        const wait = backoff.next(each.retryAfter);
        assertEquals(Number.isInteger(wait), true);
        assertEquals(wait <= cap, true, "never more than the cap");
        assertEquals(
          wait >= Math.min(cap, each.retryAfter),
          true,
          "not before the server wants it",
        );
        const jitter = wait - each.retryAfter;
        // A product of rounded numbers may differ in its last digit.
        assertEquals(jitter <= Math.min(cap, ceiling * (1 + 1e-9)), true, "within the jitter");
        ceiling *= factor;
      }
    },
  );
  fc.assert(property, seeded({ numRuns: 300, interruptAfterTimeLimit: 2000 }));
});

Deno.test("backoff: the jitter is full: every part of the range is reached", () => {
  const property = fc.property(
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    fc.integer({ min: 0, max: 12 }),
    (random, waits) => {
      const backoff = new JitteredBackoff({ base: 500, factor: 2, cap: 30_000 }, () => random);
      for (let i = 0; i < waits; i++) backoff.next();
      assertEquals(backoff.next(), Math.floor(random * Math.min(30_000, 500 * 2 ** waits)));
    },
  );
  fc.assert(property, seeded({ numRuns: 500, interruptAfterTimeLimit: 1000 }));
});
