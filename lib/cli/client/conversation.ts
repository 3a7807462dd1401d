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
import type { SendOptions } from "../../connection/outbox.ts";
import { printableText } from "../../connection/printable_text.ts";
import { EXIT_CODE, type ExitCode } from "../exit_codes.ts";
import { UsageError } from "../usage_error.ts";
import type { Command } from "./commands.ts";
import type { ConversationOptions } from "./conversation_options.ts";
import type { ClientEvent, Presenter } from "./events.ts";
import { tellFailure } from "./failure.ts";
import { exitCodeForEnd } from "./outcome.ts";
import type { Remote, RemoteEnd } from "./remote.ts";
import { RoundTrips } from "./round_trips.ts";

const NO_CONNECTION = "there is no open connection";

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
  #sent = 0;
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
    else if (end.kind === "failed") tellFailure(end.error, this.#options.presenter);
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
        return this.#send(command.data, { compress: command.compress ?? true });
      case "ping":
        return this.#ping(command.payload).then(
          undefined,
          (error) => this.#complain(`ping not sent: ${errorText(error)}`),
        );
      case "pong":
        this.#pong(command.payload);
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

  /** A message could not be saved. */
  onSaveFailure(error: unknown): void {
    this.#failure ??= EXIT_CODE.UNEXPECTED;
    this.#complain(`Cannot save a message: ${errorText(error)}`);
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

  /** The connection, while something can be sent over it. */
  get #open(): Connection | undefined {
    const connection = this.#remote?.connection;
    return connection?.state === "open" ? connection : undefined;
  }

  #send(data: string | Uint8Array, options?: SendOptions): Promise<unknown> | undefined {
    if (this.#open === undefined) {
      // It waits for a connection, or is refused.
      return this.#remote?.send(data, options)?.then(() => this.#onSent(data));
    }
    const sent = this.#remote?.send(data, options);
    const shown = this.#onSent(data);
    return shown === undefined || sent === undefined ? shown ?? sent : Promise.all([shown, sent]);
  }

  #onSent(data: string | Uint8Array): Promise<void> | undefined {
    this.#sent++;
    this.#roundTrips.onSent();
    return this.#show({ type: "message", direction: "sent", data });
  }

  /** Sends the time, where someone is there to hear it. */
  #tick(): void {
    if (this.#remote?.connection === undefined) return;
    this.#send(new Date().toISOString())?.catch(() => {}); // the end is told elsewhere
  }

  /**
   * Sends a ping, whose answer the handler for pongs shows; `onPong` is called with it. Rejects
   * when it cannot be sent.
   */
  async #ping(
    payload: Uint8Array = crypto.getRandomValues(new Uint8Array(4)),
    onPong?: () => void,
  ): Promise<void> {
    const connection = this.#open;
    if (connection === undefined) throw new Error(NO_CONNECTION);
    let refusal: { readonly error: unknown } | undefined;
    // That the connection ends before the answer is told elsewhere.
    connection.ping(payload).then(onPong, (error) => refusal = { error });
    await undefined; // a ping that is refused is so at once: too many wait for their answers
    if (refusal !== undefined) throw refusal.error;
    this.#show({ type: "ping", direction: "sent", payload });
  }

  #pong(payload: Uint8Array): void {
    if (this.#open === undefined) return this.#complain(`pong not sent: ${NO_CONNECTION}`);
    this.#open.pong(payload);
    this.#show({ type: "pong", direction: "sent", payload });
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
    const { endOfInput, count = 0 } = this.#options;
    switch (endOfInput.kind) {
      case "stay":
        return;
      case "answered":
        if (this.#sent > 0 || this.#received >= count) return;
        this.#failure ??= EXIT_CODE.INCOMPLETE;
        this.#complain("there was nothing to send, so no answer can come");
        break;
      case "after":
        await sleep(endOfInput.time);
        break;
      case "quiet":
        await this.#untilQuiet(endOfInput.time);
    }
    this.close();
  }

  /**
   * Waits until nothing has come for so long. A close frame right behind what we sent would cut
   * off what the peer has not answered yet. The answer to a ping counts as something that came: it
   * shows that the peer has read all of it. A peer that gives none is not waited for.
   */
  async #untilQuiet(time: number): Promise<void> {
    let pongs = 0;
    await this.#ping(undefined, () => pongs++).catch(() => {}); // there may be no connection
    let come: number;
    do {
      come = this.#received + pongs;
      await this.#options.screen.flush();
      await sleep(time);
    } while (this.#received + pongs !== come || (this.#open?.bufferedAmount ?? 0) > 0);
  }

  #onInputFailure(error: unknown): void {
    // The connection is gone, and its close event says why.
    if (error instanceof ConnectionClosedError) return;
    const isByUser = error instanceof SyntaxError || error instanceof UsageError;
    this.#failure = isByUser ? EXIT_CODE.USAGE : EXIT_CODE.UNEXPECTED;
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

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
