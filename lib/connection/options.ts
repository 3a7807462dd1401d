/**
 * The options of a connection, their defaults, and the check of both.
 *
 * @module
 */
import type { Role } from "../protocol/frame_parser.ts";
import {
  type CompressionOptions,
  resolveCompression,
  type ResolvedCompression,
} from "./compression_options.ts";
import { delay, integer, wrongType } from "./numbers.ts";

const MEBIBYTE = 1024 * 1024;
/** The longest string of V8, in UTF-16 units, so that every text that is taken can be held. */
const LONGEST_STRING = 2 ** 29 - 24;

/**
 * What happens to a message that is sent while the peer is slow, that is while
 * `sendHighWaterMark` bytes or more wait, be it for the peer or behind a long message that is
 * being compressed:
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
   * At most 536870888, the longest text that can be held, but with `streaming`.
   * @default 1048576, or no limit with `streaming`
   */
  maxMessageBytes?: number;
  /**
   * The longest single frame that is accepted; a longer one closes with 1009.
   * @default the same as `maxMessageBytes`
   */
  maxFrameBytes?: number;
  /**
   * The most fragments of one message, empty ones counted; more close with 1008. The long
   * messages that `send` compresses leave in 256 at most.
   * @default 1024, or no limit with `streaming`
   */
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
  /**
   * The most that may wait to be sent; at least `sendHighWaterMark`. It bounds memory, so it counts
   * what waits for the peer and also what waits until a long message is compressed, and in both
   * cases `slowConsumer` says what happens. The long message itself does not count until it is
   * compressed. Awaiting what `send` gives keeps a sender from it.
   * @default 16777216
   */
  sendLimit?: number;
  /** What happens to messages for a slow peer. @default "disconnect" */
  slowConsumer?: SlowConsumerPolicy;
  /** Pings on a timer, to notice a peer that is gone. @default 20 s and 20 s; false: none */
  heartbeat?: HeartbeatOptions | false;
  /** How long a message that has begun may make no progress. @default 30000 */
  messageTimeout?: number;
  /** How long the peer may take none of what is sent; noticed a quarter later at most. @default 10000 */
  writeTimeout?: number;
  /**
   * How long the closing handshake may take before the stream is cut, from our close frame on,
   * which leaves behind the long messages that are still to be compressed. While these are,
   * `writeTimeout` holds.
   * @default 5000
   */
  closeTimeout?: number;
  /** Close with 1001 when no data came or went for so long; 0: never. @default 0 */
  idleTimeout?: number;
  /** Close with 1001 when the connection has lasted so long; 0: never. @default 0 */
  maxLifetime?: number;
  /**
   * Compress messages with permessage-deflate (RFC 7692), where the peer agrees.
   * @default false on a server, true for a client
   */
  compression?: CompressionOptions | boolean;
}

/** {@linkcode ConnectionOptions} with every default filled in. */
export type ResolvedOptions =
  & Readonly<Required<Omit<ConnectionOptions, "heartbeat" | "compression">>>
  & {
    readonly heartbeat: Readonly<Required<HeartbeatOptions>> | false;
    readonly compression: ResolvedCompression | false;
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
  "compression",
];

/**
 * Fills in the defaults.
 *
 * @throws {TypeError} when an option is of the wrong type; the message names it.
 * @throws {RangeError} when an option is out of its range; the message names it.
 */
export function resolveOptions(
  options: ConnectionOptions,
  role: Role = "server",
): ResolvedOptions {
  const { streaming = false } = options;
  if (typeof streaming !== "boolean") throw wrongType("streaming", "a boolean", streaming);
  return {
    ...receiveLimits(options, streaming),
    ...sendLimits(options),
    heartbeat: heartbeat(options.heartbeat),
    messageTimeout: delay("messageTimeout", options.messageTimeout, { default: 30_000, from: 1 }),
    writeTimeout: delay("writeTimeout", options.writeTimeout, { default: 10_000, from: 1 }),
    closeTimeout: delay("closeTimeout", options.closeTimeout, { default: 5000, from: 1 }),
    idleTimeout: delay("idleTimeout", options.idleTimeout, { default: 0, from: 0 }),
    maxLifetime: delay("maxLifetime", options.maxLifetime, { default: 0, from: 0 }),
    compression: resolveCompression(options.compression, role),
  };
}

function receiveLimits(options: ConnectionOptions, streaming: boolean) {
  const none = Number.MAX_SAFE_INTEGER;
  const maxMessageBytes = integer("maxMessageBytes", options.maxMessageBytes, {
    default: streaming ? none : MEBIBYTE,
    from: 1,
    to: streaming ? none : LONGEST_STRING,
  });
  return {
    streaming,
    maxMessageBytes,
    maxFrameBytes: size("maxFrameBytes", options.maxFrameBytes, maxMessageBytes),
    maxFragments: size("maxFragments", options.maxFragments, streaming ? none : 1024),
    receiveHighWaterMark: size("receiveHighWaterMark", options.receiveHighWaterMark, MEBIBYTE / 4),
  };
}

function sendLimits(options: ConnectionOptions) {
  const mark = size("sendHighWaterMark", options.sendHighWaterMark, MEBIBYTE / 4);
  const limit = size("sendLimit", options.sendLimit, Math.max(16 * MEBIBYTE, mark));
  if (limit < mark) {
    throw new RangeError(`sendLimit must be at least sendHighWaterMark, ${mark}; got ${limit}`);
  }
  return { sendHighWaterMark: mark, sendLimit: limit, slowConsumer: policy(options.slowConsumer) };
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
