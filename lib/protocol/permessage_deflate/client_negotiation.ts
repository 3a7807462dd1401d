/**
 * The client's half of the negotiation: what it offers, and which responses it takes
 * (RFC 7692 §5, §7.1). Each parameter has its truth table; together they are all there is.
 *
 * @module
 */
import type { ExtensionOffer } from "../handshake/extension_header.ts";
import type { DeflateAgreement } from "./agreement.ts";
import type { DeflateConfig } from "./config.ts";
import { type DeflateFailure, deflateFailure } from "./errors.ts";
import {
  type DeflateParameters,
  formatDeflateParameters,
  MAX_WINDOW_BITS,
  parseDeflateParameters,
  PERMESSAGE_DEFLATE,
  windowParameter,
} from "./parameters.ts";

/**
 * What to offer, most preferred first:
 *
 * | config                        | offer                        |
 * | ----------------------------- | ---------------------------- |
 * | serverContextTakeover: never  | `server_no_context_takeover` |
 * | clientContextTakeover: never  | `client_no_context_takeover` |
 * | serverMaxWindowBits: N < 15   | `server_max_window_bits=N`   |
 * | clientMaxWindowBits: 15       | `client_max_window_bits`     |
 * | clientMaxWindowBits: N < 15   | `client_max_window_bits=N`   |
 *
 * A server without support for `server_max_window_bits` must decline an offer with it, so
 * there is a second one without it (§7.1.3 has the same pair as an example).
 */
export function createDeflateOffers(config: DeflateConfig): ExtensionOffer[] {
  const plain: DeflateParameters = {
    serverNoContextTakeover: config.serverContextTakeover === "never",
    clientNoContextTakeover: config.clientContextTakeover === "never",
    serverMaxWindowBits: undefined,
    clientMaxWindowBits: windowParameter(config.clientMaxWindowBits) ?? true,
  };
  const serverMaxWindowBits = windowParameter(config.serverMaxWindowBits);
  const offers = serverMaxWindowBits === undefined
    ? [plain]
    : [{ ...plain, serverMaxWindowBits }, plain];
  return offers.map(formatDeflateParameters);
}

/**
 * Checks the parameters with which a server has accepted permessage-deflate against
 * `offers`, all that was offered. The response must accept one of them; a failure must fail
 * the connection (RFC 7692 §7). Where no offer fits, it tells what is wrong with the first.
 */
export function checkDeflateResponse(
  response: ExtensionOffer,
  offers: readonly ExtensionOffer[],
): DeflateAgreement | DeflateFailure {
  const answer = parseDeflateParameters(response.parameters, "response");
  if ("code" in answer) return answer;
  let failure: DeflateFailure | undefined;
  for (const { name, parameters } of offers) {
    if (name !== PERMESSAGE_DEFLATE) continue;
    const offer = parseDeflateParameters(parameters, "offer");
    // What no server can have accepted has no answer.
    if ("code" in offer) continue;
    const result = compare(offer, answer);
    if (!("code" in result)) return result;
    failure ??= result;
  }
  return failure ?? deflateFailure("ERR_DEFLATE_NOT_OFFERED", response.name);
}

/**
 * What follows from an offer and the answer to it. `server_no_context_takeover` (§7.1.1.1):
 *
 * | offer   | response | takeover |
 * | ------- | -------- | -------- |
 * | absent  | absent   | yes      |
 * | absent  | present  | no       |
 * | present | absent   | (fails)  |
 * | present | present  | no       |
 *
 * To accept it, the server must repeat it. It may answer it without having been asked.
 */
function compare(
  offer: DeflateParameters,
  answer: DeflateParameters,
): DeflateAgreement | DeflateFailure {
  if (offer.serverNoContextTakeover && !answer.serverNoContextTakeover) {
    return deflateFailure("ERR_DEFLATE_SERVER_TAKEOVER", undefined);
  }
  const serverMaxWindowBits = serverWindow(offer, answer);
  if (serverMaxWindowBits === undefined) {
    return deflateFailure("ERR_DEFLATE_SERVER_WINDOW", digits(answer.serverMaxWindowBits));
  }
  const clientMaxWindowBits = clientWindow(offer, answer);
  if (clientMaxWindowBits === undefined) {
    return deflateFailure("ERR_DEFLATE_CLIENT_WINDOW", digits(answer.clientMaxWindowBits));
  }
  return {
    serverNoContextTakeover: answer.serverNoContextTakeover,
    clientNoContextTakeover: clientNoContextTakeover(offer, answer),
    serverMaxWindowBits,
    clientMaxWindowBits,
  };
}

/**
 * `client_no_context_takeover` (§7.1.1.2):
 *
 * | offer   | response | takeover |
 * | ------- | -------- | -------- |
 * | absent  | absent   | yes      |
 * | absent  | present  | no       |
 * | present | absent   | no       |
 * | present | present  | no       |
 *
 * Who offers it has said that it will not take over, whatever the response. A client must
 * support it in a response also where it was not offered.
 */
function clientNoContextTakeover(offer: DeflateParameters, answer: DeflateParameters): boolean {
  return offer.clientNoContextTakeover || answer.clientNoContextTakeover;
}

/**
 * `server_max_window_bits` (§7.1.2.1); `undefined` where the connection fails:
 *
 * | offer  | response | window  |
 * | ------ | -------- | ------- |
 * | absent | absent   | 15      |
 * | absent | M        | M       |
 * | N      | absent   | (fails) |
 * | N      | M <= N   | M       |
 * | N      | M > N    | (fails) |
 *
 * Absent means 15, so that after an offer of 15 an absent one is right.
 */
function serverWindow(offer: DeflateParameters, answer: DeflateParameters): number | undefined {
  const { serverMaxWindowBits: bits = MAX_WINDOW_BITS } = answer;
  return bits > (offer.serverMaxWindowBits ?? MAX_WINDOW_BITS) ? undefined : bits;
}

/**
 * `client_max_window_bits` (§7.1.2.2); `undefined` where the connection fails:
 *
 * | offer    | response | window  |
 * | -------- | -------- | ------- |
 * | absent   | absent   | 15      |
 * | absent   | M        | (fails) |
 * | no value | absent   | 15      |
 * | no value | M        | M       |
 * | N        | absent   | N       |
 * | N        | M <= N   | M       |
 * | N        | M > N    | (fails) |
 *
 * Who offers a value has said that it will use no larger window, whatever the response. An
 * answer of 8 is in order; see {@linkcode deflateDirections} for what this end makes of it.
 */
function clientWindow(offer: DeflateParameters, answer: DeflateParameters): number | undefined {
  const { clientMaxWindowBits: offered } = offer;
  const { clientMaxWindowBits: answered } = answer;
  const limit = typeof offered === "number" ? offered : MAX_WINDOW_BITS;
  if (typeof answered !== "number") return limit;
  return offered === undefined || answered > limit ? undefined : answered;
}

/** A value for a message. */
function digits(bits: number | true | undefined): string | undefined {
  return bits === undefined ? undefined : `${bits}`;
}
