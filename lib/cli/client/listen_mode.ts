/**
 * `--listen`: a server for one client at a time.
 *
 * @module
 */
import { errorText } from "../../client/connect_error.ts";
import type { Connection } from "../../connection/connection.ts";
import type { SendOptions } from "../../connection/outbox.ts";
import type { CloseEvent } from "../../connection/transport.ts";
import { serve, type ServeOptions, type Server } from "../../server/serve.ts";
import { collectOrigins } from "../option_values.ts";
import { UsageError } from "../usage_error.ts";
import type { ClientFlags } from "./client_flags.ts";
import { connectionSettings } from "./connect_settings.ts";
import type { Conversation } from "./conversation.ts";
import type { Presenter } from "./events.ts";
import { ListenError } from "./failure.ts";
import type { ListenAddress } from "./flag_values.ts";
import type { Remote } from "./remote.ts";

/** What is needed to listen. */
export interface ListenParts {
  readonly address: ListenAddress;
  readonly flags: ClientFlags;
  readonly conversation: Conversation;
  readonly presenter: Presenter;
  /** Wait for the next client when one has left. */
  readonly many: boolean;
}

/** Whoever connects to us, one at a time. */
export class ListeningRemote implements Remote {
  readonly #parts: ListenParts;
  readonly #server: Server;
  readonly #first = Promise.withResolvers<void>();
  #connection: Connection | undefined;
  #closing = false;

  /** @throws {ListenError} or {UsageError} when it cannot listen there. */
  constructor(parts: ListenParts) {
    this.#parts = parts;
    const { address, flags, conversation, presenter } = parts;
    this.#server = listenAt(address, {
      websocket: {
        ...connectionSettings(flags),
        ...conversation.handlers,
        ...(flags.subprotocol === undefined ? {} : { subprotocols: flags.subprotocol }),
        ...(flags.origin === undefined ? {} : { origin: originsOf(flags.origin) }),
        upgrade: () => this.#connection === undefined ? undefined : busy(),
        open: (connection) => this.#onOpen(connection),
        message: (connection, data) =>
          connection === this.#connection ? conversation.take(data) : undefined,
        close: (connection, event) => this.#onClose(connection, event),
      },
    });
    presenter.show({ type: "listening", url: this.#server.url });
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Resolves when the first client has come. */
  get first(): Promise<void> {
    return this.#first.promise;
  }

  send(data: string | Uint8Array, options?: SendOptions): Promise<void> | undefined {
    if (this.#connection !== undefined) return this.#connection.send(data, options);
    this.#parts.presenter.show({ type: "notice", message: "no client is there; not sent" });
    return undefined;
  }

  close(code: number, reason: string): void {
    this.#closing = true;
    if (this.#connection === undefined) this.#parts.conversation.end({ kind: "ended" });
    else this.#connection.close(code, reason);
  }

  /** Stops listening. */
  async stop(): Promise<void> {
    await this.#server.shutdown();
  }

  #onOpen(connection: Connection): unknown {
    // Two may have been admitted at once.
    if (this.#connection !== undefined || this.#closing) return void connection.close(1013, "busy");
    this.#connection = connection;
    this.#first.resolve();
    return this.#parts.conversation.handlers.open?.(connection);
  }

  #onClose(connection: Connection, event: CloseEvent): void {
    if (connection !== this.#connection) return;
    const { conversation, presenter, many } = this.#parts;
    this.#connection = undefined;
    conversation.onLost();
    if (many && !this.#closing) presenter.show({ type: "close", event });
    else conversation.end({ kind: "closed", event });
  }
}

function listenAt(address: ListenAddress, options: ServeOptions): Server {
  try {
    return serve({ ...address, ...options });
  } catch (error) {
    if (error instanceof URIError) {
      throw new UsageError(`Cannot use --listen: ${errorText(error)}`);
    }
    const byCaller = error instanceof TypeError || error instanceof RangeError ||
      error instanceof Deno.errors.NotCapable;
    if (byCaller) throw error;
    const { hostname, port } = address;
    const where = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
    const reason = error instanceof Deno.errors.AddrInUse
      ? "it is in use; choose another port, or 0 for any that is free"
      : errorText(error);
    throw new ListenError(`Cannot listen at ${where}: ${reason}`);
  }
}

function busy(): Response {
  return new Response("Another client is connected.\n", { status: 503 });
}

function originsOf(origin: string): ReturnType<typeof collectOrigins> {
  try {
    return collectOrigins(origin);
  } catch (error) {
    throw new UsageError(`Cannot use --origin: ${error instanceof Error ? error.message : error}`);
  }
}
