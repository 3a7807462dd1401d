/**
 * The wire log of a case, and how often what was seen.
 *
 * @module
 */
import type { Counts, WireLogLine } from "../model/result.ts";
import type { FrameHeader } from "./frame_reader.ts";
import { hex, reportedOctets, reportedPayload } from "./shown.ts";

/** More lines than anybody reads; then the log ends, so that a flood does not fill memory. */
const MAX_LINES = 20_000;

/** A frame that is sent, as the log shows it. */
export interface LoggedFrame {
  readonly opcode: number;
  readonly payload: Uint8Array;
  readonly fin: boolean;
  readonly rsv: number;
  readonly mask: Uint8Array | undefined;
  readonly chopBytes: number | undefined;
}

/** Keeps lines while it is on; counts always. */
export class WireLog {
  readonly lines: WireLogLine[] = [];
  readonly #octetsReceived = new Map<number, number>();
  readonly #octetsSent = new Map<number, number>();
  readonly #framesReceived = new Map<number, number>();
  readonly #framesSent = new Map<number, number>();
  #on = true;
  #full = false;

  /** Whether octets and frames are kept. */
  get on(): boolean {
    return this.#on && !this.#full;
  }

  /** Stops or resumes to keep octets and frames. */
  setOn(on: boolean): void {
    if (on === this.#on) return;
    this.#on = on;
    this.add(["WLM", on]);
  }

  /** Adds a line of any kind. */
  add(line: WireLogLine): void {
    if (this.#full) return;
    this.#full = this.lines.length === MAX_LINES;
    this.lines.push(this.#full ? ["WLM", false] : line);
  }

  /** Octets came in one read. */
  octetsReceived(bytes: Uint8Array): void {
    count(this.#octetsReceived, bytes.length);
    if (this.on) this.add(["RO", reportedOctets(bytes)]);
  }

  /** Octets are sent; `pushed`: on their own. */
  octetsSent(bytes: Uint8Array, pushed: boolean): void {
    count(this.#octetsSent, bytes.length);
    if (this.on) this.add(["TO", reportedOctets(bytes), pushed]);
  }

  /** A frame is sent. */
  frameSent({ opcode, payload, fin, rsv, mask, chopBytes }: LoggedFrame): void {
    count(this.#framesSent, opcode);
    if (!this.on) return;
    const key = mask ? hex(mask) : null;
    const bytes = reportedPayload(payload);
    this.add(["TF", bytes, opcode, fin, rsv, key, null, chopBytes ?? null, false]);
  }

  /** A message is sent in frames that are not shown one by one. */
  fragmentsSent(frames: { opcode: number; lengths: readonly number[] }): void {
    frames.lengths.forEach((length, index) => {
      count(this.#framesSent, index === 0 ? frames.opcode : 0);
      count(this.#octetsSent, length);
    });
  }

  /** A frame came; `begin` is the beginning of its payload. */
  frameReceived({ opcode, fin, rsv, mask, length }: FrameHeader, begin: Uint8Array): void {
    count(this.#framesReceived, opcode);
    if (!this.on) return;
    const key = mask ? hex(mask) : null;
    this.add(["RF", reportedPayload(begin, length), opcode, fin, rsv, mask !== undefined, key]);
  }

  /** What was counted, for a report. */
  counts(): {
    rxOctetStats: Counts;
    rxFrameStats: Counts;
    txOctetStats: Counts;
    txFrameStats: Counts;
  } {
    return {
      rxOctetStats: Object.fromEntries(this.#octetsReceived),
      rxFrameStats: Object.fromEntries(this.#framesReceived),
      txOctetStats: Object.fromEntries(this.#octetsSent),
      txFrameStats: Object.fromEntries(this.#framesSent),
    };
  }

  /** How many frames were sent, by opcode. */
  get sentFrames(): Record<number, number> {
    return Object.fromEntries(this.#framesSent);
  }
}

function count(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
