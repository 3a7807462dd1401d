/**
 * A server on the native engine without what stands above the engine, for its tests: it
 * checks, upgrades, and keeps what each transport tells.
 *
 * @module
 */
import type { CloseEvent, TransportReceiver } from "../../../lib/connection/transport.ts";
import type { NativeTransport } from "../../../lib/engine/native/transport.ts";
import {
  headOfRequest,
  type NativeUpgradeOptions,
  refusalResponse,
  upgradeNative,
} from "../../../lib/engine/native/upgrade.ts";
import { checkUpgradeRequest } from "../../../lib/protocol/handshake/server_handshake.ts";

/** Keeps what a transport tells. */
export class RecordingReceiver implements TransportReceiver {
  readonly transport: NativeTransport;
  /** All calls in their order, as text. */
  readonly calls: string[] = [];
  readonly messages: (string | Uint8Array)[] = [];
  readonly closed: Promise<CloseEvent>;
  readonly #closed = Promise.withResolvers<CloseEvent>();

  constructor(transport: NativeTransport) {
    this.transport = transport;
    this.closed = this.#closed.promise;
    transport.start(this);
  }

  onMessage(data: string | Uint8Array<ArrayBuffer>): void {
    this.messages.push(data);
    this.calls.push("message");
  }

  onMessageStart(): boolean {
    this.calls.push("message start");
    return false;
  }

  onMessagePiece(): void {
    this.calls.push("message piece");
  }

  onMessageEnd(): void {
    this.calls.push("message end");
  }

  onPing(): void {
    this.calls.push("ping");
  }

  onPong(): void {
    this.calls.push("pong");
  }

  onReceived(midMessage: boolean, data: boolean): void {
    this.calls.push(`received ${midMessage} ${data}`);
  }

  onSending(): void {
    this.calls.push("sending");
  }

  onSent(): void {
    this.calls.push("sent");
  }

  onClosing(): void {
    this.calls.push("closing");
  }

  onClosed(event: CloseEvent): void {
    this.calls.push("closed");
    this.#closed.resolve(event);
  }
}

/** What a {@linkcode NativeServer} does with a request that passed the check. */
export type Settings = Partial<Omit<NativeUpgradeOptions, "onOpen" | "onAbandoned">>;

/** A server on a free port of the loopback address. */
export class NativeServer implements AsyncDisposable {
  readonly port: number;
  /** How many connections did not open after all. */
  abandoned = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #receivers: RecordingReceiver[] = [];
  #wake = Promise.withResolvers<void>();
  #taken = 0;

  constructor(settings: Settings = {}) {
    const listen = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(listen, (request) => {
      const verdict = checkUpgradeRequest(headOfRequest(request));
      if (verdict.kind === "refusal") return refusalResponse(verdict);
      return upgradeNative(request, {
        heartbeat: false,
        ...settings,
        onOpen: (transport) => {
          this.#receivers.push(new RecordingReceiver(transport));
          this.#wake.resolve();
        },
        onAbandoned: () => this.abandoned++,
      });
    });
    this.port = this.#server.addr.port;
  }

  /** The next connection, in the order in which they opened. */
  async accept(): Promise<RecordingReceiver> {
    while (this.#receivers.length === this.#taken) {
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
    return this.#receivers[this.#taken++] as RecordingReceiver;
  }

  /** Stops and waits for every connection to be closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    await Promise.all(this.#receivers.map((receiver) => receiver.closed));
  }
}
