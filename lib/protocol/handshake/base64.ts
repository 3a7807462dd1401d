/**
 * Base64 with padding (RFC 4648 §4), written out because the core relies on no globals
 * of a web page.
 *
 * @module
 */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** `bytes` in base64, padded with `=` to a multiple of four characters. */
export function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    // Beyond the end `undefined << 8` is 0, so that the last group is filled up with zero bits.
    const group = bytes[i]! << 16 | bytes[i + 1]! << 8 | bytes[i + 2]!;
    text += ALPHABET[group >> 18]! + ALPHABET[group >> 12 & 63]! +
      ALPHABET[group >> 6 & 63]! + ALPHABET[group & 63]!;
  }
  const padding = (3 - bytes.length % 3) % 3;
  return text.slice(0, text.length - padding) + "=".repeat(padding);
}
