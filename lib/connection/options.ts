/**
 * The options of a connection, their defaults, and the check of both.
 *
 * @module
 */

const MEBIBYTE = 1024 * 1024;
/** The longest delay that a timer can hold, in milliseconds. */
const MAX_DELAY = 0x7fff_ffff;

/**
 * What happens to a message that is sent while the peer is slow, that is while more than
 * `sendHighWaterMark` bytes wait:
 *
 * - `"disconnect"`: it waits too; at `sendLimit` the connection is closed with 1013;
 * - `"block"`: it waits too; at `sendLimit` `send` is refused with `ERR_SEND_LIMIT`, so
 *   whoever sends has to wait for what `send` gives;
 * - `"drop-newest"`: it is dropped;
 * - `"drop-oldest"`: it waits, and the oldest that wait are dropped beyond
 *   `sendHighWaterMark` bytes of them;
 * - `"coalesce"`: it takes the place of the one that waits with the same `key`.
 */
export type SlowConsumerPolicy =
  | "disconnect"
  | "block"
  | "drop-newest"
  | "drop-oldest"
  | "coalesce";

/** How a connection's liveness is watched. */
export interface HeartbeatOptions {
  /** Milliseconds between pings. @default 20000 */
  interval?: number;
  /** Milliseconds to wait for the matching pong before the peer counts as gone. @default 20000 */
  timeout?: number;
}

/** What can be set on every connection, in both roles. Sizes are bytes, times milliseconds. */
export interface ConnectionOptions {
  /**
   * The longest message that is accepted; a longer one closes the connection with 1009.
   * @default 1048576, or no limit with `streaming`
   */
  maxMessageBytes?: number;
  /**
   * The longest single frame that is accepted; a longer one closes with 1009.
   * @default the same as `maxMessageBytes`
   */
  maxFrameBytes?: number;
  /** The most fragments of one message, empty ones counted; more close with 1008. @default 1024 */
  maxFragments?: number;
  /**
   * Receive each message as a stream, for messages that are larger than memory: see
   * `Connection.streams`.
   * @default false
   */
  streaming?: boolean;
  /** Reading stops while this much waits to be consumed. @default 262144 */
  receiveHighWaterMark?: number;
  /** While this much waits to be sent, `send` gives a promise to wait for. @default 262144 */
  sendHighWaterMark?: number;
  /** The most that may wait to be sent. @default 16777216 */
  sendLimit?: number;
  /** What happens to messages for a slow peer. @default "disconnect" */
  slowConsumer?: SlowConsumerPolicy;
  /** Pings on a timer, to notice a peer that is gone. @default 20 s and 20 s; false: none */
  heartbeat?: HeartbeatOptions | false;
  /** How long a message that has begun may make no progress. @default 30000 */
  messageTimeout?: number;
  /** How long the peer may take none of what is sent. @default 10000 */
  writeTimeout?: number;
  /** How long the closing handshake may take before the stream is cut. @default 5000 */
  closeTimeout?: number;
  /** Close with 1001 when no data came or went for so long; 0: never. @default 0 */
  idleTimeout?: number;
  /** Close with 1001 when the connection has lasted so long; 0: never. @default 0 */
  maxLifetime?: number;
}

/** {@linkcode ConnectionOptions} with every default filled in. */
export type ResolvedOptions = Readonly<Required<Omit<ConnectionOptions, "heartbeat">>> & {
  readonly heartbeat: Readonly<Required<HeartbeatOptions>> | false;
};

const POLICIES: readonly string[] = [
  "disconnect",
  "block",
  "drop-newest",
  "drop-oldest",
  "coalesce",
];

/** The names of all connection options. */
export const CONNECTION_OPTION_NAMES: readonly (keyof ConnectionOptions)[] = [
  "maxMessageBytes",
  "maxFrameBytes",
  "maxFragments",
  "streaming",
  "receiveHighWaterMark",
  "sendHighWaterMark",
  "sendLimit",
  "slowConsumer",
  "heartbeat",
  "messageTimeout",
  "writeTimeout",
  "closeTimeout",
  "idleTimeout",
  "maxLifetime",
];

/**
 * Fills in the defaults.
 *
 * @throws {TypeError} when an option is of the wrong type; the message names it.
 * @throws {RangeError} when an option is out of its range; the message names it.
 */
export function resolveOptions(options: ConnectionOptions): ResolvedOptions {
  const { streaming = false } = options;
  if (typeof streaming !== "boolean") throw wrongType("streaming", "a boolean", streaming);
  const maxMessageBytes = size(
    "maxMessageBytes",
    options.maxMessageBytes,
    streaming ? Number.MAX_SAFE_INTEGER : MEBIBYTE,
  );
  return {
    streaming,
    maxMessageBytes,
    maxFrameBytes: size("maxFrameBytes", options.maxFrameBytes, maxMessageBytes),
    maxFragments: size("maxFragments", options.maxFragments, 1024),
    receiveHighWaterMark: size("receiveHighWaterMark", options.receiveHighWaterMark, MEBIBYTE / 4),
    sendHighWaterMark: size("sendHighWaterMark", options.sendHighWaterMark, MEBIBYTE / 4),
    sendLimit: size("sendLimit", options.sendLimit, 16 * MEBIBYTE),
    slowConsumer: policy(options.slowConsumer),
    heartbeat: heartbeat(options.heartbeat),
    messageTimeout: delay("messageTimeout", options.messageTimeout, { default: 30_000, from: 1 }),
    writeTimeout: delay("writeTimeout", options.writeTimeout, { default: 10_000, from: 1 }),
    closeTimeout: delay("closeTimeout", options.closeTimeout, { default: 5000, from: 1 }),
    idleTimeout: delay("idleTimeout", options.idleTimeout, { default: 0, from: 0 }),
    maxLifetime: delay("maxLifetime", options.maxLifetime, { default: 0, from: 0 }),
  };
}

function policy(value: SlowConsumerPolicy | undefined): SlowConsumerPolicy {
  if (value === undefined) return "disconnect";
  if (typeof value !== "string") throw wrongType("slowConsumer", "a string", value);
  if (!POLICIES.includes(value)) {
    throw new RangeError(`slowConsumer must be one of ${POLICIES.join(", ")}; got ${value}`);
  }
  return value;
}

function heartbeat(value: HeartbeatOptions | false | undefined): ResolvedOptions["heartbeat"] {
  if (value === false) return false;
  if (value !== undefined && (typeof value !== "object" || value === null)) {
    throw wrongType("heartbeat", "an object or false", value);
  }
  return {
    interval: delay("heartbeat.interval", value?.interval, { default: 20_000, from: 1 }),
    timeout: delay("heartbeat.timeout", value?.timeout, { default: 20_000, from: 1 }),
  };
}

function size(name: string, value: number | undefined, byDefault: number): number {
  return integer(name, value, { default: byDefault, from: 1, to: Number.MAX_SAFE_INTEGER });
}

/** Checks a time in milliseconds that a timer must be able to hold. */
export function delay(
  name: string,
  value: number | undefined,
  range: { default: number; from: number },
): number {
  return integer(name, value, { ...range, to: MAX_DELAY });
}

/** Checks a whole number. */
export function integer(
  name: string,
  value: number | undefined,
  range: { default: number; from: number; to: number },
): number {
  if (value === undefined) return range.default;
  if (typeof value !== "number") throw wrongType(name, "a number", value);
  if (!Number.isInteger(value) || value < range.from || value > range.to) {
    throw new RangeError(
      `${name} must be a whole number from ${range.from} to ${range.to}; got ${value}`,
    );
  }
  return value;
}

function wrongType(name: string, expected: string, value: unknown): TypeError {
  const got = value === null ? "null" : typeof value;
  return new TypeError(`${name} must be ${expected}; got ${got}`);
}
