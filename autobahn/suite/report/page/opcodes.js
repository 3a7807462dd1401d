/**
 * The names of opcodes and close codes.
 *
 * @module
 */
// @ts-check

/** @type {Readonly<Record<number, string>>} RFC 6455 §5.2 */
const OPCODES = { 0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" };

/** @type {Readonly<Record<number, string>>} RFC 6455 §7.4.1 and IANA's registry. */
const CLOSE_CODES = {
  1000: "normal closure",
  1001: "going away",
  1002: "protocol error",
  1003: "unsupported data",
  1004: "reserved",
  1005: "no code, never sent",
  1006: "abnormal closure, never sent",
  1007: "invalid payload data",
  1008: "policy violation",
  1009: "message too big",
  1010: "extension missing",
  1011: "internal error",
  1012: "service restart",
  1013: "try again later",
  1014: "bad gateway",
  1015: "TLS failure, never sent",
};

/** Codes below 3000 that a close frame may carry. */
const SENDABLE = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];

/** @param {number} opcode */
export function opcodeName(opcode) {
  return OPCODES[opcode] ?? `reserved opcode ${opcode}`;
}

/** @param {number} code */
export function closeCodeName(code) {
  const name = CLOSE_CODES[code];
  if (name !== undefined) return name;
  if (code >= 3000 && code <= 3999) return "registered";
  return code >= 4000 && code <= 4999 ? "private use" : "not defined";
}

/**
 * Whether a close frame may carry this code (RFC 6455 §7.4).
 *
 * @param {number} code
 */
export function maySend(code) {
  return SENDABLE.includes(code) || code >= 3000 && code <= 4999;
}

/** @param {number} opcode */
export function isControl(opcode) {
  return opcode >= 8;
}
