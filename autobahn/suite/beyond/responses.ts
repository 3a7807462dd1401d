/**
 * Responses to a request for a WebSocket, put together by hand.
 *
 * @module
 */
import type { Head } from "../model/stage.ts";
import { acceptKey } from "../wire/handshake.ts";
import { field } from "../wire/head.ts";
import { buildHead, type HeadDraft } from "./head_draft.ts";

/** What a response depends on. */
export interface Requested {
  /** The Sec-WebSocket-Key of the request. */
  readonly key: string;
  /** The Sec-WebSocket-Accept that belongs to it. */
  readonly accept: string;
}

/** What is different about a response; without anything it is as RFC 6455 §4.2.2 has it. */
export type ResponseDraft = HeadDraft<Requested>;

/** The response that a draft describes. */
export function buildResponse(request: Head, draft: ResponseDraft = {}): Uint8Array {
  const key = field(request, "sec-websocket-key") ?? "";
  const context: Requested = { key, accept: acceptKey(key) };
  return buildHead({
    start: "HTTP/1.1 101 Switching Protocols",
    fields: {
      "Upgrade": "websocket",
      "Connection": "Upgrade",
      "Sec-WebSocket-Accept": context.accept,
    },
  }, { draft, context });
}
