/**
 * The part of cli-progress that is used. Its own types would bring those of Node.js along.
 *
 * @module
 */
import type { Writable } from "node:stream";

/** What a bar shows besides its figures, by the names in its format. */
export type Payload = Readonly<Record<string, string>>;

/** One bar. */
export interface SingleBar {
  update(value: number, payload: Payload): void;
}

/** How bars look. */
export interface Options {
  readonly stream: Writable;
  readonly format: string;
  readonly barsize: number;
  readonly barCompleteChar: string;
  readonly barIncompleteChar: string;
  readonly hideCursor: boolean;
  readonly clearOnComplete: boolean;
  readonly gracefulExit: boolean;
}

/** Several bars, one below the other. */
export class MultiBar {
  constructor(options: Options);
  create(total: number, value: number, payload: Payload): SingleBar;
  /** Prints a line above the bars; it must end with a line feed. */
  log(text: string): void;
  stop(): void;
}
