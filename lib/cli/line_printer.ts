/**
 * Prints lines without holding up the process: while the reader of the output is slow, lines
 * wait here, and whoever prints more is asked to wait too.
 *
 * @module
 */

/** Where bytes go, for example `Deno.stdout`; `write` may take only a part. */
export interface Sink {
  /** Takes some of the bytes and says how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** From here on whoever prints is asked to wait, in UTF-16 code units. */
const HIGH_WATER_MARK = 65_536;

const encoder = new TextEncoder();

/** Prints lines to a sink. */
export class LinePrinter {
  readonly #sink: Sink;
  readonly #onFailure: (error: unknown) => void;
  /** What is printed next. */
  #text = "";
  /** Settles when all is printed; there while something is. */
  #writing: Promise<void> | undefined;
  #failed = false;

  /** `onFailure` is called once, when the sink fails; what is printed afterwards is dropped. */
  constructor(sink: Sink, onFailure: (error: unknown) => void) {
    this.#sink = sink;
    this.#onFailure = onFailure;
  }

  /** Prints a line; gives a promise to wait for when too much is waiting already. */
  print(line: string): Promise<void> | undefined {
    if (this.#failed) return undefined;
    this.#text += `${line}\n`;
    this.#writing ??= this.#write();
    return this.#text.length < HIGH_WATER_MARK ? undefined : this.#writing;
  }

  /** Waits until all is printed, or cannot be; never rejects. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    await undefined; // what is printed in the same turn leaves in the same write
    try {
      while (this.#text !== "") {
        let bytes = encoder.encode(this.#text);
        this.#text = "";
        while (bytes.length > 0) bytes = bytes.subarray(await this.#sink.write(bytes));
      }
    } catch (error) {
      this.#failed = true;
      this.#text = "";
      this.#onFailure(error);
    }
    this.#writing = undefined;
  }
}
