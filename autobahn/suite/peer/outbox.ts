/**
 * What is to be written, in order. Frames that are given together leave together; a frame in chops
 * leaves chop by chop, each on its own.
 *
 * @module
 */
import { joinBytes } from "../wire/bytes.ts";
import type { ByteStream } from "../wire/stream.ts";
import type { WireLog } from "../wire/wire_log.ts";

/** Up to so many bytes, frames are joined to one write. */
const JOINED_BYTES = 256 * 1024;

interface Entry {
  readonly bytes: Uint8Array;
  readonly chopBytes: number | undefined;
  /** Whether the log has it. */
  logged: boolean;
}

/** Writes to a stream. */
export class Outbox {
  readonly #stream: ByteStream;
  readonly #log: WireLog;
  #entries: Entry[] = [];
  /** The entry that is next; those before it have left. */
  #next = 0;
  #chops = 0;
  #draining: Promise<void> | undefined;
  #discarded = false;

  /** Takes what to write to, and what keeps the log. */
  constructor(stream: ByteStream, log: WireLog) {
    this.#stream = stream;
    this.#log = log;
  }

  /** Writes bytes after all that was given before. */
  push(bytes: Uint8Array, options: { chopBytes?: number; logged?: boolean } = {}): void {
    if (this.#discarded) return;
    const { chopBytes, logged = false } = options;
    const entry = { bytes, chopBytes, logged };
    if (chopBytes !== undefined) this.#chops++;
    // What waits for chops is logged when it leaves, so that the log has the order of the wire.
    else if (this.#chops === 0) this.#enter(entry);
    this.#entries.push(entry);
    this.#draining ??= this.#drain();
  }

  /** Resolves when nothing waits any more. */
  async flushed(): Promise<void> {
    while (this.#draining) await this.#draining;
  }

  /** Forgets what waits, and takes nothing any more. */
  discard(): void {
    this.#discarded = true;
    this.#forget();
  }

  async #drain(): Promise<void> {
    // All that is given in one go comes before.
    await undefined;
    for (let entry = this.#take(); entry; entry = this.#take()) {
      if (entry.chopBytes === undefined) await this.#stream.write(this.#joined(entry));
      else await this.#writeChops(entry.bytes, entry.chopBytes);
    }
    this.#draining = undefined;
  }

  #take(): Entry | undefined {
    const entry = this.#entries[this.#next++];
    if (entry === undefined) this.#forget();
    return entry;
  }

  #forget(): void {
    this.#entries = [];
    this.#next = 0;
  }

  /** The bytes of an entry, and of those after it that may leave with it. */
  #joined(entry: Entry): Uint8Array {
    const pieces: Uint8Array[] = [];
    let length = 0;
    for (let next: Entry | undefined = entry; next; next = this.#take()) {
      this.#enter(next);
      pieces.push(next.bytes);
      length += next.bytes.length;
      const after: Entry | undefined = this.#entries[this.#next];
      if (after?.chopBytes !== undefined) break;
      if (after && length + after.bytes.length > JOINED_BYTES) break;
    }
    return joinBytes(pieces);
  }

  async #writeChops(bytes: Uint8Array, chopBytes: number): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#discarded; at += chopBytes) {
      const chop = bytes.subarray(at, at + chopBytes);
      this.#log.octetsSent(chop, true);
      if (!await this.#stream.write(chop)) break;
    }
    this.#chops--;
  }

  #enter(entry: Entry): void {
    if (!entry.logged) this.#log.octetsSent(entry.bytes, false);
    entry.logged = true;
  }
}
