/**
 * The callbacks of a connection, for those who prefer them to iteration.
 *
 * @module
 */
import type { Connection } from "./connection.ts";
import type { ConnectionOptions } from "./options.ts";
import type { IncomingMessage } from "./incoming_message.ts";
import type { CloseEvent } from "./transport.ts";

/**
 * What is called when something happens to a connection. One object serves any number of
 * connections. A handler that throws or rejects closes its connection with 1011, and gets
 * no more messages.
 */
export interface ConnectionHandlers {
  /** The connection is open. Messages are handled once what this returns has settled. */
  open?(connection: Connection): unknown;
  /**
   * A message came. The next one is handled once what this returns has settled; once
   * `receiveHighWaterMark` bytes wait, the peer has to wait too.
   *
   * Small binary messages of a connection share buffers, each with its own range: keep and
   * change them as you like, but copy one before you transfer its buffer.
   */
  message?(connection: Connection, data: string | Uint8Array<ArrayBuffer>): unknown;
  /** With `streaming`: a message begins. The next one follows as with `message`. */
  stream?(connection: Connection, message: IncomingMessage): unknown;
  /** What waited to be sent is down to a quarter of `sendHighWaterMark`. */
  drain?(connection: Connection): unknown;
  /** A ping came; it is answered already. */
  ping?(connection: Connection, payload: Uint8Array<ArrayBuffer>): unknown;
  /** A pong came. `roundTrip` is in milliseconds; `undefined` when it answers no ping. */
  pong?(
    connection: Connection,
    payload: Uint8Array<ArrayBuffer>,
    roundTrip: number | undefined,
  ): unknown;
  /**
   * The connection has ended. Called exactly once, behind the last message and `open`; who
   * wants to know at once, whatever handlers do, awaits `connection.closed`.
   */
  close?(connection: Connection, event: CloseEvent): unknown;
  /** A handler threw. @default writes the error to the console */
  error?(connection: Connection, error: unknown): unknown;
}

const HANDLER_NAMES: readonly (keyof ConnectionHandlers)[] = [
  "open",
  "message",
  "stream",
  "drain",
  "ping",
  "pong",
  "close",
  "error",
];

/**
 * Finds handlers that are no functions, or would never be called.
 *
 * @throws {TypeError} when there is one; the message names it.
 */
export function checkHandlers(handlers: ConnectionHandlers, options: ConnectionOptions): void {
  for (const name of HANDLER_NAMES) {
    const handler: unknown = handlers[name];
    if (handler === undefined || typeof handler === "function") continue;
    throw new TypeError(`The handler "${name}" must be a function; got ${typeof handler}`);
  }
  if (options.streaming === true && handlers.message !== undefined) {
    throw new TypeError('With streaming, messages go to the handler "stream", not to "message"');
  }
  if (options.streaming !== true && handlers.stream !== undefined) {
    throw new TypeError('The handler "stream" needs the option streaming: true');
  }
}
