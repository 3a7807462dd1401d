/**
 * The header field Retry-After (RFC 9110 §10.2.3): when a server that refused wants to be
 * asked again.
 *
 * @module
 */
import { ConnectError } from "../connect_error.ts";
import type { DisconnectCause } from "./cause.ts";

/** A number of seconds. */
const SECONDS = /^\d{1,10}$/;
/** The three forms of a date, of which two are obsolete but to be read (RFC 9110 §5.6.7). */
const DATES: readonly RegExp[] = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
];

/**
 * How long to wait, in milliseconds, when the server refused and said so; else `undefined`.
 * `now` is the time of day, in milliseconds since 1970.
 */
export function retryAfterOf(cause: DisconnectCause, now: number): number | undefined {
  if (cause.kind !== "failed" || !(cause.error instanceof ConnectError)) return undefined;
  const { response } = cause.error;
  return response === undefined ? undefined : parseRetryAfter(response.headers, now);
}

/**
 * Reads Retry-After from the fields of a response: the milliseconds to wait, at least 0, or
 * `undefined` where it is absent or malformed.
 *
 * A date is compared with the server's own clock where the field Date tells it, because the
 * two clocks need not agree.
 */
export function parseRetryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get("retry-after")?.trim() ?? "";
  if (SECONDS.test(value)) return Number(value) * 1000;
  const date = parseDate(value);
  if (date === undefined) return undefined;
  return Math.max(0, date - (parseDate(headers.get("date") ?? "") ?? now));
}

function parseDate(text: string): number | undefined {
  if (!DATES.some((form) => form.test(text))) return undefined;
  // All three mean UTC, and the last one does not say so.
  const time = Date.parse(text.endsWith(" GMT") ? text : `${text} GMT`);
  return Number.isNaN(time) ? undefined : time;
}
