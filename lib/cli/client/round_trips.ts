/**
 * How long answers take, where each message is answered by one, in order.
 *
 * @module
 */

/** So many messages without an answer show that the peer does not answer each. */
const MAX_WAITING = 65_536;

/** Times the way from each message that was sent to the one that came in its place. */
export class RoundTrips {
  readonly #now: () => number;
  #sent: number[] = [];
  /** Position of the oldest message that has no answer. */
  #first = 0;
  #overflown = false;

  /** `now` gives the time in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A message was sent. */
  onSent(): void {
    if (this.#overflown) return;
    this.#sent.push(this.#now());
    this.#overflown = this.#sent.length - this.#first > MAX_WAITING;
    if (this.#overflown) this.#sent = [];
  }

  /** A message came: the milliseconds since the one that it answers, if it answers one. */
  onReceived(): number | undefined {
    const sent = this.#sent[this.#first];
    if (sent === undefined) return undefined;
    this.#first++;
    // Cut the answered part once it is the larger one: constant time on average.
    if (this.#first * 2 > this.#sent.length) {
      this.#sent.splice(0, this.#first);
      this.#first = 0;
    }
    return this.#now() - sent;
  }

  /** The connection was lost: what had no answer gets none. */
  reset(): void {
    this.#sent = [];
    this.#first = 0;
  }
}
