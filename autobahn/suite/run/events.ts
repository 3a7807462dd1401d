/**
 * Events of cases: compared, as reports show them, and in words.
 *
 * @module
 */
import type { CaseEvent } from "../model/case.ts";
import type { ReportedEvent } from "../model/result.ts";
import { equalBytes } from "../wire/bytes.ts";
import { shownPayload } from "../wire/shown.ts";

/** Whether two lists hold the same events in the same order. */
export function sameEvents(a: readonly CaseEvent[], b: readonly CaseEvent[]): boolean {
  return a.length === b.length && a.every((event, index) => sameEvent(event, b[index]!));
}

function sameEvent(a: CaseEvent, b: CaseEvent): boolean {
  if (a.type === "timeout" || b.type === "timeout") {
    return a.type === "timeout" && b.type === "timeout" && a.label === b.label;
  }
  if (a.type === "message" && b.type === "message" && a.binary !== b.binary) return false;
  return a.type === b.type && equalBytes(a.payload, b.payload);
}

/** An event as reports have it. */
export function reportedEvent(event: CaseEvent): ReportedEvent {
  switch (event.type) {
    case "message":
      return ["message", shownPayload(event.payload), event.binary];
    case "timeout":
      return ["timeout", event.label];
    default:
      return [event.type, shownPayload(event.payload)];
  }
}

/**
 * Events in words, in order, without their payloads: `2 times a text message, a pong`; or
 * `nothing`.
 */
export function eventsText(events: readonly CaseEvent[]): string {
  const runs: { readonly text: string; count: number }[] = [];
  for (const text of events.map(eventText)) {
    const run = runs.at(-1);
    if (run?.text === text) run.count++;
    else runs.push({ text, count: 1 });
  }
  if (runs.length === 0) return "nothing";
  return runs.map(({ text, count }) => count === 1 ? text : `${count} times ${text}`).join(", ");
}

function eventText(event: CaseEvent): string {
  switch (event.type) {
    case "message":
      return event.binary ? "a binary message" : "a text message";
    case "timeout":
      return `the connection still open after wait ${event.label}`;
    default:
      return `a ${event.type}`;
  }
}
