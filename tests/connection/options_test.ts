/**
 * The options of a connection: their defaults, and what is refused.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import {
  CONNECTION_OPTION_NAMES,
  type ConnectionOptions,
  delay,
  integer,
  resolveOptions,
} from "../../lib/connection/options.ts";

Deno.test("options: the defaults", () => {
  assertEquals(resolveOptions({}), {
    maxMessageBytes: 1_048_576,
    maxFrameBytes: 1_048_576,
    maxFragments: 1024,
    streaming: false,
    receiveHighWaterMark: 262_144,
    sendHighWaterMark: 262_144,
    sendLimit: 16_777_216,
    slowConsumer: "disconnect",
    heartbeat: { interval: 20_000, timeout: 20_000 },
    messageTimeout: 30_000,
    writeTimeout: 10_000,
    closeTimeout: 5000,
    idleTimeout: 0,
    maxLifetime: 0,
  });
});

Deno.test("options: the list of names is complete", () => {
  assertEquals(
    [...CONNECTION_OPTION_NAMES].sort(),
    (Object.keys(resolveOptions({})) as (keyof ConnectionOptions)[]).sort(),
  );
});

Deno.test("options: maxFrameBytes follows maxMessageBytes, and streaming lifts both", () => {
  assertEquals(resolveOptions({ maxMessageBytes: 10 }).maxFrameBytes, 10);
  assertEquals(resolveOptions({ maxMessageBytes: 10, maxFrameBytes: 5 }).maxFrameBytes, 5);
  const streaming = resolveOptions({ streaming: true });
  assertEquals(streaming.maxMessageBytes, Number.MAX_SAFE_INTEGER);
  assertEquals(streaming.maxFrameBytes, Number.MAX_SAFE_INTEGER);
  assertEquals(resolveOptions({ streaming: true, maxMessageBytes: 10 }).maxMessageBytes, 10);
});

Deno.test("options: what is given is kept", () => {
  const given = {
    maxMessageBytes: 1,
    maxFrameBytes: 2,
    maxFragments: 3,
    streaming: true,
    receiveHighWaterMark: 4,
    sendHighWaterMark: 5,
    sendLimit: 6,
    slowConsumer: "coalesce",
    heartbeat: { interval: 7, timeout: 8 },
    messageTimeout: 9,
    writeTimeout: 10,
    closeTimeout: 11,
    idleTimeout: 12,
    maxLifetime: 2 ** 31 - 1,
  } as const;
  assertEquals(resolveOptions(given), given);
  assertEquals(resolveOptions({ heartbeat: false }).heartbeat, false);
  assertEquals(resolveOptions({ heartbeat: { interval: 7 } }).heartbeat, {
    interval: 7,
    timeout: 20_000,
  });
  for (const slowConsumer of ["disconnect", "block", "drop-newest", "drop-oldest"] as const) {
    assertEquals(resolveOptions({ slowConsumer }).slowConsumer, slowConsumer);
  }
});

const SIZES = [
  "maxMessageBytes",
  "maxFrameBytes",
  "maxFragments",
  "receiveHighWaterMark",
  "sendHighWaterMark",
  "sendLimit",
] as const;
const DELAYS = ["messageTimeout", "writeTimeout", "closeTimeout"] as const;
const DELAYS_OR_NEVER = ["idleTimeout", "maxLifetime"] as const;

/** Asserts that the option is refused, with an error that names it. */
function assertRefused(name: string, value: unknown, ErrorClass: ErrorConstructor): void {
  const options: Record<string, unknown> = name.startsWith("heartbeat.")
    ? { heartbeat: { [name.slice(10)]: value } }
    : { [name]: value };
  assertThrows(() => resolveOptions(options), ErrorClass, `${name} must be `);
}

Deno.test("options: a number that is none, or out of range, is refused by name", () => {
  const names = [
    ...SIZES,
    ...DELAYS,
    ...DELAYS_OR_NEVER,
    "heartbeat.interval",
    "heartbeat.timeout",
  ];
  for (const name of names) {
    for (const value of [NaN, -1, 0.5, Infinity, -Infinity, 2 ** 53]) {
      assertRefused(name, value, RangeError);
    }
    for (const value of ["1000", null, true, {}, [], 5n, () => 5]) {
      assertRefused(name, value, TypeError);
    }
  }
});

Deno.test("options: 0 is refused where it makes no sense, and 2^31 where a timer cannot hold it", () => {
  for (const name of [...SIZES, ...DELAYS, "heartbeat.interval", "heartbeat.timeout"]) {
    assertRefused(name, 0, RangeError);
  }
  for (const name of [...DELAYS, ...DELAYS_OR_NEVER, "heartbeat.interval", "heartbeat.timeout"]) {
    assertRefused(name, 2 ** 31, RangeError);
  }
  assertEquals(resolveOptions({ idleTimeout: 0, maxLifetime: 0 }).idleTimeout, 0);
});

Deno.test("options: what is no number is checked too", () => {
  for (const value of ["yes", 1, null]) assertRefused("streaming", value, TypeError);
  for (const value of [1, null, {}]) assertRefused("slowConsumer", value, TypeError);
  for (const value of ["", "drop", "DISCONNECT", "__proto__"]) {
    assertRefused("slowConsumer", value, RangeError);
  }
  for (const value of [true, 5, "off", null]) assertRefused("heartbeat", value, TypeError);
});

Deno.test("options: the checks say what was wrong and what would be right", () => {
  assertThrows(
    () => integer("size", 7, { default: 1, from: 1, to: 5 }),
    RangeError,
    "size must be a whole number from 1 to 5; got 7",
  );
  assertThrows(
    () => delay("timeout", 0, { default: 1, from: 1 }),
    RangeError,
    "timeout must be a whole number from 1 to 2147483647; got 0",
  );
  assertThrows(
    () => resolveOptions({ slowConsumer: "drop" as "block" }),
    RangeError,
    "one of disconnect, block, drop-newest, drop-oldest, coalesce; got drop",
  );
});
