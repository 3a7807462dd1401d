/**
 * What the client command does with whom it talks to: sends what the input asks for, shows what
 * comes, and knows when it is over.
 *
 * @module
 */
import { errorText } from "../../client/connect_error.ts";
import type { Connection } from "../../connection/connection.ts";
import { ConnectionClosedError } from "../../connection/errors.ts";
import type { ConnectionHandlers } from "../../connection/handlers.ts";
import { EXIT_CODE, type ExitCode } from "../exit_codes.ts";
import { printableText } from "../../connection/printable_text.ts";
import type { Command } from "./commands.ts";
import type { ClientEvent, Presenter } from "./events.ts";
import { exitCodeForEnd } from "./outcome.ts";
import type { Remote, RemoteEnd } from "./remote.ts";
import { RoundTrips } from "./round_trips.ts";
import type { Screen } from "./screen.ts";

/** What happens at the end of input. Times are milliseconds. */
export type EndOfInput =
  /** Close once nothing has come for so long. */
  | { readonly kind: "quiet"; readonly time: number }
  /** Close so much later. */
  | { readonly kind: "after"; readonly time: number }
  /** Go on receiving. */
  | { readonly kind: "stay" };

/** How a conversation goes. Times are milliseconds. */
export interface ConversationOptions {
  readonly presenter: Presenter;
  readonly screen: Screen;
  /** What happens at the end of input. */
  readonly endOfInput: EndOfInput;
  /** The end is reached when so many messages have come. @default never */
  readonly count?: number | undefined;
  /** With `count`: give up after so long. @default never */
  readonly wait?: number | undefined;
  /** Send the time so often. @default never */
  readonly ticker?: number | undefined;
  /** The exit code of an interrupt, once there was one. */
  readonly interrupted: () => ExitCode | undefined;
  /** The code and the reason to close with. */
  readonly closeCode: number;
  readonly closeReason: string;
}

/** One conversation. Made before a connection is open, for its handlers. */
export class Conversation {
  /** What each connection is to call, whoever takes its messages and its end. */
  readonly handlers: Pick<ConnectionHandlers, "open" | "ping" | "pong"> = {
    open: (connection) => this.#onOpen(connection),
    ping: (_, payload) => this.#showControl({ type: "ping", direction: "received", payload }),
    pong: (_, payload, roundTrip) =>
      this.#showControl({ type: "pong", direction: "received", payload, roundTrip }),
  };

  readonly #options: ConversationOptions;
  readonly #show: Presenter["show"];
  readonly #roundTrips = new RoundTrips();
  readonly #ended = Promise.withResolvers<RemoteEnd>();
  #remote: Remote | undefined;
  #received = 0;
  /** The output is slow, and what nobody waits for is not shown. */
  #behind = false;
  #closedByUs = false;
  /** What we found wrong ourselves. */
  #failure: ExitCode | undefined;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#show = (event) => options.presenter.show(event);
  }

  /** Sends and shows until it has ended; gives the exit code. */
  async run(remote: Remote, input: AsyncIterable<readonly Command[]>): Promise<ExitCode> {
    this.#remote = remote;
    const { ticker, wait, count } = this.#options;
    if (this.#received === count) this.close(); // they came before we were here
    const timers: ReturnType<typeof setTimeout>[] = [];
    if (ticker !== undefined) {
      timers.push(setInterval(() => this.#tick(), ticker));
    }
    if (wait !== undefined) timers.push(setTimeout(() => this.#onLate(wait), wait));
    this.#sendInput(input).catch((error) => this.#onInputFailure(error));
    const end = await this.#ended.promise;
    for (const timer of timers) clearTimeout(timer);
    await this.#options.screen.flush();
    return this.#exitCode(end);
  }

  /** A message came; gives a promise to wait for when the output is slow. */
  take(data: string | Uint8Array): Promise<void> | undefined {
    const { count } = this.#options;
    if (count !== undefined && this.#received >= count) return undefined;
    this.#received++;
    const roundTrip = this.#roundTrips.onReceived();
    const waiting = this.#show({ type: "message", direction: "received", data, roundTrip });
    if (this.#received === count) this.close();
    return waiting;
  }

  /** Nothing more comes. */
  end(end: RemoteEnd): void {
    if (end.kind === "closed") this.#show({ type: "close", event: end.event });
    else if (end.kind === "failed") this.#complain(errorText(end.error));
    this.#ended.resolve(end);
  }

  /** A connection was lost, and another one may follow. */
  onLost(): void {
    this.#roundTrips.reset();
  }

  /** Does one thing; gives a promise to wait for when the peer or the output is slow. */
  execute(command: Command): Promise<unknown> | undefined {
    switch (command.kind) {
      case "send":
        return this.#send(command.data);
      case "ping":
        this.#ping(command.payload).catch(() => {}); // the end of the connection is told elsewhere
        return undefined;
      case "pong":
        this.#remote?.connection?.pong(command.payload);
        this.#show({ type: "pong", direction: "sent", payload: command.payload });
        return undefined;
      case "close":
        this.close(command.code, command.reason);
        return undefined;
    }
  }

  /** Ends it; the peer's answer comes behind what it still has to say. */
  close(code = this.#options.closeCode, reason = this.#options.closeReason): void {
    this.#closedByUs ||= this.#remote?.connection?.state === "open";
    this.#remote?.close(code, reason);
  }

  /** The output failed. */
  onOutputFailure(error: unknown): void {
    // Whoever read the output has seen enough, as in `client.ts | head -1`.
    if (!(error instanceof Deno.errors.BrokenPipe)) {
      this.#failure = EXIT_CODE.UNEXPECTED;
      const message = `client: Cannot write the output: ${errorText(error)}`;
      this.#options.screen.note(printableText(message));
    }
    this.close();
  }

  #onOpen({ url, subprotocol, extensions }: Connection): void {
    this.#show({ type: "open", url, subprotocol, extensions });
  }

  /** A peer can send these faster than anyone reads, and nothing makes it wait. */
  #showControl(event: ClientEvent): void {
    if (this.#behind) return;
    const waiting = this.#show(event);
    if (waiting === undefined) return;
    this.#behind = true;
    waiting.then(() => this.#behind = false);
  }

  #send(data: string | Uint8Array): Promise<unknown> | undefined {
    this.#roundTrips.onSent();
    const shown = this.#show({ type: "message", direction: "sent", data });
    const sent = this.#remote?.send(data);
    return shown === undefined || sent === undefined ? shown ?? sent : Promise.all([shown, sent]);
  }

  /** Sends the time, where someone is there to hear it. */
  #tick(): void {
    if (this.#remote?.connection === undefined) return;
    this.#send(new Date().toISOString())?.catch(() => {}); // the end is told elsewhere
  }

  /** Sends a ping; the handler for pongs shows the answer. */
  #ping(payload: Uint8Array = crypto.getRandomValues(new Uint8Array(4))): Promise<number> {
    this.#show({ type: "ping", direction: "sent", payload });
    const { connection } = this.#remote ?? {};
    return connection?.ping(payload) ?? Promise.reject(new ConnectionClosedError());
  }

  async #sendInput(input: AsyncIterable<readonly Command[]>): Promise<void> {
    for await (const commands of input) {
      for (const command of commands) {
        const waiting = this.execute(command);
        if (waiting !== undefined) await waiting;
      }
    }
    await this.#onEndOfInput();
  }

  async #onEndOfInput(): Promise<void> {
    const { endOfInput, ticker } = this.#options;
    // With a ticker, the end of input is not the end of what is sent.
    if (ticker !== undefined || endOfInput.kind === "stay" || this.#remote === undefined) return;
    // The answer to a ping shows that the peer has read what we sent. A close frame right behind
    // it would cut off what the peer has not answered yet.
    // Without a connection there is none, and nothing waits to be sent either.
    await this.#ping().catch(() => {});
    let received: number;
    do {
      received = this.#received;
      await this.#options.screen.flush();
      await new Promise((resolve) => setTimeout(resolve, endOfInput.time));
    } while (endOfInput.kind === "quiet" && this.#received !== received);
    this.close();
  }

  #onInputFailure(error: unknown): void {
    // The connection is gone, and its close event says why.
    if (error instanceof ConnectionClosedError) return;
    const isFormat = error instanceof SyntaxError;
    this.#failure = isFormat ? EXIT_CODE.USAGE : EXIT_CODE.UNEXPECTED;
    this.#complain(`Cannot read the input: ${errorText(error)}`);
    this.close();
  }

  #onLate(wait: number): void {
    const { count = 0 } = this.#options;
    if (this.#received >= count) return;
    this.#failure = EXIT_CODE.TIMEOUT;
    this.#complain(`${this.#received} of ${count} messages came within ${wait} ms`);
    this.close();
  }

  #complain(message: string): void {
    this.#show({ type: "error", message });
  }

  #exitCode(end: RemoteEnd): ExitCode {
    if (this.#failure !== undefined) return this.#failure;
    const { count = 0, interrupted } = this.#options;
    // Whoever interrupts while there is no connection does not get an orderly end.
    const interruption = end.kind === "closed" ? undefined : interrupted();
    if (interruption !== undefined) return interruption;
    if (end.kind === "ended") return EXIT_CODE.OK;
    const code = exitCodeForEnd(end, this.#closedByUs);
    const isShort = this.#received < count;
    return code === EXIT_CODE.OK && isShort ? EXIT_CODE.INCOMPLETE : code;
  }
}
