/**
 * The codec engine's answer to a request for a WebSocket, whatever carries the bytes.
 *
 * @module
 */
import type { Connection } from "../../connection/connection.ts";
import type { RequestHead } from "../../protocol/handshake/head.ts";
import { formatUpgradeResponse } from "../../protocol/handshake/response.ts";
import { type Acceptance, type Host, type RequestInfo, SERVER_ERROR } from "../host.ts";
import type { Link } from "../link.ts";
import {
  type CheckedUpgrade,
  checkUpgrade,
  decideInTime,
  openConnection,
  type RefusedUpgrade,
} from "../upgrade.ts";
import { answerCompression, closeCompression } from "./compression.ts";
import { CodecTransport } from "./transport.ts";

/** An upgrade that is accepted: what to send, and how to go on when it is sent. */
export interface AcceptedUpgrade {
  readonly kind: "accepted";
  /** The response 101. */
  readonly response: Uint8Array;
  /** Opens the connection; `first` is what was read behind the request. */
  open(link: Link, first: Uint8Array): Connection;
  /** Gives it up: the response could not be sent. */
  abandon(): void;
}

/** Checks a request and has the host decide about it, until `signal` fires. */
export async function answerUpgrade(
  head: RequestHead,
  { host, info, signal }: { host: Host; info: RequestInfo; signal: AbortSignal },
): Promise<AcceptedUpgrade | RefusedUpgrade> {
  const upgrade = checkUpgrade(head, info);
  if (upgrade.kind === "refused") return upgrade;
  const decision = await decideInTime(host, upgrade, signal);
  return decision.kind === "refused" ? decision : accept(host, upgrade, decision);
}

function accept(
  host: Host,
  upgrade: CheckedUpgrade,
  acceptance: Acceptance,
): AcceptedUpgrade | RefusedUpgrade {
  const { subprotocol, headers, options } = acceptance;
  const { key, extensions: offers } = upgrade.offer;
  const agreed = answerCompression(offers, options.compression);
  const compression = agreed?.compression;
  const extensions = agreed === undefined ? [] : [agreed.response];
  try {
    return {
      kind: "accepted",
      response: formatUpgradeResponse({ key, subprotocol, extensions, headers }),
      open(link, first) {
        const transport = new CodecTransport(link, { role: "server", options, compression, first });
        return openConnection(host, upgrade, { acceptance, transport, extensions });
      },
      abandon: () => closeCompression(compression),
    };
  } catch (error) {
    closeCompression(compression);
    // The application chose what must not be sent.
    host.onError(error);
    return { kind: "refused", ...SERVER_ERROR };
  }
}
