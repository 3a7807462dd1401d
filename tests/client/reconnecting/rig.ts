/**
 * A reconnecting connection whose attempts a test decides about, on a clock that stands still.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { ConnectOptions } from "../../../lib/client/connect.ts";
import { ConnectError } from "../../../lib/client/connect_error.ts";
import type { ReconnectingEnd } from "../../../lib/client/reconnecting/end.ts";
import type {
  ReconnectingOptions,
  ReconnectingUrl,
} from "../../../lib/client/reconnecting/options.ts";
import { ReconnectingConnection } from "../../../lib/client/reconnecting/reconnecting.ts";
import type { StateChange } from "../../../lib/client/reconnecting/state_watch.ts";
import type { Connection } from "../../../lib/connection/connection.ts";
import { type Opened, RawEnd, Tested } from "../../support/connection_pair.ts";
import { FakeClock, settle } from "../../support/fake_clock.ts";
import { PipeEnd } from "../../support/pipe.ts";

/** A refusal, as `connect` tells of it. */
export function refusal(status: number, headers: HeadersInit = {}): ConnectError {
  const response = {
    status,
    reason: "",
    headers: new Headers(headers),
    body: new Uint8Array(0),
  };
  return new ConnectError("ERR_REFUSED", `refused with ${status}`, { response });
}

/** One call of `connect`, which a test lets succeed or fail. */
export class Attempt {
  readonly url: string;
  readonly options: ConnectOptions;
  /** What `connect` gave. */
  readonly opening = Promise.withResolvers<Connection>();
  readonly #clock: FakeClock;

  constructor(url: string | URL, options: ConnectOptions, clock: FakeClock) {
    this.url = String(url);
    this.options = options;
    this.#clock = clock;
  }

  /** The header fields of the request, as an object. */
  get headers(): Record<string, string> {
    return Object.fromEntries(new Headers(this.options.headers as HeadersInit));
  }

  /** Opens a connection against a peer that the test plays; when `stalled`, it takes nothing. */
  async open({ stalled = false } = {}): Promise<Opened> {
    const link = new PipeEnd();
    link.output.stalled = stalled;
    const tested = new Tested(link, {
      role: "client",
      clock: this.#clock,
      handlers: this.options.handlers ?? {},
      options: this.options,
    });
    this.opening.resolve(tested.connection);
    const peer = new RawEnd(link.other, "server");
    await settle();
    return Object.assign(tested, { peer });
  }

  /** Fails. */
  async fail(error: unknown = new ConnectError("ERR_UNREACHABLE", "nobody there")): Promise<void> {
    this.opening.reject(error);
    await settle();
  }
}

/** How a rig is set up: the options of what is tested, and the URL. */
export interface RigOptions extends ReconnectingOptions {
  /** @default "ws://a.example/" */
  readonly url?: ReconnectingUrl;
  /** `connect` goes on when its signal fires, as ours does not. @default false */
  readonly deaf?: boolean;
}

/** A reconnecting connection under test. Without other options, each wait is the longest. */
export class Rig {
  readonly clock = new FakeClock();
  readonly tested: ReconnectingConnection;
  /** All attempts. */
  readonly attempts: Attempt[] = [];
  /** All changes of state. */
  readonly changes: StateChange[] = [];
  #taken = 0;

  constructor({ url = "ws://a.example/", deaf = false, ...options }: RigOptions = {}) {
    this.tested = new ReconnectingConnection(url, {
      heartbeat: false,
      clock: this.clock,
      random: () => 0.999_999,
      connect: (url, options) => this.#connect(url, options, deaf),
      ...options,
      onStateChange: (change) => {
        this.changes.push(change);
        return options.onStateChange?.(change);
      },
    });
  }

  /** The next attempt; a test fails when there is none. */
  async attempt(): Promise<Attempt> {
    await settle();
    const attempt = this.attempts[this.#taken++];
    assert(attempt !== undefined, `there is no attempt ${this.#taken}`);
    return attempt;
  }

  /** Opens the next connection; when `stalled`, its peer takes nothing. */
  async open(options?: { stalled?: boolean }): Promise<Opened> {
    return await (await this.attempt()).open(options);
  }

  /** The states that were told, such as `waiting 1 500`: state, attempt, delay. */
  get states(): string[] {
    return this.changes.map(({ state, attempt, delay }) =>
      `${state} ${attempt} ${delay ?? ""}`.trim()
    );
  }

  /** The delays of all waits. */
  get delays(): (number | undefined)[] {
    return this.changes.filter(({ state }) => state === "waiting").map(({ delay }) => delay);
  }

  /** Asserts that it has ended for good and left nothing behind; gives how. */
  async over(): Promise<ReconnectingEnd> {
    await settle();
    assertEquals(this.tested.state, "closed");
    assertEquals(this.tested.connection, undefined);
    assertEquals(this.clock.timers, 0, "no timer is left");
    const attempts = this.attempts.length;
    await this.clock.advance(3_600_000);
    assertEquals(this.attempts.length, attempts, "no attempt follows");
    return await this.tested.closed;
  }

  /** Ends it, and the connection at once, where a test does not look at how. */
  async end(): Promise<void> {
    this.tested.close();
    this.tested.connection?.destroy();
    await this.over();
  }

  #connect(url: string | URL, options: ConnectOptions, deaf: boolean): Promise<Connection> {
    const attempt = new Attempt(url, options, this.clock);
    this.attempts.push(attempt);
    const { signal } = options;
    if (!deaf) {
      signal?.addEventListener("abort", () => attempt.opening.reject(signal.reason), {
        once: true,
      });
    }
    return attempt.opening.promise;
  }
}

/** A signal that counts its listeners. */
export function countedSignal(): { controller: AbortController; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  let count = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (count++, add(...args));
  signal.removeEventListener = (...args: Parameters<typeof add>) => (count--, remove(...args));
  return { controller, listeners: () => count };
}

/** The peer closes with `code`, and the connection ends in order. */
export async function closeByPeer({ peer }: Opened, code: number, reason = ""): Promise<void> {
  peer.sendClose(code, reason);
  await settle();
  peer.end();
  await settle();
}

/** The connection breaks without a close frame. */
export async function breakOff({ link }: Opened): Promise<void> {
  link.reset();
  await settle();
}

/** The peer answers the close frame that came, whatever came before it; gives all that came. */
export async function answerClose({ peer }: Opened): Promise<string[]> {
  await settle();
  const lines = peer.takeLines();
  assert(lines.at(-1)?.startsWith("close "), `no close frame came: ${lines}`);
  peer.sendClose(Number(lines.at(-1)?.split(" ")[1]));
  await settle();
  peer.end();
  await settle();
  return lines;
}
