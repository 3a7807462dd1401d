/**
 * Binary messages as a terminal and a log show them; for text there is `printableText`.
 *
 * @module
 */

/** Bytes of a binary message that are shown. */
const SHOWN_BYTES = 64;

/** The length and the first 64 bytes, in hexadecimal: `<3 bytes> 010203`. */
export function printableBytes(bytes: Uint8Array): string {
  const hex = bytes.subarray(0, SHOWN_BYTES).toHex();
  const more = bytes.length > SHOWN_BYTES ? "…" : "";
  const unit = bytes.length === 1 ? "byte" : "bytes";
  return `<${bytes.length} ${unit}> ${hex}${more}`.trimEnd();
}
