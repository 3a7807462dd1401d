/**
 * Long work in turns: a message that takes long to compress is compressed bit by bit, and between
 * two bits the process does what else there is to do. Threads would not help here: the runtime
 * runs the asynchronous calls of zlib on the same thread.
 *
 * @module
 */
import { setImmediate } from "node:timers";

const DEFAULT_CONCURRENCY = 4;

/** Work that is done in turns. */
export interface Work {
  /** Does a bit of it, some milliseconds at most; true while there is more. Never throws. */
  turn(): boolean;
}

/** How many long messages this process compresses at the same time. */
export interface CompressionQueue {
  /**
   * How many long messages are compressed in turns with each other. Each of them holds a
   * compressor; more wait until one is done, first come, first served.
   * @default 4
   */
  concurrency: number;
  /** How many are under way or wait. */
  readonly size: number;
}

/** Gives turns to work: to so much of it at a time, one after the other. */
export class WorkQueue implements CompressionQueue {
  readonly #defer: (turn: () => void) => void;
  readonly #active: Set<Work> = new Set();
  readonly #waiting: Set<Work> = new Set();
  #concurrency = DEFAULT_CONCURRENCY;
  #turnDue = false;

  /**
   * Takes what runs a turn once other things had theirs.
   *
   * @param defer @default after the events that have come, before the event loop waits
   */
  constructor(defer: (turn: () => void) => void = setImmediate) {
    this.#defer = defer;
  }

  get concurrency(): number {
    return this.#concurrency;
  }

  /** @throws {RangeError} when it is no whole number from 1 on. */
  set concurrency(value: number) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`concurrency must be a whole number from 1 on; got ${value}`);
    }
    this.#concurrency = value;
    this.#fill();
  }

  get size(): number {
    return this.#active.size + this.#waiting.size;
  }

  /** Takes work, which gets its turns until it is done or withdrawn. */
  add(work: Work): void {
    this.#waiting.add(work);
    this.#fill();
    this.#schedule();
  }

  /** Gives work up. Does nothing when it is done. */
  withdraw(work: Work): void {
    if (!this.#waiting.delete(work) && this.#active.delete(work)) this.#fill();
  }

  #fill(): void {
    for (const work of this.#waiting) {
      if (this.#active.size >= this.#concurrency) return;
      this.#waiting.delete(work);
      this.#active.add(work);
    }
  }

  #schedule(): void {
    if (this.#turnDue || this.#active.size === 0) return;
    this.#turnDue = true;
    this.#defer(() => {
      this.#turnDue = false;
      this.#turn();
      this.#schedule();
    });
  }

  /** A turn for the one that has waited longest for its own. */
  #turn(): void {
    for (const work of this.#active) {
      const more = work.turn();
      // It may have been withdrawn by what its own turn led to.
      if (!this.#active.delete(work)) return;
      if (more) this.#active.add(work);
      else this.#fill();
      return;
    }
  }
}

/** The queue of this process. */
export const workQueue: WorkQueue = new WorkQueue();

/** The long messages that are compressed in this process. */
export const compressionQueue: CompressionQueue = workQueue;
