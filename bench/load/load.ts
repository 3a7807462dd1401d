/**
 * The load generator: a process of its own, one thread, that keeps WebSocket connections to a
 * loopback echo server busy (`echo`) or merely open (`idle`). It prints one line of JSON.
 *
 *     deno run --allow-ffi bench/load/load.ts echo --port 8080 --connections 64 --bytes 32
 *
 * Closed loop: every connection writes a batch of `--in-flight` messages at once, waits until all
 * their echoes have arrived, and starts again.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { Load } from "./connections.ts";
import { EXIT, LoadError } from "./errors.ts";

/** What `idle` prints once all connections are open, and again at the end of its input. */
export interface IdleResult {
  /** Connections that are open. */
  open: number;
}

const FLAGS = {
  port: { type: "string" },
  connections: { type: "string", default: "64" },
  "in-flight": { type: "string", default: "1" },
  bytes: { type: "string", default: "32" },
  seconds: { type: "string", default: "2" },
  "server-pid": { type: "string" },
} as const;

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, options: FLAGS, allowPositionals: true });
  const count = (name: keyof typeof FLAGS): number => {
    const value = Number(values[name]);
    if (value > 0 && (name === "seconds" || Number.isSafeInteger(value))) return value;
    throw new LoadError(`--${name} must be a number above 0, got ${values[name]}`, EXIT.usage);
  };
  const mode = positionals[0];
  if (mode !== "echo" && mode !== "idle") {
    throw new LoadError(`The mode must be echo or idle, got ${mode}`, EXIT.usage);
  }
  if (Deno.build.os !== "linux") {
    throw new LoadError("The load generator drives epoll, so it needs Linux", EXIT.notLinux);
  }
  const load = new Load(count("port"));
  load.open(count("connections"));
  if (mode === "echo") {
    const serverPid = values["server-pid"] === undefined ? 0 : count("server-pid");
    const messages = { inFlight: count("in-flight"), bytes: count("bytes") };
    const result = load.echo({ ...messages, seconds: count("seconds"), serverPid });
    console.log(JSON.stringify(result));
    return;
  }
  const report = () => console.log(JSON.stringify({ open: load.countOpen() } satisfies IdleResult));
  report();
  for await (const _ of Deno.stdin.readable);
  report();
}

if (import.meta.main) {
  try {
    await main(Deno.args);
  } catch (error) {
    console.error(error instanceof LoadError ? error.message : error);
    Deno.exit(error instanceof LoadError ? error.exitCode : EXIT.usage);
  }
}
