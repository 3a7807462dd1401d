/**
 * The opcodes of RFC 6455 §5.2, and the two kinds of message they make.
 *
 * @module
 */

/** A frame's opcode (RFC 6455 §5.2). */
export const Opcode = {
  CONTINUATION: 0x0,
  TEXT: 0x1,
  BINARY: 0x2,
  CLOSE: 0x8,
  PING: 0x9,
  PONG: 0xa,
} as const;

/** The kind of a data message: UTF-8 text or bytes (RFC 6455 §5.6). */
export type MessageType = "text" | "binary";
