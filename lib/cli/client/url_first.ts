/**
 * A URL right behind an option whose value may be left out.
 *
 * @module
 */

/** Options that may stand with a value or without. */
const OPTIONAL: ReadonlySet<string> = new Set(["--exit-on-eof"]);

/**
 * The words of a command line, in which a URL that follows such an option stands before it: else
 * it would be taken for the option's value. A time has no colon, and a URL has one.
 */
export function urlFirst(args: readonly string[]): string[] {
  const words = [...args];
  const end = words.indexOf("--");
  for (let at = 0; at + 1 < (end < 0 ? words.length : end); at++) {
    const [option, next] = [words[at]!, words[at + 1]!];
    if (!OPTIONAL.has(option) || next.startsWith("-") || !next.includes(":")) continue;
    words[at] = next;
    words[at + 1] = option;
  }
  return words;
}
