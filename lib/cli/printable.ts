/**
 * What a peer sends, as a terminal may safely show it.
 *
 * @module
 */

/** Bytes of a binary message that are shown. */
const SHOWN_BYTES = 64;

/**
 * Control characters, but for the tab, and what turns the direction of text: shown raw, they
 * could hide or fake what stands on the terminal.
 */
// deno-lint-ignore no-control-regex -- control characters are what this is about
const UNSAFE = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text on one line, with unsafe characters as escapes like `\n` and `\u001b`. */
export function printableText(text: string): string {
  return text.replace(UNSAFE, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\r") return "\\r";
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** The length and the first bytes, in hexadecimal. */
export function printableBytes(bytes: Uint8Array): string {
  const hex = bytes.subarray(0, SHOWN_BYTES).toHex();
  const more = bytes.length > SHOWN_BYTES ? "…" : "";
  const unit = bytes.length === 1 ? "byte" : "bytes";
  return `<${bytes.length} ${unit}> ${hex}${more}`.trimEnd();
}
