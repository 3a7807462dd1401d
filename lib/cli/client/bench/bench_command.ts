/**
 * `client bench`: measures the latency of an echo server under a load of a fixed rate.
 *
 * @module
 */
import { type Command, InvalidArgumentError } from "commander";
import { connect } from "../../../client/connect.ts";
import { createProgram, parseProgram } from "../../command.ts";
import { EXIT_CODE, type ExitCode, exitCodeForClose } from "../../exit_codes.ts";
import { Interrupts } from "../../interrupts.ts";
import { parseByteSize, parseDuration } from "../../option_values.ts";
import { writeText } from "../../output.ts";
import type { HandshakeFlags } from "../client_flags.ts";
import { addHandshakeFlags } from "../client_program.ts";
import { connectSettings } from "../connect_settings.ts";
import { tellFailure } from "../failure.ts";
import { parseCount } from "../flag_values.ts";
import { noticesOf } from "../notices.ts";
import { Lane } from "./lane.ts";
import { Load } from "./load.ts";
import { type BenchPlan, type BenchResult, liveLine, reportLines, resultOf } from "./report.ts";

interface BenchFlags extends HandshakeFlags {
  readonly connections: number;
  readonly rate: number;
  readonly size: number;
  readonly duration?: number;
  readonly warmUp?: number;
  readonly text?: boolean;
  readonly compress?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** How long is measured unless told otherwise, and how long load is made before, in milliseconds. */
const DURATION = 10_000;
const WARM_UP = 1000;
/** How long answers are waited for in the end, in milliseconds. */
const DRAIN = 5000;
/** How often the live line changes, in milliseconds. */
const LIVE_INTERVAL = 250;
/** So many connections are opened at a time. */
const OPENING = 32;

/** Runs a bench; gives its exit code. */
export async function runBench(args: readonly string[]): Promise<ExitCode> {
  const program = benchProgram();
  const parsed = parseProgram(program, args);
  if (parsed.kind === "exit") return parsed.code;
  const flags = program.opts<BenchFlags>();
  const [url = ""] = program.args;
  const interrupts = new Interrupts();
  try {
    return await Promise.race([measure(url, flags, interrupts), interrupts.second]);
  } catch (error) {
    if (interrupts.code !== undefined) return interrupts.code;
    return tellFailure(error, {
      show: (event) => {
        for (const line of noticesOf(event, "normal")) writeText(Deno.stderr, `${line}\n`);
        return undefined;
      },
    });
  }
}

function benchProgram(): Command {
  const program = createProgram("client bench", {
    description:
      "Measures an echo server: sends messages at a fixed rate, whether answers come or not, " +
      "and counts the latency of each from the time when it was due.",
    exitCodes: [
      EXIT_CODE.OK,
      EXIT_CODE.USAGE,
      EXIT_CODE.REFUSED,
      EXIT_CODE.TIMEOUT,
      EXIT_CODE.LOST,
      EXIT_CODE.UNREACHABLE,
      EXIT_CODE.CLOSED_BY_PEER,
      EXIT_CODE.INCOMPLETE,
      EXIT_CODE.INTERRUPTED,
    ],
    examples: [
      "deno task client bench ws://localhost:8080/echo",
      "deno task client bench ws://localhost:8080/echo --connections 100 --rate 5000 --json",
    ],
  })
    .argument("<url>", "the echo server, ws: or wss:")
    .optionsGroup("Load:")
    .option("-c, --connections <n>", "connections, which take turns", parseCount, 10)
    .option("-r, --rate <n>", "messages a second, over all of them", parseRate, 1000)
    .option("--size <size>", "bytes a message", parseByteSize, 64)
    .option("-d, --duration <time>", "how long to measure (default: 10s)", parseDuration)
    .option("--warm-up <time>", "how long to send before that (default: 1s)", parseDuration)
    .option("--text", "send text messages, not binary ones")
    .option("--compress", "offer permessage-deflate");
  program.optionsGroup("Output:")
    .option("--json", "print one JSON object; times are milliseconds")
    .option("-q, --quiet", "show no live line");
  addHandshakeFlags(program);
  return program.allowExcessArguments(false);
}

function parseRate(value: string): number {
  const rate = Number(value);
  if (/^\d+(\.\d+)?$/.test(value) && rate > 0 && rate <= 1e7) return rate;
  throw new InvalidArgumentError("It must be a number above 0, such as 1000 or 0.5.");
}

async function measure(
  url: string,
  flags: BenchFlags,
  interrupts: Interrupts,
): Promise<ExitCode> {
  const { connections, rate, size, duration = DURATION, warmUp = WARM_UP } = flags;
  const signal = interrupts.first;
  const load = new Load({ rate, duration, warmUp, drain: DRAIN, signal });
  const lanes = Array.from({ length: connections }, () => new Lane(load, size));
  const shown = await openAll(url, lanes, { flags, signal });
  const stopLive = showLive(load, flags);
  await load.run(lanes, payloadOf(flags));
  stopLive();
  // Taken before they close: what is lost from now on does not count.
  const plan: BenchPlan = { url: shown, connections, rate, size };
  const result = resultOf(plan, load);
  const text = flags.json ? JSON.stringify(result) : reportLines(result).join("\n");
  writeText(Deno.stdout, `${text}\n`);
  await Promise.all(lanes.map((lane) => lane.close()));
  return exitCodeOf(result);
}

/** Opens a connection for each lane; gives their URL without credentials. */
async function openAll(
  url: string,
  lanes: readonly Lane[],
  { flags, signal }: { flags: BenchFlags; signal: AbortSignal },
): Promise<string> {
  const settings = connectSettings({ ...flags, compress: flags.compress ?? false });
  let shown = url;
  const open = async (lane: Lane) => {
    const connection = await connect(url, {
      ...settings,
      maxMessageBytes: Math.max(1024 * 1024, flags.size),
      sendLimit: 128 * 1024 * 1024,
      signal,
      handlers: { message: (_, data) => lane.take(data), close: (_, event) => lane.end(event) },
    });
    lane.open(connection);
    shown = connection.url;
  };
  for (let first = 0; first < lanes.length; first += OPENING) {
    await Promise.all(lanes.slice(first, first + OPENING).map(open));
  }
  return shown;
}

/** What is sent: random, so that compression finds little in it. */
function payloadOf({ size, text }: BenchFlags): string | Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  }
  if (!text) return bytes;
  return new TextDecoder().decode(bytes.map((byte) => 0x20 + byte % 95));
}

/** Shows how it goes on a terminal; gives what ends that. */
function showLive(load: Load, { quiet }: BenchFlags): () => void {
  if (quiet || !Deno.stderr.isTerminal()) return () => {};
  const show = () => writeText(Deno.stderr, `\r\x1b[K${liveLine(load)}`);
  const timer = setInterval(show, LIVE_INTERVAL);
  return () => {
    clearInterval(timer);
    writeText(Deno.stderr, "\r\x1b[K");
  };
}

/** A connection that was lost says more than one that was closed, and that more than no answers. */
function exitCodeOf({ due, answered, endings }: BenchResult): ExitCode {
  const codes = endings.map((ending) => exitCodeForClose(ending));
  for (const code of [EXIT_CODE.LOST, EXIT_CODE.CLOSED_BY_PEER]) {
    if (codes.includes(code)) return code;
  }
  return answered < due ? EXIT_CODE.INCOMPLETE : EXIT_CODE.OK;
}
