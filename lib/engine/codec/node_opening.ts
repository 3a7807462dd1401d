/**
 * One upgrade of `node:http`, from the request that the HTTP server has read until it is an
 * open WebSocket or refused.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";
import type { Connection } from "../../connection/connection.ts";
import { type RequestHead, requestHeadFrom } from "../../protocol/handshake/head.ts";
import type { HeaderField } from "../../protocol/handshake/header_list.ts";
import { formatRefusal, type Refusal } from "../../protocol/handshake/response.ts";
import type { Host, RequestInfo } from "../host.ts";
import { HandshakeDeadline, visibleTarget } from "../upgrade.ts";
import { answerUpgrade } from "./answer.ts";
import { answerAndClose, type ByteStream } from "./byte_stream.ts";

/** An upgrade whose stream was taken over. */
export interface NodeUpgrade {
  readonly request: IncomingMessage;
  readonly stream: ByteStream;
  /** Where it came from. */
  readonly info: RequestInfo;
  /** What was read behind the request. */
  readonly first: Uint8Array;
}

/** The opening of one connection. */
export class NodeOpening {
  readonly #upgrade: NodeUpgrade;
  readonly #host: Host;
  readonly #deadline: HandshakeDeadline;
  /** It is decided: from now on, time out means cut. */
  #answered = false;

  /** The time that the opening may take begins now. */
  constructor(upgrade: NodeUpgrade, host: Host) {
    this.#upgrade = upgrade;
    this.#host = host;
    this.#deadline = new HandshakeDeadline(host.handshakeTimeout, () => {
      if (this.#answered) upgrade.stream.close();
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
      this.#upgrade.stream.close();
    } finally {
      this.#deadline.stop();
    }
  }

  /** Cuts the connection, whatever it has become, and ends the time to decide about it. */
  abort(): void {
    this.#upgrade.stream.close();
    this.#deadline.expire();
  }

  /** Gives the connection, if it comes to one; else the stream is closed at the end. */
  async #open(): Promise<Connection | undefined> {
    const { request, stream, info, first } = this.#upgrade;
    const { signal } = this.#deadline;
    const parts = { host: this.#host, info, signal };
    const answer = await answerUpgrade(headOf(request), parts);
    if (answer.kind === "refused") {
      this.#deadline.stop();
      return void await refuse(this.#upgrade, answer);
    }
    this.#answered = true;
    try {
      await stream.write(answer.response);
    } catch (error) {
      answer.abandon();
      throw error;
    }
    return answer.open(stream.toLink(), first);
  }
}

/** Refuses an upgrade; settles when the stream is closed. */
export async function refuse({ request, stream }: NodeUpgrade, refusal: Refusal): Promise<void> {
  await answerAndClose(stream, formatRefusal(refusal, { method: request.method }));
}

/** The head of a request as the check takes it: every field as it came, repeated ones too. */
function headOf(request: IncomingMessage): RequestHead {
  const { method = "", url = "", httpVersion, rawHeaders } = request;
  const fields: HeaderField[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    fields.push([rawHeaders[at]!, rawHeaders[at + 1]!]);
  }
  const head = requestHeadFrom(method, visibleTarget(url), fields);
  return httpVersion === "1.0" ? { ...head, httpVersion } : head;
}
