/**
 * A prompt with history and editing, and text that appears above it.
 *
 * @module
 */
import process from "node:process";
import { createInterface, type Interface } from "node:readline";
import type { Sink } from "../line_printer.ts";
import { completePromptLine } from "./slash_commands.ts";

/** What the user does at the prompt. */
export interface TerminalHandlers {
  /** A line was entered. */
  line(text: string): void;
  /** Ctrl-C, which is no signal while the prompt edits. */
  interrupt(): void;
  /** Ctrl-D on an empty line, or the terminal is gone. */
  end(): void;
}

/** How many lines the history holds. */
const HISTORY_SIZE = 1000;
const PROMPT = "> ";

/** The terminal. Before `start` and after `stop`, what is written just appears. */
export class Terminal implements Sink {
  #prompt: Interface | undefined;

  /** Shows the prompt. */
  start(handlers: TerminalHandlers): void {
    if (this.#prompt !== undefined) return;
    const prompt = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: true,
      prompt: PROMPT,
      historySize: HISTORY_SIZE,
      removeHistoryDuplicates: true,
      completer: (line: string) => [completePromptLine(line), line],
    });
    this.#prompt = prompt;
    prompt.on("line", (text) => {
      handlers.line(text);
      if (this.#prompt !== undefined) prompt.prompt();
    });
    prompt.on("SIGINT", () => handlers.interrupt());
    prompt.on("close", () => {
      if (this.#prompt === undefined) return;
      this.#prompt = undefined;
      process.stdout.write(eraseOf(prompt));
      handlers.end();
    });
    prompt.prompt();
  }

  /** Takes the prompt away, and gives the terminal back as it was. */
  stop(): void {
    const prompt = this.#prompt;
    if (prompt === undefined) return;
    this.#prompt = undefined;
    process.stdout.write(eraseOf(prompt));
    prompt.close();
  }

  /** Writes above the prompt, which then stands below with all that was typed. */
  async write(bytes: Uint8Array): Promise<number> {
    const prompt = this.#prompt;
    const written = Promise.withResolvers<void>();
    const text = new TextDecoder().decode(bytes);
    const erase = prompt === undefined ? "" : eraseOf(prompt);
    process.stdout.write(`${erase}${text}`, () => written.resolve());
    prompt?.prompt(true);
    await written.promise;
    return bytes.length;
  }
}

/**
 * What takes the prompt off the screen. `readline` is to draw it anew where the cursor is then,
 * so it must not go up by the rows that the prompt had: it remembers them in `prevRows`.
 */
function eraseOf(prompt: Interface): string {
  const { rows } = prompt.getCursorPos();
  Object.assign(prompt, { prevRows: 0 });
  return `${rows > 0 ? `\x1b[${rows}A` : ""}\r\x1b[0J`;
}
