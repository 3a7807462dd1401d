/**
 * The client command: opens what the command line asks for, and holds a conversation over it.
 *
 * @module
 */
import { connect, type ConnectOptions } from "../client/connect.ts";
import type { ConnectPhase } from "../client/phases.ts";
import { parseProgram } from "./command.ts";
import { limitCompression } from "./compression_flags.ts";
import { runBench } from "./client/bench/bench_command.ts";
import type { ClientFlags } from "./client/client_flags.ts";
import { clientProgram, DEFAULT_URL } from "./client/client_program.ts";
import type { Command } from "./client/commands.ts";
import { connectSettings } from "./client/connect_settings.ts";
import { Conversation } from "./client/conversation.ts";
import type { EndOfInput } from "./client/conversation_options.ts";
import { tellFailure } from "./client/failure.ts";
import { checkTogether } from "./client/flag_checks.ts";
import { stepOf } from "./client/handshake_steps.ts";
import { type InputFormat, readCommands } from "./client/input.ts";
import { ListeningRemote } from "./client/listen_mode.ts";
import { PromptSession } from "./client/prompt_session.ts";
import { keepConnecting } from "./client/reconnect_mode.ts";
import { type Remote, SingleRemote } from "./client/remote.ts";
import { openStage, type Stage } from "./client/stage.ts";
import { urlFirst } from "./client/url_first.ts";
import { EXIT_CODE, type ExitCode } from "./exit_codes.ts";
import { Interrupts } from "./interrupts.ts";
import { writeText } from "./output.ts";
import { UsageError } from "./usage_error.ts";

/** How long nothing may come after the end of input before we close, in milliseconds. */
const QUIET_TIME = 500;

/** Runs the client command until it has come to its end; gives the exit code. */
export async function runClient(args: readonly string[]): Promise<ExitCode> {
  if (args[0] === "bench") return await runBench(args.slice(1));
  const program = clientProgram();
  const parsed = parseProgram(program, urlFirst(args));
  if (parsed.kind === "exit") return parsed.code;
  const flags = program.opts<ClientFlags>();
  limitCompression({ ...flags, compress: flags.compress ?? true });
  let run: ClientRun;
  try {
    checkTogether(flags, program.args[0]);
    run = new ClientRun(flags, program.args[0] ?? DEFAULT_URL);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    writeText(Deno.stderr, `client: ${error.message}\n`);
    return EXIT_CODE.USAGE;
  }
  return await run.run();
}

/** One run of the client. */
class ClientRun {
  readonly #flags: ClientFlags;
  readonly #url: string;
  readonly #interrupts = new Interrupts();
  readonly #stage: Stage;
  readonly #conversation: Conversation;

  /** @throws {UsageError} when a file cannot be opened. */
  constructor(flags: ClientFlags, url: string) {
    this.#flags = flags;
    this.#url = url;
    this.#stage = openStage(flags, {
      onOutputFailure: (error) => this.#conversation.onOutputFailure(error),
      onSaveFailure: (error) => this.#conversation.onSaveFailure(error),
    });
    const { one, count, wait, ticker, closeCode = 1000, closeReason = "" } = flags;
    this.#conversation = new Conversation({
      presenter: this.#stage.presenter,
      screen: this.#stage.screen,
      endOfInput: endOfInputOf(flags),
      count: one ? 1 : count,
      wait,
      ticker,
      closeCode,
      closeReason,
      interrupted: () => this.#interrupts.code,
    });
  }

  /** Runs to the end; gives the exit code. */
  async run(): Promise<ExitCode> {
    const { presenter, screen } = this.#stage;
    const { first, second } = this.#interrupts;
    try {
      if (this.#flags.insecure) {
        const message = "--insecure: no certificate is checked, so whoever is on the way can " +
          "read and change all that is sent; better trust the authority with --ca";
        presenter.show({ type: "warning", message });
      }
      return await Promise.race([this.#talk(), second]);
    } catch (error) {
      if (first.aborted) return this.#interrupts.code ?? EXIT_CODE.INTERRUPTED;
      const code = tellFailure(error, presenter);
      await screen.flush();
      return code;
    } finally {
      this.#stage.prompt?.terminal.stop();
    }
  }

  #talk(): Promise<ExitCode> {
    const { listen, reconnect } = this.#flags;
    if (listen !== undefined) return this.#listen(listen);
    return reconnect ? this.#reconnect() : this.#connect();
  }

  async #connect(): Promise<ExitCode> {
    const conversation = this.#conversation;
    const connection = await connect(this.#url, {
      ...this.#settings(),
      signal: this.#interrupts.first,
      handlers: {
        ...conversation.handlers,
        message: (_, data) => conversation.take(data),
        close: (_, event) => conversation.end({ kind: "closed", event }),
      },
    });
    return await this.#converse(new SingleRemote(connection));
  }

  #reconnect(): Promise<ExitCode> {
    return this.#converse(keepConnecting({
      url: this.#url,
      settings: this.#settings(),
      flags: this.#flags,
      conversation: this.#conversation,
      presenter: this.#stage.presenter,
    }));
  }

  async #listen(address: NonNullable<ClientFlags["listen"]>): Promise<ExitCode> {
    const remote = new ListeningRemote({
      address,
      flags: this.#flags,
      conversation: this.#conversation,
      presenter: this.#stage.presenter,
      many: this.#stage.prompt !== undefined,
    });
    const code = await this.#converse(remote, remote.first);
    await remote.stop();
    return code;
  }

  /** Converses; input in a pipe is read once `ready` has resolved. */
  #converse(remote: Remote, ready?: Promise<void>): Promise<ExitCode> {
    const conversation = this.#conversation;
    const { first } = this.#interrupts;
    const running = conversation.run(remote, this.#input(remote, ready));
    if (first.aborted) conversation.close();
    else first.addEventListener("abort", () => conversation.close());
    return running;
  }

  /** What comes from a pipe, or, when there is a prompt, nothing: the prompt acts by itself. */
  async *#input(remote: Remote, ready?: Promise<void>): AsyncGenerator<Command[], void, void> {
    const { prompt } = this.#stage;
    if (prompt !== undefined) {
      const conversation = this.#conversation;
      const session = new PromptSession({
        execute: (command) => conversation.execute(command),
        connection: () => remote.connection,
        presenter: prompt.presenter,
      });
      prompt.terminal.start({
        line: (text) => void session.enter(text),
        interrupt: () => this.#interrupts.interrupt(),
        end: () => conversation.close(),
      });
      return await new Promise<never>(() => {});
    }
    await ready;
    const { one, delimiter } = this.#flags;
    const format = inputFormatOf(this.#flags);
    yield* readCommands(Deno.stdin, { format, delimiter, single: one === true });
  }

  #settings(): Omit<ConnectOptions, "handlers" | "signal" | "streaming"> {
    const { presenter } = this.#stage;
    const onPhase = (phase: ConnectPhase) => void presenter.show(stepOf(phase));
    const settings = connectSettings(this.#flags);
    return this.#flags.verbose ? { ...settings, onPhase } : settings;
  }
}

function inputFormatOf({ binary, base64, jsonInput }: ClientFlags): InputFormat {
  return jsonInput ? "json" : binary ? "binary" : base64 ? "base64" : "text";
}

function endOfInputOf({ exitOnEof, one, count, ticker }: ClientFlags): EndOfInput {
  if (exitOnEof === false) return { kind: "stay" };
  if (exitOnEof !== undefined) {
    return { kind: "after", time: exitOnEof === true ? QUIET_TIME : exitOnEof };
  }
  // With a ticker, the end of input is not the end of what is sent.
  if (ticker !== undefined) return { kind: "stay" };
  // What is asked for may take longer than the quiet time.
  if (one) return { kind: "answered" };
  return count === undefined ? { kind: "quiet", time: QUIET_TIME } : { kind: "stay" };
}
