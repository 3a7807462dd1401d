/**
 * One accepted connection from its first byte until it is an open WebSocket, a spliced HTTP
 * connection, or refused.
 *
 * @module
 */
import type { Connection } from "../../connection/connection.ts";
import type { PeerAddress } from "../../connection/transport.ts";
import type { RequestHead } from "../../protocol/handshake/head.ts";
import { checkRequestHead } from "../../protocol/handshake/request_check.ts";
import { formatRefusal, type Refusal } from "../../protocol/handshake/response.ts";
import { isUpgradeRequest } from "../../protocol/handshake/server_handshake.ts";
import { BAD_REQUEST, type Host, type RequestInfo, UPGRADE_REQUIRED } from "../host.ts";
import { HandshakeDeadline } from "../upgrade.ts";
import { answerUpgrade } from "./answer.ts";
import { answerAndClose, closeQuietly, sendAtOnce, writeAll } from "./byte_stream.ts";
import { DenoLink } from "./deno_link.ts";
import { readRequestHead } from "./head_reader.ts";
import type { HttpSplice } from "./http_splice.ts";

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
  readonly #info: RequestInfo;
  readonly #parts: OpeningParts;
  readonly #deadline: HandshakeDeadline;
  /** Before the request is whole, and once it is answered, time out means cut. */
  #answerable = false;
  #securing = true;

  /** The time that the opening may take begins now. */
  constructor(stream: Deno.Conn, remoteAddress: PeerAddress, parts: OpeningParts) {
    this.#stream = stream;
    this.#info = { remoteAddress, secure: parts.secure };
    this.#parts = parts;
    this.#deadline = new HandshakeDeadline(parts.host.handshakeTimeout, () => {
      if (!this.#answerable && !this.#securing) closeQuietly(stream);
    });
  }

  /** Runs the opening; settles when the connection is over, whatever it became. */
  async run(): Promise<void> {
    try {
      const connection = await this.#open();
      this.#deadline.stop();
      await connection?.closed;
    } catch {
      // The peer is gone or was cut off before anything opened.
      closeQuietly(this.#stream);
    } finally {
      this.#deadline.stop();
    }
  }

  /** Cuts the connection, whatever it has become, and ends the time to decide about it. */
  abort(): void {
    closeQuietly(this.#stream);
    this.#deadline.expire();
  }

  /** Gives the connection, if it comes to one; else the stream is closed at the end. */
  async #open(): Promise<Connection | undefined> {
    sendAtOnce(this.#stream);
    await this.#secure();
    const read = await readRequestHead(this.#stream);
    if (read === undefined) return void closeQuietly(this.#stream);
    const { parser, rest } = read;
    const { head, failure } = parser;
    this.#answerable = true;
    if (head === undefined) return await this.#refuse(failure ?? BAD_REQUEST);
    if (isUpgradeRequest(head)) return await this.#upgrade(head, rest);
    const fault = checkRequestHead(head);
    if (fault !== undefined) return await this.#refuse(fault, head.method);
    return await this.#passOn(head, join(parser.raw, rest));
  }

  /**
   * Waits for the handshake of TLS. Before it is done the runtime cannot cut a stream: closing
   * it would hide a socket that lives until the client leaves. So its place stays taken.
   */
  async #secure(): Promise<void> {
    if ("handshake" in this.#stream) await (this.#stream as Deno.TlsConn).handshake();
    this.#securing = false;
    this.#deadline.signal.throwIfAborted();
  }

  async #passOn(head: RequestHead, start: Uint8Array): Promise<undefined> {
    const { splice } = this.#parts;
    if (splice === undefined) return await this.#refuse(UPGRADE_REQUIRED, head.method);
    this.#deadline.stop();
    await splice.serve(this.#stream, start, this.#info);
  }

  async #upgrade(head: RequestHead, rest: Uint8Array): Promise<Connection | undefined> {
    const { host } = this.#parts;
    const { signal } = this.#deadline;
    const answer = await answerUpgrade(head, { host, info: this.#info, signal });
    if (answer.kind === "refused") return await this.#refuse(answer, head.method);
    this.#answerable = false;
    try {
      await writeAll(this.#stream, answer.response);
    } catch (error) {
      answer.abandon();
      throw error;
    }
    return answer.open(new DenoLink(this.#stream), rest);
  }

  async #refuse(refusal: Refusal, method = "GET"): Promise<undefined> {
    this.#deadline.stop();
    await answerAndClose(this.#stream, formatRefusal(refusal, { method }));
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}
