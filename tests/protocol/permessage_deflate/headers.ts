/**
 * Offers and responses as they stand in `Sec-WebSocket-Extensions`, so that the rows of a
 * truth table can be read.
 *
 * @module
 */
import {
  type ExtensionOffer,
  formatExtensions,
  parseExtensions,
} from "../../../lib/protocol/handshake/extension_header.ts";
import type { DeflateAgreement } from "../../../lib/protocol/permessage_deflate/agreement.ts";
import type { DeflateConfig } from "../../../lib/protocol/permessage_deflate/config.ts";

/** A configuration that wishes for nothing. */
export const OPEN: DeflateConfig = {
  serverContextTakeover: "allow",
  clientContextTakeover: "allow",
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};

/** Every configuration with windows of the given bits. */
export function configs(bits: readonly number[]): DeflateConfig[] {
  const takeovers = ["allow", "never"] as const;
  return takeovers.flatMap((serverContextTakeover) =>
    takeovers.flatMap((clientContextTakeover) =>
      bits.flatMap((serverMaxWindowBits) =>
        bits.map((clientMaxWindowBits) => ({
          serverContextTakeover,
          clientContextTakeover,
          serverMaxWindowBits,
          clientMaxWindowBits,
        }))
      )
    )
  );
}

/** The extensions of a field; each `;` that begins one stands for `permessage-deflate`. */
export function extensions(field: string): ExtensionOffer[] {
  const parsed = parseExtensions(field.replace(/(^|, ?)(?=;|$)/g, "$1permessage-deflate"));
  if (parsed === undefined) throw new TypeError(`${field} is not well formed`);
  return parsed;
}

/** The one extension of a field, written as for {@linkcode extensions}. */
export function extension(field: string): ExtensionOffer {
  const [only, ...more] = extensions(field);
  if (only === undefined || more.length > 0) throw new TypeError(`${field} must name one`);
  return only;
}

/** The opposite of {@linkcode extensions}. */
export function shown(offers: readonly ExtensionOffer[]): string {
  return formatExtensions(offers).replaceAll("permessage-deflate", "");
}

/** An agreement in short: what binds the server, and what the client. */
export function summary(agreement: DeflateAgreement): string {
  const { serverNoContextTakeover, clientNoContextTakeover } = agreement;
  const { serverMaxWindowBits, clientMaxWindowBits } = agreement;
  const server = `${serverNoContextTakeover ? "fresh" : "taken"} ${serverMaxWindowBits}`;
  const client = `${clientNoContextTakeover ? "fresh" : "taken"} ${clientMaxWindowBits}`;
  return `server ${server}, client ${client}`;
}
