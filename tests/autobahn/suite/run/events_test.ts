/**
 * Events: compared, reported, and in words.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { CaseEvent } from "../../../../autobahn/suite/model/case.ts";
import { eventsText, reportedEvent, sameEvents } from "../../../../autobahn/suite/run/events.ts";
import { unhex } from "../../../support/hex.ts";

const EVENTS: readonly CaseEvent[] = [
  { type: "message", payload: unhex("41"), binary: false },
  { type: "message", payload: unhex("41"), binary: true },
  { type: "message", payload: unhex("42"), binary: true },
  { type: "message", payload: unhex("4242"), binary: true },
  { type: "ping", payload: unhex("41") },
  { type: "pong", payload: unhex("41") },
  { type: "timeout", label: "A" },
  { type: "timeout", label: "B" },
];

Deno.test("events: an event is the same as itself only", () => {
  EVENTS.forEach((a, i) =>
    EVENTS.forEach((b, j) => assertEquals(sameEvents([a], [b]), i === j, `${i} and ${j}`))
  );
  const [first, second] = EVENTS;
  assertEquals(sameEvents([], []), true);
  assertEquals(sameEvents([first!, second!], [second!, first!]), false);
  assertEquals(sameEvents([first!], [first!, second!]), false);
});

Deno.test("events: in a report", () => {
  assertEquals(EVENTS.filter((_, index) => [0, 1, 5, 6].includes(index)).map(reportedEvent), [
    ["message", "A", false],
    ["message", "A", true],
    ["pong", "A"],
    ["timeout", "A"],
  ]);
});

Deno.test("events: in words, the same ones counted", () => {
  assertEquals(eventsText([]), "nothing");
  assertEquals(
    eventsText(EVENTS),
    "a text message, 3 times a binary message, a ping, a pong, " +
      "the connection still open after wait A, the connection still open after wait B",
  );
});
