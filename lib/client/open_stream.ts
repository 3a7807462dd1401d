/**
 * Opens the byte stream of a client: TCP, and TLS for wss.
 *
 * @module
 */
import { closeQuietly, sendAtOnce } from "../engine/codec/byte_stream.ts";
import { ConnectError } from "./connect_error.ts";

/** How TLS is done by a client. */
export interface ClientTlsOptions {
  /** Certificates of authorities to trust beside the system's, in PEM. @default [] */
  caCerts?: string[];
  /** The client's own certificate chain, in PEM. @default undefined */
  cert?: string;
  /** The private key of that certificate, in PEM. @default undefined */
  key?: string;
}

/** Opens the stream to the host of a ws or wss URL. `signal` cuts it in every phase. */
export async function openStream(
  url: URL,
  options: { tls: ClientTlsOptions; signal: AbortSignal },
): Promise<Deno.Conn> {
  const { tls, signal } = options;
  const secure = url.protocol === "wss:";
  const hostname = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  try {
    if (secure) return await openTls({ ...tls, hostname, port }, signal);
    const stream = await cancellable(Deno.connect({ hostname, port }), signal);
    sendAtOnce(stream);
    return stream;
  } catch (error) {
    throw streamError(error, url, signal);
  }
}

async function openTls(options: Deno.ConnectTlsOptions, signal: AbortSignal): Promise<Deno.Conn> {
  const connecting = Deno.connectTls({ ...options, alpnProtocols: ["http/1.1"] });
  const stream = await cancellable(connecting, signal);
  sendAtOnce(stream);
  const cut = () => closeQuietly(stream);
  signal.addEventListener("abort", cut, { once: true });
  try {
    await stream.handshake();
    return stream;
  } catch (error) {
    cut();
    throw error;
  } finally {
    signal.removeEventListener("abort", cut);
  }
}

/** Waits for a stream, which is closed when it comes after the signal fired. */
async function cancellable<T extends Deno.Conn>(
  connecting: Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => {
    connecting.then(closeQuietly, () => {});
    aborted.reject(signal.reason);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([connecting, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function streamError(error: unknown, url: URL, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (!(error instanceof Error)) return error;
  // A missing permission is the caller's to mend, and its own message says how.
  if (error instanceof Deno.errors.NotCapable) return error;
  if (error instanceof Deno.errors.InvalidData) {
    const message = `Cannot open the connection: TLS with ${url.host} failed: ${error.message}`;
    return new ConnectError("ERR_TLS", message, { cause: error });
  }
  const message = `Cannot open the connection: ${url.host} cannot be reached: ${error.message}`;
  return new ConnectError("ERR_UNREACHABLE", message, { cause: error });
}
