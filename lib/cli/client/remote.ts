/**
 * The other end of a conversation: one connection, or one that is opened again when it is lost.
 *
 * @module
 */
import type { ReconnectingConnection } from "../../client/reconnecting/reconnecting.ts";
import type { Connection } from "../../connection/connection.ts";
import type { SendOptions } from "../../connection/outbox.ts";
import type { CloseEvent } from "../../connection/transport.ts";

/** How a conversation came to its end. */
export type RemoteEnd =
  /** The last connection ended so. */
  | { readonly kind: "closed"; readonly event: CloseEvent }
  /** The last attempt to connect failed. */
  | { readonly kind: "failed"; readonly error: unknown }
  /** We ended it while there was no connection. */
  | { readonly kind: "ended" };

/** Whom a conversation talks to. */
export interface Remote {
  /** The connection that is open now. */
  readonly connection: Connection | undefined;
  /** Sends a message; gives a promise to wait for when the peer is slow. */
  send(data: string | Uint8Array, options?: SendOptions): Promise<void> | undefined;
  /** Ends it for good, with a closing handshake where a connection is open. */
  close(code: number, reason: string): void;
}

/** One connection. */
export class SingleRemote implements Remote {
  readonly connection: Connection;

  /** Takes an open connection. */
  constructor(connection: Connection) {
    this.connection = connection;
  }

  send(data: string | Uint8Array, options?: SendOptions): Promise<void> | undefined {
    return this.connection.send(data, options);
  }

  close(code: number, reason: string): void {
    this.connection.close(code, reason);
  }
}

/** A connection that is opened again. */
export class ReconnectingRemote implements Remote {
  readonly #reconnecting: ReconnectingConnection;

  /** Takes one that has begun to connect. */
  constructor(reconnecting: ReconnectingConnection) {
    this.#reconnecting = reconnecting;
  }

  get connection(): Connection | undefined {
    return this.#reconnecting.connection;
  }

  send(data: string | Uint8Array, options?: SendOptions): Promise<void> | undefined {
    return this.#reconnecting.send(data, options);
  }

  close(code: number, reason: string): void {
    this.#reconnecting.close(code, reason);
  }
}
