/**
 * The client command: lines in, `recv: …` out.
 *
 * @module
 */
import type { Command } from "commander";
import { connect } from "../client/connect.ts";
import { ConnectError } from "../client/connect_error.ts";
import type { Connection } from "../connection/connection.ts";
import { createProgram, parseProgram } from "./command.ts";
import {
  addCompressionFlags,
  type CompressionFlags,
  compressionOf,
  limitCompression,
} from "./compression_flags.ts";
import { complain, Conversation } from "./conversation.ts";
import { type ExitCode, exitCodeForFailure } from "./exit_codes.ts";
import { Interrupts } from "./interrupts.ts";
import {
  collectHeaders,
  collectSubprotocols,
  type HeaderField,
  parseDuration,
} from "./option_values.ts";

const DEFAULT_URL = "ws://localhost:8080/echo";
/** The longest message that is taken, in bytes. */
const MAX_MESSAGE = 16 * 1024 * 1024;
/** How many lines of a refusal's body are shown. */
const SHOWN_LINES = 5;
/** How much of such a line is shown, in UTF-16 code units. */
const SHOWN_LENGTH = 200;

interface ClientFlags extends CompressionFlags {
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
  const flags = program.opts<ClientFlags>();
  const interrupts = new Interrupts();
  const conversation = new Conversation();
  let connection: Connection;
  limitCompression(flags);
  try {
    connection = await connect(url, {
      headers: flags.header ?? [],
      subprotocols: flags.subprotocol ?? [],
      maxMessageBytes: MAX_MESSAGE,
      compression: compressionOf(flags) ?? true,
      signal: interrupts.first,
      handlers: conversation.handlers,
    });
  } catch (error) {
    if (interrupts.code !== undefined) return interrupts.code;
    complain(error instanceof Error ? error.message : String(error));
    complainBody(error);
    return exitCodeForFailure(error);
  }
  interrupts.first.addEventListener("abort", () => conversation.close());
  return await Promise.race([conversation.run(connection, flags), interrupts.second]);
}

function clientProgram(): Command {
  const program = createProgram("client", {
    description: "Talks to a WebSocket server: each line of input is sent as a text message, and " +
      "each message that comes is printed as a line that begins with recv. An interrupt " +
      "closes the connection with 1000 and waits for the server's answer; so does the end of " +
      "input, once nothing more has come for half a second.",
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
  return addCompressionFlags(program, "both");
}

/** The first lines of what a server that refused had to say, if it is text. */
function complainBody(error: unknown): void {
  if (!(error instanceof ConnectError) || error.response === undefined) return;
  const body = new TextDecoder().decode(error.response.body);
  if (body.includes("\ufffd")) return;
  const lines = body.split(/\r?\n/).filter((line) => line.trim() !== "");
  for (const line of lines.slice(0, SHOWN_LINES)) {
    complain(line.length > SHOWN_LENGTH ? `${line.slice(0, SHOWN_LENGTH)}…` : line);
  }
  if (lines.length > SHOWN_LINES) complain("…");
}
