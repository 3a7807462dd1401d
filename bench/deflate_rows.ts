/**
 * The servers with permessage-deflate: one row for each setting that is measured.
 *
 * @module
 */

import type { Peer, PeerName, Row } from "./peers.ts";

/** A server that compresses in one setting. */
export interface DeflateRow extends Row {
  readonly peer: PeerName;
  /** The compression level, where it can be set. */
  readonly level?: number;
}

const LEVELS = [1, 6] as const;
/** The level at which memory is measured: the default of zlib. */
const MEMORY_LEVEL = 6;

/**
 * The level of `ws` that Bun is compared with. Its own cannot be set; its echoes are exactly as long
 * as those of this library at level 6, which is the default of zlib.
 */
export const BUN_LEVEL = 6;

const UNABLE: Partial<Record<PeerName, string>> = {
  deno: "has no permessage-deflate",
  native: "has no permessage-deflate, as it is the runtime's own WebSocket",
};

/** The rows of compressed echo, without context takeover. */
export function deflateRows(peers: readonly Peer[]): DeflateRow[] {
  return peers.flatMap((peer): DeflateRow[] => {
    if (isUnable(peer)) return [unableRow(peer)];
    if (peer.key === "bun") return [variant(peer, { flags: ["--deflate", "shared"] })];
    return LEVELS.map((level) =>
      variant(peer, { text: `level ${level}`, flags: ["--deflate", `${level}`], level })
    );
  });
}

/** The rows of memory, with and without context takeover. */
export function deflateMemoryRows(
  peers: readonly Peer[],
): (DeflateRow & { readonly takeover: boolean })[] {
  return peers.flatMap((peer) => {
    if (isUnable(peer)) return [{ ...unableRow(peer), takeover: false }];
    return [false, true].map((takeover) => {
      const flags = peer.key === "bun"
        ? ["--deflate", takeover ? "dedicated" : "shared"]
        : ["--deflate", `${MEMORY_LEVEL}`, ...(takeover ? ["--takeover"] : [])];
      const text = takeover ? "takeover" : "no takeover";
      return { ...variant(peer, { text, flags }), takeover };
    });
  });
}

/** The key of the row of `ws` that a row is compared with. */
export function deflateBaseline({ level = BUN_LEVEL }: DeflateRow): string {
  return `ws, level ${level}`;
}

function isUnable({ key }: Peer): boolean {
  return UNABLE[key] !== undefined;
}

function unableRow({ key, label, command }: Peer): DeflateRow {
  return { key, label, command, peer: key, missing: UNABLE[key] ?? "" };
}

function variant(
  { key, label, command, ...rest }: Peer,
  { text, flags, level }: { text?: string; flags: readonly string[]; level?: number },
): DeflateRow {
  const suffix = text === undefined ? "" : `, ${text}`;
  return {
    ...rest,
    key: `${key}${suffix}`,
    label: `${label}${suffix}`,
    command: [...command, ...flags],
    peer: key,
    ...(level === undefined ? {} : { level }),
  };
}
