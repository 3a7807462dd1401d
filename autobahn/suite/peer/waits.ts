/**
 * Waiting that the end of a connection cuts short.
 *
 * @module
 */

/** Waits, until all of them are ended. */
export class Waits {
  readonly #endings = new Set<() => void>();
  #ended = false;

  /** Waits so long, or until the end. */
  for(milliseconds: number): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#endings.delete(done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#endings.add(done);
    });
  }

  /** Ends all waits, also those to come. */
  end(): void {
    this.#ended = true;
    for (const done of this.#endings) done();
  }
}

/** A queue that is read with promises, and has an end. */
export class Queue<Item> {
  readonly #items: Item[] = [];
  readonly #readers: ((item: Item | undefined) => void)[] = [];
  #ended = false;

  /** Adds an item. */
  push(item: Item): void {
    const reader = this.#readers.shift();
    if (reader) reader(item);
    else this.#items.push(item);
  }

  /** The next item; `undefined` when there is none and the queue has ended. */
  next(): Promise<Item | undefined> {
    const item = this.#items.shift();
    if (item !== undefined || this.#ended) return Promise.resolve(item);
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  /** Nothing is added any more. */
  end(): void {
    this.#ended = true;
    for (const reader of this.#readers.splice(0)) reader(undefined);
  }
}
