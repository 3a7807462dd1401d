/**
 * Attempts to connect that get stuck in a phase of opening, for the tests of what cuts them short.
 *
 * @module
 */
import { connect, type ConnectOptions } from "../../lib/client/connect.ts";
import type { ConnectPhase } from "../../lib/client/phases.ts";
import type { Connection } from "../../lib/connection/connection.ts";
import { RawListener, type RawPeer } from "../support/raw_peer.ts";
import { ask, call } from "./raw_server.ts";
import { StalledPort } from "./stalled_port.ts";
import { CERT, KEY } from "./tls_server.ts";

/** An attempt that goes no further, and what it holds. */
export interface StuckAttempt extends AsyncDisposable {
  readonly opening: Promise<Connection>;
  /** The server's end, if there is one. */
  readonly peer?: RawPeer;
}

/** Waits until the head of a refusal, and what came with it, was read. */
function refusalSeen(
  phase: ConnectPhase["phase"],
): { seen: Promise<void>; onPhase: (phase: ConnectPhase) => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    seen: promise.then(() => new Promise((resolve) => setTimeout(resolve, 0))),
    onPhase: (each) => {
      if (each.phase === phase) resolve();
    },
  };
}

/** A TLS handshake of which the server reads the first byte. */
async function callTls(options: ConnectOptions): Promise<StuckAttempt> {
  const listener = await RawListener.listen();
  const opening = connect(`wss://127.0.0.1:${listener.port}/`, options);
  opening.catch(() => {});
  const peer = await listener.accept();
  await peer.readBytes(1); // the ClientHello has begun
  return {
    opening,
    peer,
    [Symbol.asyncDispose]: async () => {
      await peer[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
    },
  };
}

/** A proxy that reads what it is asked, and perhaps answers; the server is never there. */
async function callProxy(
  options: ConnectOptions,
  { scheme = "ws", secure = false, answer = "" },
): Promise<StuckAttempt> {
  const listener = await RawListener.listen();
  const { seen, onPhase } = refusalSeen("proxy-response");
  const opening = connect(`${scheme}://127.0.0.1:9/`, {
    ...options,
    onPhase,
    proxy: `${secure ? "https" : "http"}://127.0.0.1:${listener.port}`,
  });
  opening.catch(() => {});
  const peer = await listener.accept();
  if (secure) await peer.readBytes(1); // the ClientHello has begun
  else await peer.readHead();
  const tunnel = answer.startsWith("HTTP/1.1 200");
  await peer.write(answer);
  if (tunnel) await peer.readBytes(1); // whatever is meant for the server
  else if (answer.includes("\r\n\r\n")) await seen;
  return {
    opening,
    peer,
    [Symbol.asyncDispose]: async () => {
      await peer[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
    },
  };
}

/** The server points to itself, and then does nothing more. */
async function askAgain(options: ConnectOptions): Promise<StuckAttempt> {
  const listener = await RawListener.listen();
  const opening = connect(`ws://127.0.0.1:${listener.port}/`, { ...options, redirects: 5 });
  opening.catch(() => {});
  await using first = await listener.accept();
  await first.readHead();
  await first.write("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n");
  const peer = await listener.accept();
  await peer.readHead();
  return {
    opening,
    peer,
    [Symbol.asyncDispose]: async () => {
      await peer[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
    },
  };
}

async function askAndHear(text: string, options: ConnectOptions): Promise<StuckAttempt> {
  const asker = await ask(options);
  await asker.peer.write(text);
  return asker;
}

/** A refusal of which the client has read the head. */
async function askAndBeRefused(text: string, options: ConnectOptions): Promise<StuckAttempt> {
  const { seen, onPhase } = refusalSeen("response");
  const asker = await askAndHear(text, { ...options, onPhase });
  await seen;
  return asker;
}

/** Every phase of opening, in which the other side does nothing more. */
export const PHASES: Record<string, (options: ConnectOptions) => Promise<StuckAttempt>> = {
  "while connecting": async (options) => {
    const stalled = await StalledPort.create();
    const opening = connect(`ws://127.0.0.1:${stalled.port}/`, options);
    opening.catch(() => {});
    return { opening, [Symbol.asyncDispose]: () => stalled[Symbol.asyncDispose]() };
  },
  "in the TLS handshake": callTls,
  "in the TLS handshake with a client certificate": (options) =>
    callTls({ ...options, tls: { cert: CERT, key: KEY } }),
  "in the TLS handshake of node:tls": (options) => callTls({ ...options, tls: { insecure: true } }),
  "while connecting to a proxy": async (options) => {
    const stalled = await StalledPort.create();
    const opening = connect("ws://127.0.0.1:9/", {
      ...options,
      proxy: `http://127.0.0.1:${stalled.port}`,
    });
    opening.catch(() => {});
    return { opening, [Symbol.asyncDispose]: () => stalled[Symbol.asyncDispose]() };
  },
  "in the TLS handshake with a proxy": (options) => callProxy(options, { secure: true }),
  "before the response of a proxy": (options) => callProxy(options, {}),
  "within the response of a proxy": (options) => callProxy(options, { answer: "HTTP/1.1 20" }),
  "within the body of a proxy's refusal": (options) =>
    callProxy(options, { answer: "HTTP/1.1 407 No\r\nContent-Length: 9\r\n\r\nWho" }),
  "behind a proxy, before the response": (options) =>
    callProxy(options, { answer: "HTTP/1.1 200 OK\r\n\r\n" }),
  "behind a proxy, in the TLS handshake": (options) =>
    callProxy(options, { scheme: "wss", answer: "HTTP/1.1 200 OK\r\n\r\n" }),
  "behind a proxy, in the TLS handshake of node:tls": (options) =>
    callProxy({ ...options, tls: { insecure: true } }, {
      scheme: "wss",
      answer: "HTTP/1.1 200 OK\r\n\r\n",
    }),
  "after a redirect": (options) => askAgain(options),
  "before the request is read": (options) => call(options),
  "before the response": (options) => ask(options),
  "within the head of the response": (options) => askAndHear("HTTP/1.1 101 Swi", options),
  "after an interim response": (options) => askAndHear("HTTP/1.1 100 Continue\r\n\r\n", options),
  "within the body of a refusal": (options) =>
    askAndBeRefused("HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\nWho", options),
};
