/**
 * Heads of HTTP/1.1 (RFC 9112 §2): read as they come, and looked at.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Head } from "../model/stage.ts";

/** A head, and how many bytes it took with the empty line. */
export interface ParsedHead extends Head {
  readonly length: number;
}

const CR = 0x0d;
const LF = 0x0a;

/** The head that `bytes` begin with; `undefined` while its empty line has not come. */
export function parseHead(bytes: Uint8Array): ParsedHead | undefined {
  const length = headLength(bytes);
  if (length === undefined) return undefined;
  const [start = "", ...lines] = latin1Text(bytes.subarray(0, length)).split("\r\n");
  const fields: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) {
      fields.push([line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]);
    }
  }
  return { start, fields, length };
}

/** How many bytes the head takes, with the empty line; `undefined` while that has not come. */
export function headLength(bytes: Uint8Array): number | undefined {
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at - 1] === CR && bytes[at - 2] === LF && bytes[at - 3] === CR) return at + 1;
  }
  return undefined;
}

/** The text of bytes, one character a byte. A `TextDecoder` takes 0x80 to 0x9f as windows-1252. */
export function latin1Text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** The value of a field, its repetitions joined with commas (RFC 9110 §5.3). */
export function field(head: Head, name: string): string | undefined {
  const values = head.fields.filter(([key]) => key === name).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(", ");
}

/** How often a field stands there. */
export function fieldCount(head: Head, name: string): number {
  return head.fields.filter(([key]) => key === name).length;
}

/** Whether a list of tokens holds `token`, in whatever case (RFC 9110 §5.6.1). */
export function hasToken(list: string | undefined, token: string): boolean {
  return list?.split(",").some((item) => item.trim().toLowerCase() === token) ?? false;
}
