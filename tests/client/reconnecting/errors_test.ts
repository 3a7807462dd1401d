/**
 * What an error of a reconnecting connection says.
 *
 * @module
 */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { ReconnectingError } from "../../../lib/client/reconnecting/errors.ts";
import { ConnectionClosedError } from "../../../lib/connection/errors.ts";

Deno.test("ReconnectingError: the code and the sentence", () => {
  const error = new ReconnectingError("ERR_QUEUE_FULL", "no room");
  assert(error instanceof Error);
  assertEquals([error.name, error.code, error.message], [
    "ReconnectingError",
    "ERR_QUEUE_FULL",
    "no room",
  ]);
  assertEquals([error.cause, error.disconnect], [undefined, undefined]);
});

Deno.test("ReconnectingError: what failed is told, and is the cause", () => {
  const failure = new Error("nobody there");
  for (const kind of ["failed", "hook"] as const) {
    const disconnect = { kind, error: failure };
    const error = new ReconnectingError("ERR_GAVE_UP", "gave up", { disconnect });
    assertEquals(error.message, "gave up: nobody there");
    assertStrictEquals(error.cause, failure);
    assertStrictEquals(error.disconnect, disconnect);
  }
});

Deno.test("ReconnectingError: a connection that ended is told with its close event", () => {
  const event = { code: 4001, reason: "kicked", wasClean: true };
  const error = new ReconnectingError("ERR_NOT_RETRIED", "no more", {
    disconnect: { kind: "closed", event },
  });
  assertEquals(error.message, "no more: the connection ended with code 4001, kicked");
  assert(error.cause instanceof ConnectionClosedError);
  assertStrictEquals(error.cause.event, event);
});

Deno.test("ReconnectingError: another cause can be given", () => {
  const cause = new TypeError("wrong");
  const event = { code: 1006, reason: "", wasClean: false };
  const disconnect = { kind: "closed", event } as const;
  const error = new ReconnectingError("ERR_NOT_RETRIED", "no more", { disconnect, cause });
  assertStrictEquals(error.cause, cause);
});
