/**
 * One request and the head of its response on a stream, be it a server's or a proxy's.
 *
 * @module
 */
import type { ResponseHead } from "../protocol/handshake/head.ts";
import { HeadParser } from "../protocol/handshake/head_parser.ts";
import { decodeLatin1 } from "../protocol/handshake/latin1.ts";
import type { ByteStream } from "../engine/codec/byte_stream.ts";
import { ConnectError, errorText, type RefusalResponse } from "./connect_error.ts";
import { readBody } from "./response_body.ts";

/** What came in answer to a request. */
export interface ExchangeResult {
  /** The head of the response. */
  readonly head: ResponseHead;
  /** The head as it came, with the interim responses before it. */
  readonly text: string;
  /** The bytes behind the head that were read with it. */
  readonly rest: Uint8Array<ArrayBuffer>;
}

/**
 * Sends the request and reads the head of the response. `host` is the other side, for messages.
 *
 * @throws {ConnectError} with `ERR_HANDSHAKE` when the response is not well-formed, `ERR_STREAM`
 * when it does not come whole.
 */
export async function exchange(
  stream: ByteStream,
  request: Uint8Array,
  host: string,
): Promise<ExchangeResult> {
  const parser = new HeadParser("response");
  try {
    await stream.write(request);
    for (let piece = await stream.read(); piece !== null; piece = await stream.read()) {
      const used = parser.push(piece);
      const { head, failure } = parser;
      if (failure !== undefined) {
        throw broken(`the response of ${host} is not well-formed: ${failure.message}`);
      }
      if (head !== undefined) {
        return { head, text: decodeLatin1(parser.raw), rest: piece.slice(used) };
      }
    }
  } catch (error) {
    if (error instanceof ConnectError) throw error;
    const message = `Cannot open the connection: the stream to ${host} failed: ${errorText(error)}`;
    throw new ConnectError("ERR_STREAM", message, { cause: error });
  }
  throw new ConnectError(
    "ERR_STREAM",
    `Cannot open the connection: ${host} closed it before its response was complete`,
  );
}

/** The response as a refusal, with what of its body comes. */
export async function readRefusal(
  stream: ByteStream,
  { head, rest }: ExchangeResult,
): Promise<RefusalResponse> {
  const { status, reason } = head;
  // A body that is cut short, for whatever cause, still tells something.
  const body = await readBody(head, { first: rest, read: () => stream.read().catch(() => null) });
  return { status, reason, headers: new Headers([...head.headers]), body };
}

/** The answer in few words, in which nothing but plain ASCII comes from the other side. */
export function describeAnswer({ status, reason }: { status: number; reason: string }): string {
  return isPlain(reason) ? `${status} ${reason}` : `${status}`;
}

/** Whether a text of the other side can stand in a message as it is. */
export function isPlain(text: string): boolean {
  return /^[\x20-\x7e]{1,200}$/.test(text);
}

/** The error when an answer breaks the rules. */
export function broken(message: string): ConnectError {
  return new ConnectError("ERR_HANDSHAKE", `Cannot open the connection: ${message}`);
}
