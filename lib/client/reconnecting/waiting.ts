/**
 * Waiting by a clock that is given, cut short by a signal; it leaves nothing behind.
 *
 * @module
 */
import type { Clock } from "../../connection/clock.ts";
import { unlessAborted } from "../abort.ts";

/** How long something may take. */
export interface Limits {
  /** Where time comes from. */
  readonly clock: Clock;
  /** Cuts it short. */
  readonly signal: AbortSignal;
  /** Milliseconds that it may take. */
  readonly timeout: number;
  /** What to reject with after that time. */
  readonly late: () => Error;
}

/** Does `work`, which is told by a signal of its own when it was cut short or is late. */
export async function inTime<T>(
  limits: Limits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { clock, signal, timeout, late } = limits;
  signal.throwIfAborted();
  const ending = new AbortController();
  const onAbort = () => ending.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const timer = clock.setTimeout(() => ending.abort(late()), timeout);
  try {
    return await unlessAborted(work(ending.signal), ending.signal);
  } finally {
    clock.clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/** Waits for `delay` milliseconds; rejects with the signal's reason when that fires first. */
export async function sleep(
  delay: number,
  { clock, signal }: Pick<Limits, "clock" | "signal">,
): Promise<void> {
  signal.throwIfAborted();
  const slept = Promise.withResolvers<void>();
  const timer = clock.setTimeout(slept.resolve, delay);
  try {
    await unlessAborted(slept.promise, signal);
  } finally {
    clock.clearTimeout(timer);
  }
}
