/**
 * The native engine's server: `Deno.serve`, with the same checks before
 * `Deno.upgradeWebSocket` as on the codec engine.
 *
 * @module
 */
import { Connection } from "../../connection/connection.ts";
import type { PeerAddress } from "../../connection/transport.ts";
import type { RequestHead } from "../../protocol/handshake/head.ts";
import { requestUrl } from "../../protocol/handshake/request_check.ts";
import {
  checkUpgradeRequest,
  isUpgradeRequest,
  type UpgradeOffer,
} from "../../protocol/handshake/server_handshake.ts";
import {
  type Acceptance,
  BAD_REQUEST,
  type EngineServer,
  type Host,
  type ListenOptions,
  peerAddress,
  type Place,
  SERVER_ERROR,
  TOO_SLOW,
  UPGRADE_REQUIRED,
  type UpgradeContext,
  type UpgradeDecision,
} from "../host.ts";
import { headOfRequest, refusalResponse, upgradeNative } from "./upgrade.ts";

/** A request for an upgrade that passed the check. */
interface CheckedRequest {
  readonly request: Request;
  readonly offer: UpgradeOffer;
  readonly url: URL;
  readonly remoteAddress: PeerAddress;
}

/** A server on the native engine. */
export class NativeServer implements EngineServer {
  readonly address: Deno.NetAddr | Deno.UnixAddr;
  readonly #server: Deno.HttpServer<Deno.Addr>;
  readonly #host: Host;
  readonly #secure: boolean;
  readonly #abort = new AbortController();
  #finished = false;

  /** Listens at once. */
  constructor(listen: ListenOptions, host: Host) {
    this.#host = host;
    this.#secure = "tls" in listen && listen.tls !== undefined;
    this.#server = this.#listen(listen);
    this.address = this.#server.addr as Deno.NetAddr | Deno.UnixAddr;
    this.#server.finished.then(() => this.#finished = true);
  }

  async stop(): Promise<void> {
    await this.#server.shutdown();
  }

  abort(): void {
    // A server that has shut down already fails on being aborted.
    if (!this.#finished) this.#abort.abort();
  }

  #listen(listen: ListenOptions): Deno.HttpServer<Deno.Addr> {
    const common = {
      signal: this.#abort.signal,
      onListen: () => {},
      onError: (error: unknown) => {
        this.#host.onError(error);
        return refusalResponse(SERVER_ERROR);
      },
    };
    const answer = (request: Request, info: Deno.ServeHandlerInfo<Deno.Addr>) =>
      this.#answer(request, peerAddress(info.remoteAddr));
    if ("path" in listen) return Deno.serve({ ...common, path: listen.path }, answer);
    const { hostname, port, tls = {} } = listen;
    return Deno.serve({ ...common, hostname, port, ...tls }, answer);
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
    const offer = checkUpgradeRequest(head);
    if (offer.kind === "refusal") return refusalResponse(offer);
    const url = requestUrl(head, this.#secure);
    if (url === undefined) return refusalResponse(BAD_REQUEST);
    const place = this.#host.admit(remoteAddress);
    if (place.kind === "refused") return refusalResponse(place);
    const decision = await this.#decide({ head, offer, url, remoteAddress });
    if (decision.kind === "accepted") {
      return this.#open(decision, place, { request, offer, url, remoteAddress });
    }
    place.release();
    return refusalResponse(decision);
  }

  /** Asks the host, for as long as a handshake may take. */
  async #decide(
    context: Omit<UpgradeContext, "signal" | "secure">,
  ): Promise<UpgradeDecision> {
    const deadline = new AbortController();
    const expired = Promise.withResolvers<UpgradeDecision>();
    const timer = setTimeout(() => {
      deadline.abort();
      expired.resolve({ kind: "refused", ...TOO_SLOW });
    }, this.#host.handshakeTimeout);
    const decided = this.#host.decide({
      ...context,
      secure: this.#secure,
      signal: deadline.signal,
    });
    const decision = await Promise.race([decided, expired.promise]);
    clearTimeout(timer);
    return decision;
  }

  #open(
    acceptance: Acceptance,
    place: Extract<Place, { kind: "admitted" }>,
    checked: CheckedRequest,
  ): Response {
    const { subprotocol, headers, options, handlers, data } = acceptance;
    const { request, url, remoteAddress } = checked;
    try {
      return upgradeNative(request, {
        subprotocol,
        headers,
        heartbeat: options.heartbeat,
        openTimeout: this.#host.handshakeTimeout,
        onAbandoned: () => place.release(),
        onOpen: (transport) => {
          const connection = new Connection({
            transport,
            options,
            handlers,
            data,
            info: {
              role: "server",
              url: url.href.replace(/^http/, "ws"),
              subprotocol: subprotocol ?? "",
              extensions: "",
              remoteAddress,
            },
          });
          connection.closed.then(() => place.release());
          this.#host.onOpen(connection);
        },
      });
    } catch (error) {
      // The application chose what must not be sent, or the request is not from this server.
      place.release();
      this.#host.onError(error);
      return refusalResponse(SERVER_ERROR);
    }
  }
}
