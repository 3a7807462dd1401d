/**
 * Prints without holding up the process: while the reader of the output is slow, what is printed
 * waits here, and whoever prints more is asked to wait too.
 *
 * @module
 */

/** Where bytes go, for example `Deno.stdout`; `write` may take only a part. */
export interface Sink {
  /** Takes some of the bytes and says how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** From here on whoever prints is asked to wait, in UTF-16 code units or bytes. */
const HIGH_WATER_MARK = 65_536;

const encoder = new TextEncoder();

/** Prints lines and bytes to a sink. */
export class LinePrinter {
  readonly #sink: Sink;
  readonly #onFailure: (error: unknown) => void;
  /** What is printed next; no two strings stand side by side. */
  #parts: (string | Uint8Array)[] = [];
  #size = 0;
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
    return this.write(`${line}\n`);
  }

  /** Prints text or bytes as they are, which belong to the printer from now on. */
  write(data: string | Uint8Array): Promise<void> | undefined {
    if (this.#failed) return undefined;
    const last = this.#parts.length - 1;
    const before = this.#parts[last];
    if (typeof before === "string" && typeof data === "string") this.#parts[last] = before + data;
    else this.#parts.push(data);
    this.#size += data.length;
    this.#writing ??= this.#writeAll();
    return this.#size < HIGH_WATER_MARK ? undefined : this.#writing;
  }

  /** Waits until all is printed, or cannot be; never rejects. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    await undefined; // what is printed in the same turn leaves in the same write
    try {
      while (this.#parts.length > 0) {
        let bytes = this.#take();
        while (bytes.length > 0) bytes = bytes.subarray(await this.#sink.write(bytes));
      }
    } catch (error) {
      this.#failed = true;
      this.#take();
      this.#onFailure(error);
    }
    this.#writing = undefined;
  }

  /** All that waits, in one piece. */
  #take(): Uint8Array {
    const parts = this.#parts.map((part) => typeof part === "string" ? encoder.encode(part) : part);
    this.#parts = [];
    this.#size = 0;
    if (parts.length === 1) return parts[0]!;
    const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}
