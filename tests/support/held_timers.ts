/**
 * Timers of one delay that expire when a test says so. What has to come before them comes before
 * them, however long the machine takes.
 *
 * @module
 */

/** A delay that nothing but a test asks for, in milliseconds. */
export const HELD = 54_321;

/** Holds timers of the runtime. Dispose of it to let `setTimeout` be what it was. */
export class HeldTimers implements Disposable {
  readonly #held = new Map<number, () => void>();
  readonly #restore: () => void;
  #made = 0;

  /** From now on, what is to come after `delay` milliseconds waits for `expire`. */
  constructor(delay: number = HELD) {
    const { setTimeout, clearTimeout } = globalThis;
    const hold = (callback: (...args: unknown[]) => void, time?: number, ...args: unknown[]) => {
      if (time !== delay) return setTimeout(callback, time, ...args);
      // The runtime's own are above 0.
      const timer = -++this.#made;
      this.#held.set(timer, () => callback(...args));
      return timer;
    };
    const clear = (timer?: number) => {
      if (timer === undefined || !this.#held.delete(timer)) clearTimeout(timer);
    };
    Object.assign(globalThis, { setTimeout: hold, clearTimeout: clear });
    this.#restore = () => Object.assign(globalThis, { setTimeout, clearTimeout });
  }

  /** How many were made so far: one that is put off counts again. */
  get made(): number {
    return this.#made;
  }

  /** How many have neither expired nor been cleared. */
  get waiting(): number {
    return this.#held.size;
  }

  /** Lets all expire that wait now. */
  expire(): void {
    const due = [...this.#held.values()];
    this.#held.clear();
    for (const callback of due) callback();
  }

  [Symbol.dispose](): void {
    this.#restore();
  }
}
