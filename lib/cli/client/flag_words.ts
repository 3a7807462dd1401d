/**
 * What the library calls an option, in the words of the command line: an error is to name what
 * its reader has typed, or could type.
 *
 * @module
 */

/** What the library says, and what is said instead. */
const WORDS: readonly (readonly [library: RegExp, flags: string])[] = [
  [/\(see proxy\.tls\.caCerts\)/g, "(see --cert of deno run)"],
  [/\(see tls\.caCerts\)/g, "(see --ca)"],
  [/\btls is for wss\b/g, "--ca, --cert, --key and --insecure are for wss"],
  [/\bset it in proxy\.basicAuth or proxy\.headers\b/g, "give --proxy a URL with user:password@"],
  [/^maxMessageBytes\b/, "--max-message"],
  [/^unix\b/, "--unix"],
];

/** An error of the library as the command tells it. */
export function inFlagWords(message: string): string {
  return WORDS.reduce((text, [library, flags]) => text.replace(library, flags), message);
}
