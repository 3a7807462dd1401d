/**
 * What the head of a request or a response says, once its bytes are read.
 *
 * @module
 */
import type { HeadFailureCode } from "./errors.ts";
import { type HeaderField, HeaderList } from "./header_list.ts";

/** The versions of HTTP whose heads are read here (RFC 9112 §2.3). */
export type HttpVersion = "1.0" | "1.1";

/** The request line (RFC 9112 §3). */
export interface RequestLine {
  /** The method, in its own case: `GET` is not `get`. */
  readonly method: string;
  /** The request target as it was sent, for example `/chat?room=1`; visible ASCII only. */
  readonly target: string;
  /** The version of HTTP. */
  readonly httpVersion: HttpVersion;
}

/** The head of a request: its request line and its header fields. */
export interface RequestHead extends RequestLine {
  /** The header fields. */
  readonly headers: HeaderList;
}

/** The status line (RFC 9112 §4). */
export interface StatusLine {
  /** The status code, from 100 to 999. */
  readonly status: number;
  /** The reason phrase; may be empty. */
  readonly reason: string;
  /** The version of HTTP. */
  readonly httpVersion: HttpVersion;
}

/** The head of a response: its status line and its header fields. */
export interface ResponseHead extends StatusLine {
  /** The header fields. */
  readonly headers: HeaderList;
}

/** Why a head was not accepted. */
export interface HeadFailure {
  /** The status with which a server answers; of no use to a client. */
  readonly status: number;
  /** What was wrong and what would be right. */
  readonly message: string;
  /** Which rule was broken; stable across releases. */
  readonly code: HeadFailureCode;
}

/**
 * The head of a request that someone else has read, such as the runtime's HTTP server, as
 * HTTP/1.1. `target` is the path with its query.
 */
export function requestHeadFrom(
  method: string,
  target: string,
  headers: Iterable<HeaderField>,
): RequestHead {
  return { method, target, httpVersion: "1.1", headers: new HeaderList(headers) };
}
