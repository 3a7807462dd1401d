/**
 * How a reconnecting connection ended for good.
 *
 * @module
 */
import type { DisconnectCause } from "./cause.ts";

/**
 * Why a reconnecting connection ended for good:
 *
 * - `"closed"`: `close` was called, or it was disposed of;
 * - `"aborted"`: the signal fired;
 * - `"stopped"`: `beforeAttempt` gave `false`;
 * - `"finished"`: the connection was closed with 1000;
 * - `"not-retried"`: for another reason, no attempt was to follow;
 * - `"gave-up"`: `maxAttempts` or `giveUpAfter` was reached.
 */
export type EndReason =
  | "closed"
  | "aborted"
  | "stopped"
  | "finished"
  | "not-retried"
  | "gave-up";

/** How a reconnecting connection ended for good. */
export interface ReconnectingEnd {
  /** Why it ended. */
  readonly why: EndReason;
  /**
   * With what the iteration ends: a `ReconnectingError` with `"not-retried"` and
   * `"gave-up"`, the reason of the signal with `"aborted"`; else absent.
   */
  readonly error?: unknown;
  /** How the last connection ended, or why the last attempt failed; absent when none did. */
  readonly cause?: DisconnectCause;
  /** How many messages waited for a connection and were not sent. */
  readonly unsent: number;
}
