/**
 * What keeps a connection alive: attempts, the waits between them, and the decision to end
 * it for good.
 *
 * @module
 */
import type { Connection } from "../../connection/connection.ts";
import { ConnectionClosedError } from "../../connection/errors.ts";
import type { CloseEvent } from "../../connection/transport.ts";
import { CloseCode } from "../../protocol/close_codes.ts";
import { unlessAborted } from "../abort.ts";
import type { ConnectOptions } from "../connect.ts";
import { ConnectError } from "../connect_error.ts";
import { JitteredBackoff } from "./backoff.ts";
import { type DisconnectCause, isTransient } from "./cause.ts";
import type { ReconnectingEnd } from "./end.ts";
import { ReconnectingError } from "./errors.ts";
import type { Intake } from "./intake.ts";
import type { AttemptOptions } from "./options.ts";
import type { ResolvedReconnecting } from "./resolve_options.ts";
import { retryAfterOf } from "./retry_after.ts";
import type { Sender } from "./sender.ts";
import type { ReconnectingState, StateWatch } from "./state_watch.ts";
import { inTime, sleep } from "./waiting.ts";

/** What a supervisor looks after. */
export interface SupervisorParts {
  readonly options: ResolvedReconnecting;
  readonly sender: Sender;
  readonly intake: Intake;
  readonly states: StateWatch;
}

/** How it ends, as far as that is decided. */
type Ending = Pick<ReconnectingEnd, "why" | "error">;

/** What one attempt connects with. */
interface Target {
  readonly kind: "target";
  readonly url: string | URL;
  readonly options: Omit<AttemptOptions, "url">;
}

/** Runs from the start until it has ended for good. */
export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #backoff: JitteredBackoff;
  readonly #closed = Promise.withResolvers<ReconnectingEnd>();
  /** Cuts short whatever is waited for, but not the life of a connection. */
  readonly #over = new AbortController();
  /** That it is to end, and why, when that was somebody's wish. */
  #wish: Ending | undefined;
  /** Closes the connection as it was wished. */
  #closeAsWished: (connection: Connection) => void = giveUp;
  #attempt = 0;
  #connection: Connection | undefined;
  /** Why there is no connection. */
  #cause: DisconnectCause | undefined;
  /** When the last stable connection ended, or else the start. */
  #since: number;

  constructor(parts: SupervisorParts) {
    const { backoff, random, clock } = parts.options;
    this.#parts = parts;
    this.#backoff = new JitteredBackoff(backoff, random);
    this.#since = clock.now();
  }

  /** How many attempts there were since the last stable connection. */
  get attempt(): number {
    return this.#attempt;
  }

  /** The connection that is open, or about to end. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Settles when it has ended for good. */
  get closed(): Promise<ReconnectingEnd> {
    return this.#closed.promise;
  }

  /** Begins. Called once; nothing happens before the caller's turn is over. */
  async start(): Promise<void> {
    const { signal } = this.#parts.options;
    const onAbort = () => this.#abort(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    try {
      await Promise.resolve();
      this.#finish(await this.#keepOpen());
    } catch (error) {
      // Nothing but a wish makes it end here, or what the application gave us to call.
      this.#finish(this.#wish ?? { why: "not-retried", error: this.#notRetried(error) });
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Ends it for good. What waits is sent first, if there is a connection. */
  close(code: number, reason: string): void {
    const { sender, options: { clock, connection: { closeTimeout } } } = this.#parts;
    this.#end({ why: "closed" }, (connection) => {
      const close = () => void connection.close(code, reason);
      const timer = clock.setTimeout(close, closeTimeout);
      sender.flushed.then(() => {
        clock.clearTimeout(timer);
        close();
      });
    });
  }

  #abort(error: unknown): void {
    this.#end({ why: "aborted", error }, giveUp);
  }

  /** Notes the first wish; a connection that is open is closed by `close`. */
  #end(wish: Ending, close: (connection: Connection) => void): void {
    if (this.#wish !== undefined) return;
    this.#wish = wish;
    this.#closeAsWished = close;
    this.#over.abort();
    this.#parts.sender.refuse();
    this.#tell("closing");
    if (this.#connection !== undefined) close(this.#connection);
  }

  /** Opens one connection after the other, until there is a reason to end. */
  async #keepOpen(): Promise<Ending> {
    const { clock } = this.#parts.options;
    const { signal } = this.#over;
    while (true) {
      signal.throwIfAborted();
      const cause = await this.#tryOnce();
      if (cause === undefined) return { why: "stopped" };
      this.#cause = cause;
      if (this.#wish !== undefined) return this.#wish;
      const next = this.#judge(cause);
      if (typeof next !== "number") return next;
      this.#tell("waiting", next);
      await sleep(next, { clock, signal });
    }
  }

  /** One attempt, and the life of the connection if there is one; `undefined` to stop. */
  async #tryOnce(): Promise<DisconnectCause | undefined> {
    this.#attempt++;
    this.#tell("connecting");
    const target = await this.#prepare();
    if (target === false) return undefined;
    if (target.kind !== "target") return target;
    let connection: Connection;
    try {
      connection = await this.#open(target);
    } catch (error) {
      this.#over.signal.throwIfAborted();
      return { kind: "failed", error };
    }
    return { kind: "closed", event: await this.#live(connection) };
  }

  /** Asks the application. */
  async #prepare(): Promise<Target | DisconnectCause | false> {
    const { url: usual, hooks, timeout, clock } = this.#parts.options;
    const late = () =>
      new ConnectError(
        "ERR_TIMEOUT",
        `What is asked before an attempt did not answer within ${timeout} ms`,
      );
    const limits = { clock, timeout, late, signal: this.#over.signal };
    try {
      return await inTime(limits, async (signal) => {
        const info = { cause: this.#cause, signal };
        const given = await hooks.beforeAttempt?.(this.#attempt, info);
        if (given === false) return false;
        if (given !== undefined && (typeof given !== "object" || given === null)) {
          return { kind: "failed", error: wrongAnswer(given) };
        }
        const { url: own, ...options } = given ?? {};
        const url = own ?? (typeof usual === "function" ? await usual() : usual);
        return { kind: "target", url, options };
      });
    } catch (error) {
      this.#over.signal.throwIfAborted();
      return { kind: "hook", error };
    }
  }

  async #open({ url, options }: Target): Promise<Connection> {
    const { connect, connectOptions, handlers: theirs } = this.#parts.options;
    const { signal } = this.#over;
    const own = this.#parts.intake.handlers(theirs);
    let opened: Connection | undefined;
    const open = (connection: Connection) => {
      if (this.#wish === undefined) opened = connection;
      return own.open?.(connection);
    };
    const handlers = { ...own, open };
    const whole: ConnectOptions = { ...connectOptions, ...options, handlers, signal };
    try {
      return await unlessAborted(connect(url, whole), signal, {
        // One that comes although it was told not to is not wanted any more.
        dispose: (late) => {
          if (late !== opened) giveUp(late);
        },
      });
    } catch (error) {
      // One that was open before is wanted, even if the wish came from its own handler.
      if (opened !== undefined) return opened;
      throw error;
    }
  }

  /** From the opening of a connection to its end. */
  async #live(connection: Connection): Promise<CloseEvent> {
    const { sender, options: { clock, stableAfter } } = this.#parts;
    const opened = clock.now();
    this.#connection = connection;
    sender.attach(connection);
    if (this.#wish === undefined) this.#tell("open");
    else this.#closeAsWished(connection);
    const event = await connection.closed;
    sender.detach();
    this.#connection = undefined;
    const now = clock.now();
    if (now - opened >= stableAfter) {
      this.#attempt = 0;
      this.#since = now;
      this.#backoff.reset();
    }
    return event;
  }

  /** How long to wait, or how to end. */
  #judge(cause: DisconnectCause): number | Ending {
    const { hooks, finalCodes, maxAttempts, giveUpAfter, clock } = this.#parts.options;
    const byDefault = isTransient(cause, finalCodes);
    const again = hooks.shouldReconnect?.(cause, byDefault) ?? byDefault;
    if (typeof again !== "boolean") {
      throw new TypeError(`shouldReconnect must give true or false; got ${typeof again}`);
    }
    if (!again) {
      const finished = cause.kind === "closed" && cause.event.code === CloseCode.NORMAL;
      return finished ? { why: "finished" } : { why: "not-retried", error: this.#notRetried() };
    }
    if (this.#attempt >= maxAttempts) return this.#gaveUp();
    const wait = this.#backoff.next(retryAfterOf(cause, Date.now()));
    return clock.now() + wait - this.#since > giveUpAfter ? this.#gaveUp() : wait;
  }

  #notRetried(cause?: unknown): ReconnectingError {
    return new ReconnectingError("ERR_NOT_RETRIED", "No other attempt is made", {
      ...(this.#cause && { disconnect: this.#cause }),
      ...(cause === undefined ? {} : { cause }),
    });
  }

  #gaveUp(): Ending {
    const attempts = this.#attempt === 1 ? "1 attempt" : `${this.#attempt} attempts`;
    const error = new ReconnectingError("ERR_GAVE_UP", `Gave up after ${attempts}`, {
      ...(this.#cause && { disconnect: this.#cause }),
    });
    return { why: "gave-up", error };
  }

  #tell(state: ReconnectingState, delay?: number): void {
    this.#parts.states.set({
      state,
      attempt: this.#attempt,
      ...(delay === undefined ? {} : { delay }),
      ...(this.#cause === undefined ? {} : { cause: this.#cause }),
    });
  }

  #finish(ending: Ending): void {
    const { sender, intake, states } = this.#parts;
    const cause = this.#cause === undefined ? {} : { cause: this.#cause };
    const event = this.#cause?.kind === "closed" ? this.#cause.event : undefined;
    const unsent = sender.end(new ConnectionClosedError(event));
    intake.end(ending.error);
    this.#closed.resolve({ ...ending, ...cause, unsent });
    const error = ending.error ?? new ConnectionClosedError(event);
    states.end({ attempt: this.#attempt, ...cause }, error);
  }
}

function giveUp(connection: Connection): void {
  connection.close(CloseCode.GOING_AWAY);
}

function wrongAnswer(given: unknown): TypeError {
  const got = given === null ? "null" : typeof given;
  return new TypeError(`beforeAttempt must give options, false or nothing; got ${got}`);
}
