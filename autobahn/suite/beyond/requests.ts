/**
 * Requests for a WebSocket, put together by hand.
 *
 * @module
 */
import type { RawStage } from "../model/stage.ts";
import { newKey } from "../wire/handshake.ts";
import { buildHead, type HeadDraft } from "./head_draft.ts";

/** Where a request goes. */
export type Target = RawStage["target"];

/** What is different about a request; without anything it is as RFC 6455 §4.1 has it. */
export type RequestDraft = HeadDraft<Target>;

/** A request, ready to be sent. */
export interface BuiltRequest {
  readonly bytes: Uint8Array;
  /** The Sec-WebSocket-Key, as a server hashes it. */
  readonly key: string;
}

/** The request that a draft describes. */
export function buildRequest(target: Target, draft: RequestDraft = {}): BuiltRequest {
  const given = draft.fields?.["Sec-WebSocket-Key"];
  const key = typeof given === "string" ? given : newKey();
  const bytes = buildHead({
    start: `GET ${target.path} HTTP/1.1`,
    fields: {
      "Host": target.host,
      "Upgrade": "websocket",
      "Connection": "Upgrade",
      "Sec-WebSocket-Key": key,
      "Sec-WebSocket-Version": "13",
    },
  }, { draft, context: target });
  return { bytes, key };
}
