/**
 * The options of a reconnecting connection: their defaults, and what is refused.
 *
 * @module
 */
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { connect } from "../../../lib/client/connect.ts";
import { FINAL_CLOSE_CODES } from "../../../lib/client/reconnecting/cause.ts";
import type {
  ReconnectingOptions,
  ReconnectingUrl,
} from "../../../lib/client/reconnecting/options.ts";
import { reconnecting } from "../../../lib/client/reconnecting/reconnecting.ts";
import { resolveReconnecting } from "../../../lib/client/reconnecting/resolve_options.ts";
import { systemClock } from "../../../lib/connection/clock.ts";
import { resolveOptions } from "../../../lib/connection/options.ts";

const URL_TEXT = "ws://a.example/";

function resolve(options: ReconnectingOptions = {}) {
  return resolveReconnecting(URL_TEXT, options);
}

Deno.test("options: the defaults", () => {
  const resolved = resolve();
  assertEquals(resolved, {
    url: URL_TEXT,
    connectOptions: {},
    connection: resolveOptions({}, "client"),
    timeout: 10_000,
    signal: undefined,
    handlers: {},
    backoff: { base: 500, factor: 2, cap: 30_000 },
    maxAttempts: Infinity,
    giveUpAfter: Infinity,
    stableAfter: 5000,
    finalCodes: FINAL_CLOSE_CODES,
    queue: { maxMessages: 1000, maxBytes: 1_048_576, policy: "reject" },
    hooks: {},
    connect,
    random: Math.random,
    clock: systemClock,
  });
});

Deno.test("options: what is given is kept", () => {
  const { signal } = new AbortController();
  const options: ReconnectingOptions = {
    timeout: 1,
    signal,
    backoff: { base: 2, factor: 1.5, cap: 3 },
    maxAttempts: 4,
    giveUpAfter: 5,
    stableAfter: 0,
    finalCodes: [1000, 4999],
    queue: { maxMessages: 0, maxBytes: 0, policy: "drop-oldest" },
    subprotocols: ["a"],
    compression: false,
  };
  const resolved = resolve(options);
  assertEquals(resolved.connectOptions, { timeout: 1, subprotocols: ["a"], compression: false });
  assertEquals([resolved.timeout, resolved.maxAttempts, resolved.giveUpAfter], [1, 4, 5]);
  assertEquals([resolved.stableAfter, resolved.finalCodes], [0, [1000, 4999]]);
  assertEquals(resolved.backoff, { base: 2, factor: 1.5, cap: 3 });
  assertEquals(resolved.queue, { maxMessages: 0, maxBytes: 0, policy: "drop-oldest" });
  assertStrictEquals(resolved.signal, signal);
  assertStrictEquals(resolved.hooks, options);
});

Deno.test("options: the cap follows a base that is larger", () => {
  assertEquals(resolve({ backoff: { base: 60_000 } }).backoff.cap, 60_000);
});

/** What is refused, and with which words. */
const WRONG: [options: Record<string, unknown>, error: ErrorConstructor, message: string][] = [
  [{ backoff: 5 }, TypeError, "backoff must be an object; got number"],
  [{ backoff: null }, TypeError, "backoff must be an object; got null"],
  [
    { backoff: { base: 0 } },
    RangeError,
    "backoff.base must be a whole number from 1 to 2147483647",
  ],
  [{ backoff: { base: "1" } }, TypeError, "backoff.base must be a number; got string"],
  [{ backoff: { cap: 2 ** 31 } }, RangeError, "backoff.cap must be a whole number from 1"],
  [
    { backoff: { cap: 499 } },
    RangeError,
    "backoff.cap must be at least backoff.base, 500; got 499",
  ],
  [{ backoff: { factor: "2" } }, TypeError, "backoff.factor must be a number; got string"],
  [{ backoff: { factor: 0.9 } }, RangeError, "backoff.factor must be a number from 1 on; got 0.9"],
  [{ backoff: { factor: NaN } }, RangeError, "backoff.factor must be a number from 1 on; got NaN"],
  [{ backoff: { factor: Infinity } }, RangeError, "backoff.factor must be a number from 1 on"],
  [{ maxAttempts: 0 }, RangeError, "maxAttempts must be a whole number from 1"],
  [{ maxAttempts: Infinity }, RangeError, "maxAttempts must be a whole number from 1"],
  [{ maxAttempts: "3" }, TypeError, "maxAttempts must be a number; got string"],
  [{ giveUpAfter: 0 }, RangeError, "giveUpAfter must be a whole number from 1"],
  [{ giveUpAfter: NaN }, RangeError, "giveUpAfter must be a whole number from 1"],
  [{ stableAfter: -1 }, RangeError, "stableAfter must be a whole number from 0"],
  [{ finalCodes: 1000 }, TypeError, "finalCodes must be an array of close codes; got number"],
  [
    { finalCodes: [999] },
    RangeError,
    "finalCodes[0] must be a whole number from 1000",
  ],
  [
    { finalCodes: [5000] },
    RangeError,
    "finalCodes[0] must be a whole number from 1000",
  ],
  [{ finalCodes: ["1000"] }, TypeError, "finalCodes[0] must be a number; got string"],
  [{ finalCodes: [undefined] }, TypeError, "finalCodes[0] must be a number; got undefined"],
  [{ queue: false }, TypeError, "queue must be an object; got boolean"],
  [{ queue: { maxMessages: -1 } }, RangeError, "queue.maxMessages must be a whole number from 0"],
  [{ queue: { maxBytes: 0.5 } }, RangeError, "queue.maxBytes must be a whole number from 0"],
  [{ queue: { policy: 1 } }, TypeError, "queue.policy must be a string; got number"],
  [
    { queue: { policy: "drop" } },
    RangeError,
    "queue.policy must be one of reject, drop-newest, drop-oldest; got drop",
  ],
  [{ signal: {} }, TypeError, "signal must be an AbortSignal; got object"],
  [{ beforeAttempt: {} }, TypeError, "beforeAttempt must be a function; got object"],
  [{ shouldReconnect: true }, TypeError, "shouldReconnect must be a function; got boolean"],
  [{ onStateChange: null }, TypeError, "onStateChange must be a function; got null"],
  [{ connect: "tcp" }, TypeError, "connect must be a function; got string"],
  [{ random: 4 }, TypeError, "random must be a function; got number"],
  [{ timeout: 0 }, RangeError, "timeout must be a whole number from 1"],
  [{ maxMessageBytes: 0 }, RangeError, "maxMessageBytes must be a whole number from 1"],
  [{ heartbeat: { interval: 0 } }, RangeError, "heartbeat.interval must be a whole number from 1"],
  [{ tls: { caCerts: ["x"] } }, TypeError, "tls.caCerts must be PEM"],
  [{ headers: "a: b" }, TypeError, "headers must be an object or a list of names and values"],
  [{ headers: { host: "a" } }, TypeError, 'Cannot write the header "host"'],
  [{ headers: { a: "b\r\nc: d" } }, TypeError, "its value must have no line break"],
  [{ subprotocols: 5 }, TypeError, "subprotocols must be a string or a list of strings"],
  [{ subprotocols: ["a b"] }, TypeError, 'Cannot write the subprotocol "a b"'],
  [{ proxy: "socks5://a.example" }, TypeError, "The proxy's scheme must be http: or https:"],
  [{ redirects: -1 }, RangeError, "redirects must be a whole number from 0 to 100"],
  [{ unix: "" }, TypeError, "unix must be the path of a socket"],
  [{ cookies: {} }, TypeError, "cookies.get must be a function; got undefined"],
  [{ onPhase: 1 }, TypeError, "onPhase must be a function; got number"],
  [{ streaming: true }, TypeError, "streaming must not be set: messages are iterated here, whole"],
  [
    { handlers: { message: () => {} } },
    TypeError,
    'The handler "message" must not be given: messages are iterated here',
  ],
  [{ handlers: { stream: () => {} } }, TypeError, 'The handler "stream" must not be given'],
  [{ handlers: { close: 5 } }, TypeError, 'The handler "close" must be a function; got number'],
];

for (const [options, ErrorClass, message] of WRONG) {
  Deno.test(`options: refused: ${message}`, () => {
    assertThrows(() => reconnecting(URL_TEXT, options), ErrorClass, message);
  });
}

Deno.test("options: a URL that is wrong is refused at once", () => {
  const urls: [unknown, string][] = [
    ["echo", "it must be an absolute URL"],
    [
      "ftp://a.example/",
      "its scheme must be ws: or wss:, or http: or https: for the same; got ftp:",
    ],
    [new URL("ws://a.example/#top"), "it must have no fragment"],
    [undefined, "it must be an absolute URL"],
  ];
  for (const [url, message] of urls) {
    assertThrows(() => reconnecting(url as ReconnectingUrl), TypeError, message);
  }
});

Deno.test("options: TLS that goes together with no URL of ws is right for one that is asked for later", () => {
  const tls = { insecure: true };
  assertThrows(() => reconnecting("ws://a.example/", { tls }), TypeError, "tls is for wss");
  const { connectOptions } = resolveReconnecting(() => "wss://a.example/", { tls });
  assertEquals(connectOptions, { tls });
});

Deno.test("options: header fields of an iterator are there for every attempt", () => {
  const fields = new Map([["x-a", "b"]]);
  assertEquals(resolve({ headers: fields.entries() }).connectOptions.headers, [["x-a", "b"]]);
});

Deno.test("options: undefined is as good as absent", () => {
  const absent: Record<string, undefined> = Object.fromEntries(
    ["backoff", "maxAttempts", "queue", "signal", "finalCodes", "handlers", "random", "tls"]
      .map((name) => [name, undefined]),
  );
  assertEquals(resolve(absent as ReconnectingOptions).backoff, resolve().backoff);
  assertEquals(resolve({ streaming: false } as ReconnectingOptions).handlers, {});
});
