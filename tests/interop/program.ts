/** A program that runs beside the tests, followed line by line. */

/** What to start. */
export interface Command {
  readonly executable: string;
  readonly args: readonly string[];
  /** Environment variables besides those of the tests. */
  readonly env?: Readonly<Record<string, string>>;
}

const PATIENCE_MS = 40_000;

/**
 * A running program. Its output is kept; `line` waits for what it says. Whatever waits
 * for longer than 40 s fails with what the program has said so far.
 */
export class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #title: string;
  readonly #output: Promise<unknown>;
  readonly #deadline: ReturnType<typeof setTimeout>;
  #stdout = "";
  #stderr = "";
  #late = false;
  #ended = false;
  #wake: PromiseWithResolvers<void> = Promise.withResolvers();

  /** Starts `command`, with `args` after its own arguments. */
  constructor(command: Command, args: readonly string[] = []) {
    this.#title = [command.executable, ...command.args].join(" ");
    this.#child = new Deno.Command(command.executable, {
      args: [...command.args, ...args],
      env: { ...command.env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#output = Promise.all([
      this.#follow(this.#child.stdout, (text) => this.#stdout += text),
      this.#follow(this.#child.stderr, (text) => this.#stderr += text),
    ]).then(() => {
      this.#ended = true;
      this.#notify();
    });
    this.#deadline = setTimeout(() => {
      this.#late = true;
      this.#child.kill("SIGKILL");
    }, PATIENCE_MS);
  }

  /** The lines of standard output so far. */
  get lines(): string[] {
    return this.#stdout.split("\n").slice(0, -1);
  }

  /** Resolves to the match of the first line that matches, earlier lines included. */
  async line(pattern: RegExp): Promise<RegExpMatchArray> {
    while (true) {
      for (const line of this.lines) {
        const match = line.match(pattern);
        if (match) return match;
      }
      if (this.#ended) throw this.#failure(`ended without a line like ${pattern}`);
      await this.#wake.promise;
    }
  }

  /** Writes a line to its standard input. */
  async write(line: string): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode(`${line}\n`));
  }

  /** Sends a signal. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Resolves to its exit code when it has ended by itself or by a signal that it handles. */
  async exitCode(): Promise<number> {
    const status = await this.#child.status;
    await this.#output;
    if (this.#late) throw this.#failure(`had not ended after ${PATIENCE_MS} ms`);
    return status.code;
  }

  /** Rejects with what the program has said unless it ends with exit code 0. */
  async success(): Promise<void> {
    const code = await this.exitCode();
    if (code !== 0) throw this.#failure(`ended with exit code ${code}`);
  }

  /** Ends the program and everything that waits for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch (error) {
      // It has already ended.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.#child.status;
    await this.#output;
    clearTimeout(this.#deadline);
    await this.#stdin.close().catch(() => {});
  }

  async #follow(stream: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      take(decoder.decode(chunk, { stream: true }));
      this.#notify();
    }
  }

  #notify(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  #failure(what: string): Error {
    return new Error(`${this.#title} ${what}\n${this.#stdout.slice(-1000)}${this.#stderr}`);
  }
}
