/**
 * What a client does on SIGINT and SIGTERM: the first one asks for an orderly end, the second
 * one does not wait for it.
 *
 * @module
 */
import { type ExitCode, exitCodeForSignal } from "./exit_codes.ts";

type InterruptSignal = "SIGINT" | "SIGTERM";

/** The interrupts of this process from now on. */
export class Interrupts {
  readonly #controller = new AbortController();
  readonly #second = Promise.withResolvers<ExitCode>();
  #code: ExitCode | undefined;

  constructor() {
    // Windows has no SIGTERM.
    const signals: InterruptSignal[] = Deno.build.os === "windows"
      ? ["SIGINT"]
      : ["SIGINT", "SIGTERM"];
    for (const signal of signals) Deno.addSignalListener(signal, () => this.#on(signal));
  }

  /** Fires at the first interrupt. */
  get first(): AbortSignal {
    return this.#controller.signal;
  }

  /** Resolves at the second interrupt, to the exit code. */
  get second(): Promise<ExitCode> {
    return this.#second.promise;
  }

  /** The exit code for a process that ends at the first interrupt; before that, `undefined`. */
  get code(): ExitCode | undefined {
    return this.#code;
  }

  /** Does what SIGINT does: for a Ctrl-C that a prompt has caught. */
  interrupt(): void {
    this.#on("SIGINT");
  }

  #on(signal: InterruptSignal): void {
    const code = exitCodeForSignal(signal);
    if (this.#code !== undefined) return this.#second.resolve(code);
    this.#code = code;
    this.#controller.abort();
  }
}
