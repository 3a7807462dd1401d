/**
 * permessage-deflate in the opening handshake of both roles: what is offered and answered,
 * and the compression that comes of it.
 *
 * @module
 */
import { createMessageCompression } from "../../compression/compression.ts";
import { planTakeover, type TakeoverPlan } from "../../compression/takeover_plan.ts";
import type { ResolvedCompression } from "../../connection/compression_options.ts";
import type { ExtensionOffer } from "../../protocol/handshake/extension_header.ts";
import { deflateDirections } from "../../protocol/permessage_deflate/agreement.ts";
import {
  checkDeflateResponse,
  createDeflateOffers,
} from "../../protocol/permessage_deflate/client_negotiation.ts";
import type { MessageCompression } from "../../protocol/permessage_deflate/codec.ts";
import type { DeflateFailure } from "../../protocol/permessage_deflate/errors.ts";
import { PERMESSAGE_DEFLATE } from "../../protocol/permessage_deflate/parameters.ts";
import { acceptDeflateOffer } from "../../protocol/permessage_deflate/server_negotiation.ts";

/** What a server agrees to. */
export interface CompressionAnswer {
  /** The extension for the response. */
  readonly response: ExtensionOffer;
  /** The compression of the connection; who does not open it closes it. */
  readonly compression: MessageCompression;
}

/** Answers a client's offers; `undefined` where there is no agreement. */
export function answerCompression(
  offers: readonly ExtensionOffer[],
  options: ResolvedCompression | false,
): CompressionAnswer | undefined {
  if (options === false || offers.length === 0) return undefined;
  const { level, memoryLevel } = options;
  const { config, reservation } = planTakeover(options.deflate, { role: "server", memoryLevel });
  const accepted = acceptDeflateOffer(offers, config);
  if (accepted === undefined) {
    reservation?.release();
    return undefined;
  }
  const directions = deflateDirections(accepted.agreement, "server");
  return {
    response: accepted.response,
    compression: createMessageCompression(directions, { level, memoryLevel, reservation }),
  };
}

/** Frees what a compression holds. */
export function closeCompression(compression: MessageCompression | undefined): void {
  compression?.inflater.close();
  compression?.deflater?.close();
}

/** What a client offers. It holds memory of the budget until it is settled or withdrawn. */
export class CompressionProposal {
  /** What to offer, most preferred first; empty without compression. */
  readonly offers: readonly ExtensionOffer[];
  readonly #options: ResolvedCompression | false;
  readonly #plan: TakeoverPlan | undefined;

  constructor(options: ResolvedCompression | false) {
    this.#options = options;
    this.#plan = options === false
      ? undefined
      : planTakeover(options.deflate, { role: "client", memoryLevel: options.memoryLevel });
    this.offers = this.#plan === undefined ? [] : createDeflateOffers(this.#plan.config);
  }

  /** The compression of what the server accepted, if it did; or what is wrong with that. */
  settle(accepted: readonly ExtensionOffer[]): MessageCompression | DeflateFailure | undefined {
    const response = accepted.find(({ name }) => name === PERMESSAGE_DEFLATE);
    if (response === undefined || this.#options === false) {
      this.withdraw();
      return undefined;
    }
    const agreement = checkDeflateResponse(response, this.offers);
    if ("code" in agreement) return agreement;
    const { level, memoryLevel } = this.#options;
    const reservation = this.#plan?.reservation;
    const directions = deflateDirections(agreement, "client");
    return createMessageCompression(directions, { level, memoryLevel, reservation });
  }

  /** Gives up what it holds. Does nothing once it is settled. */
  withdraw(): void {
    this.#plan?.reservation?.release();
  }
}
