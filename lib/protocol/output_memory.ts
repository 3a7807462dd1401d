/**
 * Memory for output, which all connections share. What was given back last is taken first,
 * because it still lies in the processor's cache, and an output holds none while nothing is
 * written to it and nothing of it is on its way.
 *
 * @module
 */

/** The smallest piece, in bytes; every size is twice the one before. */
const SMALLEST_BYTES = 4096;
/** The largest piece that is kept, in bytes: what a message of 64 KiB needs with its header. */
const LARGEST_BYTES = 131_072;
/** How much of each size is kept, in bytes. */
const KEPT_BYTES = 1_048_576;

/** A piece of memory. */
export class OutputMemory {
  /** All of it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same, for words. */
  readonly view: DataView;
  #start: Uint8Array<ArrayBuffer>;

  /** Takes its size, in bytes. */
  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
    this.#start = this.bytes;
  }

  /**
   * The first `length` bytes. Output is often as long as the one before, and the view of that
   * serves again: making one costs more than writing a short frame.
   */
  start(length: number): Uint8Array<ArrayBuffer> {
    if (this.#start.length !== length) this.#start = new Uint8Array(this.bytes.buffer, 0, length);
    return this.#start;
  }
}

/** No memory. */
export const NO_MEMORY: OutputMemory = new OutputMemory(0);

/** What waits for its next use, by size. */
const kept = new Map<number, OutputMemory[]>();

/** Memory of `size` bytes or more; what lies in it means nothing. */
export function takeMemory(size: number): OutputMemory {
  let whole = SMALLEST_BYTES;
  while (whole < size) whole *= 2;
  return kept.get(whole)?.pop() ?? new OutputMemory(whole);
}

/** Takes memory back that nobody reads or writes any more. */
export function giveMemory(memory: OutputMemory): void {
  const size = memory.bytes.length;
  if (size === 0 || size > LARGEST_BYTES) return;
  const same = kept.get(size);
  if (same === undefined) kept.set(size, [memory]);
  else if (same.length * size < KEPT_BYTES) same.push(memory);
}
