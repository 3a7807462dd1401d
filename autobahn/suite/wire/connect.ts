/**
 * Connecting to a testee, over TCP or TLS.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { connect } from "node:net";
import { type ByteStream, SocketStream } from "./stream.ts";
import { TlsStream } from "./tls_stream.ts";

/** Where a testee listens. */
export interface StreamAddress {
  readonly hostname: string;
  readonly port: number;
  /** Whether to speak TLS. */
  readonly secure: boolean;
  /** Certificates to trust besides those of the system, in PEM. @default none */
  readonly caCerts?: readonly string[] | undefined;
}

/** How long a connection may take to be open, in milliseconds. */
const TIMEOUT = 5000;

/**
 * Connects to a testee.
 *
 * @throws {Error} when it cannot be reached; the message names the address.
 */
export async function connectStream(address: StreamAddress): Promise<ByteStream> {
  const { hostname, port, secure, caCerts = [] } = address;
  const target = { hostname: hostname.replace(/^\[(.*)\]$/, "$1"), port };
  const deadline = new AbortController();
  const timer = setTimeout(
    () => deadline.abort(new Error(`no answer within ${TIMEOUT / 1000} s`)),
    TIMEOUT,
  );
  try {
    return secure
      ? await connectTls(target, { caCerts, deadline: deadline.signal })
      : await connectTcp(target, deadline.signal);
  } catch (error) {
    const cause = deadline.signal.aborted ? deadline.signal.reason : error;
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot connect to ${hostname}:${port}: ${words}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

interface Target {
  readonly hostname: string;
  readonly port: number;
}

function connectTcp({ hostname, port }: Target, deadline: AbortSignal): Promise<SocketStream> {
  const socket = connect({ host: hostname, port, allowHalfOpen: true });
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      deadline.removeEventListener("abort", late);
      socket.destroy();
      reject(error);
    };
    const late = (): void => fail(deadline.reason);
    deadline.addEventListener("abort", late);
    socket.once("error", fail);
    socket.once("connect", () => {
      deadline.removeEventListener("abort", late);
      const stream = new SocketStream(socket);
      socket.off("error", fail);
      resolve(stream);
    });
  });
}

async function connectTls(
  target: Target,
  { caCerts, deadline }: { caCerts: readonly string[]; deadline: AbortSignal },
): Promise<TlsStream> {
  const tcp = await connectRuntime(target, deadline);
  tcp.setNoDelay();
  const tls = await Deno.startTls(tcp, { hostname: target.hostname, caCerts: [...caCerts] });
  const close = (): void => tls.close();
  deadline.addEventListener("abort", close);
  try {
    await tls.handshake();
  } catch (error) {
    if (!deadline.aborted) close();
    throw error;
  } finally {
    deadline.removeEventListener("abort", close);
  }
  return new TlsStream(tls);
}

/** A TCP connection of the runtime, which tries no more than the first address by itself. */
async function connectRuntime(
  { hostname, port }: Target,
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  const addresses = await lookup(hostname, { all: true });
  for (const [index, { address }] of addresses.entries()) {
    try {
      return await Deno.connect({ hostname: address, port, signal });
    } catch (error) {
      if (signal.aborted || index === addresses.length - 1) throw error;
    }
  }
  throw new Error("the name has no address");
}
