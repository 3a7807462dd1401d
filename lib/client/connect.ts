/**
 * Opens a WebSocket as a client.
 *
 * @module
 */
import type { Connection } from "../connection/connection.ts";
import { ConnectError } from "./connect_error.ts";
import { type ConnectOptions, resolveConnect, type ResolvedConnect } from "./connect_options.ts";
import { Opening } from "./opening.ts";

export type { ConnectOptions, ProxyChooser } from "./connect_options.ts";

/**
 * Opens a connection. The URL's scheme is ws or wss; http and https mean the same. A user name
 * and a password in it are sent as `Authorization: Basic`.
 *
 * @example Asking an echo server
 * ```ts
 * import { connect, serve } from "@tidewire/tidewire";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = serve({
 *   port: 0,
 *   websocket: { message: (connection, data) => connection.send(data) },
 * });
 * await using connection = await connect(server.url);
 * await connection.send("hello");
 * assertEquals(await connection.receive(), "hello");
 * ```
 *
 * @throws {TypeError} or {RangeError} before connecting, when an argument is wrong.
 * @throws {ConnectError} when the connection cannot be opened; its `code` says why, and its
 * `response` what a server that refused had to say.
 * @throws the reason of `signal`, when that fired.
 */
export async function connect(
  url: string | URL,
  options: ConnectOptions = {},
): Promise<Connection> {
  const plan = resolveConnect(url, options);
  const opening = new Opening(plan);
  try {
    plan.signal?.throwIfAborted();
    const { target: { url: { host } }, signal, timeout } = plan;
    return await inTime((signal) => opening.run(signal), { host, signal, timeout });
  } finally {
    opening.release();
  }
}

/**
 * Checks the arguments as {@linkcode connect} does, and opens nothing.
 *
 * @throws {TypeError} or {RangeError} when one is wrong; the message names it.
 */
export function checkConnect(url: string | URL, options: ConnectOptions): ResolvedConnect {
  const plan = resolveConnect(url, options);
  new Opening(plan).release();
  return plan;
}

/** Does `work`, unless `signal` fires or the time is over. */
async function inTime<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { host, signal, timeout }: { host: string; signal: AbortSignal | undefined; timeout: number },
): Promise<T> {
  const opening = new AbortController();
  const onAbort = () => opening.abort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(onAbort, timeout);
  try {
    return await work(opening.signal);
  } catch (error) {
    signal?.throwIfAborted();
    // A refusal whose body was too slow is still a refusal.
    const refused = error instanceof ConnectError && error.code === "ERR_REFUSED";
    throw opening.signal.aborted && !refused ? timedOut(host, timeout) : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

function timedOut(host: string, timeout: number): ConnectError {
  return new ConnectError(
    "ERR_TIMEOUT",
    `Cannot open the connection: ${host} did not complete it within ${timeout} ms`,
  );
}
