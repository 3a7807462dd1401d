/**
 * UTF-8 that comes in pieces (RFC 3629; RFC 6455 §8.1): refused at its first bad byte.
 *
 * @module
 */
import { isUtf8 } from "node:buffer";

/** The automaton's states: how many bytes must follow, and between which bounds the next lies. */
interface Expected {
  readonly more: number;
  readonly low: number;
  readonly high: number;
}

const NONE: Expected = { more: 0, low: 0, high: 0 };

/** What must follow a byte that begins a character; `undefined` where it begins none. */
function after(lead: number): Expected | undefined {
  if (lead < 0x80) return NONE;
  if (lead < 0xc2) return undefined;
  if (lead < 0xe0) return { more: 1, low: 0x80, high: 0xbf };
  if (lead < 0xf0) {
    return { more: 2, low: lead === 0xe0 ? 0xa0 : 0x80, high: lead === 0xed ? 0x9f : 0xbf };
  }
  if (lead > 0xf4) return undefined;
  return { more: 3, low: lead === 0xf0 ? 0x90 : 0x80, high: lead === 0xf4 ? 0x8f : 0xbf };
}

/** Pieces shorter than this are not worth the way to native code. */
const SHORT = 32;

/** Checks one text after the other. */
export class Utf8Validator {
  #expected: Expected = NONE;
  #offset = 0;
  #bad: number | undefined;

  /** Where the first bad byte of this text is; `undefined` while there is none. */
  get badOffset(): number | undefined {
    return this.#bad;
  }

  /** Whether the text could end here. */
  get complete(): boolean {
    return this.#bad === undefined && this.#expected.more === 0;
  }

  /** Takes a piece, and says whether the text is valid so far. */
  push(piece: Uint8Array): boolean {
    if (this.#bad !== undefined) return false;
    if (piece.length >= SHORT && this.#expected.more === 0 && isUtf8(piece)) {
      this.#offset += piece.length;
      return true;
    }
    for (let at = 0; at < piece.length; at++) {
      if (!this.#step(piece[at]!)) {
        this.#bad = this.#offset + at;
        return false;
      }
    }
    this.#offset += piece.length;
    return true;
  }

  /** Begins another text. */
  reset(): void {
    this.#expected = NONE;
    this.#offset = 0;
    this.#bad = undefined;
  }

  #step(byte: number): boolean {
    const { more, low, high } = this.#expected;
    if (more === 0) {
      const expected = after(byte);
      if (expected === undefined) return false;
      this.#expected = expected;
      return true;
    }
    if (byte < low || byte > high) return false;
    this.#expected = { more: more - 1, low: 0x80, high: 0xbf };
    return true;
  }
}

/** Whether `bytes` are a text. */
export function isText(bytes: Uint8Array): boolean {
  const validator = new Utf8Validator();
  validator.push(bytes);
  return validator.complete;
}
