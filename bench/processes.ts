/**
 * Child processes of a benchmark run: servers that announce their port, load generators that print
 * JSON. Whatever way the run ends, none of them survives it.
 *
 * @module
 */

const START_MILLISECONDS = 20_000;

/** A child whose first line of output has been read. */
export interface Started {
  /** Its process number. */
  readonly pid: number;
  /** The line that it printed first. */
  readonly line: string;
  /** Ends its input and answers the lines that it prints after that. */
  finish(): Promise<string>;
  /** Kills it and waits until it is gone. */
  stop(): Promise<void>;
}

/** What a child that has ended left. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** The children of this run. */
export class Processes {
  readonly #running = new Set<Deno.ChildProcess>();

  /** Runs a command to its end. */
  async run(command: readonly string[]): Promise<Ended> {
    const child = this.#spawn(command, { stdin: "null", stdout: "piped", stderr: "piped" });
    const { code, stdout, stderr } = await child.output();
    this.#running.delete(child);
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  /**
   * Starts a command that keeps running, and waits for its first line.
   *
   * @throws {Error} when it ends, or 20 s pass, before there is one
   */
  async start(command: readonly string[]): Promise<Started> {
    // A child reads its input to the end and then exits: should this process be killed, the
    // system ends that input.
    const child = this.#spawn(command, { stdin: "piped", stdout: "piped", stderr: "inherit" });
    const late = setTimeout(() => kill(child), START_MILLISECONDS);
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("\n")) {
      const { value, done } = await lines.read();
      if (done) break;
      text += value;
    }
    clearTimeout(late);
    const end = text.indexOf("\n");
    const stop = async (): Promise<void> => {
      kill(child);
      await Promise.allSettled([child.status, lines.cancel(), child.stdin.close()]);
      this.#running.delete(child);
    };
    if (end < 0) {
      await stop();
      throw new Error(`Cannot start "${command.join(" ")}": it printed no line`);
    }
    const finish = async (): Promise<string> => {
      await child.stdin.close();
      let rest = text.slice(end + 1);
      for (let read; !(read = await lines.read()).done;) rest += read.value;
      return rest;
    };
    return { pid: child.pid, line: text.slice(0, end), finish, stop };
  }

  /** Kills all children that still run. */
  killAll(): void {
    for (const child of this.#running) kill(child);
  }

  #spawn(command: readonly string[], options: Deno.CommandOptions): Deno.ChildProcess {
    const [program, ...args] = command;
    const child = new Deno.Command(program ?? "", { ...options, args }).spawn();
    this.#running.add(child);
    return child;
  }
}

/** Kills a child, which may be gone already. */
function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}
