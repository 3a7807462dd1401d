/**
 * What a peer sends, as a terminal, a log and an error message may safely show it.
 *
 * @module
 */

/**
 * What could hide, fake or reorder what stands on a terminal: C0 and C1 controls but for the
 * tab, DEL, line and paragraph separators, what turns the direction of text, and the invisible
 * format characters but for the joiners (U+200C and U+200D), which ordinary text has.
 */
const UNSAFE =
  // deno-lint-ignore no-control-regex -- these are what is looked for
  /[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Text on one line: unsafe characters become escapes like `\n` and `\u001b`, lone surrogates U+FFFD. */
export function printableText(text: string): string {
  return text.toWellFormed().replace(UNSAFE, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\r") return "\\r";
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
