/**
 * Promises that nobody has to wait for: one that rejects unheard does no harm.
 *
 * @module
 */

/** A rejection that nobody has to handle. */
export function refused(error: unknown): Promise<never> {
  const promise = Promise.reject<never>(error);
  promise.catch(() => {});
  return promise;
}

/** One promise for all who wait for the same moment, made when the first of them asks. */
export class Gate {
  #opened: PromiseWithResolvers<void> | undefined;

  /** Settles when the gate opens next. */
  wait(): Promise<void> {
    if (this.#opened === undefined) {
      this.#opened = Promise.withResolvers<void>();
      this.#opened.promise.catch(() => {});
    }
    return this.#opened.promise;
  }

  /** Lets all pass who wait. */
  open(): void {
    this.#opened?.resolve();
    this.#opened = undefined;
  }

  /** Turns all away who wait. */
  fail(error: Error): void {
    this.#opened?.reject(error);
    this.#opened = undefined;
  }
}
