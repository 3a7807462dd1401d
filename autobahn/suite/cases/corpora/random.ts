/**
 * Random numbers that are the same in every run, so that every run sends the same bytes.
 *
 * @module
 */

/** A source of numbers that depend on nothing but its seed. */
export class SeededRandom {
  #state: number;

  /** @param seed A whole number of 32 bits. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 up to, but not with, `limit`, which is at most 2^31. */
  below(limit: number): number {
    // The high bits are the better ones: scaled, not reduced.
    return Math.floor(this.#next() / 0x1_0000_0000 * limit);
  }

  /** One of `choices`, each as likely as the others. */
  pick<T>(choices: readonly T[]): T {
    const choice = choices[this.below(choices.length)];
    if (choice === undefined) throw new RangeError("Cannot pick: there must be a choice");
    return choice;
  }

  /** One of `choices`, the early ones much more often, as words are used in a language. */
  pickEarly<T>(choices: readonly T[]): T {
    const spread = this.below(choices.length) * (1 + this.below(1_000)) / 1_000;
    const choice = choices[Math.floor(spread)];
    if (choice === undefined) throw new RangeError("Cannot pick: there must be a choice");
    return choice;
  }

  /** Fills `bytes` with bytes of which every value is as likely as the others. */
  fill(bytes: Uint8Array): void {
    for (let index = 0; index < bytes.length; index++) bytes[index] = this.#next() >>> 24;
  }

  /** A Weyl sequence whose values are mixed by multiplication: 32 bits. */
  #next(): number {
    this.#state = (this.#state + 0x9e37_79b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  }
}
