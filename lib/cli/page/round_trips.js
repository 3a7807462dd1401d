/**
 * The latest round trips and their quantiles.
 *
 * @module
 */

/** Keeps the last `capacity` round trips, in milliseconds. */
export class RoundTrips {
  #capacity;
  #samples = [];
  #total = 0;

  /** @param {number} capacity How many are kept. */
  constructor(capacity) {
    this.#capacity = capacity;
  }

  /** How many there were, those that are no longer kept included. */
  get total() {
    return this.#total;
  }

  /**
   * Those that are kept, oldest first.
   *
   * @returns {readonly number[]}
   */
  get samples() {
    return this.#samples;
  }

  /** @param {number} milliseconds One more. */
  add(milliseconds) {
    this.#total++;
    this.#samples.push(milliseconds);
    if (this.#samples.length > this.#capacity) this.#samples.shift();
  }

  /** Forgets all. */
  clear() {
    this.#total = 0;
    this.#samples = [];
  }

  /**
   * The smallest kept round trip that is not below the share `q` of them (nearest rank).
   *
   * @param {number} q From 0 to 1: 0.5 is the median.
   * @returns {number | undefined} Milliseconds; `undefined` when there are none.
   */
  quantile(q) {
    const sorted = this.#samples.toSorted((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
  }
}

/**
 * Writes a duration with its unit, three digits long.
 *
 * @param {number | undefined} milliseconds
 * @returns {string} For example `"85 µs"`, `"1.25 ms"` or `"2.5 s"`; `"–"` for `undefined`.
 */
export function formatDuration(milliseconds) {
  if (milliseconds === undefined) return "–";
  if (milliseconds < 0.9995) return `${Math.round(milliseconds * 1000)} µs`;
  if (milliseconds < 999.5) return `${Number(milliseconds.toPrecision(3))} ms`;
  return `${Number((milliseconds / 1000).toPrecision(3))} s`;
}
