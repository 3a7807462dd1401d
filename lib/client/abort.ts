/**
 * Waiting that a signal can cut short.
 *
 * @module
 */

/** What becomes of work that nobody waits for any more. */
export interface AbandonOptions<T> {
  /** Tells the work to stop, a moment after the signal. @default nothing can */
  stop?: () => void;
  /** Gives up what the work brought all the same. @default nothing is to be given up */
  dispose?: (value: T) => void;
}

/** How long after the signal the work is told to stop, in milliseconds. */
const STOP_DELAY = 50;

/**
 * Waits for `work`, but no longer than until `signal` fires; then it rejects with the signal's
 * reason, and what the work still brings is disposed of.
 */
export function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal,
  options: AbandonOptions<T> = {},
): Promise<T> {
  const { stop, dispose = () => {} } = options;
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  let abandoned = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const abandon = () => {
    abandoned = true;
    // The runtime loses a stream that comes into being in the very turn in which it is told
    // to stop. What was about to come is waited for a moment, and given up.
    if (stop !== undefined) timer = setTimeout(stop, STOP_DELAY);
    reject(signal.reason);
  };
  const forget = () => signal.removeEventListener("abort", onAbort);
  const onAbort = () => {
    forget();
    abandon();
  };
  const settle = () => abandoned ? clearTimeout(timer) : forget();
  if (signal.aborted) abandon();
  else signal.addEventListener("abort", onAbort);
  work.then((value) => {
    settle();
    if (abandoned) dispose(value);
    else resolve(value);
  }, (error) => {
    settle();
    reject(error);
  });
  return promise;
}

/** Something that can be closed at any time, and more than once. */
export interface Closable {
  close(): void;
}

/**
 * Does `work` on a stream, which is closed when `signal` fires or the work fails. Closing makes
 * reads and writes that are under way fail, and so the work.
 */
export async function closingOnFailure<T>(
  stream: Closable,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const cut = () => stream.close();
  signal.addEventListener("abort", cut, { once: true });
  try {
    signal.throwIfAborted();
    return await work();
  } catch (error) {
    cut();
    throw error;
  } finally {
    signal.removeEventListener("abort", cut);
  }
}

/** Does `step` on a stream, which is closed when that throws. */
export function closingOnThrow<T>(stream: Closable, step: () => T): T {
  try {
    return step();
  } catch (error) {
    stream.close();
    throw error;
  }
}
