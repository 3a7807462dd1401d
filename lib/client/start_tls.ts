/**
 * TLS on a byte stream that is open, done by the runtime or by `node:tls`.
 *
 * @module
 */
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { closingOnFailure } from "./abort.ts";
import type { ByteStream } from "./byte_stream.ts";
import { ConnectError, errorText } from "./connect_error.ts";
import { NodeStream } from "./node_stream.ts";
import { RuntimeStream } from "./runtime_stream.ts";
import type { ClientTlsOptions } from "./tls_options.ts";

/** With whom TLS is started. */
export interface TlsTarget {
  /** Who that is, for messages. */
  readonly host: string;
  readonly to: "server" | "proxy";
  /** The name or the IP address that the certificate must be for. */
  readonly serverName: string;
  readonly tls: ClientTlsOptions;
  /** Cuts the handshake short. */
  readonly signal: AbortSignal;
}

/** A stream on which TLS is spoken. */
export interface TlsResult {
  readonly stream: ByteStream;
  /** What was agreed on by ALPN; `null` for nothing. */
  readonly alpn: string | null;
}

/** What is spoken within TLS (RFC 7301): HTTP/2 opens WebSockets in another way. */
const ALPN: string[] = ["http/1.1"];

/** What `node:tls` says when it was the stream that failed, and not the handshake. */
const STREAM_FAULTS: ReadonlySet<unknown> = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED"]);

/**
 * Does the TLS handshake on a stream, and gives the stream within. The one that was there
 * belongs to it, and is closed when the handshake fails.
 *
 * @throws {ConnectError} with `ERR_TLS`; its cause is a `Deno.errors.InvalidData` when the other
 * side is there and does not pass. When `signal` has fired it rejects too, and with what does
 * not matter.
 */
export async function startTls(stream: ByteStream, target: TlsTarget): Promise<TlsResult> {
  const tcp = ownTcp(stream);
  const { cert, insecure = false } = target.tls;
  try {
    return tcp !== undefined && cert === undefined && !insecure
      ? await startRuntimeTls(tcp, target)
      : await startNodeTls(stream, target);
  } catch (error) {
    stream.close();
    throw tlsFailed(target, error);
  }
}

/** The runtime starts TLS on nothing but a TCP connection of its own. */
function ownTcp(stream: ByteStream): Deno.TcpConn | undefined {
  const { connection } = stream instanceof RuntimeStream ? stream : {};
  const isTcp = connection !== undefined && "setNoDelay" in connection;
  return isTcp ? connection as Deno.TcpConn : undefined;
}

async function startRuntimeTls(
  tcp: Deno.TcpConn,
  { serverName, tls, signal }: TlsTarget,
): Promise<TlsResult> {
  const { caCerts = [] } = tls;
  const options = { hostname: serverName, caCerts, alpnProtocols: ALPN };
  const stream = new RuntimeStream(await Deno.startTls(tcp, options));
  // The handshake would otherwise wait for the first read or write. When it is cut short, the
  // runtime keeps the TCP connection until the server ends it.
  const { alpnProtocol } = await closingOnFailure(
    stream,
    signal,
    () => stream.connection.handshake(),
  );
  return { stream, alpn: alpnProtocol };
}

async function startNodeTls(
  stream: ByteStream,
  { serverName, tls, signal }: TlsTarget,
): Promise<TlsResult> {
  const { caCerts = [], cert, key, insecure = false } = tls;
  const { remoteAddress } = stream;
  const socket = connect({
    socket: stream.toDuplex(),
    host: serverName,
    // SNI has names only (RFC 6066 §3); an address is compared with the certificate all the same.
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    ALPNProtocols: ALPN,
    rejectUnauthorized: !insecure,
    ...(caCerts.length > 0 ? { ca: caCerts } : {}),
    ...(cert !== undefined && key !== undefined ? { cert, key } : {}),
  });
  const secure = new NodeStream(socket, remoteAddress);
  await closingOnFailure(secure, signal, () => secured(socket));
  return { stream: secure, alpn: socket.alpnProtocol || null };
}

/** Waits until the handshake is complete. */
function secured(socket: TLSSocket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onError = (error: Error) => reject(runtimeError(error));
  const onClose = () => reject(new Error("the stream was closed"));
  socket.on("secureConnect", resolve).on("error", onError).on("close", onClose);
  return promise.finally(() => {
    socket.off("secureConnect", resolve).off("error", onError).off("close", onClose);
  });
}

function tlsFailed({ host, to }: TlsTarget, error: unknown): ConnectError {
  const text = errorText(error);
  return new ConnectError(
    "ERR_TLS",
    `Cannot open the connection: TLS with ${host} failed: ${text}${hintAt(text, to)}`,
    { cause: error },
  );
}

/** What that means here which the TLS libraries say in their own words. */
function hintAt(text: string, to: "server" | "proxy"): string {
  if (/UnknownIssuer|self-signed|unable to verify/.test(text)) {
    const option = to === "proxy" ? "proxy.tls.caCerts" : "tls.caCerts";
    return `; its authority is not among those that are trusted, nor in ${option}`;
  }
  if (/InvalidContentType/.test(text)) {
    const instead = to === "proxy" ? "http instead of https" : "ws instead of wss";
    return `; the ${to} seems to speak no TLS there, so try ${instead}`;
  }
  return "";
}

/** An error of `node:tls` as the runtime's own TLS would tell it. */
function runtimeError(error: Error): Error {
  const code = "code" in error ? error.code : undefined;
  if (typeof code !== "string" || STREAM_FAULTS.has(code)) return error;
  return new Deno.errors.InvalidData(errorText(error), { cause: error });
}
