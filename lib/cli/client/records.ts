/**
 * Cuts a byte stream into records at a delimiter, in memory that the longest record bounds.
 *
 * @module
 */

/** Where bytes come from, for example `Deno.stdin`. */
export interface ByteSource {
  /** Puts some bytes into the buffer and says how many; `null` at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
}

/** How records are cut. */
export interface RecordsOptions {
  /** What stands behind each record; empty: every piece that is read is a record. */
  readonly delimiter: Uint8Array;
  /** The longest record, in bytes. @default {16777216} */
  readonly maxBytes?: number | undefined;
}

/** A record is longer than may be. */
export class LongRecordError extends RangeError {
  /** `"LongRecordError"`. */
  override readonly name = "LongRecordError";
  /** The longest record that may be, in bytes. */
  readonly maxBytes: number;

  /** Takes that length. */
  constructor(maxBytes: number) {
    super(`a message is longer than ${maxBytes} bytes`);
    this.maxBytes = maxBytes;
  }
}

/** How much is read at a time, in bytes. */
const READ_BYTES = 65_536;
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * The records of `source` without their delimiters, as many at a time as were read. What follows
 * the last delimiter is a record too, unless it is empty. The bytes are valid until more are asked
 * for.
 *
 * @throws {LongRecordError} when a record is longer than `maxBytes`.
 */
export async function* records(
  source: ByteSource,
  { delimiter, maxBytes = MAX_BYTES }: RecordsOptions,
): AsyncGenerator<Uint8Array[], void, void> {
  const cutter = new Cutter(delimiter, maxBytes);
  for (;;) {
    const count = await source.read(cutter.room());
    if (count === null) break;
    const found = cutter.add(count);
    if (found.length > 0) yield found;
    cutter.check();
  }
  const last = cutter.rest();
  if (last.length > 0) yield [last];
}

/** What was read and not handed out, in one buffer, so that a long record costs its length. */
class Cutter {
  readonly #delimiter: Uint8Array;
  readonly #maxBytes: number;
  #buffer = new Uint8Array(2 * READ_BYTES);
  #start = 0;
  #end = 0;
  /** No delimiter begins before this position. */
  #scanned = 0;
  #tooLong = false;

  constructor(delimiter: Uint8Array, maxBytes: number) {
    this.#delimiter = delimiter;
    this.#maxBytes = maxBytes;
  }

  /** Where the next bytes go. What was handed out before is lost with it. */
  room(): Uint8Array {
    const held = this.#end - this.#start;
    if (this.#buffer.length - this.#end < READ_BYTES) {
      const fits = held + READ_BYTES <= this.#buffer.length / 2;
      const target = fits ? this.#buffer : new Uint8Array(2 * (held + READ_BYTES));
      target.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = target;
      this.#scanned -= this.#start;
      this.#start = 0;
      this.#end = held;
    }
    return this.#buffer.subarray(this.#end, this.#end + READ_BYTES);
  }

  /** Takes `count` bytes that were put into the room; gives the records that are whole now. */
  add(count: number): Uint8Array[] {
    this.#end += count;
    if (this.#delimiter.length === 0) return count === 0 ? [] : [this.rest()];
    const found: Uint8Array[] = [];
    for (let at = this.#find(); at >= 0 && !this.#tooLong; at = this.#find()) {
      this.#tooLong = at - this.#start > this.#maxBytes;
      if (!this.#tooLong) found.push(this.#buffer.subarray(this.#start, at));
      this.#start = at + this.#delimiter.length;
      this.#scanned = this.#start;
    }
    this.#scanned = Math.max(this.#start, this.#end - this.#delimiter.length + 1);
    this.#tooLong ||= this.#end - this.#start > this.#maxBytes;
    return found;
  }

  /** @throws {LongRecordError} when a record was too long. */
  check(): void {
    if (this.#tooLong) throw new LongRecordError(this.#maxBytes);
  }

  /** Hands out all that is left. */
  rest(): Uint8Array {
    const rest = this.#buffer.subarray(this.#start, this.#end);
    this.#start = this.#end;
    this.#scanned = this.#end;
    return rest;
  }

  /** Where the next delimiter begins; -1 when none is there yet. */
  #find(): number {
    const delimiter = this.#delimiter;
    const first = delimiter[0]!;
    const last = this.#end - delimiter.length;
    const within = this.#buffer.subarray(0, this.#end);
    for (let at = within.indexOf(first, this.#scanned); at >= 0 && at <= last;) {
      if (delimiter.every((byte, index) => within[at + index] === byte)) return at;
      at = within.indexOf(first, at + 1);
    }
    return -1;
  }
}
