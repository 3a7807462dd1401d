/**
 * A corpus: data of one kind, and windows over it that become the payloads of messages.
 *
 * @module
 */
import { joinBytes } from "../../wire/bytes.ts";

/** The longest window, in units. No corpus is shorter. */
export const LONGEST_WINDOW = 131_072;

/** What a corpus is, and how it is built. */
export interface CorpusPlan {
  /** What it is like, for people. */
  readonly title: string;
  /** Whether it is sent as binary messages, or as text. */
  readonly binary: boolean;
  /** Its length in bytes. */
  readonly bytes: number;
  /** Builds it: the same bytes each time, as many as said. */
  readonly build: () => Uint8Array;
}

/** The data, and its beginning once more, so that a window that wraps around is one piece. */
interface Ring {
  readonly bytes: Uint8Array;
  /** How many units the data has. */
  readonly units: number;
  /** Where each unit begins, and where the last one ends. */
  readonly offsets: Uint32Array;
}

/** Data to send. Built when first needed, and kept. */
export class Corpus {
  readonly title: string;
  readonly binary: boolean;
  /** Its length in bytes. */
  readonly bytes: number;
  readonly #build: () => Uint8Array;
  #ring: Ring | undefined;

  /** @param plan What it is. */
  constructor(plan: CorpusPlan) {
    this.title = plan.title;
    this.binary = plan.binary;
    this.bytes = plan.bytes;
    this.#build = plan.build;
  }

  /** The data whole. Not to be changed. */
  data(): Uint8Array {
    return this.#built().bytes.subarray(0, this.bytes);
  }

  /**
   * Windows of `length` units, one after the other, around and around; a unit is a byte of binary
   * data, and a character of text.
   *
   * @returns a function that returns the next window. It is a view of the data: not to be changed.
   * @throws {RangeError} when `length` is not between 0 and 131,072.
   */
  windows(length: number): () => Uint8Array {
    if (length < 0 || length > LONGEST_WINDOW) {
      throw new RangeError(`A window has 0 to ${LONGEST_WINDOW} units, not ${length}`);
    }
    const { bytes, units, offsets } = this.#built();
    let at = 0;
    return () => {
      const window = bytes.subarray(offsets[at], offsets[at + length]);
      at = (at + length) % units;
      return window;
    };
  }

  #built(): Ring {
    this.#ring ??= ringOf(this.#build(), this.binary);
    return this.#ring;
  }
}

function ringOf(data: Uint8Array, binary: boolean): Ring {
  const starts = startsOfUnits(data, binary);
  const units = starts.length;
  if (units < LONGEST_WINDOW) {
    throw new RangeError(`A corpus has at least ${LONGEST_WINDOW} units, not ${units}`);
  }
  const offsets = new Uint32Array(units + LONGEST_WINDOW + 1);
  offsets.set(starts);
  for (let index = units; index < offsets.length; index++) {
    offsets[index] = (starts[index - units] ?? 0) + data.length;
  }
  const rest = (offsets[units + LONGEST_WINDOW] ?? 0) - data.length;
  return { bytes: joinBytes([data, data.subarray(0, rest)]), units, offsets };
}

/** Where each unit begins. */
function startsOfUnits(data: Uint8Array, binary: boolean): Uint32Array {
  const starts = new Uint32Array(data.length);
  let units = 0;
  for (let index = 0; index < data.length; index++) {
    const continues = !binary && ((data[index] ?? 0) & 0xc0) === 0x80;
    if (!continues) starts[units++] = index;
  }
  return starts.subarray(0, units);
}
