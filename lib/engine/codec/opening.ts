/**
 * One accepted connection from its first byte until it is an open WebSocket, a spliced HTTP
 * connection, or refused.
 *
 * @module
 */
import { Connection } from "../../connection/connection.ts";
import type { PeerAddress } from "../../connection/transport.ts";
import { checkRequestHead, requestUrl } from "../../protocol/handshake/request_check.ts";
import type { RequestHead } from "../../protocol/handshake/head.ts";
import {
  formatRefusal,
  formatUpgradeResponse,
  type Refusal,
} from "../../protocol/handshake/response.ts";
import {
  checkUpgradeRequest,
  isUpgradeRequest,
  type UpgradeOffer,
} from "../../protocol/handshake/server_handshake.ts";
import {
  type Acceptance,
  BAD_REQUEST,
  type Host,
  SERVER_ERROR,
  TOO_SLOW,
  UPGRADE_REQUIRED,
  type UpgradeDecision,
} from "../host.ts";
import { answerAndClose, closeQuietly, writeAll } from "./byte_stream.ts";
import { DenoLink } from "./deno_link.ts";
import { readRequestHead } from "./head_reader.ts";
import type { HttpSplice } from "./http_splice.ts";
import { CodecTransport } from "./transport.ts";

/** What the openings of one server share. */
export interface OpeningParts {
  readonly host: Host;
  /** Where plain HTTP goes; without it, it is refused. */
  readonly splice: HttpSplice | undefined;
  readonly secure: boolean;
}

/** The opening of one connection. */
export class Opening {
  readonly #stream: Deno.Conn;
  readonly #remoteAddress: PeerAddress;
  readonly #parts: OpeningParts;
  readonly #deadline = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Until the request is whole there is nobody to answer: time out means cut. */
  #answerable = false;

  constructor(stream: Deno.Conn, remoteAddress: PeerAddress, parts: OpeningParts) {
    this.#stream = stream;
    this.#remoteAddress = remoteAddress;
    this.#parts = parts;
  }

  /** Runs the opening; settles when the connection is over, whatever it became. */
  async run(): Promise<void> {
    this.#timer = setTimeout(() => this.#expire(), this.#parts.host.handshakeTimeout);
    try {
      await this.#read();
    } catch {
      // The peer is gone or was cut off before anything opened.
      closeQuietly(this.#stream);
    } finally {
      clearTimeout(this.#timer);
    }
  }

  /** Cuts an opening that is under way. */
  abort(): void {
    closeQuietly(this.#stream);
  }

  #expire(): void {
    this.#deadline.abort();
    if (!this.#answerable) closeQuietly(this.#stream);
  }

  async #read(): Promise<void> {
    const read = await readRequestHead(this.#stream);
    if (read === undefined) return closeQuietly(this.#stream);
    const { parser, rest } = read;
    const { head, failure } = parser;
    this.#answerable = true;
    if (head === undefined) return await this.#refuse(failure ?? BAD_REQUEST);
    if (isUpgradeRequest(head)) return await this.#upgrade(head, rest);
    const fault = checkRequestHead(head);
    if (fault !== undefined) return await this.#refuse(fault, head.method);
    await this.#passOn(head, join(parser.raw, rest));
  }

  async #passOn(head: RequestHead, start: Uint8Array): Promise<void> {
    const { splice, secure } = this.#parts;
    if (splice === undefined) return await this.#refuse(UPGRADE_REQUIRED, head.method);
    clearTimeout(this.#timer);
    await splice.serve(this.#stream, start, { remoteAddress: this.#remoteAddress, secure });
  }

  async #upgrade(head: RequestHead, rest: Uint8Array<ArrayBuffer>): Promise<void> {
    const { secure } = this.#parts;
    const offer = checkUpgradeRequest(head);
    if (offer.kind === "refusal") return await this.#refuse(offer, head.method);
    const url = requestUrl(head, secure);
    if (url === undefined) return await this.#refuse(BAD_REQUEST);
    const decision = await this.#decide(head, offer, url);
    if (decision.kind === "refused") return await this.#refuse(decision);
    await this.#open(decision, { offer, url, rest });
  }

  async #decide(head: RequestHead, offer: UpgradeOffer, url: URL): Promise<UpgradeDecision> {
    const { host, secure } = this.#parts;
    const { signal } = this.#deadline;
    const context = { head, offer, url, secure, signal, remoteAddress: this.#remoteAddress };
    const expired = new Promise<UpgradeDecision>((resolve) => {
      signal.addEventListener("abort", () => resolve({ kind: "refused", ...TOO_SLOW }));
    });
    return await Promise.race([host.decide(context), expired]);
  }

  async #open(
    acceptance: Acceptance,
    request: { offer: UpgradeOffer; url: URL; rest: Uint8Array<ArrayBuffer> },
  ): Promise<void> {
    const { offer, url, rest } = request;
    const { subprotocol, options, handlers, data } = acceptance;
    const response = this.#formatResponse(acceptance, offer);
    if (response === undefined) return await this.#refuse(SERVER_ERROR);
    await writeAll(this.#stream, response);
    clearTimeout(this.#timer);
    const transport = new CodecTransport(new DenoLink(this.#stream), {
      role: "server",
      options,
      first: rest,
    });
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
        remoteAddress: this.#remoteAddress,
      },
    });
    this.#parts.host.onOpen(connection);
    await connection.closed;
  }

  /** The response 101; `undefined` when the application chose what must not be sent. */
  #formatResponse(acceptance: Acceptance, { key }: UpgradeOffer): Uint8Array | undefined {
    const { subprotocol, headers } = acceptance;
    try {
      return formatUpgradeResponse({ key, subprotocol, headers });
    } catch (error) {
      this.#parts.host.onError(error);
      return undefined;
    }
  }

  async #refuse(refusal: Refusal, method = "GET"): Promise<void> {
    clearTimeout(this.#timer);
    await answerAndClose(this.#stream, formatRefusal(refusal, { method }));
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
