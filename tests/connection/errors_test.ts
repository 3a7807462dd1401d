/**
 * The errors of a connection: stable codes, sentences, causes.
 *
 * @module
 */
import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import {
  ConnectionClosedError,
  ConnectionError,
  type ConnectionErrorCode,
} from "../../lib/connection/errors.ts";

/** Every code. The type fails when one is missing here. */
const CODES: Readonly<Record<ConnectionErrorCode, true>> = {
  ERR_CLOSED: true,
  ERR_INVALID_STATE: true,
  ERR_NOT_SUPPORTED: true,
  ERR_SEND_LIMIT: true,
  ERR_SLOW_CONSUMER: true,
  ERR_MESSAGE_TIMEOUT: true,
  ERR_WRITE_TIMEOUT: true,
  ERR_HEARTBEAT_TIMEOUT: true,
  ERR_CLOSE_TIMEOUT: true,
  ERR_IDLE_TIMEOUT: true,
  ERR_STREAM_ENDED: true,
  ERR_STREAM_FAILED: true,
};

Deno.test("connection errors: every code has a sentence, which fits into a close frame", () => {
  for (const code of Object.keys(CODES) as ConnectionErrorCode[]) {
    const error = new ConnectionError(code);
    assertInstanceOf(error, Error);
    assertEquals([error.name, error.code], ["ConnectionError", code]);
    assertMatch(error.message, /^[a-z].*[^.]$/);
    assert(error.message.length <= 123);
    assert(!("cause" in error));
  }
});

Deno.test("connection errors: a detail and a cause say more", () => {
  const cause = new Error("below");
  const error = new ConnectionError("ERR_STREAM_FAILED", { detail: "reset", cause });
  assertEquals(error.message, "the byte stream failed: reset");
  assertEquals(error.cause, cause);
});

Deno.test("connection errors: a closed connection's error carries its event", () => {
  const open = new ConnectionClosedError();
  assertEquals([open.name, open.code], ["ConnectionClosedError", "ERR_CLOSED"]);
  assertEquals([open.message, open.event], ["the connection is closed", undefined]);
  const event = { code: 4000, reason: "because", wasClean: false, error: new Error("why") };
  const closed = new ConnectionClosedError(event);
  assertInstanceOf(closed, ConnectionError);
  assertEquals(closed.message, "the connection is closed: code 4000, because");
  assertEquals([closed.event, closed.cause], [event, event.error]);
  const hostile = new ConnectionClosedError({ code: 4000, reason: "\x1b[2J", wasClean: true });
  assertEquals(hostile.message, "the connection is closed: code 4000, \\u001b[2J");
  const plain = new ConnectionClosedError({ code: 1006, reason: "", wasClean: false });
  assertEquals([plain.message, plain.cause], ["the connection is closed: code 1006", undefined]);
});
