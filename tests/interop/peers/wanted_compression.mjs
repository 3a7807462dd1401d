/** What the harness wants of permessage-deflate. */
import process from "node:process";

/**
 * The environment variable INTEROP_COMPRESSION: JSON in the terms of the peer, `true` for its
 * defaults, also without the variable, and `false` for none.
 */
export function wantedCompression() {
  return JSON.parse(process.env.INTEROP_COMPRESSION ?? "true");
}
