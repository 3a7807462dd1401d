/**
 * The deadlines of one connection, on one timer. Moving a deadline further away costs a
 * store; the timer that fires too early looks again.
 *
 * @module
 */
import type { Clock } from "./clock.ts";

/** What a connection can wait for; the values are positions in a table. */
export const Deadline = {
  /** The next ping of the heartbeat is due. */
  PING: 0,
  /** The answer to a ping of the heartbeat. */
  PONG: 1,
  /** More of a message that has begun. */
  MESSAGE: 2,
  /** Progress of what is being sent. */
  WRITE: 3,
  /** The end of the closing handshake. */
  CLOSE: 4,
  /** Any data in either direction. */
  IDLE: 5,
  /** The end of the time that a connection may last. */
  LIFETIME: 6,
  /** While closing: the next look whether the consumer holds the peer's close frame up. */
  CONSUMER: 7,
} as const;

/** One of the deadlines. */
export type DeadlineKind = typeof Deadline[keyof typeof Deadline];

const KINDS = 8;

/**
 * A timer that fires this much too late, in milliseconds, tells that the process itself
 * stood still (stopped, suspended, starved). Peers are not to blame for that: all
 * deadlines move by the delay, and what came meanwhile is read first.
 */
const STALL = 1000;

/** The deadlines of one connection. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #onExpired: (kind: DeadlineKind) => void;
  readonly #at: number[] = new Array(KINDS).fill(Infinity);
  #armedFor = Infinity;
  #timer: unknown;

  /** `onExpired` is called once for each deadline that passes. */
  constructor(clock: Clock, onExpired: (kind: DeadlineKind) => void) {
    this.#clock = clock;
    this.#onExpired = onExpired;
  }

  /** Sets the deadline `delay` milliseconds from now, in place of the one before. */
  set(kind: DeadlineKind, delay: number): void {
    const at = this.#clock.now() + delay;
    this.#at[kind] = at;
    if (at < this.#armedFor) this.#arm(at);
  }

  /** Takes the deadline away. */
  clear(kind: DeadlineKind): void {
    this.#at[kind] = Infinity;
  }

  /** Says whether the deadline is set. */
  has(kind: DeadlineKind): boolean {
    return this.#at[kind] !== Infinity;
  }

  /** Takes all deadlines away but one. */
  keepOnly(kind: DeadlineKind): void {
    const at = this.#at[kind]!;
    this.#at.fill(Infinity);
    this.#at[kind] = at;
  }

  /** Takes all deadlines away. */
  stop(): void {
    this.#at.fill(Infinity);
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#armedFor = Infinity;
  }

  #arm(at: number): void {
    this.#clock.clearTimeout(this.#timer);
    this.#armedFor = at;
    // Timers of the runtime hold no more than 31 bits of milliseconds.
    const delay = Math.min(Math.max(at - this.#clock.now(), 0), 0x7fff_ffff);
    this.#timer = this.#clock.setTimeout(() => this.#look(), delay);
  }

  #look(): void {
    const now = this.#clock.now();
    const late = now - this.#armedFor;
    this.#armedFor = Infinity;
    if (late > STALL) this.#moveAll(late);
    for (let kind = 0; kind < KINDS; kind++) {
      if (this.#at[kind]! > now) continue;
      this.#at[kind] = Infinity;
      this.#onExpired(kind as DeadlineKind);
    }
    const next = Math.min(...this.#at);
    if (next < this.#armedFor) this.#arm(next);
  }

  #moveAll(by: number): void {
    // One stalled moment more than the delay, so that input which waits is read first.
    for (let kind = 0; kind < KINDS; kind++) this.#at[kind]! += by + STALL / 10;
  }
}
