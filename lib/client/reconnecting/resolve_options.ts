/**
 * The check of the options of a reconnecting connection, and their defaults.
 *
 * @module
 */
import { type Clock, systemClock } from "../../connection/clock.ts";
import { checkHandlers } from "../../connection/handlers.ts";
import { delay, integer, wrongType } from "../../connection/numbers.ts";
import type { ResolvedOptions } from "../../connection/options.ts";
import { checkConnect, connect, type ConnectOptions } from "../connect.ts";
import { headerFields } from "../header_fields.ts";
import type { BackoffOptions } from "./backoff.ts";
import { FINAL_CLOSE_CODES } from "./cause.ts";
import type { ReconnectingHandlers } from "./intake.ts";
import type { ConnectFunction, ReconnectingOptions, ReconnectingUrl } from "./options.ts";
import type { QueueOptions, QueuePolicy } from "./unsent_queue.ts";

/** The hooks of the application. */
export type Hooks = Pick<
  ReconnectingOptions,
  "beforeAttempt" | "shouldReconnect" | "onStateChange"
>;

/** All options, checked and with every default filled in. */
export interface ResolvedReconnecting {
  readonly url: ReconnectingUrl;
  /** The options of `connect` that hold for every attempt. */
  readonly connectOptions: Omit<ConnectOptions, "handlers" | "signal">;
  /** What they come to. */
  readonly connection: ResolvedOptions;
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  readonly handlers: ReconnectingHandlers;
  readonly backoff: Readonly<Required<BackoffOptions>>;
  readonly maxAttempts: number;
  readonly giveUpAfter: number;
  readonly stableAfter: number;
  readonly finalCodes: readonly number[];
  readonly queue: Readonly<Required<QueueOptions>>;
  readonly hooks: Hooks;
  readonly connect: ConnectFunction;
  readonly random: () => number;
  readonly clock: Clock;
}

/** Stands for a URL that is not known yet, with which every option of `connect` goes together. */
const ANY_URL = "wss://localhost/";

const HOOKS = [
  "beforeAttempt",
  "shouldReconnect",
  "onStateChange",
  "connect",
  "random",
] as const;

const POLICIES: readonly string[] = ["reject", "drop-newest", "drop-oldest"];

/**
 * Fills in the defaults.
 *
 * @throws {TypeError} when an option is of the wrong type; the message names it.
 * @throws {RangeError} when an option is out of its range; the message names it.
 */
export function resolveReconnecting(
  url: ReconnectingUrl,
  options: ReconnectingOptions,
): ResolvedReconnecting {
  for (const name of HOOKS) checkFunction(name, options[name]);
  const connectOptions = connectOptionsOf(options);
  const checked = checkConnect(typeof url === "function" ? ANY_URL : url, connectOptions);
  return {
    url,
    connectOptions,
    connection: checked.options,
    timeout: checked.timeout,
    signal: signal(options.signal),
    handlers: handlers(options),
    backoff: backoff(options.backoff),
    maxAttempts: limit("maxAttempts", options.maxAttempts),
    giveUpAfter: limit("giveUpAfter", options.giveUpAfter),
    stableAfter: delay("stableAfter", options.stableAfter, { default: 5000, from: 0 }),
    finalCodes: finalCodes(options.finalCodes),
    queue: queue(options.queue),
    hooks: options,
    connect: options.connect ?? connect,
    random: options.random ?? Math.random,
    clock: options.clock ?? systemClock,
  };
}

/** What is left for `connect`, so that it serves for any number of attempts. */
function connectOptionsOf(options: ReconnectingOptions): Omit<ConnectOptions, "handlers"> {
  const {
    signal: _signal,
    handlers: _handlers,
    backoff: _backoff,
    maxAttempts: _maxAttempts,
    giveUpAfter: _giveUpAfter,
    stableAfter: _stableAfter,
    finalCodes: _finalCodes,
    queue: _queue,
    beforeAttempt: _beforeAttempt,
    shouldReconnect: _shouldReconnect,
    onStateChange: _onStateChange,
    connect: _connect,
    random: _random,
    clock: _clock,
    ...rest
  } = options;
  if (rest.headers === undefined) return rest;
  // An iterator gives its header fields only once.
  return { ...rest, headers: headerFields(rest.headers, "headers") };
}

function handlers(options: ReconnectingOptions): ReconnectingHandlers {
  const { handlers = {} } = options;
  for (const name of ["message", "stream"]) {
    if (!(name in handlers)) continue;
    throw new TypeError(`The handler "${name}" must not be given: messages are iterated here`);
  }
  if ("streaming" in options && options.streaming !== false) {
    throw new TypeError("streaming must not be set: messages are iterated here, whole");
  }
  checkHandlers(handlers, {});
  return handlers;
}

function backoff(value: BackoffOptions | undefined): Required<BackoffOptions> {
  const { base: first, factor = 2, cap: last } = group("backoff", value);
  const base = delay("backoff.base", first, { default: 500, from: 1 });
  const cap = delay("backoff.cap", last, { default: Math.max(30_000, base), from: 1 });
  if (cap < base) {
    throw new RangeError(`backoff.cap must be at least backoff.base, ${base}; got ${cap}`);
  }
  if (typeof factor !== "number") throw wrongType("backoff.factor", "a number", factor);
  if (!Number.isFinite(factor) || factor < 1) {
    throw new RangeError(`backoff.factor must be a number from 1 on; got ${factor}`);
  }
  return { base, factor, cap };
}

function queue(value: QueueOptions | undefined): Required<QueueOptions> {
  const { maxMessages, maxBytes, policy = "reject" } = group("queue", value);
  const to = Number.MAX_SAFE_INTEGER;
  return {
    maxMessages: integer("queue.maxMessages", maxMessages, { default: 1000, from: 0, to }),
    maxBytes: integer("queue.maxBytes", maxBytes, { default: 1_048_576, from: 0, to }),
    policy: checkPolicy(policy),
  };
}

function checkPolicy(policy: QueuePolicy): QueuePolicy {
  if (typeof policy !== "string") throw wrongType("queue.policy", "a string", policy);
  if (POLICIES.includes(policy)) return policy;
  throw new RangeError(`queue.policy must be one of ${POLICIES.join(", ")}; got ${policy}`);
}

function finalCodes(codes: readonly number[] = FINAL_CLOSE_CODES): readonly number[] {
  if (!Array.isArray(codes)) throw wrongType("finalCodes", "an array of close codes", codes);
  return codes.map((code, index) => {
    const name = `finalCodes[${index}]`;
    if (code === undefined) throw wrongType(name, "a number", code);
    return integer(name, code, { default: 0, from: 1000, to: 4999 });
  });
}

function limit(name: string, value: number | undefined): number {
  return integer(name, value, { default: Infinity, from: 1, to: Number.MAX_SAFE_INTEGER });
}

function signal(value: AbortSignal | undefined): AbortSignal | undefined {
  if (value === undefined || value instanceof AbortSignal) return value;
  throw wrongType("signal", "an AbortSignal", value);
}

function group<T extends object>(name: string, value: T | undefined): Partial<T> {
  if (value === undefined) return {};
  if (typeof value === "object" && value !== null) return value;
  throw wrongType(name, "an object", value);
}

function checkFunction(name: string, value: unknown): void {
  if (value === undefined || typeof value === "function") return;
  throw wrongType(name, "a function", value);
}
