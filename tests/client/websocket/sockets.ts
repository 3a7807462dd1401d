/**
 * WebSocket objects of both kinds, ours and the runtime's, with a server at the other end.
 *
 * @module
 */
import { setImmediate } from "node:timers/promises";
import { WebSocket } from "../../../lib/client/websocket/websocket.ts";
import { WebSocketStream } from "../../../lib/client/websocket/websocket_stream.ts";
import type {
  WebSocketOptions,
  WebSocketStreamOptions,
} from "../../../lib/client/websocket/options.ts";
import type { WebSocketOpenInfo } from "../../../lib/client/websocket/websocket_stream.ts";
import {
  type HeadChanges,
  type RawHead,
  RawListener,
  type RawPeer,
} from "../../support/raw_peer.ts";

/** What both classes can do. */
export type AnySocket = InstanceType<typeof globalThis.WebSocket>;

/** The classes that should behave the same, each with a name for the title of a test. */
export const CLASSES: readonly (readonly [name: string, Class: typeof globalThis.WebSocket])[] = [
  ["ours", WebSocket],
  ["the runtime's", globalThis.WebSocket],
];

/** The next event of a type. */
export function next<K extends "open" | "message" | "error" | "close">(
  socket: AnySocket,
  type: K,
): Promise<K extends "message" ? MessageEvent : K extends "close" ? CloseEvent : Event> {
  return new Promise((resolve) => {
    socket.addEventListener(type, resolve as (event: Event) => void, { once: true });
  });
}

/** The types of all events of a socket from now on, in a list that grows. */
export function typesOf(socket: AnySocket): string[] {
  const types: string[] = [];
  for (const type of ["open", "message", "error", "close"] as const) {
    socket.addEventListener(type, () => types.push(type));
  }
  return types;
}

/** Waits until the tasks that are queued now are over. */
export async function tasksDone(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

/** A client whose TCP connection a bare server has accepted. */
export interface Dialed<T> extends AsyncDisposable {
  readonly socket: T;
  readonly peer: RawPeer;
  /** The URL that was connected to. */
  readonly url: string;
}

/** Connects to a fresh server, which accepts the TCP connection and does nothing more. */
export async function dial<T extends AnySocket = WebSocket>(
  make: (url: string) => T,
): Promise<Dialed<T>> {
  const listener = await RawListener.listen();
  const url = `ws://127.0.0.1:${listener.port}/`;
  const socket = make(url);
  const closed = next(socket, "close");
  const peer = await listener.accept();
  return {
    socket,
    peer,
    url,
    [Symbol.asyncDispose]: async () => {
      await peer[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
      await closed;
    },
  };
}

/** The same, and the server agrees, with `changes`. */
export async function open(
  options: WebSocketOptions = {},
  changes?: HeadChanges,
): Promise<Dialed<WebSocket> & { readonly request: RawHead }> {
  const dialed = await dial((url) => new WebSocket(url, options));
  const opened = next(dialed.socket, "open");
  const request = await dialed.peer.acceptUpgrade(changes);
  await opened;
  return { ...dialed, request };
}

/** A {@linkcode WebSocketStream} that is open. */
export interface OpenedStream extends AsyncDisposable, WebSocketOpenInfo {
  readonly socket: WebSocketStream;
  readonly peer: RawPeer;
}

/** Opens a stream to a fresh server. Dispose of it to cut the connection. */
export async function openStream(options?: WebSocketStreamOptions): Promise<OpenedStream> {
  const listener = await RawListener.listen();
  const socket = new WebSocketStream(`ws://127.0.0.1:${listener.port}/`, options);
  const peer = await listener.accept();
  await peer.acceptUpgrade();
  return {
    ...await socket.opened,
    socket,
    peer,
    [Symbol.asyncDispose]: async () => {
      await peer[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
      await socket.closed.catch(() => {});
    },
  };
}
