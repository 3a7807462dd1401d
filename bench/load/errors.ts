/**
 * How a load generator fails.
 *
 * @module
 */

/** Exit codes of the load generator. */
export const EXIT = { ok: 0, failed: 1, usage: 2, notLinux: 3, wrongEcho: 4 } as const;

/** A failure with the exit code that it leads to. */
export class LoadError extends Error {
  /** One of {@linkcode EXIT}. */
  readonly exitCode: number;

  /** Takes what happened. */
  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}
