/**
 * What the values of the client's own options mean: as in `option_values.ts`, each function takes
 * the words from the command line, and throws an error that says what would be right.
 *
 * @module
 */
import { InvalidArgumentError } from "commander";
import { isCloseCode, MAX_REASON_BYTES } from "../../protocol/close_codes.ts";
import { parseDuration, parsePort } from "../option_values.ts";

/** Where `--listen` listens. */
export interface ListenAddress {
  readonly hostname: string;
  readonly port: number;
}

/** How the waits between attempts grow, in milliseconds. */
export interface BackoffRange {
  /** The first wait is shorter than this. */
  readonly base: number;
  /** No wait is longer than this. */
  readonly cap: number;
}

const encoder = new TextEncoder();

/** What an escape in a delimiter stands for. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["\\n", "\n"],
  ["\\r", "\r"],
  ["\\t", "\t"],
  ["\\0", "\0"],
  ["\\\\", "\\"],
]);

/**
 * A whole number, at least 1.
 *
 * @throws {InvalidArgumentError} When it is not.
 */
export function parseCount(value: string): number {
  const count = Number(value);
  if (/^\d+$/.test(value) && count >= 1 && Number.isSafeInteger(count)) return count;
  throw new InvalidArgumentError("It must be a whole number, at least 1.");
}

/**
 * A delimiter as bytes: text in UTF-8, in which `\n`, `\r`, `\t`, `\0`, `\\` and `\x1e` stand for
 * what they do elsewhere. It may be empty.
 *
 * @throws {InvalidArgumentError} When another escape is in it.
 */
export function parseDelimiter(value: string): Uint8Array {
  const parts = value.match(/\\x[0-9a-f]{2}|\\.?|[^\\]+/gis) ?? [];
  const bytes = parts.flatMap((part) => {
    if (!part.startsWith("\\")) return [...encoder.encode(part)];
    if (/^\\x[0-9a-f]{2}$/i.test(part)) return [parseInt(part.slice(2), 16)];
    const character = ESCAPES.get(part);
    if (character !== undefined) return [character.charCodeAt(0)];
    throw new InvalidArgumentError(
      `${part} has no meaning here; there are \\n, \\r, \\t, \\0, \\\\ and \\xHH.`,
    );
  });
  return new Uint8Array(bytes);
}

/**
 * One more cookie, as `name=value` (RFC 6265 §4.1.1).
 *
 * @throws {InvalidArgumentError} When it could not be written so.
 */
export function collectCookies(value: string, previous: readonly string[] = []): string[] {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+=[\x20-\x3a\x3c-\x7e]*$/.test(value)) {
    throw new InvalidArgumentError(`It must be a name and a value, such as "id=1"; repeat it.`);
  }
  return [...previous, value];
}

/**
 * A user name and a password as the value of `Authorization` (RFC 7617 §2).
 *
 * @throws {InvalidArgumentError} When there is no colon, or there are control characters.
 */
export function parseBasicAuth(value: string): string {
  if (!value.includes(":") || /\p{Cc}/u.test(value)) {
    throw new InvalidArgumentError("It must be a user name and a password, such as ann:secret.");
  }
  return `Basic ${encoder.encode(value).toBase64()}`;
}

/**
 * A close code that may be sent (RFC 6455 §7.4).
 *
 * @throws {InvalidArgumentError} When it is none.
 */
export function parseCloseCode(value: string): number {
  if (/^\d{4}$/.test(value) && isCloseCode(Number(value))) return Number(value);
  throw new InvalidArgumentError("It must be 1000 to 1003, 1007 to 1014, or 3000 to 4999.");
}

/**
 * The reason of a close frame (RFC 6455 §5.5.1).
 *
 * @throws {InvalidArgumentError} When it is too long.
 */
export function parseCloseReason(value: string): string {
  if (encoder.encode(value).length <= MAX_REASON_BYTES) return value;
  throw new InvalidArgumentError(`It must be ${MAX_REASON_BYTES} bytes of UTF-8 at most.`);
}

/**
 * The first and the longest wait, as `500ms,30s`.
 *
 * @throws {InvalidArgumentError} When it is not that.
 */
export function parseBackoff(value: string): BackoffRange {
  const [first = "", longest = "", ...more] = value.split(",");
  const [base, cap] = [parseDuration(first), longest === "" ? NaN : parseDuration(longest)];
  if (more.length === 0 && base <= cap) return { base, cap };
  throw new InvalidArgumentError("It must be the first and the longest wait, such as 500ms,30s.");
}

/**
 * The time between pings in milliseconds; `false` for `off`: no pings.
 *
 * @throws {InvalidArgumentError} When it is neither.
 */
export function parsePingInterval(value: string): number | false {
  if (value === "off") return false;
  if (/^0+(?:\.0*)? ?[a-z]*$/.test(value)) {
    throw new InvalidArgumentError("0 is no time between pings; off sends none.");
  }
  return parseDuration(value);
}

/**
 * Where to listen, as `9000` or `0.0.0.0:9000`.
 *
 * @throws {InvalidArgumentError} When it is not that.
 */
export function parseListenAddress(value: string): ListenAddress {
  const [, hostname = "127.0.0.1", port = ""] = /^(?:(.+):)?(\d+)$/.exec(value) ?? [];
  return { hostname: hostname.replace(/^\[(.*)\]$/, "$1"), port: parsePort(port) };
}

/**
 * How many redirects to follow, from 0 to 100.
 *
 * @throws {InvalidArgumentError} When it is not.
 */
export function parseRedirects(value: string): number {
  if (/^\d{1,3}$/.test(value) && Number(value) <= 100) return Number(value);
  throw new InvalidArgumentError("It must be a whole number from 0 to 100.");
}
