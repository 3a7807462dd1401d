/**
 * The native engine's server: `Deno.serve`, with the same checks before
 * `Deno.upgradeWebSocket` as on the codec engine.
 *
 * @module
 */
import type { PeerAddress } from "../../connection/transport.ts";
import type { RequestHead } from "../../protocol/handshake/head.ts";
import { isUpgradeRequest } from "../../protocol/handshake/server_handshake.ts";
import {
  type Acceptance,
  type EngineServer,
  type Host,
  type ListenOptions,
  peerAddress,
  type Place,
  SERVER_ERROR,
  UPGRADE_REQUIRED,
} from "../host.ts";
import { HttpServer } from "../http_server.ts";
import {
  type CheckedUpgrade,
  checkUpgrade,
  decideInTime,
  HandshakeDeadline,
  openConnection,
} from "../upgrade.ts";
import { headOfRequest, refusalResponse, upgradeNative } from "./upgrade.ts";

/** A server on the native engine. */
export class NativeServer implements EngineServer {
  readonly address: Deno.NetAddr | Deno.UnixAddr;
  readonly #server: HttpServer;
  readonly #host: Host;
  readonly #secure: boolean;
  /** Upgrades that were answered and have not opened; those of clients that left never will. */
  #opening = 0;

  /** Listens at once. */
  constructor(listen: ListenOptions, host: Host) {
    this.#host = host;
    this.#secure = "tls" in listen && listen.tls !== undefined;
    this.#server = new HttpServer(listen, {
      answer: (request, address) => this.#answer(request, peerAddress(address)),
      onError: (error) => host.onError(error),
      isOpening: () => this.#opening > 0,
    });
    this.address = this.#server.address;
  }

  async stop(drained: Promise<unknown>): Promise<void> {
    await this.#server.stop(drained);
  }

  abort(): void {
    this.#server.abort();
  }

  async #answer(request: Request, remoteAddress: PeerAddress): Promise<Response> {
    const head = headOfRequest(request);
    if (isUpgradeRequest(head)) return await this.#upgrade(request, head, remoteAddress);
    const { fetch } = this.#host;
    if (fetch === undefined) return refusalResponse(UPGRADE_REQUIRED);
    return await fetch(request, { remoteAddress, secure: this.#secure });
  }

  async #upgrade(
    request: Request,
    head: RequestHead,
    remoteAddress: PeerAddress,
  ): Promise<Response> {
    const upgrade = checkUpgrade(head, { remoteAddress, secure: this.#secure });
    if (upgrade.kind === "refused") return refusalResponse(upgrade);
    const place = this.#host.admit(remoteAddress);
    if (place.kind === "refused") return refusalResponse(place);
    const deadline = new HandshakeDeadline(this.#host.handshakeTimeout);
    const decision = await decideInTime(this.#host, upgrade, deadline.signal);
    deadline.stop();
    if (decision.kind === "accepted") {
      return this.#open(request, upgrade, { acceptance: decision, place });
    }
    place.release();
    return refusalResponse(decision);
  }

  #open(
    request: Request,
    upgrade: CheckedUpgrade,
    { acceptance, place }: { acceptance: Acceptance; place: Extract<Place, { kind: "admitted" }> },
  ): Response {
    const { subprotocol, headers, options } = acceptance;
    try {
      const response = upgradeNative(request, {
        subprotocol,
        headers,
        heartbeat: options.heartbeat,
        openTimeout: this.#host.handshakeTimeout,
        onAbandoned: () => place.release(),
        onOpen: (transport) => {
          this.#opening--;
          const connection = openConnection(this.#host, upgrade, { acceptance, transport });
          connection.closed.then(() => place.release());
        },
      });
      this.#opening++;
      return response;
    } catch (error) {
      // The application chose what must not be sent, or the request is not from this server.
      place.release();
      this.#host.onError(error);
      return refusalResponse(SERVER_ERROR);
    }
  }
}
