/**
 * What the values of options mean: each function takes the words from the command line and
 * gives the value, or throws an error that says what would be right.
 *
 * They have the shape of commander's option parsers: `(value, previous) => value`.
 *
 * @module
 */
import { InvalidArgumentError } from "commander";
import { compileOriginPolicy, type OriginPolicy } from "../server/origin.ts";

/** One header field, as its name and value. */
export type HeaderField = readonly [name: string, value: string];

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** RFC 9110 §5.5: visible characters, spaces and tabs. Bytes above 0x7F could not be written. */
const FIELD_VALUE = /^[\t\x20-\x7e]*$/;

const BYTES_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["k", 1024],
  ["m", 1024 ** 2],
  ["g", 1024 ** 3],
]);

const MILLISECONDS_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
]);

/** The longest wait that a timer can be given, in milliseconds: 24.8 days. */
const MAX_DURATION = 2 ** 31 - 1;

/**
 * A TCP port: 0 (any that is free) to 65535.
 *
 * @throws {InvalidArgumentError} When it is not.
 */
export function parsePort(value: string): number {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65535) {
    throw new InvalidArgumentError("It must be a whole number from 0 (any free port) to 65535.");
  }
  return Number(value);
}

/**
 * A number of bytes, at least 1: `1000`, `64KiB`, `16MiB`. K, M and G count by 1024, whether
 * `KiB`, `KB` or `K` is written, in either case.
 *
 * @throws {InvalidArgumentError} When it is not.
 */
export function parseByteSize(value: string): number {
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?) ?(?:([kmg])i?)?b?$/i.exec(value) ?? [];
  const bytes = Number(digits) * (BYTES_PER_UNIT.get(unit.toLowerCase()) ?? NaN);
  if (digits === "" || !Number.isSafeInteger(bytes) || bytes < 1) {
    throw new InvalidArgumentError(
      "It must be a number of bytes, such as 1000, 64KiB or 16MiB (K, M and G count by 1024).",
    );
  }
  return bytes;
}

/**
 * A length of time in milliseconds, at least 1: `500ms`, `1s`, `1.5s`, `2m`, `1h`. The unit must
 * be given.
 *
 * @throws {InvalidArgumentError} When it is not, or is longer than 24 days.
 */
export function parseDuration(value: string): number {
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?) ?(ms|s|m|h)$/.exec(value) ?? [];
  // Rounded, because 1.1 s is 1100.0000000000002 ms.
  const duration = Math.round(Number(digits) * (MILLISECONDS_PER_UNIT.get(unit) ?? NaN));
  if (digits === "" || !(duration >= 1 && duration <= MAX_DURATION)) {
    throw new InvalidArgumentError(
      "It must be a time with its unit, such as 500ms, 1s, 2m or 1h, of at most 24 days.",
    );
  }
  return duration;
}

/**
 * One more header field, as `Name: value`. White space around the value is dropped.
 *
 * @throws {InvalidArgumentError} When the name is no token or the value has characters that a
 * field cannot hold (RFC 9110 §5).
 */
export function collectHeaders(
  value: string,
  previous: readonly HeaderField[] = [],
): HeaderField[] {
  const colon = value.indexOf(":");
  const name = value.slice(0, Math.max(colon, 0));
  if (!TOKEN.test(name)) {
    throw new InvalidArgumentError(`It must be a name and a value, such as "Cookie: id=1".`);
  }
  const content = value.slice(colon + 1);
  if (!FIELD_VALUE.test(content)) {
    throw new InvalidArgumentError("The value may hold only printable ASCII characters.");
  }
  return [...previous, [name, content.trim()]];
}

/**
 * One or more subprotocol names, separated by commas (RFC 6455 §4.1).
 *
 * @throws {InvalidArgumentError} When one is no token, or is there already.
 */
export function collectSubprotocols(value: string, previous: readonly string[] = []): string[] {
  const names = [...previous];
  for (const name of splitList(value)) {
    if (!TOKEN.test(name)) {
      throw new InvalidArgumentError(`It must be a name without spaces, such as "chat.v1".`);
    }
    if (names.includes(name)) throw new InvalidArgumentError(`"${name}" is given twice.`);
    names.push(name);
  }
  return names;
}

/**
 * Which origins may connect: `any`, alone, or one or more of `same-origin`, exact origins and
 * `https://*.example.org`, separated by commas. What is given adds to what the option held before,
 * so the option must have no default of its own.
 *
 * @throws {InvalidArgumentError} When an entry is wrong, with what would be right.
 */
export function collectOrigins(value: string, previous?: OriginPolicy): OriginPolicy {
  const before = Array.isArray(previous) ? previous : previous === undefined ? [] : [previous];
  const entries = [...before, ...splitList(value)];
  if (entries.includes("any")) {
    if (entries.every((entry) => entry === "any")) return "any";
    throw new InvalidArgumentError(`"any" allows all origins; no other can stand beside it.`);
  }
  try {
    compileOriginPolicy(entries);
  } catch (error) {
    throw new InvalidArgumentError(`${error instanceof Error ? error.message : error}.`);
  }
  return entries;
}

function splitList(value: string): string[] {
  return value.split(",").map((entry) => entry.trim());
}
