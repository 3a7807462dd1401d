/**
 * What can go wrong with a connection that is not the peer's breach of the protocol: one
 * row an error, with a stable code.
 *
 * @module
 */
import { printableText } from "./printable_text.ts";
import type { CloseEvent } from "./transport.ts";

/** The stable code of a {@linkcode ConnectionError}. */
export type ConnectionErrorCode =
  | "ERR_CLOSED"
  | "ERR_INVALID_STATE"
  | "ERR_NOT_SUPPORTED"
  | "ERR_SEND_LIMIT"
  | "ERR_SLOW_CONSUMER"
  | "ERR_MESSAGE_TIMEOUT"
  | "ERR_WRITE_TIMEOUT"
  | "ERR_HEARTBEAT_TIMEOUT"
  | "ERR_CLOSE_TIMEOUT"
  | "ERR_IDLE_TIMEOUT"
  | "ERR_STREAM_ENDED"
  | "ERR_STREAM_FAILED";

const MESSAGES: Readonly<Record<ConnectionErrorCode, string>> = {
  ERR_CLOSED: "the connection is closed",
  ERR_INVALID_STATE: "the connection is not in a state for this",
  ERR_NOT_SUPPORTED: "the engine of this connection cannot do this",
  ERR_SEND_LIMIT: "more than sendLimit bytes would wait to be sent",
  ERR_SLOW_CONSUMER: "what is sent does not leave fast enough: sendLimit was reached",
  ERR_MESSAGE_TIMEOUT: "the peer began a message and did not go on with it",
  ERR_WRITE_TIMEOUT: "the peer took none of what was sent",
  ERR_HEARTBEAT_TIMEOUT: "the peer did not answer a ping",
  ERR_CLOSE_TIMEOUT: "the peer did not complete the closing handshake",
  ERR_IDLE_TIMEOUT: "no data came or went",
  ERR_STREAM_ENDED: "the byte stream ended without a close frame",
  ERR_STREAM_FAILED: "the byte stream failed",
};

/** How a {@linkcode ConnectionError} is made. */
export interface ConnectionErrorOptions {
  /** Says more than the code's own sentence. */
  detail?: string;
  /** The error below this one. */
  cause?: unknown;
}

/** An operation on a connection failed, or the connection itself did. */
export class ConnectionError extends Error {
  /** `"ConnectionError"`, or the name of the subclass. */
  override readonly name: string = "ConnectionError";
  /** What went wrong; stable across releases. */
  readonly code: ConnectionErrorCode;

  /** Takes the code; its sentence is the message, followed by `detail`. */
  constructor(code: ConnectionErrorCode, options: ConnectionErrorOptions = {}) {
    const { detail, cause } = options;
    const message = detail === undefined ? MESSAGES[code] : `${MESSAGES[code]}: ${detail}`;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/**
 * Something was asked of a connection that has ended or is ending, or it ended while
 * something waited. Its `code` is `"ERR_CLOSED"`.
 */
export class ConnectionClosedError extends ConnectionError {
  /** `"ConnectionClosedError"`. */
  override readonly name = "ConnectionClosedError";
  /** How the connection ended; absent while it is still closing. */
  readonly event?: CloseEvent;

  /** Takes the close event, once there is one. */
  constructor(event?: CloseEvent) {
    super("ERR_CLOSED", event === undefined ? {} : { detail: describe(event), cause: event.error });
    if (event !== undefined) this.event = event;
  }
}

function describe(event: CloseEvent): string {
  const { code, reason } = event;
  return reason === "" ? `code ${code}` : `code ${code}, ${printableText(reason)}`;
}
