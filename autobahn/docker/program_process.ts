/**
 * A program that is part of a run: its output goes to a file, line by line past whoever watches,
 * and it ends with the run at the latest.
 *
 * @module
 */

/** What to start. */
export interface ProgramOptions {
  readonly args: readonly string[];
  /** Environment variables besides our own. @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** The file that takes standard output and standard error. */
  readonly log: string;
  /** Called with each line of standard output. @default nothing */
  readonly onLine?: (line: string) => void;
  /** What is done when it has to be ended. @default nothing but a signal to it */
  readonly onEnd?: () => Promise<void>;
}

/** How long a program may take to end once it was told to, in milliseconds. */
const GRACE = 10_000;

/** A program that runs. Dispose of it to end it. */
export class ProgramProcess implements AsyncDisposable {
  /** How it is called. */
  readonly name: string;
  /** Resolves to its exit code, once its output is written as well. */
  readonly ended: Promise<number>;

  readonly #child: Deno.ChildProcess;
  readonly #log: Deno.FsFile;
  readonly #onLine: (line: string) => void;
  readonly #onEnd: () => Promise<void>;
  #running = true;

  /**
   * @param executable Its path, or its name if it is on the `PATH`.
   * @throws {Deno.errors.NotFound} when there is no such program.
   */
  constructor(executable: string, options: ProgramOptions) {
    const { args, env = {}, log, onLine = () => {}, onEnd = async () => {} } = options;
    this.name = executable.split("/").at(-1)!;
    this.#onLine = onLine;
    this.#onEnd = onEnd;
    this.#log = Deno.openSync(log, { write: true, create: true, truncate: true });
    this.#child = new Deno.Command(executable, {
      args: [...args],
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.ended = this.#follow();
  }

  /** Ends it: asks, and after 10 s forces it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#running) {
      this.#child.kill("SIGTERM");
      await this.#onEnd();
    }
    const timer = setTimeout(() => this.#running && this.#child.kill("SIGKILL"), GRACE);
    await this.ended;
    clearTimeout(timer);
  }

  async #follow(): Promise<number> {
    const { stdout, stderr } = this.#child;
    const status = this.#child.status.finally(() => this.#running = false);
    await Promise.all([this.#keep(stdout, this.#onLine), this.#keep(stderr, () => {})]);
    const { code } = await status;
    this.#log.close();
    return code;
  }

  async #keep(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const bytes of stream) {
      for (let kept = 0; kept < bytes.length;) kept += this.#log.writeSync(bytes.subarray(kept));
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine(line);
    }
  }
}
