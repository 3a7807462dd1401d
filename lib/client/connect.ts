/**
 * Opens a WebSocket as a client.
 *
 * @module
 */
import { Connection } from "../connection/connection.ts";
import type { ConnectionHandlers } from "../connection/handlers.ts";
import { type ConnectionOptions, delay, resolveOptions } from "../connection/options.ts";
import { closeQuietly, writeAll } from "../engine/codec/byte_stream.ts";
import { DenoLink } from "../engine/codec/deno_link.ts";
import { CodecTransport } from "../engine/codec/transport.ts";
import { peerAddress } from "../engine/host.ts";
import {
  checkUpgradeResponse,
  type ClientOffer,
  createUpgradeRequest,
  generateKey,
  type UpgradeAgreement,
} from "../protocol/handshake/client_handshake.ts";
import { formatExtensions } from "../protocol/handshake/extension_header.ts";
import {
  type HeadFailure,
  HeadParser,
  type ResponseHead,
} from "../protocol/handshake/head_parser.ts";
import { parseWebSocketUrl } from "../protocol/handshake/websocket_url.ts";
import { ConnectError, type RefusalResponse } from "./connect_error.ts";
import { type ClientTlsOptions, openStream } from "./open_stream.ts";
import { readBody } from "./response_body.ts";

/** How much is read at a time during the handshake, in bytes. */
const READ_BYTES = 4096;

/** How a client connects. Sizes are bytes, times milliseconds. */
export interface ConnectOptions extends ConnectionOptions {
  /** Fields to add to the request, such as `Origin`, `Cookie` or `Authorization`. @default none */
  headers?: HeadersInit;
  /** Subprotocols to offer, most preferred first. @default none */
  subprotocols?: string | readonly string[];
  /** How long opening may take: name, TCP, TLS and handshake together. @default 10000 */
  timeout?: number;
  /** Gives up opening when it fires; an open connection is not touched. @default undefined */
  signal?: AbortSignal;
  /** Certificates for wss. @default the system's authorities, no client certificate */
  tls?: ClientTlsOptions;
  /** Callbacks, for those who do not iterate. @default none */
  handlers?: ConnectionHandlers;
  /** What to keep with the connection, as `connection.data`. @default undefined */
  data?: unknown;
}

/**
 * Opens a connection. The URL's scheme is ws or wss; http and https mean the same.
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
  const attempt = prepare(url, options);
  const { signal, timeout } = attempt;
  signal?.throwIfAborted();
  const deadline = new AbortController();
  const onAbort = () => deadline.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(() => deadline.abort(timedOut(attempt)), timeout);
  try {
    return await open(attempt, deadline.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Everything about an attempt that could be wrong, checked. */
function prepare(url: string | URL, options: ConnectOptions) {
  const { headers, subprotocols = [], handlers = {}, tls = {}, signal, data } = options;
  const parsed = parseWebSocketUrl(url);
  const offer: ClientOffer = {
    key: generateKey(crypto.getRandomValues(new Uint8Array(16))),
    subprotocols: typeof subprotocols === "string" ? [subprotocols] : [...subprotocols],
    extensions: [],
  };
  const fields = [...new Headers(headers)];
  return {
    url: parsed,
    offer,
    request: createUpgradeRequest({ url: parsed, ...offer, headers: fields }),
    options: resolveOptions(options),
    timeout: delay("timeout", options.timeout, { default: 10_000, from: 1 }),
    handlers,
    tls,
    signal,
    data,
  };
}

type Attempt = ReturnType<typeof prepare>;

async function open(attempt: Attempt, signal: AbortSignal): Promise<Connection> {
  const { url, tls, offer } = attempt;
  const stream = await openStream(url, { tls, signal });
  const cut = () => closeQuietly(stream);
  signal.addEventListener("abort", cut, { once: true });
  try {
    signal.throwIfAborted();
    await writeAll(stream, attempt.request);
    const { head, rest } = await readResponse(stream);
    const agreement = checkUpgradeResponse(head, offer);
    if (agreement.kind === "agreement") return toConnection(attempt, { stream, agreement, rest });
    if (agreement.code !== "ERR_UNEXPECTED_STATUS") {
      throw new ConnectError("ERR_HANDSHAKE", agreement.message);
    }
    throw await refusal(url, head, { stream, rest });
  } catch (error) {
    cut();
    if (signal.aborted) throw signal.reason;
    throw error instanceof ConnectError ? error : streamFailed(url, error);
  } finally {
    signal.removeEventListener("abort", cut);
  }
}

async function readResponse(
  stream: Deno.Conn,
): Promise<{ head: ResponseHead; rest: Uint8Array<ArrayBuffer> }> {
  const parser = new HeadParser("response");
  const buffer = new Uint8Array(READ_BYTES);
  while (true) {
    const count = await stream.read(buffer);
    if (count === null) {
      throw new ConnectError("ERR_STREAM", "Cannot open the connection: the server closed it");
    }
    const used = parser.push(buffer.subarray(0, count));
    const { head, failure } = parser;
    if (failure !== undefined) throw badHead(failure);
    if (head !== undefined) return { head, rest: buffer.slice(used, count) };
  }
}

function toConnection(
  attempt: Attempt,
  opened: { stream: Deno.Conn; agreement: UpgradeAgreement; rest: Uint8Array<ArrayBuffer> },
): Connection {
  const { options, handlers, data, url } = attempt;
  const { stream, agreement, rest } = opened;
  return new Connection({
    transport: new CodecTransport(new DenoLink(stream), { role: "client", options, first: rest }),
    options,
    handlers,
    data,
    info: {
      role: "client",
      url: url.href,
      subprotocol: agreement.subprotocol,
      extensions: formatExtensions(agreement.extensions),
      remoteAddress: peerAddress(stream.remoteAddr),
    },
  });
}

async function refusal(
  url: URL,
  head: ResponseHead,
  source: { stream: Deno.Conn; rest: Uint8Array<ArrayBuffer> },
): Promise<ConnectError> {
  const { status, reason } = head;
  let rest: Uint8Array | undefined = source.rest;
  const body = await readBody(head, async () => {
    if (rest !== undefined) {
      const first = rest;
      rest = undefined;
      return first;
    }
    const buffer = new Uint8Array(READ_BYTES);
    // A body that is cut short still tells something.
    const count = await source.stream.read(buffer).catch(() => null);
    return count === null ? null : buffer.subarray(0, count);
  });
  closeQuietly(source.stream);
  const headers = new Headers([...head.headers].map(([name, value]) => [name, value]));
  const response: RefusalResponse = { status, reason, headers, body };
  const answer = `${status} ${reason}`.trimEnd();
  const message = `Cannot open the connection: ${url.host} answered ${answer}, not 101`;
  return new ConnectError("ERR_REFUSED", message, { response });
}

function badHead(failure: HeadFailure): ConnectError {
  return new ConnectError(
    "ERR_HANDSHAKE",
    `Cannot open the connection: the response is not well-formed: ${failure.message}`,
  );
}

function timedOut({ url, timeout }: Attempt): ConnectError {
  return new ConnectError(
    "ERR_TIMEOUT",
    `Cannot open the connection: ${url.host} did not complete it within ${timeout} ms`,
  );
}

function streamFailed(url: URL, cause: unknown): ConnectError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new ConnectError(
    "ERR_STREAM",
    `Cannot open the connection: the stream to ${url.host} failed: ${detail}`,
    { cause },
  );
}
