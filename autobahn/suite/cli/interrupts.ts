/**
 * What a command does on SIGINT and SIGTERM: the first one asks it to end and to write what there
 * is, the second one does not wait for that.
 *
 * @module
 */
import { EXIT_CODE, type ExitCode } from "./exit_codes.ts";

const CODES = { SIGINT: EXIT_CODE.INTERRUPTED, SIGTERM: EXIT_CODE.TERMINATED } as const;

type InterruptSignal = keyof typeof CODES;

/** The interrupts of this process, until it is disposed of. */
export class Interrupts implements Disposable {
  readonly #controller = new AbortController();
  readonly #listeners: (readonly [InterruptSignal, () => void])[] = [];
  #code: ExitCode | undefined;

  /** @param onFirst Called at the first interrupt. */
  constructor(onFirst: () => void = () => {}) {
    // Windows has no SIGTERM.
    const signals: InterruptSignal[] = Deno.build.os === "windows"
      ? ["SIGINT"]
      : ["SIGINT", "SIGTERM"];
    for (const signal of signals) {
      const listener = () => {
        if (this.#code !== undefined) Deno.exit(CODES[signal]);
        this.#code = CODES[signal];
        onFirst();
        this.#controller.abort();
      };
      Deno.addSignalListener(signal, listener);
      this.#listeners.push([signal, listener]);
    }
  }

  /** Fires at the first interrupt. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The exit code that an interrupt asks for; before one, `undefined`. */
  get code(): ExitCode | undefined {
    return this.#code;
  }

  [Symbol.dispose](): void {
    for (const [signal, listener] of this.#listeners) Deno.removeSignalListener(signal, listener);
  }
}
