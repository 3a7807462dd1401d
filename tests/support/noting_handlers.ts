/**
 * Handlers of a connection that write down what they are called with.
 *
 * @module
 */
import type { ConnectionHandlers } from "../../lib/connection/handlers.ts";

/** Handlers that note each call, such as `message hello` or `close 1000`. */
export function noting(log: string[]): ConnectionHandlers {
  return {
    open: () => void log.push("open"),
    message: (_, data) => void log.push(`message ${data}`),
    drain: () => void log.push("drain"),
    ping: (_, payload) => void log.push(`ping ${payload.toHex()}`),
    pong: (_, payload, roundTrip) => void log.push(`pong ${payload.toHex()} ${roundTrip}`),
    close: (_, { code }) => void log.push(`close ${code}`),
  };
}
