/**
 * What can go wrong with a reconnecting connection as a whole.
 *
 * @module
 */
import { ConnectionClosedError } from "../../connection/errors.ts";
import { describeCause, type DisconnectCause } from "./cause.ts";

/** The stable code of a {@linkcode ReconnectingError}. */
export type ReconnectingErrorCode =
  /** No other attempt would help: see `disconnect`. */
  | "ERR_NOT_RETRIED"
  /** The limit `maxAttempts` or `giveUpAfter` was reached. */
  | "ERR_GAVE_UP"
  /** The queue of unsent messages is full, and its policy is to refuse. */
  | "ERR_QUEUE_FULL";

/** How a {@linkcode ReconnectingError} is made. */
export interface ReconnectingErrorOptions {
  /** Why there is no connection. */
  disconnect?: DisconnectCause;
  /** The error below this one. @default what `disconnect` tells */
  cause?: unknown;
}

/** A reconnecting connection ended for good, or did not take a message. */
export class ReconnectingError extends Error {
  /** `"ReconnectingError"`. */
  override readonly name = "ReconnectingError";
  /** What went wrong; stable across releases. */
  readonly code: ReconnectingErrorCode;
  /** Why there is no connection; absent with `ERR_QUEUE_FULL`. */
  readonly disconnect?: DisconnectCause;

  /** Takes the code and a sentence; what `options.disconnect` tells is added to it. */
  constructor(
    code: ReconnectingErrorCode,
    message: string,
    options: ReconnectingErrorOptions = {},
  ) {
    const { disconnect, cause = disconnect && errorOf(disconnect) } = options;
    const whole = disconnect === undefined ? message : `${message}: ${describeCause(disconnect)}`;
    super(whole, cause === undefined ? undefined : { cause });
    this.code = code;
    if (disconnect !== undefined) this.disconnect = disconnect;
  }
}

function errorOf(cause: DisconnectCause): unknown {
  return cause.kind === "closed" ? new ConnectionClosedError(cause.event) : cause.error;
}
