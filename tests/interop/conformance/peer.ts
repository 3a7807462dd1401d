/**
 * A server or a client of another implementation as a process, for as long as a suite takes: the
 * harness of the other tests gives its programs no more than 40 seconds.
 */
import type { Command } from "../program.ts";

/** A process that runs until it ends, or is disposed of. */
export class Peer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #output: Promise<string>;
  readonly #listening = Promise.withResolvers<string>();

  /** Starts a command, with further arguments. */
  constructor({ executable, args, env = {} }: Command, further: readonly string[]) {
    this.#child = new Deno.Command(executable, {
      args: [...args, ...further],
      env: { ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#output = this.#read();
    this.#listening.promise.catch(() => {});
  }

  /** The host and the port of a server, when it listens. */
  get address(): Promise<string> {
    return this.#listening.promise;
  }

  /** Waits until it ends by itself; rejects where it says that something was wrong. */
  async ended(): Promise<void> {
    const { code } = await this.#child.status;
    if (code !== 0) throw new Error(`The peer ended with exit code ${code}: ${await this.#output}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch (error) {
      // It has already ended.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.#child.status;
    await this.#output;
  }

  /** Reads to the end, whatever it says of its connections; gives the beginning. */
  async #read(): Promise<string> {
    let begin = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      if (begin.length < 1000) begin += text;
      const [, address] = /^listening (\S+)$/m.exec(begin) ?? [];
      if (address !== undefined) this.#listening.resolve(address);
    }
    this.#listening.reject(new Error(`The peer ended without listening: ${begin}`));
    return begin;
  }
}
