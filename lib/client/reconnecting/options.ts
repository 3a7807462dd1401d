/**
 * The options of a reconnecting connection.
 *
 * @module
 */
import type { Clock } from "../../connection/clock.ts";
import type { Connection } from "../../connection/connection.ts";
import type { ConnectOptions } from "../connect.ts";
import type { BackoffOptions } from "./backoff.ts";
import type { DisconnectCause } from "./cause.ts";
import type { ReconnectingHandlers } from "./intake.ts";
import type { StateChange } from "./state_watch.ts";
import type { QueueOptions } from "./unsent_queue.ts";

/** Where to connect to; a function is asked before each attempt. */
export type ReconnectingUrl = string | URL | (() => string | URL | Promise<string | URL>);

/** What is known before an attempt. */
export interface AttemptInfo {
  /** Why there is no connection; `undefined` before the first attempt. */
  readonly cause: DisconnectCause | undefined;
  /** Fires when it all ends, or the hook has taken longer than `timeout`. */
  readonly signal: AbortSignal;
}

/**
 * What is different in one attempt. Each option takes the place of the one of the same name
 * as a whole, so `headers` must be complete.
 */
export interface AttemptOptions extends Omit<ConnectOptions, "handlers" | "signal" | "streaming"> {
  /** Where to connect to. @default the URL that was given at the start */
  url?: string | URL;
}

/**
 * How a connection is opened. What `options` says about `handlers` and `signal` has to be
 * obeyed: the messages come in through the handlers.
 */
export type ConnectFunction = (url: string | URL, options: ConnectOptions) => Promise<Connection>;

/**
 * How a connection is kept. Sizes are bytes, times milliseconds. The options of `connect`
 * hold for every attempt and every connection, among them `heartbeat`, which notices a peer
 * that is gone.
 */
export interface ReconnectingOptions
  extends Omit<ConnectOptions, "handlers" | "signal" | "streaming"> {
  /** Ends it for good; an open connection is closed with 1001. @default undefined */
  signal?: AbortSignal;
  /** Callbacks of each connection. @default none */
  handlers?: ReconnectingHandlers;
  /** How long to wait between attempts. @default from below 0.5 s to below 30 s */
  backoff?: BackoffOptions;
  /**
   * The most attempts from one stable connection to the next, those that opened a connection
   * that did not last included.
   * @default no limit
   */
  maxAttempts?: number;
  /**
   * Gives up instead of waiting when the next attempt would come later than so long after the
   * end of the last stable connection, or after the start.
   * @default no limit
   */
  giveUpAfter?: number;
  /**
   * A connection that was open for so long was stable: counts and waits begin anew.
   * @default 5000
   */
  stableAfter?: number;
  /**
   * The close codes after which no other attempt is made. The codes from 4000 on are the
   * application's: add those that mean that it is over, as in
   * `[...FINAL_CLOSE_CODES, 4001]`.
   * @default {FINAL_CLOSE_CODES}
   */
  finalCodes?: readonly number[];
  /** How much is kept for the next connection. @default 1000 messages, 1 MiB, "reject" */
  queue?: QueueOptions;
  /**
   * Is called before each attempt, 1 being the first one and the first after a stable
   * connection: fetch a fresh token here. It may give options for this attempt, or `false` to
   * end it all. What it throws makes a failed attempt, and so does taking longer than
   * `timeout`.
   */
  beforeAttempt?(
    attempt: number,
    info: AttemptInfo,
  ): AttemptOptions | false | undefined | void | Promise<AttemptOptions | false | undefined | void>;
  /**
   * Decides whether there is another attempt. `byDefault` is what would be decided without
   * it: yes, but not after one of `finalCodes`; not when the server refused with another
   * status than 408, 425, 429 or one of 5xx except 501 and 505; not when it breaks the opening
   * handshake, when its certificate is refused, when an argument is wrong or a permission is
   * missing. The limits `maxAttempts` and `giveUpAfter` hold all the same.
   */
  shouldReconnect?(cause: DisconnectCause, byDefault: boolean): boolean;
  /** Is called with every change of state. What it throws is written to the console. */
  onStateChange?(change: StateChange): unknown;
  /** How a connection is opened. @default connect */
  connect?: ConnectFunction;
  /** Gives a number from 0 to less than 1, for the jitter. @default Math.random */
  random?: () => number;
  /** Where the time between attempts comes from. @default the runtime's clock */
  clock?: Clock;
}
