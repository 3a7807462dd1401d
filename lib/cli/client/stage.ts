/**
 * What the flags make of input and output: who shows events, where they go, and whether there is
 * a prompt.
 *
 * @module
 */
import type { Sink } from "../line_printer.ts";
import { UsageError } from "../usage_error.ts";
import { BinaryFiles } from "./binary_files.ts";
import type { ClientFlags } from "./client_flags.ts";
import type { Presenter } from "./events.ts";
import { JsonPresenter } from "./json_presenter.ts";
import { LinePresenter } from "./line_presenter.ts";
import type { Verbosity } from "./notices.ts";
import { PlainPresenter } from "./plain_presenter.ts";
import { type Screen, StreamScreen } from "./screen.ts";
import { Terminal } from "./terminal.ts";
import { TerminalScreen } from "./terminal_screen.ts";

/** Input and output of a conversation. */
export interface Stage {
  readonly presenter: Presenter;
  readonly screen: Screen;
  /** The prompt, and who shows what it is asked for; `undefined` in a pipe. */
  readonly prompt: { readonly terminal: Terminal; readonly presenter: LinePresenter } | undefined;
}

const LINE_FEED = new Uint8Array([0x0a]);
const NONE = new Uint8Array(0);

/** Who is told when something cannot be written. */
export interface StageHandlers {
  /** The output failed; called once. */
  onOutputFailure(error: unknown): void;
  /** A message could not be saved as a file. */
  onSaveFailure(error: unknown): void;
}

/**
 * Opens what the flags name.
 *
 * @throws {UsageError} when the file of `--output` or the folder of `--save-binary` cannot be
 * opened.
 */
export function openStage(flags: ClientFlags, handlers: StageHandlers): Stage {
  const files = filesOf(flags, handlers);
  const onFailure = (error: unknown) => handlers.onOutputFailure(error);
  if (isInteractive(flags)) {
    const terminal = new Terminal();
    const screen = new TerminalScreen(terminal, onFailure);
    const colour = !Deno.noColor;
    const presenter = linePresenter(screen, flags, { files, colour, noteColour: colour });
    return { presenter, screen, prompt: { terminal, presenter } };
  }
  const screen = new StreamScreen(outputOf(flags), Deno.stderr, onFailure);
  return { presenter: presenterOf(flags, screen, files), screen, prompt: undefined };
}

function filesOf({ saveBinary }: ClientFlags, handlers: StageHandlers): BinaryFiles | undefined {
  if (saveBinary === undefined) return undefined;
  return new BinaryFiles(saveBinary, (error) => handlers.onSaveFailure(error));
}

function presenterOf(
  flags: ClientFlags,
  screen: Screen,
  files: BinaryFiles | undefined,
): Presenter {
  if (flags.json) return new JsonPresenter(screen, { roundTrips: flags.roundTrips ?? false });
  const toTerminal = flags.output === undefined && Deno.stdout.isTerminal();
  if (isPlain(flags)) {
    return new PlainPresenter(screen, {
      delimiter: flags.delimiter ?? (flags.binary ? NONE : LINE_FEED),
      base64: flags.base64 ?? false,
      toTerminal,
      verbosity: verbosityOf(flags),
    });
  }
  return linePresenter(screen, flags, {
    files,
    colour: toTerminal && !Deno.noColor,
    noteColour: Deno.stderr.isTerminal() && !Deno.noColor,
  });
}

function linePresenter(
  screen: Screen,
  flags: ClientFlags,
  { files, ...colours }: { files: BinaryFiles | undefined; colour: boolean; noteColour: boolean },
): LinePresenter {
  const { timestamps = false, roundTrips = false, pretty = false } = flags;
  return new LinePresenter(screen, {
    ...colours,
    timestamps,
    roundTrips,
    pretty,
    verbosity: verbosityOf(flags),
    save: files && ((bytes) => files.save(bytes)),
  });
}

function verbosityOf({ quiet, verbose }: ClientFlags): Verbosity {
  return quiet ? "quiet" : verbose ? "verbose" : "normal";
}

/** A prompt is for people: nothing that is meant for programs is asked for. */
function isInteractive(flags: ClientFlags): boolean {
  const { json, jsonInput } = flags;
  if (json || jsonInput || isPlain(flags) || impliesPlain(flags)) return false;
  return Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
}

/** Whether messages are written as they came. What says how to show them goes before. */
function isPlain(flags: ClientFlags): boolean {
  const { plain, pretty, timestamps, roundTrips, saveBinary } = flags;
  if (plain) return true;
  if (pretty || timestamps || roundTrips || saveBinary !== undefined) return false;
  return impliesPlain(flags);
}

function impliesPlain(flags: ClientFlags): boolean {
  const { quiet, one, count, binary, base64, delimiter, output } = flags;
  const values = [count, delimiter, output];
  return quiet === true || one === true || binary === true || base64 === true ||
    values.some((value) => value !== undefined);
}

function outputOf({ output }: ClientFlags): Sink {
  if (output === undefined) return Deno.stdout;
  try {
    return Deno.openSync(output, { write: true, create: true, truncate: true });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new UsageError(`Cannot open the file of --output: ${detail}`);
  }
}
