/**
 * How long to wait before the next attempt: exponential, with full jitter, so that clients
 * that lost their connections at the same moment do not come back at the same moment.
 *
 * @module
 */

/** How the waits between attempts grow. Times are milliseconds. */
export interface BackoffOptions {
  /** The first wait is shorter than this. @default 500 */
  base?: number;
  /** Each wait may be so many times as long as the one before. @default 2 */
  factor?: number;
  /** No wait is longer than this, whatever a server asks for; at least `base`. @default 30000 */
  cap?: number;
}

/** The waits of one reconnecting connection. */
export class JitteredBackoff {
  readonly #options: Readonly<Required<BackoffOptions>>;
  readonly #random: () => number;
  /** How many waits there were since the connection was last stable. */
  #waits = 0;

  /** `random` gives a number from 0 to less than 1. */
  constructor(options: Readonly<Required<BackoffOptions>>, random: () => number) {
    this.#options = options;
    this.#random = random;
  }

  /**
   * The next wait, in milliseconds: anything below `base * factor ** n`, behind the
   * `retryAfter` that a server asked for; `cap` at most.
   */
  next(retryAfter = 0): number {
    const { base, factor, cap } = this.#options;
    const ceiling = Math.min(cap, base * factor ** this.#waits);
    this.#waits++;
    return Math.min(cap, retryAfter + Math.floor(this.#random() * ceiling));
  }

  /** The connection was stable: the next wait is a first one again. */
  reset(): void {
    this.#waits = 0;
  }
}
