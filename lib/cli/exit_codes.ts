/**
 * The exit codes of both commands. They are an interface: scripts depend on them.
 *
 * A script that only asks "did it work?" tests for 0. One that retries does so on 4, 6 and
 * perhaps 5, where the same call may succeed later, and not on 2 and 3, where it will not.
 *
 * @module
 */
import { ConnectError } from "../client/connect_error.ts";

/** Exit codes by name. */
export const EXIT_CODE = {
  /**
   * The server: it was asked to stop, and did. The client: the conversation ended as it should,
   * whether the end of input, an interrupt or the peer (1000, or no code) ended it.
   */
  OK: 0,
  /** A fault of this program, or of the machine. Please report it. */
  UNEXPECTED: 1,
  /** An option or argument is wrong; nothing was opened. */
  USAGE: 2,
  /** The peer answered the opening handshake with something other than 101, or not properly. */
  REFUSED: 3,
  /** The time limit passed: nothing answered while connecting, or while closing. */
  TIMEOUT: 4,
  /** The connection was lost without a closing handshake (1006), or failed (RFC 6455 §7.1.7). */
  LOST: 5,
  /** The client could not reach the peer (name, network, TLS); the server could not listen. */
  UNREACHABLE: 6,
  /** The peer closed cleanly with a code that is no success, such as 1001, 1008, 1011 or 4000. */
  CLOSED_BY_PEER: 7,
  /** The client: it ended before the answers that `--one`, `--count` or `bench` ask for had come. */
  INCOMPLETE: 8,
  /** Interrupted (SIGINT) before, or a second time during, an orderly end: 128 + 2. */
  INTERRUPTED: 130,
  /** Terminated (SIGTERM) a second time during an orderly end: 128 + 15. */
  TERMINATED: 143,
} as const;

/** One of the codes in {@linkcode EXIT_CODE}. */
export type ExitCode = typeof EXIT_CODE[keyof typeof EXIT_CODE];

/** The codes, for `--help`: one line each. */
export const EXIT_CODE_HELP: ReadonlyMap<ExitCode, string> = new Map([
  [EXIT_CODE.OK, "all went well; an interrupt that ended in order counts as such"],
  [EXIT_CODE.UNEXPECTED, "an unexpected fault"],
  [EXIT_CODE.USAGE, "an option or argument is wrong"],
  [EXIT_CODE.REFUSED, "the server refused the opening handshake"],
  [EXIT_CODE.TIMEOUT, "no answer in time"],
  [EXIT_CODE.LOST, "the connection was lost, or broke the protocol"],
  [EXIT_CODE.UNREACHABLE, "cannot connect, or cannot listen"],
  [EXIT_CODE.CLOSED_BY_PEER, "closed by the peer with another code than 1000"],
  [EXIT_CODE.INCOMPLETE, "it ended before all answers that were asked for had come"],
  [EXIT_CODE.INTERRUPTED, "interrupted before it could end in order"],
  [EXIT_CODE.TERMINATED, "terminated before it could end in order"],
]);

/** How a connection ended, as its close event says. */
export interface ClosedConnection {
  /** The close code, 1005 and 1006 included (RFC 6455 §7.1.5). */
  readonly code: number;
  /** Whether the closing handshake was completed (RFC 6455 §7.1.4). */
  readonly wasClean: boolean;
}

/** Options of {@linkcode exitCodeForClose}. */
export interface CloseExitOptions {
  /**
   * Whether this side asked for the end. Then the code that comes back does not matter.
   *
   * @default {false}
   */
  readonly closedByUs?: boolean | undefined;
}

/** The exit code of a client whose connection was open and has ended. */
export function exitCodeForClose(
  { code, wasClean }: ClosedConnection,
  { closedByUs = false }: CloseExitOptions = {},
): ExitCode {
  if (!wasClean) return EXIT_CODE.LOST;
  if (closedByUs || code === 1000 || code === 1005) return EXIT_CODE.OK;
  return EXIT_CODE.CLOSED_BY_PEER;
}

/** The exit code for a signal that ends the process at once: 128 and its number. */
export function exitCodeForSignal(signal: "SIGINT" | "SIGTERM"): ExitCode {
  return signal === "SIGINT" ? EXIT_CODE.INTERRUPTED : EXIT_CODE.TERMINATED;
}

/** The exit code of a client whose connection could not be opened because of `error`. */
export function exitCodeForFailure(error: unknown): ExitCode {
  if (error instanceof ConnectError) {
    switch (error.code) {
      case "ERR_REFUSED":
      case "ERR_HANDSHAKE":
        return EXIT_CODE.REFUSED;
      case "ERR_TIMEOUT":
        return EXIT_CODE.TIMEOUT;
      default:
        return EXIT_CODE.UNREACHABLE;
    }
  }
  const byCaller = error instanceof TypeError || error instanceof RangeError ||
    error instanceof Deno.errors.NotCapable;
  return byCaller ? EXIT_CODE.USAGE : EXIT_CODE.UNEXPECTED;
}
