/**
 * Shows messages to a person: one line each, with nothing in it that a terminal would obey.
 *
 * @module
 */
import { printableText } from "../../connection/printable_text.ts";
import { printableBytes } from "../printable_bytes.ts";
import type { ClientEvent, Presenter } from "./events.ts";
import { duration, noticesOf, type Verbosity } from "./notices.ts";
import { Palette } from "./palette.ts";
import { prettyJson } from "./pretty_json.ts";
import type { Screen } from "./screen.ts";

/** How messages are shown. */
export interface LineOptions {
  /** How much is told beside the messages. */
  readonly verbosity: Verbosity;
  /** Use colour for messages. */
  readonly colour: boolean;
  /** Use colour for what is told beside them. */
  readonly noteColour: boolean;
  /** Begin each line with the time of day. */
  readonly timestamps: boolean;
  /** Show how long an answer took. */
  readonly roundTrips: boolean;
  /** Show JSON on several lines, indented. */
  readonly pretty: boolean;
  /** Saves a binary message and says where; `undefined`: it is shown in hexadecimal. */
  readonly save: ((bytes: Uint8Array) => string) | undefined;
  /** The clock. @default {() => new Date()} */
  readonly now?: (() => Date) | undefined;
}

/** Shows each message as a line that begins with `recv: `. */
export class LinePresenter implements Presenter {
  readonly #screen: Screen;
  readonly #palette: Palette;
  readonly #notePalette: Palette;
  /** What can be changed on the way. */
  #options: LineOptions;
  #last: Uint8Array | undefined;

  constructor(screen: Screen, options: LineOptions) {
    this.#screen = screen;
    this.#options = options;
    this.#palette = new Palette(options.colour);
    this.#notePalette = new Palette(options.noteColour);
  }

  /** The binary message that came last. */
  get lastBinary(): Uint8Array | undefined {
    return this.#last;
  }

  /** Turns something on or off; gives how it stands now. */
  toggle(name: "timestamps" | "roundTrips" | "pretty"): boolean {
    const value = !this.#options[name];
    this.#options = { ...this.#options, [name]: value };
    return value;
  }

  show(event: ClientEvent): Promise<void> | undefined {
    if (event.type === "message") {
      return event.direction === "received" ? this.#showMessage(event) : undefined;
    }
    const told = noticesOf(event, this.#options.verbosity);
    const isBad = event.type === "error" || event.type === "warning";
    const { error, notice } = this.#notePalette;
    const stamp = told.length === 0 ? "" : this.#stamp(this.#notePalette);
    for (const line of told) this.#screen.note(`${stamp}${(isBad ? error : notice)(line)}`);
    return undefined;
  }

  #showMessage(
    { data, roundTrip }: { data: string | Uint8Array; roundTrip?: number | undefined },
  ): Promise<void> | undefined {
    const took = this.#options.roundTrips && roundTrip !== undefined
      ? this.#palette.notice(`  (${duration(roundTrip)})`)
      : "";
    const head = `${this.#stamp(this.#palette)}${this.#palette.label("recv:")} `;
    return this.#screen.print(`${head}${this.#contentOf(data)}${took}\n`);
  }

  #contentOf(data: string | Uint8Array): string {
    if (typeof data === "string") {
      const pretty = this.#options.pretty ? prettyJson(data) : undefined;
      return pretty ?? printableText(data);
    }
    this.#last = data;
    const shown = printableBytes(data);
    const { save } = this.#options;
    if (save === undefined) return shown;
    return `${shown.slice(0, shown.indexOf(">") + 1)} ${printableText(save(data))}`;
  }

  /** The local time of day. */
  #stamp(palette: Palette): string {
    if (!this.#options.timestamps) return "";
    const now = (this.#options.now ?? (() => new Date()))();
    const two = (part: number) => String(part).padStart(2, "0");
    const seconds = `${two(now.getSeconds())}.${String(now.getMilliseconds()).padStart(3, "0")}`;
    const stamp = `${two(now.getHours())}:${two(now.getMinutes())}:${seconds}`;
    return `${palette.notice(stamp)} `;
  }
}
