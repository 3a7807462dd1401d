/**
 * A client that is connected again whenever its connection is lost: one sequence of messages
 * across connections.
 *
 * @module
 */
import type { Connection, WaitOptions } from "../../connection/connection.ts";
import type { Sendable, SendOptions } from "../../connection/outbox.ts";
import { CloseCode, encodeClose } from "../../protocol/close_codes.ts";
import type { ReconnectingEnd } from "./end.ts";
import { Intake } from "./intake.ts";
import type { ReconnectingOptions, ReconnectingUrl } from "./options.ts";
import { resolveReconnecting } from "./resolve_options.ts";
import { Sender } from "./sender.ts";
import { type ReconnectingState, StateWatch } from "./state_watch.ts";
import { Supervisor } from "./supervisor.ts";

/**
 * Connects, and connects again whenever the connection is lost, until it is closed or no
 * other attempt would help. It returns at once; the first attempt follows.
 *
 * What is lost with a connection is lost: a message that was handed to a connection is never
 * sent again, whether it arrived or not, and what the server sent meanwhile does not come
 * later. Where that matters, number the messages and ask for those that are missing.
 *
 * @example Iterating across connections
 * ```ts
 * import { reconnecting, serve } from "@tidewire/tidewire";
 * import { assertEquals } from "@std/assert";
 *
 * // A server that closes every connection behind its first answer.
 * await using server = serve({
 *   port: 0,
 *   websocket: {
 *     message: (connection, data) => {
 *       connection.send(data);
 *       connection.close(1012, "restarting");
 *     },
 *   },
 * });
 *
 * await using connection = reconnecting(server.url, { backoff: { base: 10 } });
 * connection.send("one"); // waits for the connection
 * const received = [];
 * for await (const message of connection) {
 *   received.push(message);
 *   if (message === "two") break;
 *   await connection.until("waiting"); // the first connection is gone
 *   connection.send("two"); // waits for the next
 * }
 * assertEquals(received, ["one", "two"]);
 * ```
 *
 * @example A fresh token for each attempt, and a code that ends it
 * ```ts
 * import { FINAL_CLOSE_CODES, reconnecting, serve } from "@tidewire/tidewire";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serve({
 *   port: 0,
 *   websocket: {
 *     upgrade: ({ request }) => ({ data: request.headers.get("authorization") }),
 *     open: (connection) => {
 *       if (connection.data === "Bearer 1") connection.close(1012);
 *       else connection.close(4001, `no more after ${connection.data}`);
 *     },
 *   },
 * });
 *
 * let tokens = 0;
 * const connection = reconnecting(server.url, {
 *   backoff: { base: 10 },
 *   finalCodes: [...FINAL_CLOSE_CODES, 4001],
 *   beforeAttempt: () => ({ headers: { authorization: `Bearer ${++tokens}` } }),
 * });
 * const { why, cause } = await connection.closed;
 * assertEquals(why, "not-retried");
 * assertEquals(cause?.kind === "closed" && cause.event.reason, "no more after Bearer 2");
 * ```
 *
 * @throws {TypeError} or {RangeError} at once when an argument is wrong; the message names it.
 */
export function reconnecting(
  url: ReconnectingUrl,
  options: ReconnectingOptions = {},
): ReconnectingConnection {
  return new ReconnectingConnection(url, options);
}

/**
 * A connection that outlives the connections under it. `reconnecting` makes it.
 *
 * Messages are iterated, those of one connection behind those of the one before. Whoever is
 * slow to consume makes the server wait, but keeps nothing from being connected again.
 */
export class ReconnectingConnection
  implements AsyncIterable<string | Uint8Array<ArrayBuffer>>, AsyncDisposable {
  readonly #states: StateWatch;
  readonly #sender: Sender;
  readonly #intake: Intake;
  readonly #supervisor: Supervisor;

  /** The same as {@linkcode reconnecting}. */
  constructor(url: ReconnectingUrl, options: ReconnectingOptions = {}) {
    const resolved = resolveReconnecting(url, options);
    this.#states = new StateWatch((change) => resolved.hooks.onStateChange?.(change));
    this.#sender = new Sender(resolved.queue);
    this.#intake = new Intake(resolved.connection.receiveHighWaterMark);
    this.#supervisor = new Supervisor({
      options: resolved,
      sender: this.#sender,
      intake: this.#intake,
      states: this.#states,
    });
    this.#supervisor.start();
  }

  /** Where it stands; `onStateChange` is told of each change, and `until` waits for one. */
  get state(): ReconnectingState {
    return this.#states.state;
  }

  /**
   * Which attempt is under way, or led to the connection, or failed last: 1 is the first one,
   * and the first after a stable connection.
   */
  get attempt(): number {
    return this.#supervisor.attempt;
  }

  /**
   * The connection that is open, or about to end; `undefined` while there is none. Ping with
   * it, and look at its `subprotocol`. Do not consume its messages. When it is closed
   * with a code such as 1012, another one follows; with one of `finalCodes`, none.
   */
  get connection(): Connection | undefined {
    return this.#supervisor.connection;
  }

  /** How it ended for good, once it has; never rejects. */
  get closed(): Promise<ReconnectingEnd> {
    return this.#supervisor.closed;
  }

  /** Bytes that were sent here and that the operating system has not taken yet. */
  get bufferedAmount(): number {
    return this.#sender.bufferedAmount;
  }

  /**
   * How many messages did not fit into the queue of unsent ones, whatever its policy made of
   * them. Those that a connection dropped for a slow peer are counted by the connection.
   */
  get droppedMessages(): number {
    return this.#sender.dropped;
  }

  /**
   * How many messages came and were dropped. That happens only to whoever stops consuming:
   * while two connections with unread messages have ended already and another one opens, those
   * of the later one are given up, as if it had never been open.
   */
  get missedMessages(): number {
    return this.#intake.missed;
  }

  /**
   * Sends a message: over the connection, or as soon as there is one. Messages leave in the
   * order in which they were sent. What is sent is copied, so the caller may change it at once.
   *
   * As with `Connection.send`, the promise is for whoever wants to keep to the pace: it
   * resolves when there is a connection with room again. It says nothing about arrival: a
   * message that was handed to a connection that then breaks is not sent again, and what the
   * policy of the queue drops is counted only. It rejects with `ERR_QUEUE_FULL` when the queue
   * refuses the message, and with a `ConnectionClosedError` once it has ended for good. A
   * promise that nobody waits for does no harm.
   *
   * @throws {TypeError} when `data` is no string, no buffer, no view of one and no
   * `PreparedMessage`.
   */
  send(data: Sendable, options?: SendOptions): Promise<void> | undefined {
    return this.#sender.send(data, options);
  }

  /** The next message; `undefined` at the end, as with iteration. */
  receive(options: WaitOptions = {}): Promise<string | Uint8Array<ArrayBuffer> | undefined> {
    return this.#intake.next(options);
  }

  /**
   * Iterates over the messages as they come, across connections. The iteration ends when it
   * was closed, here or by the server with 1000, or when `beforeAttempt` stopped it. When no
   * other attempt helps it throws a `ReconnectingError`, and the signal's reason when that
   * fired. Leaving the loop leaves the connection open.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<string | Uint8Array<ArrayBuffer>, void, void> {
    while (true) {
      const message = await this.receive();
      if (message === undefined) return;
      yield message;
    }
  }

  /**
   * Waits for a state. It may have passed already when whoever waited goes on.
   *
   * It rejects with the reason of `signal`; and when it ends for good before, with a
   * `ReconnectingError`, the reason of the signal that ended it, or a `ConnectionClosedError`.
   */
  until(state: ReconnectingState, options: WaitOptions = {}): Promise<void> {
    return this.#states.until(state, options);
  }

  /**
   * Ends it for good, and gives how it ended. An open connection gets what waits to be sent,
   * as far as it takes it within `closeTimeout`, and then the closing handshake (RFC 6455
   * §7.1.2), which takes no longer than that either. Without a connection, what waits is lost,
   * and counted in `unsent`. Closing twice does no harm.
   *
   * @throws {RangeError} when `code` is not one of 1000–1003, 1007–1014, 3000–4999, or
   * `reason` is longer than 123 bytes of UTF-8.
   * @throws {TypeError} when `reason` is no string.
   */
  close(code: number = CloseCode.NORMAL, reason = ""): Promise<ReconnectingEnd> {
    if (typeof reason !== "string") {
      throw new TypeError(`Cannot close: the reason must be a string, got ${typeof reason}`);
    }
    encodeClose(code, reason); // for its errors: a wrong argument must change nothing
    this.#supervisor.close(code, reason);
    return this.closed;
  }

  /** Closes with 1000 and waits for the end, so that `await using` works. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
