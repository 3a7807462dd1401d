/**
 * Waiting before something that failed is tried again, a little longer each time.
 *
 * @module
 */
import { type Clock, systemClock } from "../connection/clock.ts";

/** The first wait, in milliseconds. */
const FIRST = 10;
/** The longest wait, in milliseconds. */
const LONGEST = 1000;

/** The waits of one thing that is tried again and again. */
export class Backoff {
  readonly #clock: Clock;
  #next = FIRST;
  #stopped = false;
  #timer: unknown;
  #wake: ((goOn: boolean) => void) | undefined;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Waits, each time twice as long as before; gives false when it was stopped. */
  wait(): Promise<boolean> {
    if (this.#stopped) return Promise.resolve(false);
    const delay = this.#next;
    this.#next = Math.min(delay * 2, LONGEST);
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#timer = this.#clock.setTimeout(() => resolve(true), delay);
    });
  }

  /** It worked: the next wait is the first one again. */
  reset(): void {
    this.#next = FIRST;
  }

  /** Ends the wait, and all to come. */
  stop(): void {
    this.#stopped = true;
    this.#clock.clearTimeout(this.#timer);
    this.#wake?.(false);
  }
}
