/**
 * Whatever is deflated is inflated to the same, here and by `node:zlib`, with every window,
 * level and memory level, however the payload is cut. A failure prints its seed, which
 * `TIDEWIRE_SEED` sets.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { concat, hex } from "../support/hex.ts";
import { seeded } from "../support/seed.ts";
import {
  close,
  Collector,
  compression,
  deflated,
  FORMS,
  inflate,
  inflated,
  json,
  noise,
  reference,
  referenceInflated,
} from "./messages.ts";

const EFFORT = { numRuns: 40, interruptAfterTimeLimit: 2000 };

const anyMessage = fc.tuple(
  fc.constantFrom("json", "noise", "zeros"),
  fc.oneof(fc.nat(300), fc.nat(5000), fc.nat(200_000)),
  fc.nat(),
).map(([kind, length, seed]) =>
  kind === "json"
    ? json(length, seed)
    : kind === "noise"
    ? noise(length, seed)
    : new Uint8Array(length)
);
const anySettings = fc.record({
  windowBits: fc.integer({ min: 9, max: 15 }),
  level: fc.integer({ min: 1, max: 9 }),
  memoryLevel: fc.integer({ min: 1, max: 9 }),
});
/** Where to cut, as parts of the whole. */
const anyCuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });

function cut(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...cuts.map((part) => Math.floor(part * bytes.length)).sort((a, b) => a - b)];
  return [...ends, bytes.length].map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
}

function assertSame(actual: Uint8Array, expected: Uint8Array): void {
  assertEquals(actual.length, expected.length);
  // Comparing byte by byte is much faster than a deep comparison.
  assertEquals(actual.findIndex((byte, at) => byte !== expected[at]), -1);
}

for (const contextTakeover of [true, false]) {
  for (const form of contextTakeover ? ["contexts"] as const : FORMS) {
    const title = `${form}, ${contextTakeover ? "with" : "without"} takeover`;

    Deno.test(`round trip (${title}): cut into fragments and pieces anywhere`, () => {
      fc.assert(
        fc.property(
          anySettings,
          fc.array(fc.tuple(anyMessage, anyCuts, anyCuts), { minLength: 1, maxLength: 5 }),
          ({ windowBits, level, memoryLevel }, messages) => {
            const pair = compression({ windowBits, contextTakeover }, { level, memoryLevel, form });
            const payloads: Uint8Array[] = [];
            for (const [message, fragments, pieces] of messages) {
              const payload = deflated(pair.deflater, ...cut(message, fragments));
              const sink = new Collector(message.length);
              assertEquals(inflate(pair.inflater, cut(payload, pieces), sink), undefined);
              assertSame(sink.bytes, message);
              payloads.push(payload);
            }
            close(pair);
            // Messages that stand for themselves can be read as one stream too.
            const whole = concat(...messages.map(([message]) => message));
            assertSame(referenceInflated(payloads, windowBits), whole);
          },
        ),
        seeded(EFFORT),
      );
    });

    Deno.test(`round trip (${title}): what another zlib deflates`, () => {
      fc.assert(
        fc.property(
          anySettings,
          anyMessage,
          anyCuts,
          ({ windowBits, level, memoryLevel: memLevel }, message, cuts) => {
            const pair = compression({ windowBits, contextTakeover }, { form });
            const payload = reference(message, { windowBits, level, memLevel });
            for (let turn = 0; turn < 2; turn++) {
              const sink = new Collector();
              assertEquals(inflate(pair.inflater, cut(payload, cuts), sink), undefined);
              assertSame(sink.bytes, message);
            }
            close(pair);
          },
        ),
        seeded(EFFORT),
      );
    });
  }
}

Deno.test("round trip: takeover makes a message that came before short", () => {
  const message = json(1000);
  const shared = compression({ contextTakeover: true });
  const alone = compression();
  const lengths = [shared, alone].map(({ deflater }) => {
    const [first, second] = [deflated(deflater, message), deflated(deflater, message)];
    return [first.length === second.length, second.length < 40];
  });
  assertEquals(lengths, [[false, true], [true, false]]);
  close(shared);
  close(alone);
});

// RFC 7692 §7.2.3.1, §7.2.3.2
Deno.test("round trip: the examples of RFC 7692", () => {
  for (const form of FORMS) {
    const { inflater, deflater } = compression({}, { form });
    const hello = new TextEncoder().encode("Hello");
    const payload = deflated(deflater, hello);
    assertEquals(hex(payload), "f248cdc9c90700");
    assertEquals(inflated(inflater, payload), hello);
    assertEquals(inflated(inflater, payload.subarray(0, 3), payload.subarray(3)), hello);
    close({ inflater, deflater });
  }
  const shared = compression({ contextTakeover: true });
  const hello = new TextEncoder().encode("Hello");
  assertEquals(inflated(shared.inflater, deflated(shared.deflater, hello)), hello);
  assertEquals(inflated(shared.inflater, Uint8Array.of(0xf2, 0x00, 0x11, 0, 0)), hello);
  close(shared);
});
