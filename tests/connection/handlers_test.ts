/**
 * Handlers that would never be called are found when they are given.
 *
 * @module
 */
import { assertThrows } from "@std/assert";
import { checkHandlers, type ConnectionHandlers } from "../../lib/connection/handlers.ts";

const nothing = () => {};
const OTHERS: ConnectionHandlers = {
  open: nothing,
  drain: nothing,
  ping: nothing,
  pong: nothing,
  close: nothing,
  error: nothing,
};

Deno.test("checkHandlers: what fits together is taken", () => {
  for (const options of [{}, { streaming: false }]) {
    checkHandlers({}, options);
    checkHandlers({ ...OTHERS, message: nothing }, options);
  }
  checkHandlers({}, { streaming: true });
  checkHandlers({ ...OTHERS, stream: nothing }, { streaming: true });
});

Deno.test("checkHandlers: with streaming a handler for whole messages is refused", () => {
  for (const handlers of [{ message: nothing }, { ...OTHERS, message: nothing, stream: nothing }]) {
    assertThrows(
      () => checkHandlers(handlers, { streaming: true }),
      TypeError,
      'With streaming, messages go to the handler "stream", not to "message"',
    );
  }
});

Deno.test("checkHandlers: without streaming a handler for streams is refused", () => {
  for (const options of [{}, { streaming: false }]) {
    for (
      const handlers of [{ stream: nothing }, { ...OTHERS, message: nothing, stream: nothing }]
    ) {
      assertThrows(
        () => checkHandlers(handlers, options),
        TypeError,
        'The handler "stream" needs the option streaming: true',
      );
    }
  }
});

Deno.test("checkHandlers: what is no function is refused by name", () => {
  for (const name of ["open", "message", "drain", "ping", "pong", "close", "error"]) {
    const handlers: ConnectionHandlers = { [name]: "x" };
    assertThrows(
      () => checkHandlers(handlers, {}),
      TypeError,
      `The handler "${name}" must be a function; got string`,
    );
  }
});
