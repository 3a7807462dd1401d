/**
 * Results of clients, and those who wait for them.
 *
 * @module
 */
import type { CaseResult } from "../model/result.ts";

/** Keeps the last result of each agent and case. */
export class ClientResults {
  readonly #results = new Map<string, CaseResult>();
  readonly #running = new Map<string, number>();
  readonly #waiting = new Map<string, ((result: CaseResult) => void)[]>();

  /** A case begins. */
  begin(agent: string, id: string): void {
    const key = keyOf(agent, id);
    this.#running.set(key, (this.#running.get(key) ?? 0) + 1);
  }

  /** A case has ended: with a result, or without where the run was aborted. */
  finish(agent: string, id: string, result: CaseResult | undefined): void {
    const key = keyOf(agent, id);
    this.#running.set(key, this.#running.get(key)! - 1);
    if (result === undefined) return;
    this.#results.set(key, result);
    for (const resolve of this.#waiting.get(key) ?? []) resolve(result);
    this.#waiting.delete(key);
  }

  /** The result: that of the run under way, the last one, or the one to come. */
  of(agent: string, id: string): Promise<CaseResult> {
    const key = keyOf(agent, id);
    const result = this.#results.get(key);
    if (result !== undefined && !this.#running.get(key)) return Promise.resolve(result);
    return new Promise((resolve) => {
      this.#waiting.set(key, [...this.#waiting.get(key) ?? [], resolve]);
    });
  }
}

function keyOf(agent: string, id: string): string {
  return `${id} ${agent}`;
}
