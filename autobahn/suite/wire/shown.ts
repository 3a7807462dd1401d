/**
 * How bytes are shown in reports, as Autobahn|Testsuite does: text, or hexadecimal digits, and no
 * more than the beginning.
 *
 * @module
 */
import type { ReportedBytes } from "../model/result.ts";

const MAX_BYTES = 64;
const CUT = " ...";
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The bytes that are looked at of a stretch; what comes after these is never shown. */
export const SHOWN_BYTES = MAX_BYTES;

/** Two digits a byte. */
export function hex(bytes: Uint8Array): string {
  let digits = "";
  for (const byte of bytes) digits += byte.toString(16).padStart(2, "0");
  return digits;
}

/** The beginning in digits; `length` is that of the whole, of which `bytes` may be a part. */
export function shownHex(bytes: Uint8Array, length: number = bytes.length): string {
  return hex(bytes.subarray(0, MAX_BYTES)) + cut(length);
}

/** The beginning as text, or as `0x…` where it is none. */
export function shownPayload(bytes: Uint8Array, length: number = bytes.length): string {
  try {
    return decoder.decode(bytes.subarray(0, MAX_BYTES)) + cut(length);
  } catch {
    return `0x${shownHex(bytes, length)}`;
  }
}

/** Octets of the wire in a report. */
export function reportedOctets(bytes: Uint8Array): ReportedBytes {
  return [bytes.length, shownHex(bytes)];
}

/** A payload in a report. */
export function reportedPayload(bytes: Uint8Array, length: number = bytes.length): ReportedBytes {
  return [length, shownPayload(bytes, length)];
}

/** What stands for the rest. The mark takes its room from the bytes, so it comes a little early. */
function cut(length: number): string {
  return length > MAX_BYTES - CUT.length ? CUT : "";
}
