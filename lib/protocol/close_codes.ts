/**
 * Close codes and the body of a close frame (RFC 6455 §5.5.1, §7.4).
 *
 * @module
 */

/** The close codes that RFC 6455 §7.4.1 and the IANA registry name. */
export const CloseCode = {
  /** The purpose was fulfilled. */
  NORMAL: 1000,
  /** An endpoint goes away: a server shuts down, a browser leaves the page. */
  GOING_AWAY: 1001,
  /** The peer broke the protocol. */
  PROTOCOL_ERROR: 1002,
  /** A kind of data that cannot be accepted. */
  UNSUPPORTED_DATA: 1003,
  /** Never sent: the close frame bore no code. */
  NO_STATUS: 1005,
  /** Never sent: the connection ended without a close frame. */
  ABNORMAL: 1006,
  /** Data that is not what its type says, such as text that is not UTF-8. */
  INVALID_DATA: 1007,
  /** A policy was violated, and no other code says how. */
  POLICY_VIOLATION: 1008,
  /** A message too large to process. */
  TOO_LARGE: 1009,
  /** The client misses an extension that the server did not agree to. */
  EXTENSION_MISSING: 1010,
  /** The server met something that it did not expect. */
  INTERNAL_ERROR: 1011,
  /** The service restarts (IANA). */
  SERVICE_RESTART: 1012,
  /** The service is overloaded; try again later (IANA). */
  TRY_AGAIN_LATER: 1013,
  /** A gateway got a bad answer from behind it (IANA). */
  BAD_GATEWAY: 1014,
} as const;

/** The longest reason, in bytes of UTF-8: 125 less the two of the code (RFC 6455 §5.5). */
export const MAX_REASON_BYTES = 123;

const encoder = new TextEncoder();

/** Says whether a close frame may bear `code` (RFC 6455 §7.4.2 and the IANA registry). */
export function isCloseCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

/**
 * The body of a close frame: empty without a code, else the code and the reason.
 *
 * Lone surrogates in `reason` become U+FFFD.
 *
 * @throws {RangeError} when `code` must not be sent, or `reason` is longer than 123 bytes.
 * @throws {TypeError} when there is a reason without a code.
 */
export function encodeClose(code: number | undefined, reason: string): Uint8Array {
  if (code === undefined) {
    if (reason !== "") throw new TypeError("Cannot close: a reason needs a code beside it");
    return new Uint8Array(0);
  }
  if (!Number.isInteger(code) || !isCloseCode(code)) {
    throw new RangeError(
      `Cannot close with code ${code}: it must be 1000 to 1003, 1007 to 1014, or 3000 to 4999`,
    );
  }
  const text = encoder.encode(reason);
  if (text.length > MAX_REASON_BYTES) {
    throw new RangeError(
      `Cannot close with a reason of ${text.length} bytes: it must be ${MAX_REASON_BYTES} at most`,
    );
  }
  const body = new Uint8Array(2 + text.length);
  body[0] = code >> 8;
  body[1] = code;
  body.set(text, 2);
  return body;
}
