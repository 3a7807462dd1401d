/**
 * Why a connection could not be opened.
 *
 * @module
 */
import type { AddressFailure } from "./happy_eyeballs.ts";

/** The stable code of a {@linkcode ConnectError}. */
export type ConnectErrorCode =
  /** The name did not resolve, or nothing answered at the address. */
  | "ERR_UNREACHABLE"
  /** The TLS handshake failed: wrong host, expired or unknown certificate, no TLS there. */
  | "ERR_TLS"
  /** Opening took longer than `timeout`. */
  | "ERR_TIMEOUT"
  /** The server answered with another status than 101: see `response`. */
  | "ERR_REFUSED"
  /** What the server answered breaks the opening handshake (RFC 6455 §4.1). */
  | "ERR_HANDSHAKE"
  /** The stream ended or failed before the handshake was complete. */
  | "ERR_STREAM";

/** What a server or a proxy that refused had to say. */
export interface RefusalResponse {
  /** The status, such as 401. */
  readonly status: number;
  /** The reason phrase; may be empty. */
  readonly reason: string;
  /** The header fields. */
  readonly headers: Headers;
  /** The body: its first 64 KiB, or what of it came within `timeout`. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** How a {@linkcode ConnectError} is made. */
export interface ConnectErrorOptions {
  /** What was answered. */
  response?: RefusalResponse;
  /** Whose answer that is. @default "server" */
  refusedBy?: "server" | "proxy";
  /** The addresses that were tried. @default [] */
  failures?: readonly AddressFailure[];
  /** The error below this one. */
  cause?: unknown;
}

/** A connection could not be opened. */
export class ConnectError extends Error {
  /** `"ConnectError"`. */
  override readonly name = "ConnectError";
  /** What went wrong; stable across releases. */
  readonly code: ConnectErrorCode;
  /** What was answered; present with `ERR_REFUSED`. */
  readonly response?: RefusalResponse;
  /** Whose answer `response` is; present with it. */
  readonly refusedBy?: "server" | "proxy";
  /** With `ERR_UNREACHABLE`, the addresses that were tried, and what went wrong with each. */
  readonly failures: readonly AddressFailure[];

  /** Takes the code and a sentence. */
  constructor(code: ConnectErrorCode, message: string, options: ConnectErrorOptions = {}) {
    const { response, refusedBy = "server", failures = [], cause } = options;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.failures = failures;
    if (response !== undefined) {
      this.response = response;
      this.refusedBy = refusedBy;
    }
  }
}

/** What an error of the runtime says, without the system's number behind it. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ \(os error \d+\)$/, "");
}
