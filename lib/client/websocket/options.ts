/**
 * The arguments of the two constructors: what Web IDL makes of them, and the options of
 * `connect` beside them.
 *
 * @module
 */
import type { ConnectOptions } from "../connect.ts";

/**
 * How a {@linkcode WebSocketStream} connects: with the options of `connect`, whose
 * subprotocols are called `protocols` here. Some defaults are wider, since the standard
 * knows no limits.
 */
export interface WebSocketStreamOptions
  extends Omit<ConnectOptions, "handlers" | "streaming" | "subprotocols"> {
  /**
   * Subprotocols to offer, most preferred first. The connection only opens when the server
   * takes one.
   * @default none
   */
  protocols?: readonly string[];
  /** The longest message that is accepted, in bytes. @default 67108864 */
  maxMessageBytes?: number;
  /** The most fragments of one message. @default 65536 */
  maxFragments?: number;
}

/** How a {@linkcode WebSocket} connects, beyond what the WHATWG class can say. */
export interface WebSocketOptions extends Omit<WebSocketStreamOptions, "protocols"> {
  /**
   * Subprotocols to offer, most preferred first. The connection only opens when the server
   * takes one.
   * @default none
   */
  protocols?: string | readonly string[];
  /**
   * The most that may wait to be sent, in bytes; beyond, the connection is closed. It is wide,
   * because a program has nothing but `bufferedAmount` to slow down by.
   * @default 268435456
   */
  sendLimit?: number;
}

/** What a constructor was called with. */
export interface ConstructorArguments {
  /** The subprotocols, as strings and not checked. */
  readonly protocols: readonly string[];
  /** What goes to `connect`, but the subprotocols. */
  readonly options: ConnectOptions;
}

const MEBIBYTE = 1024 * 1024;

/** Options of others, and what takes their place here. */
const REFUSED: Readonly<Record<string, string>> = {
  client: "take headers, tls or unix instead",
  handlers: "take event listeners instead",
  streaming: "take connect instead",
  subprotocols: "it is called protocols here",
};

/**
 * The arguments of `new WebSocket` behind the URL: subprotocols, or options, or one after the
 * other.
 *
 * @throws {TypeError} when an argument is of the wrong type; the message names it.
 */
export function readWebSocketArguments(second: unknown, third: unknown): ConstructorArguments {
  const bag = isBag(second) ? second : undefined;
  if (bag !== undefined && third !== undefined) {
    throw new TypeError("Cannot connect: the options were given twice");
  }
  const options = bag ?? readBag(third);
  const named = bag === undefined ? listOf(second) : undefined;
  if (named !== undefined && options["protocols"] !== undefined) {
    throw new TypeError("Cannot connect: the protocols were given twice");
  }
  const { sendLimit, sendHighWaterMark = 0 } = options as WebSocketOptions;
  const wide = Math.max(256 * MEBIBYTE, sendHighWaterMark);
  return {
    protocols: named ?? listOf(options["protocols"]) ?? [],
    options: { ...connectOptions(options), sendLimit: sendLimit ?? wide },
  };
}

/**
 * The second argument of `new WebSocketStream`.
 *
 * @throws {TypeError} when it is no object, or `protocols` in it is no list.
 */
export function readStreamArguments(second: unknown): ConstructorArguments {
  const options = readBag(second);
  const { protocols } = options;
  if (typeof protocols === "string") {
    throw new TypeError("Cannot connect: protocols must be a list of strings, got a string");
  }
  return { protocols: listOf(protocols) ?? [], options: connectOptions(options) };
}

/** A dictionary of Web IDL: an object of any kind, or nothing at all. */
export function readBag(value: unknown): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (typeof value === "object" || typeof value === "function") {
    return value as Record<string, unknown>;
  }
  throw new TypeError(`Cannot take the options: they must be an object, got ${typeof value}`);
}

function connectOptions(options: Record<string, unknown>): ConnectOptions {
  for (const [name, instead] of Object.entries(REFUSED)) {
    if (options[name] === undefined) continue;
    throw new TypeError(`Cannot connect: the option ${name} is not known; ${instead}`);
  }
  const { protocols: _, ...others } = options as WebSocketOptions;
  return {
    ...others,
    maxMessageBytes: others.maxMessageBytes ?? 64 * MEBIBYTE,
    maxFragments: others.maxFragments ?? 65_536,
  };
}

/** Whether `value` is an object with options, and not a list of names. */
function isBag(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !(Symbol.iterator in value);
}

/** The names in `value`: each item of a list, or `value` itself, as strings. */
function listOf(value: unknown): string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object") return [`${value}`];
  if (Symbol.iterator in value) {
    return Array.from(value as Iterable<unknown>, (name) => `${name}`);
  }
  throw new TypeError("Cannot connect: protocols must be a string or a list of strings");
}
