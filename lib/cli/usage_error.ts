/**
 * What is wrong with a command line, or with what it names.
 *
 * @module
 */

/** Something that the user can mend; its message says what would be right. */
export class UsageError extends Error {
  /** `"UsageError"`. */
  override readonly name = "UsageError";
}

/**
 * Reads a text file that an option names.
 *
 * @param option The option, for the message, such as `"--ca"`.
 * @throws {UsageError} when it cannot be read.
 */
export function readTextOf(option: string, path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot read the file of ${option}: ${detail}`);
  }
}
