/**
 * A client connection and the bare TCP server at its other end, for the tests of `connect`.
 *
 * @module
 */
import { connect, type ConnectOptions } from "../../lib/client/connect.ts";
import type { Connection } from "../../lib/connection/connection.ts";
import { type HeadChanges, type RawHead, RawListener, type RawPeer } from "../support/raw_peer.ts";

/** A client that has connected and waits for what the server does. */
export interface Caller extends AsyncDisposable {
  /** What `connect` gave; may be left alone when it rejects. */
  readonly opening: Promise<Connection>;
  /** The server's end. */
  readonly peer: RawPeer;
}

/** A client whose request was read. */
export interface Asker extends Caller {
  /** The head of the request. */
  readonly request: RawHead;
}

/** A connection that is open. Dispose of it to cut it. */
export interface Opened extends AsyncDisposable {
  /** The client's end. */
  readonly connection: Connection;
  /** The server's end. */
  readonly peer: RawPeer;
  /** The head of the request. */
  readonly request: RawHead;
}

/** Connects to a fresh server, which accepts the TCP connection and does nothing more. */
export async function call(options: ConnectOptions = {}, path = "/"): Promise<Caller> {
  const listener = await RawListener.listen();
  const opening = connect(`ws://127.0.0.1:${listener.port}${path}`, options);
  opening.catch(() => {});
  const peer = await listener.accept();
  return {
    opening,
    peer,
    [Symbol.asyncDispose]: async () => {
      await peer[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
      const connection = await opening.catch(() => undefined);
      connection?.destroy();
      await connection?.closed;
    },
  };
}

/** The same, and the request is read. */
export async function ask(options?: ConnectOptions, path?: string): Promise<Asker> {
  const caller = await call(options, path);
  return { ...caller, request: await caller.peer.readHead() };
}

/** The same, and the server agrees, with `changes`. */
export async function open(options?: ConnectOptions, changes?: HeadChanges): Promise<Opened> {
  const caller = await call(options);
  const request = await caller.peer.acceptUpgrade(changes);
  return { ...caller, request, connection: await caller.opening };
}
