/**
 * Writing to standard output and standard error.
 *
 * @module
 */

/** Where bytes go, for example `Deno.stdout`; `writeSync` may take only a part. */
export interface SyncSink {
  /** Takes some of the bytes and says how many. */
  writeSync(bytes: Uint8Array): number;
}

/**
 * Writes all of `text`, also where the sink takes it in parts. A reader that has gone away, as in
 * `… --list | head -1`, is no error: what is left is dropped.
 */
export function writeText(sink: SyncSink, text: string): void {
  let bytes = new TextEncoder().encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(sink.writeSync(bytes));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** Writes a line to standard error, where people are told what happens. */
export function say(line: string): void {
  writeText(Deno.stderr, `${line}\n`);
}

/** The words of whatever was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
