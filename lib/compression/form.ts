/**
 * In which form zlib can be used. Its contexts are no documented part of `node:zlib`, so
 * they are tried once, at the first use; what is left without them is slower, and has no
 * takeover.
 *
 * @module
 */
import { TAIL } from "./tail.ts";
import {
  BLOCK,
  type DeflateSettings,
  openDeflateContext,
  openInflateContext,
  SYNC_FLUSH,
  type ZlibContext,
} from "./zlib_context.ts";

/**
 * - `"contexts"`: contexts that last and work piece by piece;
 * - `"one-shot"`: one call for each message.
 */
export type ZlibForm = "contexts" | "one-shot";

/** What opens contexts. */
export interface ContextOpeners {
  /** A context to deflate with. */
  deflate(settings: DeflateSettings): ZlibContext;
  /** A context to inflate with. */
  inflate(windowBits: number): ZlibContext;
}

let form: ZlibForm | undefined;

/** The form that works in this process. */
export function zlibForm(): ZlibForm {
  form ??= contextsWork({ deflate: openDeflateContext, inflate: openInflateContext })
    ? "contexts"
    : "one-shot";
  return form;
}

/** Tries all that is used of contexts. Never throws. */
export function contextsWork(openers: ContextOpeners): boolean {
  let deflate: ZlibContext | undefined;
  let inflate: ZlibContext | undefined;
  try {
    deflate = openers.deflate({ level: 1, windowBits: 9, memoryLevel: 1 });
    inflate = openers.inflate(9);
    return roundTrip(deflate, inflate) && roundTrip(deflate, inflate) && recovers(inflate);
  } catch {
    return false;
  } finally {
    deflate?.close();
    inflate?.close();
  }
}

const SAMPLE = Uint8Array.from({ length: 100 }, (_, at) => at % 7);
const SPACE = 256;

/** There and back, with the counts right: into scant space, and to the end of a block. */
function roundTrip(deflate: ZlibContext, inflate: ZlibContext): boolean {
  const payload = new Uint8Array(SPACE);
  deflate.write(SYNC_FLUSH, SAMPLE, 0, SAMPLE.length, payload, 0, SPACE);
  const length = SPACE - deflate.spaceLeft;
  if (deflate.failed || deflate.inputLeft !== 0) return false;
  if (!TAIL.every((byte, at) => payload[length - TAIL.length + at] === byte)) return false;
  const result = new Uint8Array(SPACE);
  inflate.write(SYNC_FLUSH, payload, 0, length - TAIL.length, result, 0, 1);
  if (inflate.failed || inflate.spaceLeft !== 0) return false;
  const unused = length - TAIL.length - inflate.inputLeft;
  inflate.write(SYNC_FLUSH, payload, unused, length - TAIL.length, result, 1, SPACE);
  if (inflate.failed || SPACE - inflate.spaceLeft !== SAMPLE.length) return false;
  // The probe behind the tail, as at the end of each message.
  payload[length] = 0;
  inflate.write(BLOCK, payload, length - TAIL.length, length + 1, result, SAMPLE.length, SPACE);
  return !inflate.failed && inflate.inputLeft === 1 &&
    inflate.spaceLeft === SPACE - SAMPLE.length &&
    SAMPLE.every((byte, at) => result[at] === byte);
}

/** What cannot be inflated is told, and forgotten with a reset. */
function recovers(inflate: ZlibContext): boolean {
  const output = new Uint8Array(SPACE);
  inflate.write(SYNC_FLUSH, Uint8Array.of(0xff, 0xff), 0, 2, output, 0, SPACE);
  if (!inflate.failed) return false;
  inflate.reset();
  const stored = Uint8Array.of(0, 1, 0, 0xfe, 0xff, 0x41);
  inflate.write(SYNC_FLUSH, stored, 0, stored.length, output, 0, SPACE);
  return !inflate.failed && inflate.spaceLeft === SPACE - 1 && output[0] === 0x41;
}
