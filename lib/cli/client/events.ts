/**
 * What happens on a connection, as it is shown, logged, or told to a program.
 *
 * @module
 */
import type { CloseEvent } from "../../connection/transport.ts";

/** Which way something went. */
export type Direction = "sent" | "received";

/** One thing that happened. Times are milliseconds. */
export type ClientEvent =
  /** `--listen`: it listens there. */
  | { readonly type: "listening"; readonly url: string }
  /** The connection is open. */
  | {
    readonly type: "open";
    readonly url: string;
    readonly subprotocol: string;
    readonly extensions: string;
  }
  /** A message. `roundTrip`: since the message that it may answer was sent. */
  | {
    readonly type: "message";
    readonly direction: Direction;
    readonly data: string | Uint8Array;
    readonly roundTrip?: number | undefined;
  }
  /** A ping (RFC 6455 §5.5.2). */
  | { readonly type: "ping"; readonly direction: Direction; readonly payload: Uint8Array }
  /** A pong (RFC 6455 §5.5.3); `roundTrip` when it answers a ping of ours. */
  | {
    readonly type: "pong";
    readonly direction: Direction;
    readonly payload: Uint8Array;
    readonly roundTrip?: number | undefined;
  }
  /** The connection has ended. */
  | { readonly type: "close"; readonly event: CloseEvent }
  /** `--reconnect`: there is no connection, and the next attempt follows after `delay`. */
  | { readonly type: "waiting"; readonly delay: number; readonly cause: string }
  /** A step of opening the connection, for `--verbose`: what was done, and lines of detail. */
  | {
    readonly type: "step";
    readonly name: string;
    readonly elapsed: number;
    readonly lines: readonly string[];
  }
  /** Something to know that is no failure. */
  | { readonly type: "notice"; readonly message: string }
  /** Something dangerous, which is told whatever else is not. */
  | { readonly type: "warning"; readonly message: string }
  /** Something went wrong; `code` is that of the error, where it has one. */
  | { readonly type: "error"; readonly message: string; readonly code?: string | undefined };

/** Shows events in one way. */
export interface Presenter {
  /** Shows an event; gives a promise to wait for when the output is slow. */
  show(event: ClientEvent): Promise<void> | undefined;
}
