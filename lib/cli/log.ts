/**
 * The server command's log: one line a record, as text for people or JSON for programs.
 *
 * What is logged comes from peers too (paths, origins, close reasons), so that nothing of it may
 * start a new line, reorder what is shown, or reach a terminal as a control sequence.
 *
 * @module
 */
import { printableText } from "../connection/printable_text.ts";

/** How records are written. */
export type LogFormat = "text" | "json";

/** How much a record matters, least first. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** What a field can hold. Fields that are `undefined` are left out. */
export type LogValue = string | number | bigint | boolean | null | undefined | Date | Error;

/** What a record says besides its message. `time`, `level` and `message` are taken. */
export interface LogFields {
  /** Any other name. */
  readonly [name: string]: LogValue;
  /** Written by the logger. */
  readonly time?: never;
  /** Written by the logger. */
  readonly level?: never;
  /** Written by the logger. */
  readonly message?: never;
}

/** Writes records. */
export interface Logger {
  /** Details for whoever looks for a fault. */
  debug(message: string, fields?: LogFields): void;
  /** What happened. */
  info(message: string, fields?: LogFields): void;
  /** What an operator may want to change. */
  warn(message: string, fields?: LogFields): void;
  /** What went wrong. */
  error(message: string, fields?: LogFields): void;
}

/** Options of {@linkcode createLogger}. */
export interface LoggerOptions {
  /**
   * Records of a lower level are dropped.
   *
   * @default {"info"}
   */
  readonly level?: LogLevel | undefined;
  /**
   * The clock.
   *
   * @default {() => new Date()}
   */
  readonly now?: (() => Date) | undefined;
}

interface Entry {
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: readonly (readonly [name: string, value: Scalar])[];
}

type Scalar = string | number | boolean | null;

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

const OWN_NAMES: ReadonlySet<string> = new Set(["time", "level", "message"]);

/** What can stand in a text record without quotation marks. */
const BARE = /^[^\s"=\\]+$/;

/**
 * Makes a logger.
 *
 * As text: `2026-01-31T12:00:00.000Z INFO  listening address=127.0.0.1:8080 engine=codec`.
 * As JSON: one object a line with `time` (ISO 8601, UTC), `level` and `message` first, then the
 * fields in the order given.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const lines: string[] = [];
 * const now = () => new Date(0);
 * const log = createLogger("text", (line) => lines.push(line), { now });
 * log.info("open", { path: "/echo\nforged" });
 * assertEquals(lines, [`1970-01-01T00:00:00.000Z INFO  open path="/echo\\nforged"\n`]);
 * ```
 *
 * @param format How records are written.
 * @param write Takes each record with its newline.
 */
export function createLogger(
  format: LogFormat,
  write: (line: string) => void,
  options: LoggerOptions = {},
): Logger {
  const { level: least = "info", now = () => new Date() } = options;
  const serialise = format === "json" ? asJson : asText;
  const logAt = (level: LogLevel): Logger["info"] => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return () => {};
    return (message, fields = {}) => {
      const entry = { time: now().toISOString(), level, message, fields: scalars(fields) };
      write(`${serialise(entry)}\n`);
    };
  };
  return { debug: logAt("debug"), info: logAt("info"), warn: logAt("warn"), error: logAt("error") };
}

function scalars(fields: LogFields): [string, Scalar][] {
  return Object.entries(fields)
    .filter(([name, value]) => value !== undefined && !OWN_NAMES.has(name))
    .map(([name, value]) => [name, scalar(value)]);
}

function scalar(value: LogValue): Scalar {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  // An invalid date has no ISO form: toISOString would throw, and a log must not.
  if (value instanceof Date) return value.toJSON() ?? "Invalid Date";
  return String(value);
}

function asJson({ time, level, message, fields }: Entry): string {
  // Written member by member: an object would drop the name __proto__ and reorder numeric names.
  const members = [["time", time], ["level", level], ["message", message], ...fields].map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  );
  // What is left to escape stands within strings, where JSON has the same escapes.
  return printableText(`{${members.join(",")}}`);
}

function asText({ time, level, message, fields }: Entry): string {
  const parts = fields.map(([name, value]) => ` ${textValue(name)}=${textValue(value)}`);
  return `${time} ${level.toUpperCase().padEnd(5)} ${escapeText(message)}${parts.join("")}`;
}

function textValue(value: Scalar): string {
  const text = String(value);
  const escaped = escapeText(text);
  if (escaped === text && BARE.test(text)) return text;
  // Backslashes and quotation marks first, so that what is read back is what was given.
  return `"${escapeText(text.replace(/[\\"]/g, "\\$&"))}"`;
}

/** A tab would be no harm to a terminal, but it could pass for the space between two fields. */
function escapeText(text: string): string {
  return printableText(text).replaceAll("\t", "\\t");
}
