/**
 * TLS on a byte stream that is open, by `node:tls`. The runtime's own, `Deno.startTls`, keeps the
 * socket of a server that is silent for as long as that likes, whatever is closed here.
 *
 * @module
 */
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { closingOnFailure } from "./abort.ts";
import type { ByteStream } from "../engine/codec/byte_stream.ts";
import { ConnectError, errorText } from "./connect_error.ts";
import { ALPN, withinTls } from "../engine/codec/tls_stream.ts";
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

/** A certificate in PEM; what is cut off reaches to the end of the text. */
const CERTIFICATE =
  /-----BEGIN [A-Z ]*CERTIFICATE-----[^]*?(?:-----END [A-Z ]*CERTIFICATE-----|$)/g;

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
  try {
    for (const pem of target.tls.caCerts ?? []) checkAuthorities(pem);
    return await handshake(stream, target);
  } catch (error) {
    stream.close();
    throw tlsFailed(target, error);
  }
}

/**
 * Reads every certificate, of which there may be several in one text: `node:tls` would pass over
 * what it cannot read, and stumble over it once the handshake is complete.
 */
function checkAuthorities(pem: string): void {
  try {
    for (const [certificate] of pem.matchAll(CERTIFICATE)) new X509Certificate(certificate);
  } catch (cause) {
    throw new Deno.errors.InvalidData("a certificate in caCerts cannot be read", { cause });
  }
}

async function handshake(
  stream: ByteStream,
  { serverName, tls, signal }: TlsTarget,
): Promise<TlsResult> {
  const { caCerts = [], cert, key, insecure = false } = tls;
  const { remoteAddress } = stream;
  const outer = stream.toDuplex();
  const socket = connect({
    socket: outer,
    host: serverName,
    // SNI has names only (RFC 6066 §3); an address is compared with the certificate all the same.
    ...(isIP(serverName) === 0 ? { servername: serverName } : {}),
    ALPNProtocols: ALPN,
    rejectUnauthorized: !insecure,
    ...(caCerts.length > 0 ? { ca: caCerts } : {}),
    ...(cert !== undefined && key !== undefined ? { cert, key } : {}),
  });
  const secure = withinTls(socket, { outer, remoteAddress });
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
    return `; its authority is not among those that are trusted (see ${option}), or it has expired`;
  }
  if (/InvalidContentType|wrong version number/.test(text)) {
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
