/**
 * What the client command does with an open connection: each line of input is sent, each
 * message that comes is printed, until the connection has ended.
 *
 * @module
 */
import { errorText } from "../client/connect_error.ts";
import type { Connection } from "../connection/connection.ts";
import { ConnectionClosedError, ConnectionError } from "../connection/errors.ts";
import type { ConnectionHandlers } from "../connection/handlers.ts";
import type { CloseEvent } from "../connection/transport.ts";
import { EXIT_CODE, type ExitCode, exitCodeForClose } from "./exit_codes.ts";
import { LinePrinter } from "./line_printer.ts";
import { lines } from "./lines.ts";
import { printableBytes, printableText } from "./printable.ts";
import { writeText } from "./output.ts";

/** How long nothing may come, after the end of input, before we close; in milliseconds. */
const QUIET_TIME = 500;

/** What is sent besides the lines of input. */
export interface ConversationOptions {
  /** Send the time so often, in milliseconds. @default never */
  readonly ticker?: number | undefined;
}

/** One connection at the terminal. Made before the connection is open, for its handlers. */
export class Conversation {
  /** What the connection is to call. */
  readonly handlers: ConnectionHandlers = {
    open: (connection) => say(`connected to ${connection.url}${subprotocolOf(connection)}`),
    message: (_, data) => this.#show(data),
    close: (_, event) => this.#ended.resolve(event),
  };

  readonly #printer = new LinePrinter(Deno.stdout, (error) => this.#onOutputFailure(error));
  readonly #ended = Promise.withResolvers<CloseEvent>();
  #connection: Connection | undefined;
  #received = 0;
  #closedByUs = false;
  /** Input or output failed. */
  #failed = false;

  /** Sends and prints until the connection has ended; gives the exit code. */
  async run(connection: Connection, { ticker }: ConversationOptions): Promise<ExitCode> {
    this.#connection = connection;
    const timer = ticker === undefined
      ? undefined
      : setInterval(() => connection.send(new Date().toISOString()), ticker);
    this.#sendInput(connection).then(async () => {
      // With a ticker, the end of input is not the end of what is sent.
      if (ticker === undefined) await this.#closeWhenQuiet(connection);
    }).catch((error) => this.#onInputFailure(error));
    const event = await this.#ended.promise;
    clearInterval(timer);
    await this.#printer.flush();
    say(closeSentence(event));
    return this.#exitCode(event);
  }

  /** Closes with 1000; the answer ends the conversation. */
  close(): void {
    this.#closedByUs ||= this.#connection?.state === "open";
    this.#connection?.close();
  }

  async #sendInput(connection: Connection): Promise<void> {
    for await (const line of lines(Deno.stdin.readable)) await connection.send(line);
  }

  /**
   * Closes once the answers to all lines may well have come: the server has read the lines, as
   * its answer to a ping shows, and then had nothing to say for a while. A close frame right
   * behind the lines would cut off what a server has not answered yet.
   */
  async #closeWhenQuiet(connection: Connection): Promise<void> {
    await connection.ping();
    let received: number;
    do {
      received = this.#received;
      await this.#printer.flush();
      await new Promise((resolve) => setTimeout(resolve, QUIET_TIME));
    } while (this.#received !== received);
    this.close();
  }

  #show(data: string | Uint8Array): Promise<void> | undefined {
    this.#received++;
    const text = typeof data === "string" ? printableText(data) : printableBytes(data);
    return this.#printer.print(`recv: ${text}`);
  }

  #onInputFailure(error: unknown): void {
    // The connection is gone, and its close event says why.
    if (error instanceof ConnectionClosedError) return;
    this.#fail("Cannot read the input", error);
  }

  #onOutputFailure(error: unknown): void {
    // Whoever read the output has seen enough, as in `client.ts | head -1`.
    if (error instanceof Deno.errors.BrokenPipe) this.close();
    else this.#fail("Cannot write the output", error);
  }

  #fail(what: string, error: unknown): void {
    this.#failed = true;
    complain(`${what}: ${errorText(error)}`);
    this.close();
  }

  #exitCode(event: CloseEvent): ExitCode {
    const { error } = event;
    if (this.#failed) return EXIT_CODE.UNEXPECTED;
    if (error instanceof ConnectionError && error.code === "ERR_CLOSE_TIMEOUT") {
      return EXIT_CODE.TIMEOUT;
    }
    // What we gave up is lost, however politely the peer took it.
    if (error !== undefined) return EXIT_CODE.LOST;
    return exitCodeForClose(event, { closedByUs: this.#closedByUs });
  }
}

/** Tells the user what happens, on standard error; from a peer or not, as one safe line. */
export function say(sentence: string): void {
  writeText(Deno.stderr, `${printableText(sentence)}\n`);
}

/** Tells the user what went wrong. */
export function complain(sentence: string): void {
  say(`client: ${sentence}`);
}

function subprotocolOf({ subprotocol }: Connection): string {
  return subprotocol === "" ? "" : `, subprotocol ${subprotocol}`;
}

function closeSentence({ code, reason, error }: CloseEvent): string {
  const detail = reason === "" ? "" : `: ${reason}`;
  const cause = error === undefined ? "" : ` (${error.message})`;
  return `closed with ${code}${detail}${cause}`;
}
