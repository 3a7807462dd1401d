/**
 * The four parameters of permessage-deflate as data, read from an offer or a response and
 * written into one (RFC 7692 §7.1).
 *
 * @module
 */
import type { ExtensionOffer } from "../handshake/extension_header.ts";
import { type DeflateFailure, deflateFailure } from "./errors.ts";

/** The registered name of the extension (RFC 7692 §7). */
export const PERMESSAGE_DEFLATE = "permessage-deflate";

/** The window that goes without saying, as the exponent of 2: 32,768 bytes (RFC 7692 §7.1.2). */
export const MAX_WINDOW_BITS = 15;

/** The parameters of one offer or response. */
export interface DeflateParameters {
  /** Whether the server begins each message with an empty window (§7.1.1.1). */
  readonly serverNoContextTakeover: boolean;
  /** Whether the client begins each message with an empty window (§7.1.1.2). */
  readonly clientNoContextTakeover: boolean;
  /** The largest window of the server, 8 to 15; `undefined` where it is not named (§7.1.2.1). */
  readonly serverMaxWindowBits: number | undefined;
  /**
   * The largest window of the client, 8 to 15; `undefined` where it is not named, and in an
   * offer `true` where it is named without a value (§7.1.2.2).
   */
  readonly clientMaxWindowBits: number | true | undefined;
}

/** Where parameters stand: in the request, or in the answer to it. */
export type DeflatePlace = "offer" | "response";

/** A decimal integer from 8 to 15 without leading zeros (§7.1.2.1, §7.1.2.2). */
const BITS: readonly string[] = ["8", "9", "10", "11", "12", "13", "14", "15"];

/** Every parameter with the values that it may have; `true` stands for none. */
const VALUES: ReadonlyMap<string, Readonly<Record<DeflatePlace, readonly (string | true)[]>>> =
  new Map([
    // §7.1.1.1: "has no value", in both places.
    ["server_no_context_takeover", { offer: [true], response: [true] }],
    // §7.1.1.2: the same.
    ["client_no_context_takeover", { offer: [true], response: [true] }],
    // §7.1.2.1: a value in both places.
    ["server_max_window_bits", { offer: BITS, response: BITS }],
    // §7.1.2.2: in an offer no value says that the client can be limited.
    ["client_max_window_bits", { offer: [true, ...BITS], response: BITS }],
  ]);

/**
 * Reads the parameters of one offer or response. What is wrong with them is the failure:
 * a server must decline the offer, and a client must fail the connection (RFC 7692 §7).
 */
export function parseDeflateParameters(
  parameters: ExtensionOffer["parameters"],
  place: DeflatePlace,
): DeflateParameters | DeflateFailure {
  const found = new Map<string, string | true>();
  for (const [name, value] of parameters) {
    const values = VALUES.get(name);
    // §7: not with a parameter that is not defined for this place ...
    if (values === undefined) return deflateFailure("ERR_DEFLATE_PARAMETER", name);
    // ... nor with several of the same name ...
    if (found.has(name)) return deflateFailure("ERR_DEFLATE_DUPLICATE", name);
    // ... nor with an invalid value.
    if (!values[place].includes(value)) {
      return deflateFailure("ERR_DEFLATE_VALUE", value === true ? name : `${name}=${value}`);
    }
    found.set(name, value);
  }
  const serverBits = found.get("server_max_window_bits");
  const clientBits = found.get("client_max_window_bits");
  return {
    serverNoContextTakeover: found.has("server_no_context_takeover"),
    clientNoContextTakeover: found.has("client_no_context_takeover"),
    serverMaxWindowBits: serverBits === undefined ? undefined : Number(serverBits),
    clientMaxWindowBits: typeof clientBits === "string" ? Number(clientBits) : clientBits,
  };
}

/** Writes an offer or a response, the opposite of {@linkcode parseDeflateParameters}. */
export function formatDeflateParameters(parameters: DeflateParameters): ExtensionOffer {
  const { serverNoContextTakeover, clientNoContextTakeover } = parameters;
  const { serverMaxWindowBits, clientMaxWindowBits } = parameters;
  const pairs: [string, string | true][] = [];
  if (serverNoContextTakeover) pairs.push(["server_no_context_takeover", true]);
  if (clientNoContextTakeover) pairs.push(["client_no_context_takeover", true]);
  if (serverMaxWindowBits !== undefined) {
    pairs.push(["server_max_window_bits", `${serverMaxWindowBits}`]);
  }
  if (clientMaxWindowBits !== undefined) {
    const value = clientMaxWindowBits === true ? true : `${clientMaxWindowBits}`;
    pairs.push(["client_max_window_bits", value]);
  }
  return { name: PERMESSAGE_DEFLATE, parameters: pairs };
}

/** `bits` as a parameter, which is left out where it would only say what holds without it. */
export function windowParameter(bits: number): number | undefined {
  return bits === MAX_WINDOW_BITS ? undefined : bits;
}
