/**
 * What is told when no connection could be opened, or when nobody can connect to us.
 *
 * @module
 */
import { ConnectError, errorText } from "../../client/connect_error.ts";
import { EXIT_CODE, type ExitCode, exitCodeForFailure } from "../exit_codes.ts";
import { UsageError } from "../usage_error.ts";
import type { Presenter } from "./events.ts";
import { inFlagWords } from "./flag_words.ts";

/** How many lines of a refusal's body are shown. */
const SHOWN_LINES = 5;
/** How much of such a line is shown, in UTF-16 code units. */
const SHOWN_LENGTH = 200;

/** It cannot listen. */
export class ListenError extends Error {
  /** `"ListenError"`. */
  override readonly name = "ListenError";
}

/** Tells why, with what a server that refused had to say; gives the exit code. */
export function tellFailure(error: unknown, presenter: Presenter): ExitCode {
  const message = inFlagWords(errorText(error));
  const code = error instanceof ConnectError ? error.code : undefined;
  presenter.show({ type: "error", message, code });
  for (const line of bodyLines(error)) presenter.show({ type: "error", message: line });
  if (error instanceof UsageError) return EXIT_CODE.USAGE;
  return error instanceof ListenError ? EXIT_CODE.UNREACHABLE : exitCodeForFailure(error);
}

/** The first lines of a refusal's body, if it is text. */
function bodyLines(error: unknown): string[] {
  if (!(error instanceof ConnectError) || error.response === undefined) return [];
  const body = new TextDecoder().decode(error.response.body);
  if (body.includes("\ufffd")) return [];
  const lines = body.split(/\r?\n/).filter((line) => line.trim() !== "");
  const shown = lines.slice(0, SHOWN_LINES).map((line) =>
    line.length > SHOWN_LENGTH ? `${line.slice(0, SHOWN_LENGTH)}…` : line
  );
  return lines.length > SHOWN_LINES ? [...shown, "…"] : shown;
}
