/**
 * Where a reconnecting connection stands, for all who want to know.
 *
 * @module
 */
import type { WaitOptions } from "../../connection/connection.ts";
import type { DisconnectCause } from "./cause.ts";

/**
 * Where a reconnecting connection stands:
 *
 * - `"connecting"`: an attempt is under way;
 * - `"open"`: there is a connection;
 * - `"waiting"`: there is none, and the next attempt is due after a while;
 * - `"closing"`: it is being ended, and takes nothing more to send;
 * - `"closed"`: it has ended for good.
 */
export type ReconnectingState = "connecting" | "open" | "waiting" | "closing" | "closed";

/** A step from one state to the next. */
export interface StateChange {
  /** The state from now on. */
  readonly state: ReconnectingState;
  /** The state until now. */
  readonly previous: ReconnectingState;
  /** Which attempt this is about; 1 is the first one, and the first after a stable connection. */
  readonly attempt: number;
  /** With `"waiting"`: the milliseconds until the next attempt. */
  readonly delay?: number;
  /** How the last connection ended, or why the last attempt failed; absent when none did. */
  readonly cause?: DisconnectCause;
}

/** Is called with every change of state. */
export type StateListener = (change: StateChange) => unknown;

interface Waiter {
  readonly state: ReconnectingState;
  resolve(): void;
  reject(error: unknown): void;
}

/** Holds the state, and tells of its changes. */
export class StateWatch {
  readonly #listener: StateListener | undefined;
  #state: ReconnectingState = "connecting";
  readonly #waiters = new Set<Waiter>();
  /** What whoever waits in vain is told, once it has ended for good. */
  #error: unknown;

  /** Calls `listener` with each change; what that throws is written to the console. */
  constructor(listener: StateListener | undefined) {
    this.#listener = listener;
  }

  /** The state. */
  get state(): ReconnectingState {
    return this.#state;
  }

  /** Goes on to another state, or to another attempt. */
  set(change: Omit<StateChange, "previous">): void {
    const previous = this.#state;
    this.#state = change.state;
    this.#pass((waiter) => waiter.state === change.state, (waiter) => waiter.resolve());
    this.#tell({ ...change, previous });
  }

  /** It has ended for good; whoever waits for another state is turned away with `error`. */
  end(change: Omit<StateChange, "previous" | "state">, error: unknown): void {
    this.#error = error;
    this.set({ ...change, state: "closed" });
    this.#pass(() => true, (waiter) => waiter.reject(error));
  }

  /** Waits for a state, which may have passed when those who wait go on. */
  async until(state: ReconnectingState, { signal }: WaitOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    if (this.#state === state) return;
    if (this.#state === "closed") throw this.#error;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { state, resolve, reject };
    this.#waiters.add(waiter);
    const onAbort = () => reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      await promise;
    } finally {
      this.#waiters.delete(waiter);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  #pass(which: (waiter: Waiter) => boolean, how: (waiter: Waiter) => void): void {
    for (const waiter of [...this.#waiters].filter(which)) {
      this.#waiters.delete(waiter);
      how(waiter);
    }
  }

  #tell(change: StateChange): void {
    try {
      const result = this.#listener?.(change);
      if (result instanceof Promise) result.catch(logError);
    } catch (error) {
      logError(error);
    }
  }
}

function logError(error: unknown): void {
  console.error("onStateChange of a reconnecting connection failed:", error);
}
