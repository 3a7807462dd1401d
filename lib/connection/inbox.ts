/**
 * What was received and is not consumed yet. It hands messages to a handler, one at a time,
 * or to whoever asks for the next; while too much waits, it has the reading stopped.
 *
 * @module
 */
import { ConnectionError } from "./errors.ts";

/** What an item costs beside its bytes, so that empty messages are bounded too. */
export const ITEM_BYTES = 64;

/** What an inbox asks of the connection around it. */
export interface InboxOwner {
  /** Stop reading. */
  pause(): void;
  /** Read on. */
  resume(): void;
  /** The handler threw or rejected. */
  onHandlerError(error: unknown): void;
  /** Input has ended and all of it was handed out. */
  onDrained(): void;
}

/** Someone who waits for the next item. */
interface Waiter<T> {
  resolve(item: T | undefined): void;
  reject(error: unknown): void;
}

/** Takes an item; the next one follows when what it returns has settled. */
export type ItemHandler<T> = (item: T) => unknown;

/** The incoming side of a connection: items of type `T` with a cost in bytes. */
export class Inbox<T> {
  readonly #owner: InboxOwner;
  readonly #highWaterMark: number;
  #items: T[] = [];
  #costs: number[] = [];
  /** Position of the first item; what lies before it was handed out. */
  #first = 0;
  #held = 0;
  #paused = false;
  /** Something was consumed since `unblock` was called last. */
  #consumed = false;
  /** What does not fit is dropped, and all behind it, so that no gap opens. */
  #dropping = false;
  #full = false;
  #ended = false;
  #error: Error | undefined;
  #handler: ItemHandler<T> | undefined;
  /** The handler gets nothing more. */
  #discarding = false;
  #busy = false;
  #waiters: Waiter<T>[] = [];

  constructor(owner: InboxOwner, highWaterMark: number) {
    this.#owner = owner;
    this.#highWaterMark = highWaterMark;
  }

  /** Bytes that wait to be consumed. */
  get held(): number {
    return this.#held;
  }

  /** Whether reading was stopped because the consumer is behind. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Whether items go to a handler, so that nobody may ask for them. */
  get handled(): boolean {
    return this.#handler !== undefined;
  }

  /** Takes an item of `bytes` bytes. */
  push(item: T, bytes: number): void {
    if (this.#handler !== undefined && !this.#busy && this.#empty) {
      this.#handle(this.#handler, item);
      if (this.#ended || !this.#empty) this.#deliver();
      return;
    }
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve(item);
      return;
    }
    const cost = bytes + ITEM_BYTES;
    if (!this.hold(cost)) return;
    this.#items.push(item);
    this.#costs.push(cost);
  }

  /** Counts bytes that wait; false when there is no room for them, so that they are dropped. */
  hold(bytes: number): boolean {
    this.#full ||= this.#dropping && this.#held >= this.#highWaterMark;
    if (this.#full) return false;
    this.#held += bytes;
    if (this.#held < this.#highWaterMark || this.#paused || this.#dropping) return true;
    this.#paused = true;
    this.#owner.pause();
    return true;
  }

  /** Counts bytes that were consumed. */
  release(bytes: number): void {
    this.#held -= bytes;
    this.#consumed = true;
    if (!this.#paused || this.#held > this.#highWaterMark / 2) return;
    this.#paused = false;
    this.#owner.resume();
  }

  /** Sends every item from now on to `handler`. */
  handle(handler: ItemHandler<T>): void {
    this.#handler = handler;
    this.#deliver();
  }

  /** Nothing goes to a handler any more: what waits for one, and what still comes, is dropped. */
  discard(): void {
    this.#discarding = true;
  }

  /**
   * The next item; `undefined` at the end of a connection that closed cleanly. It rejects
   * at the end of one that did not, and when items go to a handler.
   */
  next(signal?: AbortSignal): Promise<T | undefined> {
    if (this.#handler !== undefined) {
      const detail = "messages go to a handler";
      return Promise.reject(new ConnectionError("ERR_INVALID_STATE", { detail }));
    }
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    if (!this.#empty) return Promise.resolve(this.#shift());
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#ended) return Promise.resolve(undefined);
    return this.#wait(signal);
  }

  /**
   * Called now and then while the connection closes: whoever has consumed nothing since the
   * last call must not hold the peer's close frame up, so from now on nothing stops the
   * reading, and what does not fit is dropped.
   */
  unblock(): void {
    const idle = this.#paused && !this.#consumed;
    this.#consumed = false;
    if (!idle) return;
    this.#dropping = true;
    this.#paused = false;
    this.#owner.resume();
  }

  /** Nothing more comes. Whoever asks beyond the last item gets `error`, or the end. */
  end(error?: Error): void {
    this.#ended = true;
    this.#error = error;
    for (const waiter of this.#waiters.splice(0)) {
      if (error === undefined) waiter.resolve(undefined);
      else waiter.reject(error);
    }
    if (this.#handler === undefined) this.#owner.onDrained();
    else this.#deliver();
  }

  get #empty(): boolean {
    return this.#first === this.#items.length;
  }

  #shift(): T {
    const item = this.#items[this.#first]!;
    const cost = this.#costs[this.#first]!;
    this.#first++;
    // Cut the part that was handed out once it is the larger one: constant time on average.
    if (this.#first * 2 > this.#items.length) {
      this.#items.splice(0, this.#first);
      this.#costs.splice(0, this.#first);
      this.#first = 0;
    }
    this.release(cost);
    return item;
  }

  #wait(signal: AbortSignal | undefined): Promise<T | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<T | undefined>();
    const waiter: Waiter<T> = { resolve, reject };
    this.#waiters.push(waiter);
    if (signal === undefined) return promise;
    const onAbort = () => {
      const at = this.#waiters.indexOf(waiter);
      if (at >= 0) this.#waiters.splice(at, 1);
      reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    const forget = () => signal.removeEventListener("abort", onAbort);
    promise.then(forget, forget);
    return promise;
  }

  /** Hands items to the handler until none is left or it wants time. */
  #deliver(): void {
    const handler = this.#handler;
    if (handler === undefined) return;
    while (!this.#busy && !this.#empty) this.#handle(handler, this.#shift());
    if (this.#ended && !this.#busy) this.#owner.onDrained();
  }

  #handle(handler: ItemHandler<T>, item: T): void {
    if (this.#discarding) return;
    this.#busy = true;
    try {
      const result = handler(item);
      if (result instanceof Promise) return this.#waitFor(result);
    } catch (error) {
      this.#owner.onHandlerError(error);
    }
    this.#busy = false;
  }

  #waitFor(result: Promise<unknown>): void {
    const done = () => {
      this.#busy = false;
      this.#deliver();
    };
    result.then(done, (error) => {
      this.#owner.onHandlerError(error);
      done();
    });
  }
}
