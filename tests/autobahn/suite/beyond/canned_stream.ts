/**
 * A stream of a raw case that has no network: it gives what a test has laid out, and keeps what is
 * written.
 *
 * @module
 */
import type { CaseStream } from "../../../../autobahn/suite/model/stage.ts";

/** What comes, read by read: text or bytes, the end, or nothing in time. */
export type Canned = string | Uint8Array | { readonly sign: "end" | "silence" };

/** Gives what it has, then silence. */
export class CannedStream implements CaseStream {
  readonly written: Uint8Array[] = [];
  readonly #canned: Canned[];

  constructor(...canned: readonly Canned[]) {
    this.#canned = [...canned];
  }

  write(bytes: Uint8Array): Promise<boolean> {
    this.written.push(bytes);
    return Promise.resolve(true);
  }

  read(): Promise<Uint8Array | "end" | "silence"> {
    const next = this.#canned.shift() ?? { sign: "silence" };
    if (typeof next === "string") return Promise.resolve(new TextEncoder().encode(next));
    return Promise.resolve(next instanceof Uint8Array ? next : next.sign);
  }

  pauseReading(): void {}

  endWriting(): void {}

  drop(): void {}
}
