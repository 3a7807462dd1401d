/**
 * Text that agents sent, made safe to read: what could hide, fake or reorder it becomes visible.
 *
 * @module
 */
// @ts-check

/**
 * Controls, line and paragraph separators, what turns the direction of text, and invisible
 * format characters but for the joiners (U+200C and U+200D), which ordinary text has.
 */
const UNSAFE =
  // deno-lint-ignore no-control-regex -- these are what is looked for
  /[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** @type {Readonly<Record<string, string>>} */
const SHORT = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Text on one line: unsafe characters become escapes like `\n` and `\u001b`, lone surrogates
 * U+FFFD.
 *
 * @param {string} text
 */
export function printable(text) {
  return text.toWellFormed().replace(
    UNSAFE,
    (unsafe) => SHORT[unsafe] ?? `\\u${unsafe.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * Text whose lines stay lines.
 *
 * @param {string} text
 */
export function printableLines(text) {
  return text.split(/\r?\n/).map(printable).join("\n");
}

/**
 * A count with its unit, for example `1,024 bytes`.
 *
 * @param {number} count
 * @param {string} unit In the singular.
 */
export function counted(count, unit) {
  return `${count.toLocaleString("en")} ${unit}${count === 1 ? "" : "s"}`;
}
