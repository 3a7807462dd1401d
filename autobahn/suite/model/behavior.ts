/**
 * The words of a verdict, as Autobahn|Testsuite has them.
 *
 * @module
 */

/**
 * What a case says of an implementation:
 *
 * - `"OK"`: it did what is expected;
 * - `"NON-STRICT"`: it did what is allowed, but not what is best; beyond Autobahn: a SHOULD is not
 *   followed;
 * - `"INFORMATIONAL"`: whatever it did is allowed, and worth knowing;
 * - `"UNIMPLEMENTED"`: it does not offer what the case is about;
 * - `"FAILED"`: it did something else, or nothing;
 * - `"WRONG CODE"`: it closed, with a close code that does not fit;
 * - `"UNCLEAN"`: the connection ended without a closing handshake where there must be one;
 * - `"FAILED BY CLIENT"`: as a server it left it to the client to close TCP (RFC 6455 §7.1.1).
 */
export type Behavior =
  | "OK"
  | "NON-STRICT"
  | "INFORMATIONAL"
  | "UNIMPLEMENTED"
  | "FAILED"
  | "WRONG CODE"
  | "UNCLEAN"
  | "FAILED BY CLIENT";

/** Every word, the good ones first. */
export const BEHAVIORS: readonly Behavior[] = [
  "OK",
  "INFORMATIONAL",
  "NON-STRICT",
  "UNIMPLEMENTED",
  "FAILED BY CLIENT",
  "UNCLEAN",
  "WRONG CODE",
  "FAILED",
];

/** Whether a behavior says that something is wrong, so that a run has not passed. */
export function isFault(behavior: Behavior): boolean {
  return behavior !== "OK" && behavior !== "INFORMATIONAL";
}
