/**
 * UTF-8, checked byte by byte, so that the first wrong byte is found also where it stands in
 * a later fragment.
 *
 * @module
 */
// @ts-check

/** The first bytes of characters, with what the second may be (RFC 3629 §4). */
const LEADS = [
  { from: 0xc2, to: 0xdf, more: 1, low: 0x80, high: 0xbf },
  { from: 0xe0, to: 0xe0, more: 2, low: 0xa0, high: 0xbf },
  { from: 0xe1, to: 0xec, more: 2, low: 0x80, high: 0xbf },
  { from: 0xed, to: 0xed, more: 2, low: 0x80, high: 0x9f },
  { from: 0xee, to: 0xef, more: 2, low: 0x80, high: 0xbf },
  { from: 0xf0, to: 0xf0, more: 3, low: 0x90, high: 0xbf },
  { from: 0xf1, to: 0xf3, more: 3, low: 0x80, high: 0xbf },
  { from: 0xf4, to: 0xf4, more: 3, low: 0x80, high: 0x8f },
];

/** Checks one text, which may come in pieces. */
export class Utf8Check {
  #more = 0;
  #low = 0x80;
  #high = 0xbf;

  /** Whether what came so far ends with a whole character. */
  get whole() {
    return this.#more === 0;
  }

  /**
   * @param {Uint8Array} bytes The next piece.
   * @returns {number} The index of the first byte that cannot stand where it stands, or -1.
   */
  push(bytes) {
    return bytes.findIndex((byte) => !this.#accepts(byte));
  }

  /** @param {number} byte */
  #accepts(byte) {
    if (this.#more > 0) {
      if (byte < this.#low || byte > this.#high) return false;
      this.#more--;
      [this.#low, this.#high] = [0x80, 0xbf];
      return true;
    }
    if (byte < 0x80) return true;
    const lead = LEADS.find(({ from, to }) => from <= byte && byte <= to);
    if (!lead) return false;
    [this.#more, this.#low, this.#high] = [lead.more, lead.low, lead.high];
    return true;
  }
}
