/**
 * Where a presenter writes: what was asked for on one side, what is told beside it on the other.
 *
 * @module
 */
import { LinePrinter, type Sink } from "../line_printer.ts";
import { type SyncSink, writeText } from "../output.ts";

/** Two outputs. */
export interface Screen {
  /** Writes what was asked for; gives a promise to wait for when the reader is slow. */
  print(data: string | Uint8Array): Promise<void> | undefined;
  /** Tells a line beside it. */
  note(line: string): void;
  /** Waits until all is written, or cannot be. */
  flush(): Promise<void>;
}

/** Writes to a sink, such as standard output or a file, and tells on standard error. */
export class StreamScreen implements Screen {
  readonly #printer: LinePrinter;
  readonly #errors: SyncSink;

  /** `onFailure` is called once, when the sink fails. */
  constructor(sink: Sink, errors: SyncSink, onFailure: (error: unknown) => void) {
    this.#printer = new LinePrinter(sink, onFailure);
    this.#errors = errors;
  }

  print(data: string | Uint8Array): Promise<void> | undefined {
    return this.#printer.write(data);
  }

  note(line: string): void {
    writeText(this.#errors, `${line}\n`);
  }

  flush(): Promise<void> {
    return this.#printer.flush();
  }
}
