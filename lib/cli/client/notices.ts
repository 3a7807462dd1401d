/**
 * What is told beside the messages, in sentences.
 *
 * @module
 */
import { printableText } from "../../connection/printable_text.ts";
import { printableBytes } from "../printable_bytes.ts";
import type { ClientEvent } from "./events.ts";

/** How much is told. */
export type Verbosity = "quiet" | "normal" | "verbose";

/**
 * The lines that tell of an event, safe for a terminal; none for what this verbosity leaves out.
 * Messages are not told here.
 */
export function noticesOf(event: ClientEvent, verbosity: Verbosity): string[] {
  if (event.type === "error") return [printableText(`client: ${event.message}`)];
  if (event.type === "warning") return [printableText(`client: WARNING: ${event.message}`)];
  if (verbosity === "quiet") return [];
  const told = normalNotice(event) ?? (verbosity === "verbose" ? verboseNotices(event) : []);
  return told.map(printableText);
}

function normalNotice(event: ClientEvent): string[] | undefined {
  switch (event.type) {
    case "listening":
      return [`listening at ${event.url}`];
    case "open": {
      const subprotocol = event.subprotocol === "" ? "" : `, subprotocol ${event.subprotocol}`;
      return [`connected to ${event.url}${subprotocol}`];
    }
    case "close": {
      const { code, reason, error } = event.event;
      const detail = reason === "" ? "" : `: ${reason}`;
      return [`closed with ${code}${detail}${error === undefined ? "" : ` (${error.message})`}`];
    }
    case "waiting":
      return [`${event.cause}; next attempt in ${duration(event.delay)}`];
    case "notice":
      return [event.message];
    default:
      return undefined;
  }
}

function verboseNotices(event: ClientEvent): string[] {
  switch (event.type) {
    case "step":
      return [`* ${event.name} (${duration(event.elapsed)})`, ...event.lines];
    case "ping":
      return [`* ping ${event.direction}: ${printableBytes(event.payload)}`];
    case "pong": {
      const answer = event.roundTrip === undefined ? "" : `, after ${duration(event.roundTrip)}`;
      return [`* pong ${event.direction}: ${printableBytes(event.payload)}${answer}`];
    }
    default:
      return [];
  }
}

/** A time in milliseconds, with as many digits as matter: `0.42 ms`, `153 ms`, `2.50 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(2)} s`;
  return `${milliseconds.toFixed(milliseconds < 10 ? 2 : milliseconds < 100 ? 1 : 0)} ms`;
}
