/**
 * How connections ended, those alike counted together.
 *
 * @module
 */
import type { CloseEvent } from "../../../connection/transport.ts";

/** Connections that ended in the same way. */
export interface Ending {
  readonly count: number;
  /** The close code, 1005 and 1006 included (RFC 6455 §7.1.5). */
  readonly code: number;
  /** The reason beside it; `""` when there is none. */
  readonly reason: string;
  readonly wasClean: boolean;
  /** What went wrong, in words; null when nothing did. */
  readonly error: string | null;
}

/** Counts ways to end. */
export class Endings {
  readonly #events = new Map<string, { readonly event: CloseEvent; count: number }>();

  /** A connection has ended. */
  add(event: CloseEvent): void {
    const { code, reason, wasClean, error } = event;
    const key = JSON.stringify([code, wasClean, error?.message, reason]);
    const known = this.#events.get(key);
    if (known === undefined) this.#events.set(key, { event, count: 1 });
    else known.count++;
  }

  /** The ways, the most frequent first. */
  get list(): Ending[] {
    return [...this.#events.values()]
      .map(({ count, event: { code, reason, wasClean, error } }) => ({
        count,
        code,
        reason,
        wasClean,
        error: error?.message ?? null,
      }))
      .sort((a, b) => b.count - a.count);
  }
}
