/**
 * One of the commands at the top of the repository, run as a process and followed.
 *
 * @module
 */

const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/** How long a command may run altogether, in milliseconds. */
const PATIENCE = 30_000;

/** How a command is started. */
export interface ProcessOptions {
  /** What standard input is: open until `end`, or at its end from the start. @default "piped" */
  readonly stdin?: "piped" | "null";
  /** Standard output is read only after `readOutput`. @default false */
  readonly stalled?: boolean;
  /** Permissions. @default those of the task, on the loopback address */
  readonly permissions?: readonly string[];
  /** Permissions besides these. @default none */
  readonly grants?: readonly string[];
  /** Environment variables besides those of the tests. @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** Words that stand before the command, such as a program that runs it. @default none */
  readonly through?: readonly string[];
}

const PERMISSIONS = [
  "--allow-net=127.0.0.1,localhost",
  `--allow-read=${ROOT}`,
  "--allow-env=NO_COLOR,FORCE_COLOR,CLICOLOR_FORCE",
];

/** A command that runs. Dispose of it to end it. */
export class CommandProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array> | undefined;
  readonly #output: ReadableStreamDefaultReader<Uint8Array>;
  readonly #deadline: ReturnType<typeof setTimeout>;
  readonly #following: Promise<void>[] = [];
  #stdout = "";
  #stderr = "";
  #late = false;
  #ended = false;
  #wake = Promise.withResolvers<void>();

  /** Starts `script`, such as `client.ts`. */
  constructor(script: string, args: readonly string[], options: ProcessOptions = {}) {
    const { stdin = "piped", stalled = false, permissions = PERMISSIONS, grants = [] } = options;
    const { env = {}, through = [] } = options;
    const granted = [...permissions, ...grants];
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [...through, "run", "--frozen", "--no-prompt", ...granted, `${ROOT}${script}`, ...args],
      env: { ...env },
      stdin,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = stdin === "piped" ? this.#child.stdin.getWriter() : undefined;
    this.#output = this.#child.stdout.getReader();
    const errors = this.#child.stderr.getReader();
    this.#following.push(this.#follow(errors, (text) => this.#stderr += text));
    if (!stalled) this.readOutput();
    this.#deadline = setTimeout(() => {
      this.#late = true;
      this.#child.kill("SIGKILL");
    }, PATIENCE);
    this.#child.status.then(() => {
      this.#ended = true;
      this.#notify();
    });
  }

  /** What came on standard output so far. */
  get stdout(): string {
    return this.#stdout;
  }

  /** What came on standard error so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Begins to read standard output, where the process was started `stalled`. */
  readOutput(): void {
    this.#following.push(this.#follow(this.#output, (text) => this.#stdout += text));
  }

  /** Closes the reading end of standard output. */
  async closeOutput(): Promise<void> {
    await this.#output.cancel();
  }

  /** Waits until standard output has `text`. */
  seeOutput(text: string): Promise<void> {
    return this.#see(() => this.#stdout.includes(text), `"${text}" on standard output`);
  }

  /** Waits until standard error has `text`. */
  seeError(text: string): Promise<void> {
    return this.#see(() => this.#stderr.includes(text), `"${text}" on standard error`);
  }

  /** Writes to standard input. */
  async write(data: string | Uint8Array): Promise<void> {
    await this.#input?.write(typeof data === "string" ? new TextEncoder().encode(data) : data);
  }

  /** Ends standard input. */
  async end(): Promise<void> {
    await this.#input?.close();
  }

  /** Sends a signal. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits for the end of the process; gives its exit code. */
  async exitCode(): Promise<number> {
    const { code } = await this.#child.status;
    await Promise.all(this.#following);
    if (this.#late) throw this.#failure("did not end in time");
    return code;
  }

  /** Ends the process if it has not, and all that is held for it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#output.cancel();
    await Promise.all(this.#following);
    clearTimeout(this.#deadline);
    await this.#input?.close().catch(() => {});
  }

  async #see(seen: () => boolean, what: string): Promise<void> {
    while (!seen()) {
      if (this.#ended) {
        await Promise.all(this.#following);
        if (!seen()) throw this.#failure(`ended without ${what}`);
        return;
      }
      await this.#wake.promise;
    }
  }

  async #follow(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    take: (text: string) => void,
  ): Promise<void> {
    const decoder = new TextDecoder();
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      take(decoder.decode(next.value, { stream: true }));
      this.#notify();
    }
  }

  #notify(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  #failure(what: string): Error {
    return new Error(`The command ${what}\n${this.#stdout.slice(-1000)}\n${this.#stderr}`);
  }
}
