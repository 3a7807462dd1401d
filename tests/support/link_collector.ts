/**
 * Who takes what a link brings, for tests of links.
 *
 * @module
 */
import type { LinkReceiver } from "../../lib/engine/link.ts";

/** Collects what a link brings, and lets a test wait for it. */
export class LinkCollector implements LinkReceiver {
  readonly chunks: Uint8Array[] = [];
  written = 0;
  ended = 0;
  readonly errors: Error[] = [];
  /** Is called behind each batch of bytes. */
  whenBytes: (bytes: Uint8Array) => void = () => {};
  #changed = Promise.withResolvers<void>();

  get received(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** Waits until `condition` holds. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#changed.promise;
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    const chunk = bytes.slice(start, end);
    this.chunks.push(chunk);
    this.#change();
    this.whenBytes(chunk);
  }

  onEnd(): void {
    this.ended++;
    this.#change();
  }

  onWritten(count: number): void {
    this.written += count;
    this.#change();
  }

  onError(error: Error): void {
    this.errors.push(error);
    this.#change();
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}
