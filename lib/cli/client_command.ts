/**
 * The client command: lines in, `recv: …` out.
 *
 * @module
 */
import type { Command } from "commander";
import { connect } from "../client/connect.ts";
import { ConnectError } from "../client/connect_error.ts";
import type { Connection } from "../connection/connection.ts";
import { ConnectionClosedError, ConnectionError } from "../connection/errors.ts";
import type { CloseEvent } from "../connection/transport.ts";
import { createProgram, parseProgram } from "./command.ts";
import { EXIT_CODE, type ExitCode, exitCodeForClose, exitCodeForSignal } from "./exit_codes.ts";
import { lines } from "./lines.ts";
import {
  collectHeaders,
  collectSubprotocols,
  type HeaderField,
  parseDuration,
} from "./option_values.ts";
import { writeText } from "./output.ts";
import { printableBytes, printableText } from "./printable.ts";

const DEFAULT_URL = "ws://localhost:8080/echo";
/** The longest message that is taken, in bytes. */
const MAX_MESSAGE = 16 * 1024 * 1024;

interface ClientFlags {
  readonly ticker?: number;
  readonly header?: readonly HeaderField[];
  readonly subprotocol?: readonly string[];
}

/** Runs the client command until the connection has ended; gives its exit code. */
export async function runClient(args: readonly string[]): Promise<ExitCode> {
  const program = clientProgram();
  const parsed = parseProgram(program, args);
  if (parsed.kind === "exit") return parsed.code;
  const [url = DEFAULT_URL] = program.args;
  const interrupt = new Interrupt();
  let connection: Connection;
  try {
    connection = await open(url, program.opts<ClientFlags>(), interrupt.signal);
  } catch (error) {
    if (interrupt.code !== undefined) return interrupt.code;
    complain(error instanceof Error ? error.message : String(error));
    complainBody(error);
    return exitCodeForFailure(error);
  }
  say(`connected to ${connection.url}`);
  return await converse(connection, program.opts<ClientFlags>(), interrupt);
}

function clientProgram(): Command {
  return createProgram("client", {
    description: "Talks to a WebSocket server: each line of input is sent as a text message, and " +
      "each message that comes is printed as a line that begins with “recv: ”. The end of input, " +
      "or an interrupt, closes the connection with 1000 and waits for the server's answer.",
    examples: [
      "deno task client",
      "deno task client ws://localhost:8080/echo --ticker 1s",
      "echo hello | deno task client wss://example.org/chat --subprotocol chat.v1",
    ],
  })
    .argument("[url]", "where to connect, ws: or wss:", DEFAULT_URL)
    .option("--ticker <time>", "send the time so often, such as 1s or 500ms", parseDuration)
    .option(
      "-H, --header <field>",
      'add a header field, such as "Cookie: id=1"; repeatable',
      collectHeaders,
    )
    .option(
      "-s, --subprotocol <names>",
      "offer subprotocols, most preferred first; repeatable",
      collectSubprotocols,
    )
    .allowExcessArguments(false);
}

function open(url: string, flags: ClientFlags, signal: AbortSignal): Promise<Connection> {
  const { header = [], subprotocol = [] } = flags;
  return connect(url, {
    headers: header.map(([name, value]): [string, string] => [name, value]),
    subprotocols: subprotocol,
    maxMessageBytes: MAX_MESSAGE,
    signal,
  });
}

async function converse(
  connection: Connection,
  flags: ClientFlags,
  interrupt: Interrupt,
): Promise<ExitCode> {
  const printed = print(connection);
  let closedByUs = false;
  const close = () => {
    closedByUs ||= connection.state === "open";
    connection.close();
  };
  interrupt.onFirst = close;
  const ticker = flags.ticker === undefined ? undefined : setInterval(() => {
    connection.send(new Date().toISOString());
  }, flags.ticker);
  sendLines(connection).then(() => {
    // With a ticker, the end of input is not the end of what is sent.
    if (ticker === undefined) close();
  }, (error) => {
    complain(`Cannot read the input: ${error instanceof Error ? error.message : error}`);
    close();
  });
  const event = await Promise.race([connection.closed, interrupt.second]);
  clearInterval(ticker);
  if (typeof event === "number") return event;
  await printed;
  return report(event, closedByUs);
}

async function sendLines(connection: Connection): Promise<void> {
  try {
    for await (const line of lines(Deno.stdin.readable)) await connection.send(line);
  } catch (error) {
    // The connection is gone, and its close event says why.
    if (!(error instanceof ConnectionClosedError)) throw error;
  }
}

async function print(connection: Connection): Promise<void> {
  try {
    for await (const message of connection) {
      const text = typeof message === "string" ? printableText(message) : printableBytes(message);
      // Whoever read the output is gone, so there is nobody to receive for.
      if (!writeText(Deno.stdout, `recv: ${text}\n`)) connection.close();
    }
  } catch (error) {
    if (!(error instanceof ConnectionClosedError)) throw error;
  }
}

function report(event: CloseEvent, closedByUs: boolean): ExitCode {
  const { code, reason, error } = event;
  const detail = reason === "" ? "" : `: ${printableText(reason)}`;
  const cause = error === undefined ? "" : ` (${error.message})`;
  say(`closed with ${code}${detail}${cause}`);
  if (error instanceof ConnectionError && error.code === "ERR_CLOSE_TIMEOUT") {
    return EXIT_CODE.TIMEOUT;
  }
  return exitCodeForClose(event, { closedByUs });
}

/** The first interrupt asks for an orderly end, the second one ends at once. */
class Interrupt {
  /** What the first interrupt does besides firing `signal`. */
  onFirst: () => void = () => {};
  /** The exit code, once there was an interrupt. */
  code: ExitCode | undefined;
  readonly #controller = new AbortController();
  readonly #second = Promise.withResolvers<ExitCode>();

  constructor() {
    Deno.addSignalListener("SIGINT", () => this.#on("SIGINT"));
    Deno.addSignalListener("SIGTERM", () => this.#on("SIGTERM"));
  }

  /** Fires at the first interrupt. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Gives the exit code at the second interrupt. */
  get second(): Promise<ExitCode> {
    return this.#second.promise;
  }

  #on(signal: "SIGINT" | "SIGTERM"): void {
    const code = exitCodeForSignal(signal);
    if (this.code !== undefined) return this.#second.resolve(code);
    this.code = code;
    this.#controller.abort();
    this.onFirst();
  }
}

function exitCodeForFailure(error: unknown): ExitCode {
  if (error instanceof TypeError || error instanceof RangeError) return EXIT_CODE.USAGE;
  if (!(error instanceof ConnectError)) return EXIT_CODE.UNEXPECTED;
  switch (error.code) {
    case "ERR_REFUSED":
    case "ERR_HANDSHAKE":
      return EXIT_CODE.REFUSED;
    case "ERR_TIMEOUT":
      return EXIT_CODE.TIMEOUT;
    default:
      return EXIT_CODE.UNREACHABLE;
  }
}

/** What a server that refused had to say, if it is a line of text. */
function complainBody(error: unknown): void {
  if (!(error instanceof ConnectError) || error.response === undefined) return;
  const body = new TextDecoder().decode(error.response.body).trim();
  if (body !== "" && body.length <= 500) complain(printableText(body));
}

function say(sentence: string): void {
  writeText(Deno.stderr, `${sentence}\n`);
}

function complain(sentence: string): void {
  writeText(Deno.stderr, `client: ${sentence}\n`);
}
