/**
 * The exit code of the client, from how its last connection ended.
 *
 * @module
 */
import { ConnectionError } from "../../connection/errors.ts";
import { EXIT_CODE, type ExitCode, exitCodeForClose, exitCodeForFailure } from "../exit_codes.ts";
import type { RemoteEnd } from "./remote.ts";

/** The exit code; `closedByUs`: this side asked for the end. */
export function exitCodeForEnd(
  end: Exclude<RemoteEnd, { kind: "ended" }>,
  closedByUs: boolean,
): ExitCode {
  switch (end.kind) {
    case "failed":
      return exitCodeForFailure(end.error);
    case "closed": {
      const { error } = end.event;
      if (error instanceof ConnectionError && error.code === "ERR_CLOSE_TIMEOUT") {
        return EXIT_CODE.TIMEOUT;
      }
      // What we gave up is lost, however politely the peer took it.
      return error === undefined ? exitCodeForClose(end.event, { closedByUs }) : EXIT_CODE.LOST;
    }
  }
}
