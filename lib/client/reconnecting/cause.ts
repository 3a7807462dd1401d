/**
 * Why there is no connection, and whether another attempt could help.
 *
 * @module
 */
import { printableText } from "../../connection/printable_text.ts";
import type { CloseEvent } from "../../connection/transport.ts";
import { CloseCode } from "../../protocol/close_codes.ts";
import { ConnectError } from "../connect_error.ts";

/** Why there is no connection: one that was open has ended, or an attempt failed. */
export type DisconnectCause =
  /** A connection that was open has ended. */
  | { readonly kind: "closed"; readonly event: CloseEvent }
  /** It could not be opened: most often a `ConnectError`. */
  | { readonly kind: "failed"; readonly error: unknown }
  /** `beforeAttempt`, or the function that gives the URL, threw this. */
  | { readonly kind: "hook"; readonly error: unknown };

/**
 * The close codes after which no other attempt is made, unless `finalCodes` says otherwise:
 * the purpose was fulfilled (1000), the same would go wrong again (1002, 1003, 1007 to 1010),
 * or this client is not wanted (3000 Unauthorized and 3003 Forbidden of the IANA registry).
 */
export const FINAL_CLOSE_CODES: readonly number[] = [
  CloseCode.NORMAL,
  CloseCode.PROTOCOL_ERROR,
  CloseCode.UNSUPPORTED_DATA,
  CloseCode.INVALID_DATA,
  CloseCode.POLICY_VIOLATION,
  CloseCode.TOO_LARGE,
  CloseCode.EXTENSION_MISSING,
  3000,
  3003,
];

/** Statuses that ask for another attempt, beside those of 5xx. */
const TRANSIENT_STATUSES: readonly number[] = [408, 425, 429];
/** Statuses of 5xx that say that no attempt will do: not implemented, HTTP version. */
const FINAL_STATUSES: readonly number[] = [501, 505];

/** Says whether another attempt could help; `finalCodes` are close codes after which none does. */
export function isTransient(cause: DisconnectCause, finalCodes: readonly number[]): boolean {
  switch (cause.kind) {
    case "closed":
      return !finalCodes.includes(cause.event.code);
    case "failed":
      return isTransientFailure(cause.error);
    case "hook":
      return true;
  }
}

/** One sentence about a cause. */
export function describeCause(cause: DisconnectCause): string {
  if (cause.kind === "closed") {
    const { code, reason } = cause.event;
    return `the connection ended with code ${code}${
      reason === "" ? "" : `, ${printableText(reason)}`
    }`;
  }
  const { error } = cause;
  return error instanceof Error ? error.message : String(error);
}

function isTransientFailure(error: unknown): boolean {
  if (error instanceof ConnectError) return isTransientConnectError(error);
  // An argument that is wrong stays wrong, and a permission that is missing stays missing.
  return !(error instanceof TypeError || error instanceof RangeError ||
    error instanceof Deno.errors.NotCapable);
}

function isTransientConnectError({ code, cause, response }: ConnectError): boolean {
  switch (code) {
    case "ERR_UNREACHABLE":
    case "ERR_TIMEOUT":
    case "ERR_STREAM":
      return true;
    case "ERR_TLS":
      // A certificate that is refused will be so again; a stream that broke may hold next time.
      return !(cause instanceof Deno.errors.InvalidData);
    case "ERR_HANDSHAKE":
      return false;
    case "ERR_REFUSED":
      return response !== undefined && isTransientStatus(response.status);
  }
}

function isTransientStatus(status: number): boolean {
  if (TRANSIENT_STATUSES.includes(status)) return true;
  return status >= 500 && status <= 599 && !FINAL_STATUSES.includes(status);
}
