/**
 * The server's half of the negotiation: which offer it accepts, and what it answers
 * (RFC 7692 §5, §7.1). Each parameter has its truth table; together they are all there is.
 *
 * @module
 */
import type { ExtensionOffer } from "../handshake/extension_header.ts";
import { type DeflateAgreement, MIN_DEFLATE_BITS } from "./agreement.ts";
import type { ContextTakeover, DeflateConfig } from "./config.ts";
import {
  type DeflateParameters,
  formatDeflateParameters,
  MAX_WINDOW_BITS,
  parseDeflateParameters,
  PERMESSAGE_DEFLATE,
  windowParameter,
} from "./parameters.ts";

/** An offer that was accepted. */
export interface DeflateAcceptance {
  /** How both ends compress from now on. */
  readonly agreement: DeflateAgreement;
  /** What the response says of it, for `Sec-WebSocket-Extensions`. */
  readonly response: ExtensionOffer;
}

/**
 * Accepts the first offer of permessage-deflate that can be accepted; `undefined` where
 * there is none, and the connection opens without it. Other extensions are passed over.
 */
export function acceptDeflateOffer(
  offers: readonly ExtensionOffer[],
  config: DeflateConfig,
): DeflateAcceptance | undefined {
  // RFC 7692 §5: the client prefers what it offers first, and only one may be accepted.
  for (const { name, parameters } of offers) {
    if (name !== PERMESSAGE_DEFLATE) continue;
    const offer = parseDeflateParameters(parameters, "offer");
    // §7: the server MUST decline what is malformed, and what it does not support.
    if ("code" in offer || !isSupported(offer)) continue;
    const answer = answerTo(offer, config);
    return { agreement: agreementOf(answer), response: formatDeflateParameters(answer) };
  }
  return undefined;
}

/** `server_max_window_bits=8` is a limit that our compressor cannot keep (§7.1.2.1). */
function isSupported({ serverMaxWindowBits }: DeflateParameters): boolean {
  return serverMaxWindowBits === undefined || serverMaxWindowBits >= MIN_DEFLATE_BITS;
}

/** The response to an offer that is accepted. */
function answerTo(offer: DeflateParameters, config: DeflateConfig): ResponseParameters {
  return {
    serverNoContextTakeover: noContextTakeover(
      offer.serverNoContextTakeover,
      config.serverContextTakeover,
    ),
    clientNoContextTakeover: noContextTakeover(
      offer.clientNoContextTakeover,
      config.clientContextTakeover,
    ),
    serverMaxWindowBits: serverWindow(offer.serverMaxWindowBits, config.serverMaxWindowBits),
    clientMaxWindowBits: clientWindow(offer.clientMaxWindowBits, config.clientMaxWindowBits),
  };
}

/** Parameters in which the client's window has a value wherever it is named (§7.1.2.2). */
interface ResponseParameters extends DeflateParameters {
  readonly clientMaxWindowBits: number | undefined;
}

/**
 * `server_no_context_takeover` (§7.1.1.1) and `client_no_context_takeover` (§7.1.1.2):
 *
 * | offer   | config | response | takeover |
 * | ------- | ------ | -------- | -------- |
 * | absent  | allow  | absent   | yes      |
 * | absent  | never  | present  | no       |
 * | present | allow  | present  | no       |
 * | present | never  | present  | no       |
 *
 * Both may be answered without having been offered. To accept the server's, it must be
 * repeated. The client's is a hint that could be ignored; repeated, it binds the client,
 * and the memory for its window is saved.
 */
function noContextTakeover(offered: boolean, wish: ContextTakeover): boolean {
  return offered || wish === "never";
}

/**
 * `server_max_window_bits` (§7.1.2.1), with a wish of W from 9 to 15:
 *
 * | offer  | config | response   | window    |
 * | ------ | ------ | ---------- | --------- |
 * | absent | 15     | absent     | 15        |
 * | absent | W < 15 | W          | W         |
 * | 8      | any    | (declined) |           |
 * | N >= 9 | W      | min(N, W)  | min(N, W) |
 *
 * It may be answered without having been offered. To accept it, it must be repeated with
 * the same or a smaller value.
 */
function serverWindow(offered: number | undefined, wish: number): number | undefined {
  return offered === undefined ? windowParameter(wish) : Math.min(offered, wish);
}

/**
 * `client_max_window_bits` (§7.1.2.2), with a wish of W from 9 to 15; where the response
 * would be 15, it is absent, which means the same:
 *
 * | offer    | config | response  | window    |
 * | -------- | ------ | --------- | --------- |
 * | absent   | any    | absent    | 15        |
 * | no value | W      | W         | W         |
 * | 8        | any    | absent    | 15        |
 * | N >= 9   | W      | min(N, W) | min(N, W) |
 *
 * It must not be answered where it was not offered. A value is a hint, which the server may
 * ignore, or answer with the same or a smaller one. An 8 is ignored: the client may
 * have a zlib that takes 8 for 9, and the largest window decompresses whatever it sends.
 */
function clientWindow(offered: number | true | undefined, wish: number): number | undefined {
  if (offered === undefined) return undefined;
  if (offered === true) return windowParameter(wish);
  return offered < MIN_DEFLATE_BITS ? undefined : windowParameter(Math.min(offered, wish));
}

/** What a response says; a window that it does not name is the largest (§7.1.2). */
function agreementOf(response: ResponseParameters): DeflateAgreement {
  return {
    ...response,
    serverMaxWindowBits: response.serverMaxWindowBits ?? MAX_WINDOW_BITS,
    clientMaxWindowBits: response.clientMaxWindowBits ?? MAX_WINDOW_BITS,
  };
}
