/**
 * A compression that can be read: runs of bytes, two bytes each, the length and the byte, so
 * that `616161` is `0361` on the wire. It keeps to what the protocol core may count on, and
 * no more, and throws where the core does what it must not.
 *
 * @module
 */
import type { ProtocolErrorCode } from "../../lib/protocol/errors.ts";
import type {
  InflatedSink,
  MessageCompression,
  MessageDeflater,
  MessageInflater,
} from "../../lib/protocol/permessage_deflate/codec.ts";

/** No more is handed over at a time. */
const CHUNK_BYTES = 5;

/** Writes the runs of `bytes`; no run is longer than 255. */
export function runsOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const runs: number[] = [];
  for (const byte of bytes) {
    const last = runs.length - 2;
    if (runs[last + 1] === byte && runs[last]! < 255) runs[last]!++;
    else runs.push(1, byte);
  }
  return Uint8Array.from(runs);
}

/** Reads runs; a run of 0 is a fault, and so is the end within a run. */
export class FakeInflater implements MessageInflater {
  /** How many bytes it made. */
  produced = 0;
  /** How many messages it finished. */
  finished = 0;
  /** How often it was closed. */
  closes = 0;
  /** The first byte of a run whose second has not come. */
  #count: number | undefined;
  /** A whole run that was not handed over. */
  #run: readonly [count: number, byte: number] | undefined;
  readonly #holdsBack: boolean;

  /** With `holdsBack` each run waits for the next or the end, as zlib may let it. */
  constructor(holdsBack = true) {
    this.#holdsBack = holdsBack;
  }

  push(
    bytes: Uint8Array,
    start: number,
    end: number,
    sink: InflatedSink,
  ): ProtocolErrorCode | undefined {
    this.#check();
    if (start >= end) throw new Error("The inflater was given nothing");
    for (let at = start; at < end; at++) {
      if (this.#count === undefined) {
        this.#count = bytes[at]!;
        if (this.#count === 0) return "ERR_DEFLATE_DATA";
        continue;
      }
      const run = [this.#count, bytes[at]!] as const;
      this.#count = undefined;
      if (!this.#holdsBack) this.#run = run;
      const fault = this.#give(sink);
      if (fault !== undefined || this.closes > 0) return fault;
      if (this.#holdsBack) this.#run = run;
    }
    return undefined;
  }

  finish(sink: InflatedSink): ProtocolErrorCode | undefined {
    this.#check();
    this.finished++;
    if (this.#count !== undefined) return "ERR_DEFLATE_DATA";
    return this.#give(sink);
  }

  close(): void {
    this.closes++;
  }

  /** Hands the run over that waits; one byte beyond the room at most. */
  #give(sink: InflatedSink): ProtocolErrorCode | undefined {
    const [count, byte] = this.#run ?? [0, 0];
    this.#run = undefined;
    for (let left = count; left > 0 && this.closes === 0;) {
      const size = Math.min(left, CHUNK_BYTES, sink.inflatedRoom + 1);
      // The bytes are valid during the call only, and lie somewhere within others.
      const chunk = new Uint8Array(size + 2).fill(byte, 1, 1 + size);
      this.produced += size;
      const fault = sink.onInflated(chunk, 1, 1 + size);
      chunk.fill(0xee);
      if (fault !== undefined) return fault;
      left -= size;
    }
    return undefined;
  }

  #check(): void {
    if (this.closes > 0) throw new Error("The inflater was used after it was closed");
  }
}

/** How a {@linkcode FakeCompression} is set up. */
export interface FakeCompressionOptions extends FakeDeflaterOptions {
  /** See {@linkcode FakeInflater}. @default {true} */
  readonly holdsBack?: boolean;
}

/** How a {@linkcode FakeDeflater} is set up. */
export interface FakeDeflaterOptions {
  /** @default {true} */
  readonly independent?: boolean;
  /** @default {"runs"} */
  readonly group?: string;
}

/** What was given last, by any deflater; the next call overwrites it. */
let given = new Uint8Array(0);

/** Writes runs. */
export class FakeDeflater implements MessageDeflater {
  readonly independent: boolean;
  readonly group: string;
  /** How often it was given something, and how often that was the last of a message. */
  readonly pushes: { all: number; last: number } = { all: 0, last: 0 };
  /** How often it was closed. */
  closes = 0;

  constructor({ independent = true, group = "runs" }: FakeDeflaterOptions = {}) {
    this.independent = independent;
    this.group = group;
  }

  push(bytes: Uint8Array, fin: boolean): Uint8Array {
    if (this.closes > 0) throw new Error("The deflater was used after it was closed");
    this.pushes.all++;
    if (fin) this.pushes.last++;
    const runs = runsOf(bytes);
    given.fill(0xee);
    given = new Uint8Array(runs.length + 2);
    given.set(runs, 1);
    return given.subarray(1, 1 + runs.length);
  }

  close(): void {
    this.closes++;
  }
}

/** Both directions of one connection. */
export class FakeCompression implements MessageCompression {
  readonly inflater: FakeInflater;
  readonly deflater: FakeDeflater;

  constructor(options: FakeCompressionOptions = {}) {
    this.inflater = new FakeInflater(options.holdsBack);
    this.deflater = new FakeDeflater(options);
  }
}
