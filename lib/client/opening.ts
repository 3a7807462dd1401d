/**
 * Opens one connection as a client: request by request, from redirect to redirect, until a
 * server agrees.
 *
 * @module
 */
import { Connection } from "../connection/connection.ts";
import { closeCompression, CompressionProposal } from "../engine/codec/compression.ts";
import { CodecTransport } from "../engine/codec/transport.ts";
import {
  type ClientOffer,
  createUpgradeRequest,
  generateKey,
  type UpgradeAgreement,
} from "../protocol/handshake/client_handshake.ts";
import { formatExtensions } from "../protocol/handshake/extension_header.ts";
import type { HeaderField } from "../protocol/handshake/header_list.ts";
import { decodeLatin1 } from "../protocol/handshake/latin1.ts";
import { closingOnFailure, closingOnThrow } from "./abort.ts";
import type { ByteStream } from "../engine/codec/byte_stream.ts";
import type { ResolvedConnect } from "./connect_options.ts";
import { storeCookies, withCookies } from "./cookies.ts";
import { broken, exchange, type ExchangeResult } from "./exchange.ts";
import { readAgreement, refusalOf } from "./handshake.ts";
import { openStream } from "./open_stream.ts";
import { type PhaseReporter, phaseReporter } from "./phases.ts";
import { judgeRedirect, type Target, withoutCredentials } from "./redirects.ts";

/** What came of one request. */
type Outcome =
  | { readonly kind: "open"; readonly connection: Connection }
  | { readonly kind: "redirect"; readonly target: Target };

/** One call of `connect`. It holds memory until `release` is called. */
export class Opening {
  readonly #plan: ResolvedConnect;
  readonly #proposal: CompressionProposal;
  readonly #report: PhaseReporter;
  /** The URLs of all requests, without credentials. */
  readonly #visited: string[] = [];

  /**
   * Checks the request before anything is opened.
   *
   * @throws {TypeError} when something in it is not well formed.
   */
  constructor(plan: ResolvedConnect) {
    const { url, fields } = plan.target;
    this.#plan = plan;
    this.#report = phaseReporter(plan.onPhase);
    this.#proposal = new CompressionProposal(plan.options.compression);
    try {
      createUpgradeRequest({ url, headers: fields, ...this.#offer() });
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Gives up what it holds. */
  release(): void {
    this.#proposal.withdraw();
  }

  /**
   * Opens the connection. When `signal` fires, all streams are closed and it rejects, with what
   * does not matter.
   */
  async run(signal: AbortSignal): Promise<Connection> {
    let { target } = this.#plan;
    while (true) {
      const outcome = await this.#ask(target, signal);
      if (outcome.kind === "open") return outcome.connection;
      target = outcome.target;
    }
  }

  /** A key is for one request only (RFC 6455 §4.1). */
  #offer(): ClientOffer {
    return {
      key: generateKey(crypto.getRandomValues(new Uint8Array(16))),
      subprotocols: this.#plan.subprotocols,
      extensions: this.#proposal.offers,
    };
  }

  /** Sends one request. */
  async #ask(target: Target, signal: AbortSignal): Promise<Outcome> {
    const { cookies, unix } = this.#plan;
    const { url, tls } = target;
    const shown = withoutCredentials(url);
    this.#visited.push(shown.href);
    const offer = this.#offer();
    const headers: readonly HeaderField[] = await withCookies(target.fields, {
      store: cookies,
      url,
      signal,
    });
    const request = createUpgradeRequest({ url, headers, ...offer });
    const proxy = this.#plan.chooseProxy(new URL(shown)); // the application may change its own
    const stream = await openStream(url, { tls, unix, proxy, signal, report: this.#report });
    const result = await closingOnFailure(stream, signal, async () => {
      this.#report({ phase: "request", url: shown.href, head: decodeLatin1(request) });
      const answer = await exchange(stream, request, url.host);
      this.#reportAnswer(answer, shown);
      await storeCookies(answer.head.headers, { store: cookies, url, signal });
      const agreement = readAgreement(answer.head, offer);
      if (agreement === undefined) return await this.#redirect(target, stream, answer);
      return { kind: "agreed" as const, agreement, first: answer.rest };
    });
    if (result.kind === "redirect") return result;
    return closingOnThrow(stream, () => {
      signal.throwIfAborted();
      return { kind: "open", connection: this.#open(stream, { ...result, url: shown.href }) };
    });
  }

  #reportAnswer({ head: { status, headers }, text }: ExchangeResult, shown: URL): void {
    if (this.#plan.onPhase === undefined) return; // no Headers for nobody
    this.#report({
      phase: "response",
      url: shown.href,
      status,
      headers: new Headers([...headers]),
      head: text,
    });
  }

  /** Says where another status than 101 leads, or throws it as an error. */
  async #redirect(
    target: Target,
    stream: ByteStream,
    answer: ExchangeResult,
  ): Promise<Outcome & { kind: "redirect" }> {
    const { redirects, cookies, unix, sensitive } = this.#plan;
    const { url } = target;
    const { status } = answer.head;
    const redirect = judgeRedirect(target, answer.head, {
      limit: redirects,
      visited: this.#visited,
      mayReturn: cookies !== undefined,
      bound: unix !== undefined,
      sensitive,
    });
    if (redirect?.kind !== "follow") {
      const reason = redirects === 0 ? undefined : redirect?.reason;
      throw await refusalOf(stream, answer, {
        host: url.host,
        redirect: redirect === undefined ? undefined : { reason },
      });
    }
    stream.close();
    const { crossOrigin, target: next } = redirect;
    const from = withoutCredentials(url).href;
    const to = withoutCredentials(next.url).href;
    this.#report({ phase: "redirect", status, from, to, crossOrigin });
    return { kind: "redirect", target: next };
  }

  #open(
    stream: ByteStream,
    { agreement, first, url }: { agreement: UpgradeAgreement; first: Uint8Array; url: string },
  ): Connection {
    const { options, handlers, data } = this.#plan;
    const compression = this.#proposal.settle(agreement.extensions);
    if (compression !== undefined && "code" in compression) throw broken(compression.message);
    try {
      this.#report({ phase: "open", url });
    } catch (error) {
      closeCompression(compression);
      throw error;
    }
    return new Connection({
      transport: new CodecTransport(stream.toLink(), {
        role: "client",
        options,
        compression,
        first,
      }),
      options,
      handlers,
      data,
      info: {
        role: "client",
        url,
        subprotocol: agreement.subprotocol,
        extensions: formatExtensions(agreement.extensions),
        remoteAddress: stream.remoteAddress,
      },
    });
  }
}
