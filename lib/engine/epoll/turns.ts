/**
 * Turns of the event loop.
 *
 * @module
 */

/** Settles in the next turn of the event loop, when timers and others have had theirs. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
