/**
 * Our server command as a process of its own, so that the suite and what it tests each have a
 * processor.
 *
 * @module
 */
import type { EngineName } from "../../lib/connection/transport.ts";
import { ROOT } from "../autobahn/processes.ts";

/** The server command, listening on a free port. */
export class OwnServer implements AsyncDisposable {
  /** Where it echoes. */
  readonly url: string;
  readonly #child: Deno.ChildProcess;
  readonly #drained: Promise<unknown>;

  constructor(url: string, child: Deno.ChildProcess, drained: Promise<unknown>) {
    this.url = url;
    this.#child = child;
    this.#drained = drained;
  }

  /** Starts it on an engine. */
  static async start(engine: EngineName): Promise<OwnServer> {
    const permissions = ["--allow-net=127.0.0.1", `--allow-read=${ROOT}`]
      .concat(engine === "epoll" ? "--allow-ffi" : []);
    const flags = ["--hostname", "127.0.0.1", "--port", "0", "--engine", engine];
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--frozen", "--quiet", "--no-prompt", ...permissions]
        .concat("--allow-env=NO_COLOR,FORCE_COLOR,CLICOLOR_FORCE", `${ROOT}server.ts`, flags),
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const listening = Promise.withResolvers<string>();
    const drained = readUrl(child.stdout, listening.resolve).then(() =>
      listening.reject(new Error("The server ended without a word of where it listens"))
    );
    return new OwnServer(await listening.promise, child, drained);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#drained;
  }
}

/** Reads the log to its end, which nobody wants but for the URL in its first line. */
async function readUrl(
  log: ReadableStream<Uint8Array<ArrayBuffer>>,
  found: (url: string) => void,
): Promise<void> {
  let first = "";
  for await (const text of log.pipeThrough(new TextDecoderStream())) {
    if (first.includes("\n")) continue;
    first += text;
    const [url] = /ws:\/\/127\.0\.0\.1:\d+\/echo/.exec(first) ?? [];
    if (url !== undefined) found(url);
  }
}
