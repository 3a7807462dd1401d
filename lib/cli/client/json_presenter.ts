/**
 * Shows every event as one line of JSON, for programs: what `--json` writes.
 *
 * @module
 */
import { printableText } from "../../connection/printable_text.ts";
import type { ClientEvent, Presenter } from "./events.ts";
import type { Screen } from "./screen.ts";

/** How events are written. */
export interface JsonOptions {
  /** Tell with each message how long it took as an answer, where each message is answered. */
  readonly roundTrips: boolean;
  /** The clock. @default {() => new Date()} */
  readonly now?: (() => Date) | undefined;
}

/** Writes one JSON object a line. */
export class JsonPresenter implements Presenter {
  readonly #screen: Screen;
  readonly #options: JsonOptions;

  constructor(screen: Screen, options: JsonOptions) {
    this.#screen = screen;
    this.#options = options;
  }

  show(event: ClientEvent): Promise<void> | undefined {
    const { now = () => new Date(), roundTrips } = this.#options;
    const { type, ...fields } = fieldsOf(event, roundTrips);
    const line = JSON.stringify({ type, time: now().toISOString(), ...fields });
    // What is escaped stands within strings, where JSON has the same escapes.
    return this.#screen.print(`${printableText(line)}\n`);
  }
}

/** The members of the object; bytes are in base64. */
function fieldsOf(
  event: ClientEvent,
  roundTrips: boolean,
): { readonly type: string; readonly [name: string]: unknown } {
  switch (event.type) {
    case "message": {
      const { direction, data, roundTrip } = event;
      const isText = typeof data === "string";
      const content = isText ? data.toWellFormed() : data.toBase64();
      return {
        type: isText ? "text" : "binary",
        direction,
        data: content,
        roundTrip: roundTrips ? rounded(roundTrip) : undefined,
      };
    }
    case "ping":
    case "pong": {
      const { type, direction, payload } = event;
      const roundTrip = type === "pong" ? rounded(event.roundTrip) : undefined;
      return { type, direction, data: payload.toBase64(), roundTrip };
    }
    case "close": {
      const { code, reason, wasClean, error } = event.event;
      return { type: "close", code, reason, wasClean, error: error?.message };
    }
    case "step":
      return { ...event, elapsed: rounded(event.elapsed) };
    case "waiting":
      return { ...event, delay: rounded(event.delay) };
    default:
      return event;
  }
}

/** To the microsecond. */
function rounded(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Math.round(milliseconds * 1000) / 1000;
}
