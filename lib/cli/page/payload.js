/**
 * Messages as people write and read them.
 *
 * @module
 */

const MAX_SHOWN_CHARS = 1000;
const MAX_SHOWN_BYTES = 64;

/**
 * Reads bytes in hexadecimal.
 *
 * @param {string} text For example `"de ad BE EF"`; white space, commas, colons and `0x` are skipped.
 * @returns {Uint8Array<ArrayBuffer>}
 * @throws {Error} With a sentence for people.
 */
export function parseHex(text) {
  const digits = text.replace(/0x|[\s,:]/gi, "");
  const wrong = /[^0-9a-f]/i.exec(digits);
  if (wrong !== null) throw new Error(`“${wrong[0]}” is no hexadecimal digit.`);
  if (digits.length % 2 !== 0) throw new Error("The last byte has one digit; it needs two.");
  const bytes = new Uint8Array(digits.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = Number.parseInt(digits.slice(2 * index, 2 * index + 2), 16);
  }
  return bytes;
}

/**
 * Writes a size.
 *
 * @param {number} bytes
 * @returns {string} For example `"5 B"` or `"1.5 MiB"`.
 */
export function formatSize(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 ** 2) return `${Number((bytes / 1024).toPrecision(3))} KiB`;
  return `${Number((bytes / 1024 ** 2).toPrecision(3))} MiB`;
}

/**
 * How long a message is on the wire, without its frame.
 *
 * @param {string | ArrayBuffer} data
 * @returns {number} Bytes.
 */
export function sizeOf(data) {
  return typeof data === "string" ? new TextEncoder().encode(data).length : data.byteLength;
}

/**
 * The beginning of a message: text with its control characters made visible, or bytes in
 * hexadecimal.
 *
 * @param {string | ArrayBuffer} data
 * @returns {string}
 */
export function preview(data) {
  if (typeof data === "string") {
    const shown = data.slice(0, MAX_SHOWN_CHARS);
    const more = data.length > MAX_SHOWN_CHARS ? " …" : "";
    return `${data === "" ? "(empty)" : showControls(shown)}${more}`;
  }
  const shown = new Uint8Array(data, 0, Math.min(data.byteLength, MAX_SHOWN_BYTES));
  const more = data.byteLength > MAX_SHOWN_BYTES ? " …" : "";
  return shown.length === 0 ? "(empty, binary)" : `${toHex(shown)}${more}`;
}

/** C0, except tab and newline. */
// deno-lint-ignore no-control-regex -- these are what is made visible
const CONTROLS = /[\u0000-\u0008\u000b-\u001f]/g;

/** C1, and what turns the direction of text. */
const CONFUSING = /[\u0080-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Control pictures where there are some, U+FFFD for the others. */
function showControls(text) {
  return text
    .replace(CONTROLS, (char) => String.fromCharCode(0x2400 + char.charCodeAt(0)))
    .replace(/\u007f/g, "\u2421")
    .replace(CONFUSING, "\ufffd");
}

function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/**
 * Whether an incoming message is the echo of one that was sent. Of long binary messages the
 * length and the beginning are compared.
 *
 * @param {string | ArrayBuffer} sent
 * @param {string | ArrayBuffer} received
 * @returns {boolean}
 */
export function isEcho(sent, received) {
  if (typeof sent === "string" || typeof received === "string") return sent === received;
  if (sent.byteLength !== received.byteLength) return false;
  const length = Math.min(sent.byteLength, 1024);
  const a = new Uint8Array(sent, 0, length);
  const b = new Uint8Array(received, 0, length);
  return a.every((byte, index) => byte === b[index]);
}
