/**
 * Incremental UTF-8 validation (RFC 3629, Unicode 3.9 table 3-7), so that a message fails
 * at its first bad byte and not at its end (RFC 6455 §8.1), and decoding of what is whole.
 *
 * @module
 */

/** Up to this many bytes a loop over ASCII beats a call into the runtime. */
const SHORT = 64;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes `bytes[start, end)`; `undefined` when it is not UTF-8. A byte order mark stays. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start <= SHORT) {
    const text = decodeShortAscii(bytes, start, end);
    if (text !== undefined) return text;
  }
  try {
    return decoder.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

/** Eight bytes a step, because every call into the runtime costs more than a few of them. */
function decodeShortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = "";
  let at = start;
  for (const last = end - 8; at <= last; at += 8) {
    const a = bytes[at]!;
    const b = bytes[at + 1]!;
    const c = bytes[at + 2]!;
    const d = bytes[at + 3]!;
    const e = bytes[at + 4]!;
    const f = bytes[at + 5]!;
    const g = bytes[at + 6]!;
    const h = bytes[at + 7]!;
    if ((a | b | c | d | e | f | g | h) > 0x7f) return undefined;
    text += String.fromCharCode(a, b, c, d, e, f, g, h);
  }
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte > 0x7f) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Validates UTF-8 that comes in pieces, cut anywhere. */
export class Utf8Validator {
  /** Continuation bytes that the code point at hand still wants. */
  #wanted = 0;
  /** Bounds of the next continuation byte; narrower after some lead bytes. */
  #low = 0x80;
  #high = 0xbf;

  /** True between code points: what came so far could be a whole text. */
  get complete(): boolean {
    return this.#wanted === 0;
  }

  /** Forgets what came, for the next message. */
  reset(): void {
    this.#wanted = 0;
    this.#low = 0x80;
    this.#high = 0xbf;
  }

  /** Takes `bytes[start, end)`; false as soon as no continuation could make it valid. */
  push(bytes: Uint8Array, start: number, end: number): boolean {
    // Locals, because a field costs a memory access for each byte.
    let wanted = this.#wanted;
    let low = this.#low;
    let high = this.#high;
    let at = start;
    while (at < end) {
      const byte = bytes[at++]!;
      if (wanted > 0) {
        if (byte < low || byte > high) return false;
        low = 0x80;
        high = 0xbf;
        wanted--;
      } else if (byte < 0x80) {
        at = skipAscii(bytes, at, end);
      } else if (byte < 0xe0) {
        if (byte < 0xc2) return false;
        wanted = 1;
      } else if (byte < 0xf0) {
        wanted = 2;
        // Not overlong, not a surrogate.
        if (byte === 0xe0) low = 0xa0;
        else if (byte === 0xed) high = 0x9f;
      } else {
        if (byte > 0xf4) return false;
        wanted = 3;
        // Not overlong, not beyond U+10FFFF.
        if (byte === 0xf0) low = 0x90;
        else if (byte === 0xf4) high = 0x8f;
      }
    }
    this.#wanted = wanted;
    this.#low = low;
    this.#high = high;
    return true;
  }
}

/** The first position from `start` on whose byte is no ASCII, or `end`. */
function skipAscii(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  for (const last = end - 8; at <= last; at += 8) {
    const any = bytes[at]! | bytes[at + 1]! | bytes[at + 2]! | bytes[at + 3]! |
      bytes[at + 4]! | bytes[at + 5]! | bytes[at + 6]! | bytes[at + 7]!;
    if (any > 0x7f) break;
  }
  while (at < end && bytes[at]! <= 0x7f) at++;
  return at;
}
