/**
 * Writes messages as they came, for pipes and files.
 *
 * @module
 */
import { printableText } from "../../connection/printable_text.ts";
import { printableBytes } from "../printable_bytes.ts";
import type { ClientEvent, Presenter } from "./events.ts";
import { noticesOf, type Verbosity } from "./notices.ts";
import type { Screen } from "./screen.ts";

/** How messages are written. */
export interface PlainOptions {
  /** What is written behind each message. */
  readonly delimiter: Uint8Array;
  /** Write messages in base64. */
  readonly base64: boolean;
  /** The output is a terminal, which a peer must not control. */
  readonly toTerminal: boolean;
  /** How much is told beside the messages. */
  readonly verbosity: Verbosity;
}

const encoder = new TextEncoder();

/** Writes each message and the delimiter, and nothing else. */
export class PlainPresenter implements Presenter {
  readonly #screen: Screen;
  readonly #options: PlainOptions;
  readonly #delimiter: string;

  constructor(screen: Screen, options: PlainOptions) {
    this.#screen = screen;
    this.#options = options;
    this.#delimiter = new TextDecoder().decode(options.delimiter);
  }

  show(event: ClientEvent): Promise<void> | undefined {
    if (event.type === "message") {
      return event.direction === "received" ? this.#write(event.data) : undefined;
    }
    for (const line of noticesOf(event, this.#options.verbosity)) this.#screen.note(line);
    return undefined;
  }

  #write(data: string | Uint8Array): Promise<void> | undefined {
    const { base64, toTerminal, delimiter } = this.#options;
    if (base64) {
      const bytes = typeof data === "string" ? encoder.encode(data) : data;
      return this.#screen.print(`${bytes.toBase64()}${this.#delimiter}`);
    }
    if (toTerminal) {
      const shown = typeof data === "string" ? printableText(data) : printableBytes(data);
      return this.#screen.print(`${shown}\n`);
    }
    if (typeof data === "string") return this.#screen.print(`${data}${this.#delimiter}`);
    const waiting = this.#screen.print(data);
    return delimiter.length === 0 ? waiting : this.#screen.print(delimiter);
  }
}
