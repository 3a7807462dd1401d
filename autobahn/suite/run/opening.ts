/**
 * Opening a WebSocket on a stream, in both parts.
 *
 * @module
 */
import type { DeflateAgreement, DeflateRequest } from "../model/case.ts";
import type { Head } from "../model/stage.ts";
import { utf8 } from "../wire/bytes.ts";
import {
  newKey,
  parseHead,
  refusal,
  requestFault,
  requestHead,
  responseFault,
  responseHead,
} from "../wire/handshake.ts";
import { field, latin1Text } from "../wire/head.ts";
import { answerOffers, offersField, readAnswer } from "../wire/permessage_deflate.ts";
import type { StreamReader } from "../wire/stream_reader.ts";

/** How long the opening handshake may take, in milliseconds. */
export const OPENING_LIMIT = 5000;

/** What came of an opening handshake. */
export interface Opening {
  /** Why it failed; `undefined` when it did not. */
  readonly failure: string | undefined;
  /** Whether it took too long. */
  readonly timedOut: boolean;
  /** Both heads as they were on the wire, as far as they came. */
  readonly request: string;
  readonly response: string;
  readonly deflate: DeflateAgreement | undefined;
}

/** An opening that a testee's part has spoiled. */
function failed(failure: string, heads: { request: string; response: string }): Opening {
  return { failure, timedOut: false, deflate: undefined, ...heads };
}

/** Where and how to open as a client. */
export interface ClientOpeningOptions {
  readonly path: string;
  readonly host: string;
  /** What to offer. */
  readonly deflate: readonly DeflateRequest[];
  /** How long the answer may take, in milliseconds. @default {5000} */
  readonly limit?: number;
}

/** Opens as a client. What comes after the server's head stays in the reader. */
export async function openAsClient(
  reader: StreamReader,
  { path, host, deflate, limit = OPENING_LIMIT }: ClientOpeningOptions,
): Promise<Opening> {
  const key = newKey();
  const offers = deflate.length > 0
    ? [["Sec-WebSocket-Extensions", offersField(deflate)] as const]
    : [];
  const request = requestHead({ path, host, key, fields: offers });
  await reader.write(utf8(request));
  const bytes = await reader.readHead(limit);
  if (typeof bytes === "string") {
    const failure = {
      "end": "the server ended the connection",
      "silence": `the server did not answer within ${limit / 1000} seconds`,
      "too long": "the server's answer has no end",
    }[bytes];
    return { ...failed(failure, { request, response: "" }), timedOut: bytes === "silence" };
  }
  const response = latin1Text(bytes);
  const head = parseHead(bytes)!;
  const fault = responseFault(head, key);
  if (fault !== undefined) return failed(fault, { request, response });
  const answer = readAnswer(field(head, "sec-websocket-extensions"), deflate.length > 0);
  if ("fault" in answer) return failed(answer.fault, { request, response });
  return {
    failure: undefined,
    timedOut: false,
    request,
    response,
    deflate: answer.agreement,
  };
}

/** A request that came, as text and read. */
export interface ReceivedRequest {
  readonly text: string;
  readonly head: Head;
}

/** Answers a request as a server: accepts it, or refuses it and says why. */
export async function openAsServer(
  reader: StreamReader,
  { text: request, head }: ReceivedRequest,
  { deflate }: { deflate: readonly DeflateRequest[] },
): Promise<Opening> {
  const fault = requestFault(head);
  if (fault !== undefined) {
    const response = refusal(fault.status, fault.words, fault);
    await reader.write(utf8(response));
    return failed(fault.words, { request, response });
  }
  const answer = answerOffers(field(head, "sec-websocket-extensions"), deflate);
  if ("fault" in answer) {
    const response = refusal("400 Bad Request", `Sec-WebSocket-Extensions: ${answer.fault}`);
    await reader.write(utf8(response));
    return failed(answer.fault, { request, response });
  }
  const key = field(head, "sec-websocket-key")!;
  const response = responseHead({
    key,
    fields: answer.answer ? [["Sec-WebSocket-Extensions", answer.answer]] : [],
  });
  await reader.write(utf8(response));
  return { failure: undefined, timedOut: false, request, response, deflate: answer.agreement };
}
