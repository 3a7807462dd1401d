/**
 * Verdicts of raw cases, in few words.
 *
 * @module
 */
import type { Behavior } from "../model/behavior.ts";
import type { RawVerdict } from "../model/case.ts";

/** How strict a rule is. */
export type Level = "MUST" | "SHOULD";

/** What is said of how a connection ended. */
export type Closing = Pick<RawVerdict, "behaviorClose" | "resultClose">;

/** There was no WebSocket that could have been closed. */
export const NOT_OPENED: Closing = {
  behaviorClose: "OK",
  resultClose: "No WebSocket was opened, so there was none to close.",
};

/** The end of the connection is not what the case is about. */
export const NOT_JUDGED: Closing = {
  behaviorClose: "OK",
  resultClose: "How the connection ends is not judged here.",
};

/** What it is to break a rule: a MUST is a failure, a SHOULD is not strict. */
export function broken(level: Level = "MUST"): Behavior {
  return level === "MUST" ? "FAILED" : "NON-STRICT";
}

/** A verdict on both. */
export function verdict(
  behavior: Behavior,
  result: string,
  closing: Closing = NOT_JUDGED,
): RawVerdict {
  return { behavior, result, ...closing };
}

/** All is well. */
export function fine(result: string, closing: Closing = NOT_JUDGED): RawVerdict {
  return verdict("OK", result, closing);
}

/** A closing that is all right, or is not. */
export function closing(behaviorClose: Behavior, resultClose: string): Closing {
  return { behaviorClose, resultClose };
}
