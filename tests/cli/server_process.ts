/**
 * The server command as a process that listens, and clients for it.
 *
 * @module
 */
import { assert } from "@std/assert";
import { CommandProcess, type ProcessOptions } from "./command_process.ts";

/** What a run of the server command that came to nothing leaves behind. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the server command until it ends by itself. */
export async function run(args: readonly string[], options: ProcessOptions = {}): Promise<Run> {
  await using server = new CommandProcess("server.ts", args, { stdin: "null", ...options });
  const code = await server.exitCode();
  return { code, stdout: server.stdout, stderr: server.stderr };
}

/** The server command, listening on a free port. */
export class ServerProcess implements AsyncDisposable {
  readonly command: CommandProcess;
  /** The line that it began with. */
  readonly line: string;

  constructor(command: CommandProcess, line: string) {
    this.command = command;
    this.line = line;
  }

  /** Starts the command, and waits for its first line. */
  static async start(
    args: readonly string[] = [],
    options: ProcessOptions = {},
  ): Promise<ServerProcess> {
    const port = args.includes("--unix") ? [] : ["--port", "0"];
    const command = new CommandProcess("server.ts", [...port, ...args], {
      stdin: "null",
      ...options,
    });
    await command.seeOutput("\n");
    return new ServerProcess(command, command.stdout.split("\n", 1)[0]!);
  }

  /** The port that the first line tells. */
  get port(): number {
    const port = /:(\d+)\/echo\b/.exec(this.line)?.[1];
    assert(port !== undefined, this.line);
    return Number(port);
  }

  /** The address of a path over plain HTTP. */
  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.command[Symbol.asyncDispose]();
  }
}
