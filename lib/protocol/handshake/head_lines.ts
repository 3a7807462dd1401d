/**
 * One line of a head at a time: request line, status line, field (RFC 9112 §3 to §5).
 * The lines come without CR LF and without control characters but tabs. A line that is
 * not as it must be gives the code of its fault instead.
 *
 * @module
 */
import type { HeadFailureCode } from "./errors.ts";
import { isToken, trimWhitespace } from "./grammar.ts";
import type { HttpVersion, RequestLine, StatusLine } from "./head.ts";
import type { HeaderField } from "./header_list.ts";

/** What a target is written with: visible ASCII, and no fragment (RFC 9112 §3.2). */
const TARGET = /^[\x21\x22\x24-\x7e]+$/;
const REQUEST_LINE = /^([^ ]*) ([^ ]*) HTTP\/(\d\.\d)$/;
const STATUS_LINE = /^HTTP\/(\d\.\d) ([1-9]\d\d) (.*)$/;

/** Reads a request line, for example `GET /chat HTTP/1.1`. */
export function parseRequestLine(line: string): RequestLine | HeadFailureCode {
  const match = REQUEST_LINE.exec(line);
  if (match === null) return "ERR_REQUEST_LINE";
  const [, method, target, version] = match as unknown as [string, string, string, string];
  if (!isToken(method)) return "ERR_REQUEST_LINE";
  const httpVersion = knownVersion(version);
  if (httpVersion === undefined) return "ERR_HTTP_VERSION";
  return TARGET.test(target) ? { method, target, httpVersion } : "ERR_TARGET";
}

/**
 * Reads a status line, for example `HTTP/1.1 101 Switching Protocols`. The reason may be
 * empty, but not the space before it (RFC 9112 §4).
 */
export function parseStatusLine(line: string): StatusLine | HeadFailureCode {
  const match = STATUS_LINE.exec(line);
  if (match === null) return "ERR_STATUS_LINE";
  const [, version, status, reason] = match as unknown as [string, string, string, string];
  const httpVersion = knownVersion(version);
  if (httpVersion === undefined) return "ERR_HTTP_VERSION";
  return { status: Number(status), reason, httpVersion };
}

/** Reads a field, for example `Host: example.com`. */
export function parseField(line: string): HeaderField | HeadFailureCode {
  if (line.startsWith(" ") || line.startsWith("\t")) return "ERR_FIELD_FOLDED";
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0));
  // A space before the colon is no part of a token (RFC 9112 §5.1).
  return isToken(name) ? [name, trimWhitespace(line.slice(colon + 1))] : "ERR_FIELD_NAME";
}

/**
 * The version that a head is read as: a minor version that is higher than all known ones counts as
 * the highest of these (RFC 9110 §2.5).
 */
function knownVersion(version: string): HttpVersion | undefined {
  if (version === "1.0") return version;
  return version.startsWith("1.") ? "1.1" : undefined;
}
