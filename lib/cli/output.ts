/**
 * Writing text to standard output and standard error.
 *
 * @module
 */

/** Where bytes go, for example `Deno.stdout`; `writeSync` may take only a part. */
export interface SyncSink {
  /** Takes some of the bytes and says how many. */
  writeSync(bytes: Uint8Array): number;
}

const encoder = new TextEncoder();

/**
 * Writes all of `text`, also where the sink takes it in parts. A reader that has gone away, as in
 * `server.ts --help | head -1`, is no error: what is left is dropped.
 *
 * @returns Whether all was written.
 */
export function writeText(sink: SyncSink, text: string): boolean {
  let bytes = encoder.encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(sink.writeSync(bytes));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return false;
    throw error;
  }
}
