/**
 * The opening handshake of a client on a stream that is open: the request, and what the
 * server makes of it (RFC 6455 §4.1).
 *
 * @module
 */
import { writeAll } from "../engine/codec/byte_stream.ts";
import {
  checkUpgradeResponse,
  type ClientOffer,
  type UpgradeAgreement,
} from "../protocol/handshake/client_handshake.ts";
import { HeadParser, type ResponseHead } from "../protocol/handshake/head_parser.ts";
import { ConnectError, errorText, type RefusalResponse } from "./connect_error.ts";
import { readBody } from "./response_body.ts";

/** How much is read at a time, in bytes. */
const READ_BYTES = 4096;

/** What is asked of the server. */
export interface HandshakeRequest {
  /** The server, for messages. */
  readonly host: string;
  /** The bytes of the request. */
  readonly request: Uint8Array;
  /** What the request offers. */
  readonly offer: ClientOffer;
}

/** What the server agreed to. */
export interface HandshakeResult {
  /** The subprotocol and the extensions. */
  readonly agreement: UpgradeAgreement;
  /** The bytes behind the response that were read with it: the first frames. */
  readonly rest: Uint8Array<ArrayBuffer>;
}

/**
 * Sends the request and reads the response.
 *
 * @throws {ConnectError} with `ERR_REFUSED` and the response, `ERR_HANDSHAKE` or `ERR_STREAM`.
 */
export async function performHandshake(
  stream: Deno.Conn,
  { host, request, offer }: HandshakeRequest,
): Promise<HandshakeResult> {
  const { head, rest } = await exchange(stream, host, request);
  const agreement = checkUpgradeResponse(head, offer);
  if (agreement.kind === "agreement") return { agreement, rest };
  if (agreement.code !== "ERR_UNEXPECTED_STATUS") throw broken(agreement.message);
  const { status, reason } = head;
  const body = await readBody(head, { first: rest, read: () => readPiece(stream) });
  const headers = new Headers([...head.headers]);
  const response: RefusalResponse = { status, reason, headers, body };
  throw new ConnectError("ERR_REFUSED", describeRefusal(host, response), { response });
}

/** Sends the request and reads the head of the response. */
async function exchange(
  stream: Deno.Conn,
  host: string,
  request: Uint8Array,
): Promise<{ head: ResponseHead; rest: Uint8Array<ArrayBuffer> }> {
  const parser = new HeadParser("response");
  try {
    await writeAll(stream, request);
    for (let piece = await read(stream); piece !== null; piece = await read(stream)) {
      const used = parser.push(piece);
      const { head, failure } = parser;
      if (failure !== undefined) {
        throw broken(`the response is not well-formed: ${failure.message}`);
      }
      if (head !== undefined) return { head, rest: piece.slice(used) };
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

async function read(stream: Deno.Conn): Promise<Uint8Array<ArrayBuffer> | null> {
  const buffer = new Uint8Array(READ_BYTES);
  const count = await stream.read(buffer);
  return count === null ? null : buffer.subarray(0, count);
}

/** Reads some of a body; one that is cut short, for whatever cause, still tells something. */
function readPiece(stream: Deno.Conn): Promise<Uint8Array<ArrayBuffer> | null> {
  return read(stream).catch(() => null);
}

function broken(message: string): ConnectError {
  return new ConnectError("ERR_HANDSHAKE", `Cannot open the connection: ${message}`);
}

/** One line, in which nothing but plain ASCII comes from the server. */
function describeRefusal(host: string, { status, reason, headers }: RefusalResponse): string {
  const answer = isPlain(reason) ? `${status} ${reason}` : `${status}`;
  const location = headers.get("location") ?? "";
  const elsewhere = status >= 300 && status < 400 && isPlain(location)
    ? `; redirects are not followed, and this one points to ${location}`
    : "";
  return `Cannot open the connection: ${host} answered ${answer}, not 101${elsewhere}`;
}

function isPlain(text: string): boolean {
  return /^[\x20-\x7e]{1,200}$/.test(text);
}
