/**
 * Whether a new connection may have takeover: where zlib has no contexts that last, or the
 * budget is spent, it is negotiated without.
 *
 * @module
 */
import type { Role } from "../protocol/frame_parser.ts";
import type { DeflateConfig } from "../protocol/permessage_deflate/config.ts";
import { MAX_WINDOW_BITS } from "../protocol/permessage_deflate/parameters.ts";
import {
  type CompressionBudget,
  compressionBudget,
  deflateContextBytes,
  inflateContextBytes,
  type Reservation,
} from "./budget.ts";
import { type ZlibForm, zlibForm } from "./form.ts";

/** What to negotiate, and what is reserved for it. */
export interface TakeoverPlan {
  /** What was wished for; without takeover where that does not fit. */
  readonly config: DeflateConfig;
  /**
   * To be handed to `createMessageCompression`, or released where the connection does not
   * open or opens without compression. `undefined` without takeover.
   */
  readonly reservation: Reservation | undefined;
}

/** What there is to know of a connection before it is negotiated. */
export interface TakeoverPlanOptions {
  /** Our role. */
  role: Role;
  /** How much memory a compressor takes, from 1 to 9. */
  memoryLevel: number;
  /** Where its contexts count. @default compressionBudget */
  budget?: CompressionBudget;
  /** In which form zlib is used. @default zlibForm() */
  form?: ZlibForm;
}

/**
 * Says whether a new connection may have takeover, and reserves the most that it could then
 * come to. To be asked before each negotiation.
 */
export function planTakeover(config: DeflateConfig, options: TakeoverPlanOptions): TakeoverPlan {
  const { role, memoryLevel, budget = compressionBudget } = options;
  const server = config.serverContextTakeover === "allow";
  const client = config.clientContextTakeover === "allow";
  if (!server && !client) return { config, reservation: undefined };
  const [outgoing, incoming] = role === "server" ? [server, client] : [client, server];
  const bits = role === "server" ? config.serverMaxWindowBits : config.clientMaxWindowBits;
  // The peer's window has no limit but the largest: ours is a wish.
  const bytes = (outgoing ? deflateContextBytes(bits, memoryLevel) : 0) +
    (incoming ? inflateContextBytes(MAX_WINDOW_BITS) : 0);
  const { form = zlibForm() } = options;
  const reservation = form === "contexts" ? budget.reserve(bytes) : undefined;
  if (reservation !== undefined) return { config, reservation };
  return {
    config: { ...config, serverContextTakeover: "never", clientContextTakeover: "never" },
    reservation,
  };
}
