/**
 * The client command in a pseudo-terminal, with someone who types and reads.
 *
 * @module
 */
import { TerminalScreen } from "../../support/terminal_screen.ts";

const ROOT = decodeURIComponent(new URL("../../../", import.meta.url).pathname);

/** How long the command may run altogether, in milliseconds. */
const PATIENCE = 30_000;

/** How the command is started. */
export interface TerminalOptions {
  /** Environment variables besides those of the tests. @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** Permissions besides those for the network and for reading. @default none */
  readonly permissions?: readonly string[];
}

/** The client command on a terminal. Dispose of it to end it. */
export class TerminalProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #keyboard: WritableStreamDefaultWriter<Uint8Array>;
  readonly #following: Promise<void>;
  readonly #deadline: ReturnType<typeof setTimeout>;
  #raw = "";
  #errors = "";
  #ended = false;
  #late = false;
  #wake = Promise.withResolvers<void>();

  /** Starts the client with `args`. */
  constructor(args: readonly string[], { env = {}, permissions = [] }: TerminalOptions = {}) {
    const deno = Deno.execPath();
    const granted = ["--allow-net=127.0.0.1,localhost", `--allow-read=${ROOT}`, ...permissions];
    this.#child = new Deno.Command(deno, {
      args: [
        "run",
        "--no-prompt",
        "--allow-ffi",
        "--allow-run",
        `${ROOT}tests/support/terminal_host.ts`,
      ]
        .concat(deno, "run", "--frozen", "--no-prompt", granted, `${ROOT}client.ts`, args),
      env: { NO_COLOR: "1", TERM: "xterm", ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#keyboard = this.#child.stdin.getWriter();
    this.#following = Promise.all([
      this.#follow(this.#child.stdout, (text) => this.#raw += text),
      this.#follow(this.#child.stderr, (text) => this.#errors += text),
    ]).then(() => {
      this.#ended = true;
      this.#notify();
    });
    this.#deadline = setTimeout(() => {
      this.#late = true;
      this.#child.kill("SIGKILL");
    }, PATIENCE);
  }

  /** All that was written to the terminal. */
  get raw(): string {
    return this.#raw;
  }

  /** What stands on the screen. */
  get rows(): string[] {
    // A control sequence may have come in part only.
    // deno-lint-ignore no-control-regex -- that is what is looked for
    const whole = this.#raw.replace(/\x1b(?:\[[0-9;?]*)?$/, "");
    const screen = new TerminalScreen();
    screen.write(whole);
    return screen.rows;
  }

  /** Presses keys. */
  async type(keys: string): Promise<void> {
    await this.#keyboard.write(new TextEncoder().encode(keys));
  }

  /** Waits until the screen is as `seen` wants it. */
  async see(what: string, seen: (rows: string[]) => boolean): Promise<void> {
    while (!seen(this.rows)) {
      if (this.#ended) throw this.#failure(`ended without ${what}`);
      await this.#wake.promise;
    }
  }

  /** Waits until a row of the screen is `text`. */
  async seeRow(text: string): Promise<void> {
    await this.see(`the row "${text}"`, (rows) => rows.includes(text));
  }

  /** Waits for the end of the command; gives its exit code. */
  async exitCode(): Promise<number> {
    const { code } = await this.#child.status;
    await this.#following;
    if (this.#late) throw this.#failure("did not end in time");
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) this.#child.kill("SIGKILL");
    await this.#child.status;
    await this.#following;
    clearTimeout(this.#deadline);
    await this.#keyboard.close().catch(() => {});
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
    const shown = [...this.rows, this.#errors].join("\n");
    return new Error(`The command ${what}; its terminal shows:\n${shown}`);
  }
}
