/**
 * Opens the byte stream of a client: TCP, and TLS for wss; or a unix socket.
 *
 * @module
 */
import { closeQuietly, sendAtOnce } from "../engine/codec/byte_stream.ts";
import { ConnectError, errorText } from "./connect_error.ts";

/** How TLS is done by a client. */
export interface ClientTlsOptions {
  /** Certificates of authorities to trust beside the usual ones, in PEM. @default [] */
  caCerts?: string[];
  /** The client's own certificate chain, in PEM. @default undefined */
  cert?: string;
  /** The private key of that certificate, in PEM. @default undefined */
  key?: string;
}

/** Where and how a stream is opened. */
export interface StreamOptions {
  /** Certificates; for wss only. */
  readonly tls: ClientTlsOptions;
  /** The path of a unix socket to take instead of the URL's host. */
  readonly unix: string | undefined;
  /** Cuts the opening short in every phase; then the stream is closed, if there is one. */
  readonly signal: AbortSignal;
}

/** A host and a port, as the runtime takes them. */
interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** What is spoken within TLS (RFC 7301): HTTP/2 opens WebSockets in another way. */
const ALPN: string[] = ["http/1.1"];
/** How long after the signal the runtime is told to stop connecting, in milliseconds. */
const STOP_DELAY = 50;

/** What the TLS library says in its own words, and what that means here. */
const TLS_HINTS: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [/UnknownIssuer/, "; its authority is not among those that are trusted, nor in tls.caCerts"],
  [/InvalidContentType/, "; the server seems to speak no TLS there, so try ws instead of wss"],
];

/**
 * Checks what can be checked of the TLS options before anything is opened.
 *
 * @throws {TypeError} when one is not PEM, or a certificate comes without its key.
 */
export function checkTlsOptions({ caCerts = [], cert, key }: ClientTlsOptions): void {
  if (!Array.isArray(caCerts)) throw new TypeError("tls.caCerts must be an array of strings");
  for (const caCert of caCerts) checkPem("tls.caCerts", caCert, "CERTIFICATE");
  if (cert !== undefined) checkPem("tls.cert", cert, "CERTIFICATE");
  if (key !== undefined) checkPem("tls.key", key, "PRIVATE KEY");
  if ((cert === undefined) !== (key === undefined)) {
    throw new TypeError("tls.cert and tls.key must be given together");
  }
}

/**
 * Opens the stream to the host of a ws or wss URL, or to a unix socket.
 *
 * @throws {ConnectError} with `ERR_UNREACHABLE` or `ERR_TLS`. When `signal` has fired it rejects
 * too, and with what does not matter: the signal's reason is what the caller is to be told.
 */
export async function openStream(url: URL, options: StreamOptions): Promise<Deno.Conn> {
  const { tls, unix, signal } = options;
  if (unix !== undefined) {
    const connecting = Deno.connect({ transport: "unix", path: unix });
    return await reached(unix, unlessAborted(connecting, signal));
  }
  const secure = url.protocol === "wss:";
  const address: Address = {
    hostname: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
  };
  if (!secure) return await reached(url.host, openTcp(address, signal));
  const stream = tls.cert === undefined
    ? await startTls(url.host, { address, tls, signal })
    : await reached(url.host, connectTls(address, { tls, signal }));
  await shakeHands(url.host, { stream, signal });
  return stream;
}

/** Connects over TCP, and stops connecting when `signal` fires. */
async function openTcp(address: Address, signal: AbortSignal): Promise<Deno.TcpConn> {
  const stop = new AbortController();
  const connecting = Deno.connect({ ...address, signal: stop.signal });
  const stream = await unlessAborted(connecting, signal, () => stop.abort());
  sendAtOnce(stream);
  return stream;
}

async function startTls(
  host: string,
  { address, tls, signal }: { address: Address; tls: ClientTlsOptions; signal: AbortSignal },
): Promise<Deno.TlsConn> {
  const stream = await reached(host, openTcp(address, signal));
  const { hostname } = address;
  const { caCerts = [] } = tls;
  try {
    return await Deno.startTls(stream, { hostname, caCerts, alpnProtocols: ALPN });
  } catch (error) {
    closeQuietly(stream);
    throw tlsFailed(host, error);
  }
}

/** The one call that takes a client certificate; it cannot be told to stop. */
async function connectTls(
  address: Address,
  { tls, signal }: { tls: ClientTlsOptions; signal: AbortSignal },
): Promise<Deno.TlsConn> {
  const connecting = Deno.connectTls({ ...tls, ...address, alpnProtocols: ALPN });
  return await unlessAborted(connecting, signal);
}

/**
 * Does the TLS handshake, which otherwise would wait for the first read or write. When that is
 * cut short, the runtime keeps the TCP connection until the server ends it.
 */
async function shakeHands(
  host: string,
  { stream, signal }: { stream: Deno.TlsConn; signal: AbortSignal },
): Promise<void> {
  const cut = () => closeQuietly(stream);
  if (signal.aborted) cut();
  else signal.addEventListener("abort", cut, { once: true });
  try {
    await stream.handshake();
  } catch (error) {
    cut();
    throw tlsFailed(host, error);
  } finally {
    signal.removeEventListener("abort", cut);
  }
}

/**
 * Waits for a stream, but no longer than until `signal` fires. A stream that comes all the
 * same is closed; `stop` is called to keep it from coming.
 */
async function unlessAborted<T extends Deno.Conn>(
  connecting: Promise<T>,
  signal: AbortSignal,
  stop: () => void = () => {},
): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => {
    // The runtime loses a stream that comes into being in the very turn in which it is told
    // to stop. What was about to come is waited for a moment, and closed.
    const timer = setTimeout(stop, STOP_DELAY);
    connecting.then((stream) => {
      clearTimeout(timer);
      closeQuietly(stream);
    }, () => clearTimeout(timer));
    aborted.reject(signal.reason);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([connecting, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Waits for a stream; when it does not come, says that `target` cannot be reached. */
async function reached<T extends Deno.Conn>(target: string, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    // A missing permission is the caller's to mend, and its own message says how.
    if (error instanceof Deno.errors.NotCapable) throw error;
    if (error instanceof Deno.errors.InvalidData) throw tlsFailed(target, error);
    throw new ConnectError(
      "ERR_UNREACHABLE",
      `Cannot open the connection: ${target} cannot be reached: ${errorText(error)}`,
      { cause: error },
    );
  }
}

function tlsFailed(host: string, error: unknown): ConnectError {
  const text = errorText(error);
  const [, hint = ""] = TLS_HINTS.find(([pattern]) => pattern.test(text)) ?? [];
  return new ConnectError(
    "ERR_TLS",
    `Cannot open the connection: TLS with ${host} failed: ${text}${hint}`,
    { cause: error },
  );
}

function checkPem(name: string, value: unknown, label: string): void {
  if (typeof value !== "string") {
    throw new TypeError(`${name} must be PEM, which is text; got ${typeof value}`);
  }
  if (!new RegExp(`-----BEGIN [A-Z ]*${label}-----`).test(value)) {
    throw new TypeError(`${name} must be PEM, with a line -----BEGIN ${label}-----; got none`);
  }
}
