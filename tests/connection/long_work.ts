/**
 * What tests of long messages share: one that is long, and a hold on the turns.
 *
 * @module
 */
import { type Work, workQueue } from "../../lib/compression/work_queue.ts";
import { LONG_BYTES } from "../../lib/connection/long_message.ts";

/** A message that is just long enough. */
export const LONG: Uint8Array<ArrayBuffer> = new Uint8Array(LONG_BYTES).fill(0xaa);

/** Waits until no long message is under way. */
export async function idle(): Promise<void> {
  while (workQueue.size > 0) await new Promise((resolve) => setTimeout(resolve));
}

/** Nothing else gets a turn until this is released. It has to be there first. */
export class Hold implements Disposable {
  readonly #concurrency = workQueue.concurrency;
  readonly #work: Work = { turn: () => true };

  constructor() {
    if (workQueue.size > 0) throw new Error("Something else has its turns already");
    workQueue.concurrency = 1;
    workQueue.add(this.#work);
  }

  /** What waits gets its turns. */
  release(): void {
    workQueue.withdraw(this.#work);
    workQueue.concurrency = this.#concurrency;
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
