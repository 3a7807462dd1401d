/**
 * Opens the byte stream of a client: over TCP or a unix socket, through a proxy or not, and
 * with TLS for wss.
 *
 * @module
 */
import { closeQuietly } from "../engine/codec/byte_stream.ts";
import { closingOnFailure, closingOnThrow, unlessAborted } from "./abort.ts";
import { hostPortOf } from "./addresses.ts";
import type { ByteStream } from "../engine/codec/byte_stream.ts";
import { errorText } from "./connect_error.ts";
import { openTcp, unreachable } from "./open_tcp.ts";
import type { PhaseReporter } from "./phases.ts";
import { openTunnel, type Proxy } from "./proxy.ts";
import { RuntimeStream } from "../engine/codec/runtime_stream.ts";
import { startTls, type TlsTarget } from "./start_tls.ts";
import type { ClientTlsOptions } from "./tls_options.ts";

/** Where and how a stream is opened. */
export interface StreamOptions {
  /** TLS with the server; for wss only. */
  readonly tls: ClientTlsOptions;
  /** The path of a unix socket to take instead of the URL's host. */
  readonly unix: string | undefined;
  /** The proxy to go through. */
  readonly proxy: Proxy | undefined;
  /** Cuts the opening short in every phase; then the stream is closed, if there is one. */
  readonly signal: AbortSignal;
  readonly report: PhaseReporter;
}

/**
 * Opens the stream to the host of a ws or wss URL.
 *
 * @throws {ConnectError} with `ERR_UNREACHABLE` or `ERR_TLS`, and for a proxy also
 * `ERR_REFUSED`, `ERR_HANDSHAKE` or `ERR_STREAM`. When `signal` has fired it rejects too, and
 * with what does not matter: the signal's reason is what the caller is to be told.
 */
export async function openStream(url: URL, options: StreamOptions): Promise<ByteStream> {
  const { tls, unix, proxy, signal, report } = options;
  const secure = url.protocol === "wss:";
  const server = hostPortOf(url, secure ? 443 : 80);
  const to = "server";
  let stream: ByteStream;
  if (unix !== undefined) stream = await openUnix(unix, options);
  else if (proxy !== undefined) stream = await openThrough(proxy, url, options);
  else stream = await openTcp(server, { host: url.host, to, signal, report });
  if (!secure) return stream;
  const { serverName = server.hostname } = tls;
  return await addTls(stream, { host: url.host, to, serverName, tls, signal }, report);
}

async function openUnix(
  path: string,
  { signal, report }: StreamOptions,
): Promise<RuntimeStream<Deno.UnixConn>> {
  const stream = new RuntimeStream(await connectUnix(path, signal));
  closingOnThrow(stream, () => {
    report({ phase: "connect", to: "server", address: stream.remoteAddress, failures: [] });
  });
  return stream;
}

async function connectUnix(path: string, signal: AbortSignal): Promise<Deno.UnixConn> {
  const connecting = Deno.connect({ transport: "unix", path });
  try {
    return await unlessAborted(connecting, signal, { dispose: closeQuietly });
  } catch (error) {
    // A missing permission is the caller's to mend, and its own message says how.
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw unreachable(`${path} cannot be reached: ${errorText(error)}`, { cause: error });
  }
}

/** Opens a tunnel to the server of `url`. */
async function openThrough(
  proxy: Proxy,
  url: URL,
  { signal, report }: StreamOptions,
): Promise<ByteStream> {
  const { host, address, secure, tls } = proxy;
  const to = "proxy";
  let stream: ByteStream = await openTcp(address, { host, to, signal, report });
  if (secure) {
    const { serverName = address.hostname } = tls;
    stream = await addTls(stream, { host, to, serverName, tls, signal }, report);
  }
  const target = hostPortOf(url, url.protocol === "wss:" ? 443 : 80);
  return await closingOnFailure(stream, signal, async () => {
    await openTunnel(stream, proxy, { target, report });
    return stream;
  });
}

async function addTls(
  stream: ByteStream,
  target: TlsTarget,
  report: PhaseReporter,
): Promise<ByteStream> {
  const { to, serverName, tls: { insecure = false } } = target;
  const { stream: secure, alpn } = await startTls(stream, target);
  closingOnThrow(secure, () => {
    report({ phase: "tls", to, serverName, alpn, verified: !insecure });
  });
  return secure;
}
