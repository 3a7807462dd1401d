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
  readonly #stream: ByteStream;
  readonly #info: RequestInfo;
  readonly #parts: OpeningParts;
  readonly #deadline: HandshakeDeadline;
  /** Before the request is whole, and once it is answered, time out means cut. */
  #answerable = false;

  /** The time that the opening may take begins now. */
  constructor(stream: ByteStream, parts: OpeningParts) {
    this.#stream = stream;
    this.#info = { remoteAddress: stream.remoteAddress, secure: parts.secure };
    this.#parts = parts;
    this.#deadline = new HandshakeDeadline(parts.host.handshakeTimeout, () => {
      if (!this.#answerable) stream.close();
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

  /** Gives the connection, if it comes to one; else the stream is closed at the end. */
  async #open(): Promise<Connection | undefined> {
    const read = await readRequestHead(this.#stream);
    if (read === undefined) return void this.#stream.close();
    const { parser, rest } = read;
    const { head, failure } = parser;
    this.#answerable = true;
    if (head === undefined) return await this.#refuse(failure ?? BAD_REQUEST);
    if (isUpgradeRequest(head)) return await this.#upgrade(head, rest);
    const fault = checkRequestHead(head);
    if (fault !== undefined) return await this.#refuse(fault, head.method);
    return await this.#passOn(head, join(parser.raw, rest));
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
      await this.#stream.write(answer.response);
    } catch (error) {
      answer.abandon();
      throw error;
    }
    return answer.open(this.#stream.toLink(), rest);
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
