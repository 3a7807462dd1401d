/**
 * What the WHATWG classes may close a connection with: less than RFC 6455 §7.4 allows.
 *
 * @module
 */
import type { Connection } from "../../connection/connection.ts";
import { CloseCode, MAX_REASON_BYTES } from "../../protocol/close_codes.ts";

/** What goes into a close frame. */
export interface CloseArguments {
  /** The close code; without one, and without a reason, the frame has no body. */
  readonly code: number | undefined;
  /** The reason. */
  readonly reason: string;
}

const MAX_UNSIGNED_SHORT = 0xffff;

const encoder = new TextEncoder();

/** `value` as Web IDL's `[Clamp] unsigned short`: the nearest one there is, or 0 for `NaN`. */
export function clampedCode(value: unknown): number {
  const number = +(value as number);
  if (Number.isNaN(number)) return 0;
  const within = Math.min(Math.max(number, 0), MAX_UNSIGNED_SHORT);
  const rounded = Math.round(within);
  // Halfway between two, the even one is taken.
  return rounded - within === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}

/**
 * `value` as Web IDL's `[EnforceRange] unsigned short`.
 *
 * @throws {TypeError} when it is out of the range from 0 to 65535.
 */
export function enforcedCode(value: unknown): number {
  const number = Math.trunc(+(value as number)) + 0;
  if (number >= 0 && number <= MAX_UNSIGNED_SHORT) return number;
  throw new TypeError(`Cannot close: the code must be a number from 0 to 65535; got ${number}`);
}

/**
 * Checks what a program wants to close with.
 *
 * @throws {DOMException} with the name `"InvalidAccessError"` for a wrong code, with
 * `"SyntaxError"` for a reason of more than 123 bytes of UTF-8.
 */
export function checkClose({ code, reason }: CloseArguments): void {
  if (code !== undefined && code !== CloseCode.NORMAL && (code < 3000 || code > 4999)) {
    throw new DOMException(
      `Cannot close with code ${code}: it must be 1000 or from 3000 to 4999`,
      "InvalidAccessError",
    );
  }
  const { length } = encoder.encode(reason);
  if (length > MAX_REASON_BYTES) {
    throw new DOMException(
      `Cannot close with a reason of ${length} bytes: it must be ${MAX_REASON_BYTES} at most`,
      "SyntaxError",
    );
  }
}

/** Begins the closing handshake, with what was checked. A reason alone gets the code 1000. */
export function beginClosing(connection: Connection, { code, reason }: CloseArguments): void {
  connection.close(code ?? (reason === "" ? null : CloseCode.NORMAL), reason);
}
