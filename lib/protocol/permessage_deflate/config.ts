/**
 * What an end wants of permessage-deflate, the defaults, and the check of both.
 *
 * @module
 */
import type { Role } from "../frame_parser.ts";
import { MIN_DEFLATE_BITS } from "./agreement.ts";
import { MAX_WINDOW_BITS } from "./parameters.ts";

/**
 * Whether messages in one direction share a window:
 *
 * - `"allow"`: yes, unless the peer wants otherwise; compresses better, and costs the
 *   memory of a window on both sides for as long as the connection lasts;
 * - `"never"`: each message begins with an empty window.
 */
export type ContextTakeover = "allow" | "never";

/** What an end wants of permessage-deflate, in both roles. */
export interface DeflateOptions {
  /**
   * From server to client. A client that says `"never"` insists: a server that cannot do
   * without must decline.
   * @default "never" on a server, "allow" on a client
   */
  serverContextTakeover?: ContextTakeover;
  /** From client to server. @default "never" on a server, "allow" on a client */
  clientContextTakeover?: ContextTakeover;
  /**
   * The largest window from server to client, as the exponent of 2: 9 is 512 bytes, 15 is
   * 32,768. On a client it is a wish: a server that knows no limit may still compress.
   * @default 15
   */
  serverMaxWindowBits?: number;
  /**
   * The largest window from client to server, as the exponent of 2. On a server it is a
   * wish: a client that knows no limit may still compress.
   * @default 15
   */
  clientMaxWindowBits?: number;
}

/** {@linkcode DeflateOptions} with every default filled in. */
export type DeflateConfig = Readonly<Required<DeflateOptions>>;

/** A server has many connections, and there memory matters most; a client has few. */
const TAKEOVER: Readonly<Record<Role, ContextTakeover>> = { server: "never", client: "allow" };

/**
 * Fills in the defaults of a role.
 *
 * @throws {TypeError} when an option is of the wrong type; the message names it.
 * @throws {RangeError} when an option is out of its range; the message names it.
 */
export function resolveDeflateConfig(options: DeflateOptions, role: Role): DeflateConfig {
  const { serverContextTakeover = TAKEOVER[role], clientContextTakeover = TAKEOVER[role] } =
    options;
  const { serverMaxWindowBits = MAX_WINDOW_BITS, clientMaxWindowBits = MAX_WINDOW_BITS } = options;
  return {
    serverContextTakeover: takeover("serverContextTakeover", serverContextTakeover),
    clientContextTakeover: takeover("clientContextTakeover", clientContextTakeover),
    serverMaxWindowBits: windowBits("serverMaxWindowBits", serverMaxWindowBits),
    clientMaxWindowBits: windowBits("clientMaxWindowBits", clientMaxWindowBits),
  };
}

function takeover(name: string, value: ContextTakeover): ContextTakeover {
  if (typeof value !== "string") throw wrongType(name, "allow or never", value);
  if (value !== "allow" && value !== "never") {
    throw new RangeError(`${name} must be allow or never; got ${value}`);
  }
  return value;
}

function windowBits(name: string, value: number): number {
  if (typeof value !== "number") throw wrongType(name, "a number", value);
  if (!Number.isInteger(value) || value < MIN_DEFLATE_BITS || value > MAX_WINDOW_BITS) {
    throw new RangeError(
      `${name} must be a whole number from ${MIN_DEFLATE_BITS} to ${MAX_WINDOW_BITS}; got ${value}`,
    );
  }
  return value;
}

function wrongType(name: string, expected: string, value: unknown): TypeError {
  const got = value === null ? "null" : typeof value;
  return new TypeError(`${name} must be ${expected}; got ${got}`);
}
