/**
 * The load generator: a process of its own, one thread, that keeps WebSocket connections to a
 * loopback echo server busy (`echo`) or open (`idle`). It prints one line of JSON.
 *
 *     deno run --allow-ffi bench/load/load.ts echo --port 8080 --connections 64 --bytes 32
 *     deno run --allow-ffi bench/load/load.ts echo --port 8080 --bytes 1024 --deflate
 *     deno run --allow-ffi bench/load/load.ts idle --port 8080 --batches 10
 *
 * Closed loop: every connection writes a batch of `--in-flight` messages at once, waits until all
 * their echoes have arrived, and starts again; with `idle` it does so `--batches` times, not at all
 * by default. With `--deflate` the messages are text and compressed, without context takeover in
 * both directions unless `--takeover` allows it.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { Load } from "./connections.ts";
import { DeflateExchange } from "./deflate_exchange.ts";
import { EXIT, LoadError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { PlainExchange } from "./plain_exchange.ts";

/** What `idle` prints once all connections are open, and again at the end of its input. */
export interface IdleResult {
  /** Connections that are open. */
  open: number;
}

const NUMBERS = {
  port: { type: "string", default: "" },
  connections: { type: "string", default: "64" },
  "in-flight": { type: "string", default: "1" },
  bytes: { type: "string", default: "32" },
  seconds: { type: "string", default: "2" },
  batches: { type: "string", default: "0" },
  "server-pid": { type: "string", default: "0" },
} as const;
const SWITCHES = { deflate: { type: "boolean" }, takeover: { type: "boolean" } } as const;
/** What may be 0. */
const OPTIONAL: readonly string[] = ["batches", "server-pid"];

type Numbers = Record<keyof typeof NUMBERS, number>;

interface Flags {
  mode: "echo" | "idle";
  numbers: Numbers;
  deflate: boolean;
  takeover: boolean;
}

function parseFlags(args: string[]): Flags {
  const options = { ...NUMBERS, ...SWITCHES };
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [mode] = positionals;
  if (mode !== "echo" && mode !== "idle") {
    throw new LoadError(`The mode must be echo or idle, got ${mode}`, EXIT.usage);
  }
  const parsed = Object.keys(NUMBERS).map((name) => {
    const text = values[name as keyof Numbers];
    const value = Number(text);
    const whole = name === "seconds" || Number.isSafeInteger(value);
    if (whole && (value > 0 || (value === 0 && OPTIONAL.includes(name)))) return [name, value];
    throw new LoadError(`--${name} must be a number above 0, got "${text}"`, EXIT.usage);
  });
  const numbers = Object.fromEntries(parsed) as Numbers;
  const { deflate = false, takeover = false } = values;
  return { mode, numbers, deflate, takeover };
}

function makeExchange({ numbers, deflate, takeover }: Flags): Exchange {
  const { "in-flight": inFlight, bytes } = numbers;
  return deflate
    ? new DeflateExchange({ inFlight, bytes, takeover })
    : new PlainExchange(inFlight, bytes);
}

async function main(args: string[]): Promise<void> {
  const flags = parseFlags(args);
  const { port, connections, seconds, batches, "server-pid": serverPid } = flags.numbers;
  if (Deno.build.os !== "linux") {
    throw new LoadError("The load generator drives epoll, so it needs Linux", EXIT.notLinux);
  }
  const load = new Load(port, makeExchange(flags));
  load.open(connections);
  if (flags.mode === "echo") {
    console.log(JSON.stringify(load.echo({ seconds, serverPid })));
    return;
  }
  load.repeat(batches);
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
