/**
 * How much memory the contexts of all connections may take together. With takeover each
 * connection has its own for as long as it lasts; beyond the budget new connections are
 * negotiated without.
 *
 * @module
 */
const KIBIBYTE = 1024;
const DEFAULT_BYTES = 64 * KIBIBYTE * KIBIBYTE;

/**
 * The most memory that a context to deflate comes to, in bytes. The runtime's zlib has
 * 137 KiB whatever the settings; twice the window and as much for its chains; and four
 * bytes for each of the symbols that it gathers. Measured with messages that fill it:
 *
 * | window bits | memory level | KiB |
 * | ----------: | -----------: | --: |
 * |          15 |            9 | 393 |
 * |          15 |            8 | 330 |
 * |          15 |            5 | 274 |
 * |          15 |            1 | 266 |
 * |          12 |            8 | 217 |
 * |           9 |            8 | 203 |
 * |           9 |            1 | 140 |
 */
export function deflateContextBytes(windowBits: number, memoryLevel: number): number {
  return 137 * KIBIBYTE + 4 * 2 ** windowBits + 2 ** (memoryLevel + 8);
}

/**
 * The most memory that a context to inflate comes to, in bytes: the window and 22 KiB.
 * Measured were 44 to 55 KiB with 15 window bits and 13 to 26 KiB with 9.
 */
export function inflateContextBytes(windowBits: number): number {
  return 22 * KIBIBYTE + 2 ** windowBits;
}

/** A number of bytes that contexts of several connections share. */
export class CompressionBudget {
  #maxBytes = DEFAULT_BYTES;
  #usedBytes = 0;

  /** Takes {@linkcode CompressionBudget.maxBytes}. */
  constructor(maxBytes: number = DEFAULT_BYTES) {
    this.maxBytes = maxBytes;
  }

  /**
   * How much may be reserved; 0: no takeover at all. A lower value holds for new
   * connections and takes nothing from the others.
   * @default 67108864
   */
  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** @throws {RangeError} when it is no whole number from 0 on. */
  set maxBytes(value: number) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`maxBytes must be a whole number from 0 on; got ${value}`);
    }
    this.#maxBytes = value;
  }

  /** How much is reserved. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Reserves `bytes`; `undefined` where they do not fit. */
  reserve(bytes: number): Reservation | undefined {
    if (this.#usedBytes + bytes > this.#maxBytes) return undefined;
    this.#usedBytes += bytes;
    return new Reservation(bytes, (change) => {
      this.#usedBytes += change;
    });
  }
}

/** A part of a budget, until it is released. */
export class Reservation {
  #bytes: number;
  readonly #charge: (change: number) => void;

  /** Takes what is reserved, and what changes that in the budget. */
  constructor(bytes: number, charge: (change: number) => void) {
    this.#bytes = bytes;
    this.#charge = charge;
  }

  /** How much it is, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Makes `bytes` of it a reservation of their own; what it lacks is added to the budget. */
  take(bytes: number): Reservation {
    if (bytes > this.#bytes) this.#charge(bytes - this.#bytes);
    this.#bytes = Math.max(0, this.#bytes - bytes);
    return new Reservation(bytes, this.#charge);
  }

  /** Gives it back to the budget. Idempotent. */
  release(): void {
    const bytes = this.#bytes;
    this.#bytes = 0;
    if (bytes > 0) this.#charge(-bytes);
  }
}

/** The budget of this process. */
export const compressionBudget: CompressionBudget = new CompressionBudget();

/** How much memory compression with context takeover may take in this process, in bytes. */
export interface CompressionMemory {
  /**
   * The most that may be reserved; 0: no takeover at all. A lower value holds for new
   * connections and takes nothing from the others.
   * @default 67108864
   */
  maxBytes: number;
  /** How much is reserved. */
  readonly usedBytes: number;
}

/** The memory for compression with context takeover in this process. */
export const compressionMemory: CompressionMemory = compressionBudget;
