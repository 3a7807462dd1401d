/**
 * Timers of one connection, which all end with it.
 *
 * @module
 */

/** What sets timers. */
export interface TimerSource {
  /** Calls back after `milliseconds`, unless that is cancelled; gives what cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** Sets timers, and ends them together. */
export class Timers implements TimerSource {
  readonly #running = new Set<ReturnType<typeof setTimeout>>();
  #ended = false;

  after(milliseconds: number, callback: () => void): () => void {
    if (this.#ended) return () => {};
    const timer = setTimeout(() => {
      this.#running.delete(timer);
      callback();
    }, milliseconds);
    this.#running.add(timer);
    return () => {
      clearTimeout(timer);
      this.#running.delete(timer);
    };
  }

  /** Cancels all, and sets none any more. */
  end(): void {
    this.#ended = true;
    for (const timer of this.#running) clearTimeout(timer);
    this.#running.clear();
  }
}
