/**
 * One accepted connection from its first byte until it is an open WebSocket, a spliced HTTP
 * connection, or refused.
 *
 * @module
 */
import type { Connection } from "../../connection/connection.ts";
import type { RequestHead } from "../../protocol/handshake/head.ts";
import { checkRequestHead } from "../../protocol/handshake/request_check.ts";
import { formatRefusal, type Refusal } from "../../protocol/handshake/response.ts";
import { isUpgradeRequest } from "../../protocol/handshake/server_handshake.ts";
import { BAD_REQUEST, type Host, type RequestInfo, UPGRADE_REQUIRED } from "../host.ts";
import { HandshakeDeadline } from "../upgrade.ts";
import { answerUpgrade } from "./answer.ts";
import { answerAndClose, type ByteStream } from "./byte_stream.ts";
import { type ReadHead, readRequestHead } from "./head_reader.ts";
import type { HttpSplice } from "./http_splice.ts";
import { isPlainHttp } from "./spliced_connection.ts";

/** What the openings of one server share. */
export interface OpeningParts {
  readonly host: Host;
  /** Where plain HTTP goes; without it, it is refused. */
  readonly splice: HttpSplice | undefined;
  readonly secure: boolean;
}

/** The opening of one connection. */
export class Opening {
  readonly #stream: ByteStream;
  readonly #info: RequestInfo;
  readonly #parts: OpeningParts;
  #deadline: HandshakeDeadline;
  /** Before the request is whole, and once it is answered, time out means cut. */
  #answerable = false;

  /** The time that the opening may take begins now. */
  constructor(stream: ByteStream, parts: OpeningParts) {
    this.#stream = stream;
    this.#info = { remoteAddress: stream.remoteAddress, secure: parts.secure };
    this.#parts = parts;
    this.#deadline = this.#newDeadline();
  }

  /** Runs the opening; settles when the connection is over, whatever it became. */
  async run(): Promise<void> {
    try {
      const connection = await this.#open();
      this.#deadline.stop();
      await connection?.closed;
    } catch {
      // The peer is gone or was cut off before anything opened.
      this.#stream.close();
    } finally {
      this.#deadline.stop();
    }
  }

  /** Cuts the connection, whatever it has become, and ends the time to decide about it. */
  abort(): void {
    this.#stream.close();
    this.#deadline.expire();
  }

  #newDeadline(): HandshakeDeadline {
    return new HandshakeDeadline(this.#parts.host.handshakeTimeout, () => {
      if (!this.#answerable) this.#stream.close();
    });
  }

  /** Gives the connection, if it comes to one; else the stream is closed at the end. */
  async #open(): Promise<Connection | undefined> {
    const read = await this.#readRequest();
    if (read === undefined) return void this.#stream.close();
    const { parser, rest } = read;
    const { head, failure } = parser;
    if (head === undefined) return await this.#refuse(failure ?? BAD_REQUEST);
    if (isUpgradeRequest(head)) return await this.#upgrade(head, rest);
    return await this.#refuse(checkRequestHead(head) ?? UPGRADE_REQUIRED, head.method);
  }

  /** Gives the first request that is not plain HTTP, where that is served. */
  async #readRequest(): Promise<ReadHead | undefined> {
    const { splice } = this.#parts;
    const read = await readRequestHead(this.#stream);
    this.#answerable = true;
    if (read === undefined || splice === undefined || !isPlainHttp(read.parser.head)) return read;
    this.#deadline.stop();
    const next = await splice.serve(this.#stream, read, this.#info);
    // The handshake begins now; after `abort` it has no time.
    if (!this.#deadline.signal.aborted) this.#deadline = this.#newDeadline();
    return next;
  }

  async #upgrade(head: RequestHead, rest: Uint8Array): Promise<Connection | undefined> {
    const { host } = this.#parts;
    const { signal } = this.#deadline;
    const answer = await answerUpgrade(head, { host, info: this.#info, signal });
    if (answer.kind === "refused") return await this.#refuse(answer, head.method);
    this.#answerable = false;
    try {
      await this.#stream.write(answer.response);
    } catch (error) {
      answer.abandon();
      throw error;
    }
    // A copy: the connection must not keep the whole buffer that the head was read into.
    return answer.open(this.#stream.toLink(), rest.slice());
  }

  async #refuse(refusal: Refusal, method = "GET"): Promise<undefined> {
    this.#deadline.stop();
    await answerAndClose(this.#stream, formatRefusal(refusal, { method }));
  }
}
