/**
 * The small grammar that all header fields share: tokens, optional whitespace, field
 * values and comma-separated lists (RFC 9110 §5.5, §5.6).
 *
 * @module
 */

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Whether `text` is a token: one or more of the characters that a name may have (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/**
 * Whether `text` can be the value of a field: no control characters but the tab, and
 * nothing beyond Latin-1 (RFC 9110 §5.5).
 */
export function isFieldValue(text: string): boolean {
  return FIELD_VALUE.test(text);
}

/**
 * `text` with `A` to `Z` in lower case and all else as it was. What HTTP compares without
 * case is ASCII, while `toLowerCase` turns the Kelvin sign into a `k`.
 */
export function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * `text` without the spaces and tabs around it (RFC 9110 §5.6.3). `String.prototype.trim`
 * would also take a no-break space, which belongs to the value.
 */
export function trimWhitespace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhitespace(text.charCodeAt(start))) start++;
  while (end > start && isWhitespace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/**
 * The elements of a comma-separated list whose elements have no quotes. Empty elements
 * are left out, as RFC 9110 §5.6.1.2 asks of a recipient.
 */
export function splitList(value: string): string[] {
  return value.split(",").map(trimWhitespace).filter((element) => element !== "");
}

/** Whether the comma-separated list `value` has the element `name`, in any case; `name` is in lower case. */
export function listContains(value: string | undefined, name: string): boolean {
  return value !== undefined &&
    splitList(value).some((element) => asciiLowerCase(element) === name);
}

/** Whether the character code is a space or a tab. */
function isWhitespace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
