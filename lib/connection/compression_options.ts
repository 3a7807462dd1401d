/**
 * The options of permessage-deflate, their defaults, and the check of both.
 *
 * @module
 */
import type { Role } from "../protocol/frame_parser.ts";
import {
  type DeflateConfig,
  type DeflateOptions,
  resolveDeflateConfig,
} from "../protocol/permessage_deflate/config.ts";
import { integer, wrongType } from "./numbers.ts";

/** How messages are compressed with permessage-deflate (RFC 7692). */
export interface CompressionOptions extends DeflateOptions {
  /** How hard to try: 1 is fast, 9 is small. @default 1 */
  level?: number;
  /** How much memory a compressor takes: 1 is little, 9 is fast. @default 8 */
  memoryLevel?: number;
  /**
   * A shorter message is sent as it is: bytes, of text UTF-16 units. Messages that are sent
   * as a stream are compressed whatever their length.
   * @default 1024
   */
  threshold?: number;
}

/** {@linkcode CompressionOptions} with every default filled in. */
export interface ResolvedCompression {
  /** What is negotiated. */
  readonly deflate: DeflateConfig;
  /** How hard to try, from 1 to 9. */
  readonly level: number;
  /** How much memory to take, from 1 to 9. */
  readonly memoryLevel: number;
  /** The shortest message that is compressed. */
  readonly threshold: number;
}

/**
 * Fills in the defaults: off on a server, where each connection costs, on for a client.
 *
 * @throws {TypeError} when an option is of the wrong type; the message names it.
 * @throws {RangeError} when an option is out of its range; the message names it.
 */
export function resolveCompression(
  value: CompressionOptions | boolean | undefined,
  role: Role,
): ResolvedCompression | false {
  if (value === false || (value === undefined && role === "server")) return false;
  const options = value === undefined || value === true ? {} : value;
  if (typeof options !== "object" || options === null) {
    throw wrongType("compression", "an object or a boolean", options);
  }
  return {
    deflate: resolveDeflateConfig(options, role),
    level: integer("compression.level", options.level, { default: 1, from: 1, to: 9 }),
    memoryLevel: integer("compression.memoryLevel", options.memoryLevel, {
      default: 8,
      from: 1,
      to: 9,
    }),
    threshold: integer("compression.threshold", options.threshold, {
      default: 1024,
      from: 0,
      to: Number.MAX_SAFE_INTEGER,
    }),
  };
}
