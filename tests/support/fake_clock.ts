/**
 * Time that stands still until a test moves it.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { Clock } from "../../lib/connection/clock.ts";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Lets everything run that waits for nothing but promises and microtasks. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A clock that a test moves by hand. */
export class FakeClock implements Clock {
  /** Not 0, so that a moment cannot be taken for a duration. */
  #now = 1_000_000;
  #timers: Timer[] = [];

  /** How many timers wait. */
  get timers(): number {
    return this.#timers.length;
  }

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, delay: number): unknown {
    const timer: Timer = { at: this.#now + delay, callback };
    this.#timers.push(timer);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    this.#timers = this.#timers.filter((timer) => timer !== handle);
  }

  /** Moves on by `ms`; each timer that falls due fires at its moment, in order. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    while (true) {
      const timer = this.#takeDue(until);
      if (timer === undefined) break;
      this.#now = Math.max(this.#now, timer.at);
      timer.callback();
      await settle();
    }
    this.#now = until;
  }

  /** The process stands still for `ms`: nothing fires meanwhile, and then all that fell due. */
  async stall(ms: number): Promise<void> {
    await settle();
    this.#now += ms;
    const due = this.#timers.filter((timer) => timer.at <= this.#now);
    for (const timer of due.sort((a, b) => a.at - b.at)) {
      this.clearTimeout(timer);
      timer.callback();
    }
    await settle();
  }

  #takeDue(until: number): Timer | undefined {
    const due = this.#timers.filter((timer) => timer.at <= until);
    if (due.length === 0) return undefined;
    const first = due.reduce((a, b) => b.at < a.at ? b : a);
    this.clearTimeout(first);
    return first;
  }
}
