/**
 * DEFLATE written by hand, bit by bit (RFC 1951): for streams that no compressor makes.
 *
 * @module
 */

/** Lengths and distances: how many extra bits each code has, from the first code on. */
const LENGTH_EXTRA = [
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  1,
  1,
  1,
  1,
  2,
  2,
  2,
  2,
  3,
  3,
  3,
  3,
  4,
  4,
  4,
  4,
  5,
  5,
  5,
  5,
];
const MAX_LENGTH = 258;
const FIRST_LENGTH_CODE = 257;
const LAST_LENGTH_CODE = 285;
const END_OF_BLOCK = 256;

/** Writes blocks. */
export class DeflateBits {
  readonly #bytes: number[] = [];
  #bits = 0;

  /** So many bits of a number, the lowest first. */
  bits(value: number, count: number): this {
    for (let bit = 0; bit < count; bit++) {
      if (this.#bits % 8 === 0) this.#bytes.push(0);
      this.#bytes[this.#bytes.length - 1]! |= (value >> bit & 1) << this.#bits % 8;
      this.#bits++;
    }
    return this;
  }

  /** The header of a block; `type` is 0 stored, 1 fixed codes, 2 dynamic codes. */
  block(type: number, { final = false }: { final?: boolean } = {}): this {
    return this.bits(final ? 1 : 0, 1).bits(type, 2);
  }

  /** A whole stored block. `declared` is the length that its header has. */
  stored(payload: Uint8Array, { declared = payload.length }: { declared?: number } = {}): this {
    this.block(0).align();
    this.bits(declared, 16).bits(~declared & 0xffff, 16);
    for (const byte of payload) this.bits(byte, 8);
    return this;
  }

  /** Goes on with a whole byte. */
  align(): this {
    return this.bits(0, -this.#bits & 7);
  }

  /** A symbol of a block with fixed codes: 0 to 255 literals, 256 the end, 257 to 287 lengths. */
  symbol(symbol: number): this {
    if (symbol < 144) return this.#code(0x30 + symbol, 8);
    if (symbol < 256) return this.#code(0x190 + symbol - 144, 9);
    if (symbol < 280) return this.#code(symbol - 256, 7);
    return this.#code(0xc0 + symbol - 280, 8);
  }

  /** Literals in a block with fixed codes. */
  literals(payload: Uint8Array): this {
    for (const byte of payload) this.symbol(byte);
    return this;
  }

  /** A code of a distance in a block with fixed codes, 0 to 31, without extra bits. */
  distanceCode(code: number): this {
    return this.#code(code, 5);
  }

  /** A match in a block with fixed codes: 3 to 258 bytes, 1 to 32768 bytes back. */
  match(length: number, distance: number): this {
    return this.#length(length).#distance(distance);
  }

  /** The end of a block with fixed codes. */
  end(): this {
    return this.symbol(END_OF_BLOCK);
  }

  /** All blocks as a payload: an empty stored block ends it, of which four bytes are not sent. */
  flushed(): Uint8Array {
    return this.block(0).align().written();
  }

  /** What was written, as it is. */
  written(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  /** A code of Huffman's: its highest bit goes first. */
  #code(code: number, length: number): this {
    for (let bit = length - 1; bit >= 0; bit--) this.bits(code >> bit & 1, 1);
    return this;
  }

  #length(length: number): this {
    if (length === MAX_LENGTH) return this.symbol(LAST_LENGTH_CODE);
    let base = 3;
    for (const [index, extra] of LENGTH_EXTRA.entries()) {
      if (length < base + (1 << extra)) {
        return this.symbol(FIRST_LENGTH_CODE + index).bits(length - base, extra);
      }
      base += 1 << extra;
    }
    throw new RangeError(`A match is at most ${MAX_LENGTH} bytes long; got ${length}`);
  }

  #distance(distance: number): this {
    let base = 1;
    for (let code = 0; code < 30; code++) {
      const extra = code < 4 ? 0 : (code >> 1) - 1;
      if (distance < base + (1 << extra)) {
        return this.distanceCode(code).bits(distance - base, extra);
      }
      base += 1 << extra;
    }
    throw new RangeError(`A match is at most 32768 bytes back; got ${distance}`);
  }
}
