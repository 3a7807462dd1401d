/**
 * What a client makes of the answer to its opening handshake (RFC 6455 §4.1).
 *
 * @module
 */
import {
  checkUpgradeResponse,
  type ClientOffer,
  type UpgradeAgreement,
} from "../protocol/handshake/client_handshake.ts";
import type { ResponseHead } from "../protocol/handshake/head.ts";
import type { ByteStream } from "../engine/codec/byte_stream.ts";
import { ConnectError } from "./connect_error.ts";
import { broken, describeAnswer, type ExchangeResult, isPlain, readRefusal } from "./exchange.ts";

/** Why a response that points elsewhere is not followed. */
export interface UnfollowedRedirect {
  /** What keeps from following; `undefined` when redirects were not asked for. */
  readonly reason: string | undefined;
}

/**
 * The agreement in a response of 101; `undefined` for any other status.
 *
 * @throws {ConnectError} with `ERR_HANDSHAKE` when the response breaks a rule.
 */
export function readAgreement(
  head: ResponseHead,
  offer: ClientOffer,
): UpgradeAgreement | undefined {
  const result = checkUpgradeResponse(head, offer);
  if (result.kind === "agreement") return result;
  if (result.code !== "ERR_UNEXPECTED_STATUS") throw broken(result.message);
  return undefined;
}

/** The error for a response of another status, with its body. */
export async function refusalOf(
  stream: ByteStream,
  answer: ExchangeResult,
  { host, redirect }: { host: string; redirect: UnfollowedRedirect | undefined },
): Promise<ConnectError> {
  const response = await readRefusal(stream, answer);
  const message = `Cannot open the connection: ${host} answered ${describeAnswer(response)}, ` +
    `not 101${describeRedirect(response.headers.get("location") ?? "", redirect)}`;
  return new ConnectError("ERR_REFUSED", message, { response });
}

function describeRedirect(location: string, redirect: UnfollowedRedirect | undefined): string {
  if (redirect === undefined) return "";
  const { reason } = redirect;
  if (reason !== undefined) {
    const place = isPlain(location) ? ` to ${location}` : "";
    return `; its redirect${place} is not followed: ${reason}`;
  }
  return isPlain(location)
    ? `; redirects are not followed, and this one points to ${location}`
    : "";
}
