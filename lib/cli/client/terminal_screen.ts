/**
 * A screen on the terminal: what was asked for and what is told beside it, all above the prompt.
 *
 * @module
 */
import { LinePrinter } from "../line_printer.ts";
import type { Screen } from "./screen.ts";
import type { Terminal } from "./terminal.ts";

/** Writes everything above the prompt of a terminal. */
export class TerminalScreen implements Screen {
  readonly #printer: LinePrinter;

  /** `onFailure` is called once, when the terminal fails. */
  constructor(terminal: Terminal, onFailure: (error: unknown) => void) {
    this.#printer = new LinePrinter(terminal, onFailure);
  }

  print(data: string | Uint8Array): Promise<void> | undefined {
    return this.#printer.write(data);
  }

  note(line: string): void {
    this.#printer.print(line);
  }

  flush(): Promise<void> {
    return this.#printer.flush();
  }
}
