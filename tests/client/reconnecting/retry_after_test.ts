/**
 * Retry-After: seconds and dates, and what is neither (RFC 9110 §5.6.7, §10.2.3).
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { ConnectError } from "../../../lib/client/connect_error.ts";
import { parseRetryAfter, retryAfterOf } from "../../../lib/client/reconnecting/retry_after.ts";
import { refusal } from "./rig.ts";

/** 1994-11-06 08:49:37 UTC. */
const MOMENT = 784_111_777_000;

function parse(value: string, fields: Record<string, string> = {}): number | undefined {
  return parseRetryAfter(new Headers({ "retry-after": value, ...fields }), MOMENT);
}

Deno.test("Retry-After: seconds", () => {
  assertEquals(parse("0"), 0);
  assertEquals(parse("120"), 120_000);
  assertEquals(parse(" 7 "), 7000);
  assertEquals(parse("9999999999"), 9_999_999_999_000);
});

Deno.test("Retry-After: each form of a date, against the time of day", () => {
  assertEquals(parse("Sun, 06 Nov 1994 08:49:47 GMT"), 10_000);
  assertEquals(parse("Sunday, 06-Nov-94 08:49:47 GMT"), 10_000);
  assertEquals(parse("Sun Nov  6 08:49:47 1994"), 10_000);
  assertEquals(parse("Tue Nov 15 08:49:37 1994"), 9 * 86_400_000);
});

Deno.test("Retry-After: a date that has passed is now", () => {
  assertEquals(parse("Sun, 06 Nov 1994 08:49:36 GMT"), 0);
});

Deno.test("Retry-After: a date is compared with the server's own clock, if it tells it", () => {
  const date = "Mon, 07 Nov 1994 08:49:37 GMT";
  assertEquals(parse("Mon, 07 Nov 1994 08:49:42 GMT", { date }), 5000);
  assertEquals(parse("Mon, 07 Nov 1994 08:49:42 GMT", { date: "soon" }), 86_405_000);
});

Deno.test("Retry-After: what is malformed is as good as absent", () => {
  const malformed = [
    "",
    "-5",
    "+5",
    "1.5",
    "1e3",
    "0x10",
    "5 s",
    "99999999999",
    "soon",
    "5, 6",
    "Sun, 06 Nov 1994",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 CET",
    "Sun, 99 Nov 1994 08:49:37 GMT",
    "Sun, 06 Foo 1994 08:49:37 GMT",
  ];
  for (const value of malformed) assertEquals(parse(value), undefined, value);
  assertEquals(parseRetryAfter(new Headers(), MOMENT), undefined);
});

Deno.test("Retry-After: only a refusal has one", () => {
  const fields = { "retry-after": "3" };
  assertEquals(retryAfterOf({ kind: "failed", error: refusal(503, fields) }, MOMENT), 3000);
  assertEquals(retryAfterOf({ kind: "failed", error: refusal(429, fields) }, MOMENT), 3000);
  assertEquals(retryAfterOf({ kind: "failed", error: refusal(503) }, MOMENT), undefined);
  assertEquals(retryAfterOf({ kind: "hook", error: refusal(503, fields) }, MOMENT), undefined);
  const unreachable = new ConnectError("ERR_UNREACHABLE", "nobody there");
  assertEquals(retryAfterOf({ kind: "failed", error: unreachable }, MOMENT), undefined);
  assertEquals(retryAfterOf({ kind: "failed", error: "3" }, MOMENT), undefined);
  const event = { code: 1013, reason: "3", wasClean: true };
  assertEquals(retryAfterOf({ kind: "closed", event }, MOMENT), undefined);
});
