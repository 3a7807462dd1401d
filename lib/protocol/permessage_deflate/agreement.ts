/**
 * What the two ends have agreed on, and what it means for one of them.
 *
 * @module
 */
import type { Role } from "../frame_parser.ts";

/**
 * The smallest window that zlib can compress raw DEFLATE with, as the exponent of 2. It
 * takes 8 for 9, and promises nothing about the window that its output then needs.
 */
export const MIN_DEFLATE_BITS = 9;

/** How both ends compress (RFC 7692 §7.1). */
export interface DeflateAgreement {
  /** Whether each message of the server begins with an empty window. */
  readonly serverNoContextTakeover: boolean;
  /** Whether each message of the client begins with an empty window. */
  readonly clientNoContextTakeover: boolean;
  /** The largest window of the server, as the exponent of 2: 8 to 15, of our own server from 9. */
  readonly serverMaxWindowBits: number;
  /** The largest window of the client, as the exponent of 2: 8 to 15, with our own server from 9. */
  readonly clientMaxWindowBits: number;
}

/** How messages are compressed in one direction. */
export interface DeflateDirection {
  /** The window, as the exponent of 2: 9 to 15. */
  readonly windowBits: number;
  /** Whether a message may refer to the ones before it. */
  readonly contextTakeover: boolean;
}

/** Both directions, as one end sees them. */
export interface DeflateDirections {
  /** How to compress what is sent; `undefined`: send all messages as they are. */
  readonly outgoing: DeflateDirection | undefined;
  /** How what comes is compressed, where it is. */
  readonly incoming: DeflateDirection;
}

/**
 * What an agreement means for the end of that role.
 *
 * | window agreed on | to compress  | to decompress |
 * | ---------------- | ------------ | ------------- |
 * | 8                | not at all   | 9             |
 * | 9 to 15          | the same     | the same      |
 *
 * A window of 8 bits is more than our compressor can keep to. Rather than fail a connection
 * that works well without it, this end then sends its messages uncompressed, which RFC 7692
 * §6 leaves to the sender, and still takes compressed ones. To decompress, a larger window
 * is always right, and 9 bits bear with a peer whose zlib has taken 8 for 9.
 */
export function deflateDirections(agreement: DeflateAgreement, role: Role): DeflateDirections {
  const server: DeflateDirection = {
    windowBits: agreement.serverMaxWindowBits,
    contextTakeover: !agreement.serverNoContextTakeover,
  };
  const client: DeflateDirection = {
    windowBits: agreement.clientMaxWindowBits,
    contextTakeover: !agreement.clientNoContextTakeover,
  };
  const [ours, theirs] = role === "server" ? [server, client] : [client, server];
  return {
    outgoing: ours.windowBits < MIN_DEFLATE_BITS ? undefined : ours,
    incoming: { ...theirs, windowBits: Math.max(theirs.windowBits, MIN_DEFLATE_BITS) },
  };
}
