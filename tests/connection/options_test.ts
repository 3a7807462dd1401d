/**
 * The options of a connection: their defaults, and what is refused.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { resolveCompression } from "../../lib/connection/compression_options.ts";
import {
  CONNECTION_OPTION_NAMES,
  type ConnectionOptions,
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
    compression: false,
  });
});

Deno.test("options: the list of names is complete", () => {
  assertEquals(
    [...CONNECTION_OPTION_NAMES].sort(),
    (Object.keys(resolveOptions({})) as (keyof ConnectionOptions)[]).sort(),
  );
});

Deno.test("options: the role decides on nothing but compression", () => {
  const { compression: byServer, ...server } = resolveOptions({}, "server");
  const { compression: byClient, ...client } = resolveOptions({}, "client");
  assertEquals(client, server);
  assertEquals(byServer, false);
  assertEquals(byClient, resolveCompression(true, "client"));
  assertEquals(resolveOptions({ compression: false }, "client").compression, false);
  const compression = { threshold: 5 };
  assertEquals(
    resolveOptions({ compression }).compression,
    resolveCompression(compression, "server"),
  );
});

Deno.test("options: maxFrameBytes follows maxMessageBytes, and streaming lifts all limits", () => {
  assertEquals(resolveOptions({ maxMessageBytes: 10 }).maxFrameBytes, 10);
  assertEquals(resolveOptions({ maxMessageBytes: 10, maxFrameBytes: 5 }).maxFrameBytes, 5);
  const streaming = resolveOptions({ streaming: true });
  assertEquals(streaming.maxMessageBytes, Number.MAX_SAFE_INTEGER);
  assertEquals(streaming.maxFrameBytes, Number.MAX_SAFE_INTEGER);
  assertEquals(streaming.maxFragments, Number.MAX_SAFE_INTEGER);
  const limited = resolveOptions({ streaming: true, maxMessageBytes: 10, maxFragments: 5 });
  assertEquals([limited.maxMessageBytes, limited.maxFragments], [10, 5]);
});

Deno.test("options: no message may be longer than the longest string, but as a stream", () => {
  const longest = 2 ** 29 - 24;
  assertEquals(resolveOptions({ maxMessageBytes: longest }).maxMessageBytes, longest);
  const maxMessageBytes = longest + 1;
  assertThrows(
    () => resolveOptions({ maxMessageBytes }),
    RangeError,
    "maxMessageBytes must be a whole number from 1 to 536870888; got 536870889",
  );
  assertEquals(
    resolveOptions({ maxMessageBytes, streaming: true }).maxMessageBytes,
    maxMessageBytes,
  );
  // It is the longest string that there is.
  assertEquals("a".repeat(longest).length, longest);
  assertThrows(() => "a".repeat(longest + 1), RangeError);
});

Deno.test("options: sendLimit is at least sendHighWaterMark", () => {
  const limits = (options: ConnectionOptions) => {
    const { sendHighWaterMark, sendLimit } = resolveOptions(options);
    return [sendHighWaterMark, sendLimit];
  };
  const mebibyte = 1024 * 1024;
  assertEquals(limits({ sendHighWaterMark: 16 * mebibyte }), [16 * mebibyte, 16 * mebibyte]);
  assertEquals(limits({ sendHighWaterMark: 17 * mebibyte }), [17 * mebibyte, 17 * mebibyte]);
  assertEquals(limits({ sendHighWaterMark: 10, sendLimit: 10 }), [10, 10]);
  assertThrows(
    () => limits({ sendHighWaterMark: 10, sendLimit: 9 }),
    RangeError,
    "sendLimit must be at least sendHighWaterMark, 10; got 9",
  );
  assertThrows(
    () => limits({ sendLimit: 262_143 }),
    RangeError,
    "sendLimit must be at least sendHighWaterMark, 262144; got 262143",
  );
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
    compression: false,
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
  for (const value of [5, "on", null]) assertRefused("compression", value, TypeError);
});

Deno.test("options: the checks say what was wrong and what would be right", () => {
  assertThrows(
    () => resolveOptions({ maxFragments: 0 }),
    RangeError,
    "maxFragments must be a whole number from 1 to 9007199254740991; got 0",
  );
  assertThrows(
    () => resolveOptions({ heartbeat: { timeout: 2 ** 31 } }),
    RangeError,
    "heartbeat.timeout must be a whole number from 1 to 2147483647; got 2147483648",
  );
  assertThrows(
    () => resolveOptions({ slowConsumer: "drop" as "block" }),
    RangeError,
    "one of disconnect, block, drop-newest, drop-oldest, coalesce; got drop",
  );
});
