/**
 * Bytes as a report has them: in hexadecimal or as text, cut where they are many.
 *
 * @module
 */
// @ts-check

/** @import { ReportedBytes } from "../../model/result.ts" */

const CUT = " ...";

/**
 * @param {string} hex
 * @returns {Uint8Array}
 */
export function fromHex(hex) {
  const bytes = new Uint8Array(hex.length >> 1);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = Number.parseInt(hex.slice(2 * index, 2 * index + 2), 16);
  }
  return bytes;
}

/**
 * @param {Uint8Array} bytes
 * @returns {string} Two digits a byte, without spaces.
 */
export function toHex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Encodes text. A surrogate that stands alone, which some reports have, becomes the three bytes
 * that it stems from.
 *
 * @param {string} text
 * @returns {Uint8Array}
 */
export function encodeText(text) {
  if (text.isWellFormed()) return new TextEncoder().encode(text);
  return Uint8Array.from([...text].flatMap((character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0xd800 || code > 0xdfff) return [...new TextEncoder().encode(character)];
    return [0xe0 | code >> 12, 0x80 | code >> 6 & 0x3f, 0x80 | code & 0x3f];
  }));
}

/**
 * The bytes that a report shows of octets on the wire.
 *
 * @param {ReportedBytes} reported
 * @returns {Uint8Array}
 */
export function octetsShown([, shown]) {
  return fromHex(shown.endsWith(CUT) ? shown.slice(0, -CUT.length) : shown);
}

/**
 * The bytes that a report shows of a payload, which is text where it is UTF-8, and `0x…` where
 * it is not.
 *
 * @param {ReportedBytes} reported
 * @returns {Uint8Array}
 */
export function payloadShown([length, shown]) {
  const text = encodeText(shown);
  if (text.length === length) return text;
  const cut = shown.endsWith(CUT);
  const kept = cut ? shown.slice(0, -CUT.length) : shown;
  // Text may itself begin with 0x; then it is only half as long as the digits of bytes would be.
  const isHex = /^0x([0-9a-f]{2})*$/.test(kept) &&
    (cut ? kept.length > 100 : kept.length === 2 * length + 2);
  return isHex ? fromHex(kept.slice(2)) : encodeText(kept);
}
