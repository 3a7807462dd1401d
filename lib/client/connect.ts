/**
 * Opens a WebSocket as a client.
 *
 * @module
 */
import { Connection } from "../connection/connection.ts";
import { checkHandlers, type ConnectionHandlers } from "../connection/handlers.ts";
import { delay } from "../connection/numbers.ts";
import {
  type ConnectionOptions,
  type ResolvedOptions,
  resolveOptions,
} from "../connection/options.ts";
import { closeQuietly } from "../engine/codec/byte_stream.ts";
import { CompressionProposal } from "../engine/codec/compression.ts";
import { DenoLink } from "../engine/codec/deno_link.ts";
import { CodecTransport } from "../engine/codec/transport.ts";
import { peerAddress } from "../engine/host.ts";
import {
  type ClientOffer,
  createUpgradeRequest,
  generateKey,
} from "../protocol/handshake/client_handshake.ts";
import { formatExtensions } from "../protocol/handshake/extension_header.ts";
import type { HeaderField } from "../protocol/handshake/header_list.ts";
import { parseWebSocketUrl } from "../protocol/handshake/websocket_url.ts";
import { ConnectError } from "./connect_error.ts";
import { type HandshakeResult, performHandshake } from "./handshake.ts";
import { checkTlsOptions, type ClientTlsOptions, openStream } from "./open_stream.ts";

/** How a client connects. Sizes are bytes, times milliseconds. */
export interface ConnectOptions extends ConnectionOptions {
  /** Fields to add to the request, such as `Origin`, `Cookie` or `Authorization`. @default none */
  headers?: HeadersInit | Iterable<readonly [name: string, value: string]>;
  /** Subprotocols to offer, most preferred first. @default none */
  subprotocols?: string | readonly string[];
  /** How long opening may take: name, TCP, TLS and handshake together. @default 10000 */
  timeout?: number;
  /** Gives up opening when it fires; an open connection is not touched. @default undefined */
  signal?: AbortSignal;
  /** Certificates for wss. @default the usual authorities, no client certificate */
  tls?: ClientTlsOptions;
  /**
   * The path of a unix socket to connect to; the URL, with the scheme ws, then gives the Host
   * field and the path of the request.
   * @default undefined
   */
  unix?: string;
  /** Callbacks, for those who do not iterate. @default none */
  handlers?: ConnectionHandlers;
  /** What to keep with the connection, as `connection.data`. @default undefined */
  data?: unknown;
}

/** What one call of {@linkcode connect} sets out to do; all of it is checked. */
interface Attempt {
  readonly url: URL;
  readonly offer: ClientOffer;
  /** The bytes of the request. */
  readonly request: Uint8Array;
  readonly options: ResolvedOptions;
  readonly proposal: CompressionProposal;
  readonly tls: ClientTlsOptions;
  readonly unix: string | undefined;
  readonly handlers: ConnectionHandlers;
  readonly data: unknown;
}

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
  const timeout = delay("timeout", options.timeout, { default: 10_000, from: 1 });
  const resolved = resolveOptions(options, "client");
  const { signal } = options;
  const proposal = new CompressionProposal(resolved.compression);
  try {
    const attempt = prepare(url, options, { resolved, proposal });
    signal?.throwIfAborted();
    return await openInTime(attempt, signal, timeout);
  } finally {
    proposal.withdraw();
  }
}

/** Opens the connection, unless `signal` fires or the time is over. */
async function openInTime(
  attempt: Attempt,
  signal: AbortSignal | undefined,
  timeout: number,
): Promise<Connection> {
  const opening = new AbortController();
  const onAbort = () => opening.abort();
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = setTimeout(onAbort, timeout);
  try {
    return await open(attempt, opening.signal);
  } catch (error) {
    signal?.throwIfAborted();
    // A refusal whose body was too slow is still a refusal.
    const refused = error instanceof ConnectError && error.code === "ERR_REFUSED";
    throw opening.signal.aborted && !refused ? timedOut(attempt.url, timeout) : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Checks all that could be wrong. */
function prepare(
  url: string | URL,
  options: ConnectOptions,
  { resolved, proposal }: { resolved: ResolvedOptions; proposal: CompressionProposal },
): Attempt {
  const { headers = [], subprotocols = [], handlers = {}, tls = {}, unix, data } = options;
  const parsed = parseWebSocketUrl(url);
  if (parsed.port === "0") {
    throw new TypeError("Cannot open the connection: the port must be from 1 to 65535, got 0");
  }
  if (unix !== undefined && parsed.protocol === "wss:") {
    throw new TypeError("Cannot open the connection: a unix socket takes no TLS; use ws, not wss");
  }
  checkTlsOptions(tls);
  checkHandlers(handlers, options);
  const offer: ClientOffer = {
    key: generateKey(crypto.getRandomValues(new Uint8Array(16))),
    subprotocols: typeof subprotocols === "string" ? [subprotocols] : [...subprotocols],
    extensions: proposal.offers,
  };
  const request = createUpgradeRequest({ url: parsed, ...offer, headers: headerFields(headers) });
  return {
    url: parsed,
    offer,
    request,
    options: resolved,
    proposal,
    tls,
    unix,
    handlers,
    data,
  };
}

/** The fields as they were given: `new Headers` would trim away line breaks and join cookies. */
function headerFields(headers: NonNullable<ConnectOptions["headers"]>): HeaderField[] {
  const fields: Iterable<readonly string[]> = Symbol.iterator in headers
    ? headers
    : Object.entries(headers);
  return Array.from(fields, ([name, value, ...more]) => {
    if (name !== undefined && value !== undefined && more.length === 0) return [name, value];
    throw new TypeError("Cannot open the connection: a header must be a name and a value");
  });
}

/** Opens the stream and the WebSocket on it. When `signal` fires, the stream is closed. */
async function open(attempt: Attempt, signal: AbortSignal): Promise<Connection> {
  const { url, tls, unix, request, offer } = attempt;
  const stream = await openStream(url, { tls, unix, signal });
  const cut = () => closeQuietly(stream);
  signal.addEventListener("abort", cut, { once: true });
  try {
    signal.throwIfAborted();
    const result = await performHandshake(stream, { host: url.host, request, offer });
    signal.throwIfAborted();
    return toConnection(attempt, stream, result);
  } catch (error) {
    cut();
    throw error;
  } finally {
    signal.removeEventListener("abort", cut);
  }
}

function toConnection(
  { url, options, proposal, handlers, data }: Attempt,
  stream: Deno.Conn,
  { agreement, rest }: HandshakeResult,
): Connection {
  const compression = proposal.settle(agreement.extensions);
  if (compression !== undefined && "code" in compression) {
    throw new ConnectError("ERR_HANDSHAKE", `Cannot open the connection: ${compression.message}`);
  }
  return new Connection({
    transport: new CodecTransport(new DenoLink(stream), {
      role: "client",
      options,
      compression,
      first: rest,
    }),
    options,
    handlers,
    data,
    info: {
      role: "client",
      url: withoutCredentials(url),
      subprotocol: agreement.subprotocol,
      extensions: formatExtensions(agreement.extensions),
      remoteAddress: peerAddress(stream.remoteAddr),
    },
  });
}

/** The URL for whoever shows or logs it. */
function withoutCredentials(url: URL): string {
  const shown = new URL(url);
  shown.username = "";
  shown.password = "";
  return shown.href;
}

function timedOut(url: URL, timeout: number): ConnectError {
  return new ConnectError(
    "ERR_TIMEOUT",
    `Cannot open the connection: ${url.host} did not complete it within ${timeout} ms`,
  );
}
