/**
 * Tasks in the sense of HTML's event loop: before the next one runs, every microtask has run.
 * That is what lets `await` between two events see the second one.
 *
 * @module
 */
import { setImmediate } from "node:timers";

/** Runs `step` in a task of its own, behind those that were queued before. */
export function queueTask(step: () => void): void {
  setImmediate(step);
}
