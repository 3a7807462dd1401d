/**
 * What is negotiated with every peer, in both roles: one row for each case and peer. What the
 * peer is told is in its own terms, and what is agreed on is the header field of the response,
 * to the letter. What a peer cannot do is a row with the reason.
 */
import type { CompressionOptions } from "../../lib/mod.ts";
import type { PeerCompression } from "./harness.ts";

/** What the peer is told in a case, and what is then agreed on. */
export interface Agreed {
  readonly theirs: PeerCompression;
  readonly agreed: string;
}

/** What comes of a case with a peer; or why there is no such case. */
export type Outcome = Agreed | { readonly cannot: string };

/** Wishes for permessage-deflate on both sides, and their outcome with each peer. */
export interface CompressionCase {
  readonly name: string;
  /** The option `compression` of our side. */
  readonly ours: CompressionOptions | true;
  /** With our server, by the name of the client; some are left out where others show as much. */
  readonly clients: Readonly<Record<string, Outcome>>;
  /** With our client, by the name of the server. */
  readonly servers: Readonly<Record<string, Outcome>>;
}

const TAKEOVER: CompressionOptions = {
  serverContextTakeover: "allow",
  clientContextTakeover: "allow",
  threshold: 0,
};

const DEFLATE = "permessage-deflate";
const NONE = `${DEFLATE}; server_no_context_takeover; client_no_context_takeover`;
const NONE_BY_BUN = `${DEFLATE}; client_no_context_takeover; server_no_context_takeover`;

const NO_TAKEOVER: Outcome = { cannot: "it has no takeover in either direction, whatever we ask" };
const NO_CHOICE: Outcome = { cannot: "it can only be told whether to compress" };
const PAGE: Outcome = { cannot: "a page has no say in it" };

/** The answer that names both windows. */
function windows(serverBits: number, clientBits: number): string {
  return `${DEFLATE}; server_max_window_bits=${serverBits}; client_max_window_bits=${clientBits}`;
}

/** All cases. That we do without compression is what the tests without it show. */
export const COMPRESSION_CASES: readonly CompressionCase[] = [
  {
    name: "defaults",
    ours: true,
    clients: {
      gorilla: { theirs: true, agreed: NONE },
      python: { theirs: true, agreed: NONE },
      ws: { theirs: true, agreed: NONE },
      bun: { theirs: true, agreed: NONE },
      chromium: { theirs: true, agreed: NONE },
    },
    servers: {
      gorilla: { theirs: true, agreed: NONE },
      python: { theirs: true, agreed: windows(12, 12) },
      ws: { theirs: true, agreed: DEFLATE },
      bun: { theirs: true, agreed: NONE_BY_BUN },
    },
  },
  {
    name: "we allow takeover both ways and compress every message",
    ours: TAKEOVER,
    clients: {
      gorilla: { theirs: true, agreed: NONE },
      python: { theirs: {}, agreed: DEFLATE },
      ws: { theirs: { threshold: 0 }, agreed: DEFLATE },
      bun: { theirs: true, agreed: DEFLATE },
    },
    servers: {
      gorilla: { theirs: true, agreed: NONE },
      python: { theirs: {}, agreed: DEFLATE },
      ws: { theirs: { threshold: 0 }, agreed: DEFLATE },
      bun: { theirs: { compress: "dedicated", decompress: "dedicated" }, agreed: DEFLATE },
    },
  },
  {
    name: "we refuse takeover from the client",
    ours: { ...TAKEOVER, clientContextTakeover: "never" },
    clients: {
      gorilla: NO_TAKEOVER,
      python: { theirs: true, agreed: `${DEFLATE}; client_no_context_takeover` },
      ws: { theirs: { threshold: 0 }, agreed: `${DEFLATE}; client_no_context_takeover` },
      bun: { theirs: true, agreed: `${DEFLATE}; client_no_context_takeover` },
    },
    servers: {
      gorilla: NO_TAKEOVER,
      python: { theirs: {}, agreed: `${DEFLATE}; client_no_context_takeover` },
      ws: { theirs: { threshold: 0 }, agreed: `${DEFLATE}; client_no_context_takeover` },
      bun: {
        theirs: { compress: "dedicated", decompress: "dedicated" },
        agreed: `${DEFLATE}; client_no_context_takeover`,
      },
    },
  },
  {
    name: "the peer refuses takeover from the server",
    ours: TAKEOVER,
    clients: {
      gorilla: NO_TAKEOVER,
      python: {
        theirs: { server_no_context_takeover: true },
        agreed: `${DEFLATE}; server_no_context_takeover`,
      },
      ws: {
        theirs: { serverNoContextTakeover: true, threshold: 0 },
        agreed: `${DEFLATE}; server_no_context_takeover`,
      },
      bun: NO_CHOICE,
      chromium: PAGE,
    },
    servers: {
      gorilla: NO_TAKEOVER,
      python: {
        theirs: { server_no_context_takeover: true },
        agreed: `${DEFLATE}; server_no_context_takeover`,
      },
      ws: {
        theirs: { serverNoContextTakeover: true, threshold: 0 },
        agreed: `${DEFLATE}; server_no_context_takeover`,
      },
      bun: {
        theirs: { compress: "shared", decompress: "dedicated" },
        agreed: `${DEFLATE}; server_no_context_takeover`,
      },
    },
  },
  {
    name: "we ask for windows of 9 and 12 bits",
    ours: {
      ...TAKEOVER,
      serverMaxWindowBits: 9,
      clientMaxWindowBits: 12,
      level: 9,
      memoryLevel: 1,
    },
    clients: {
      gorilla: { theirs: true, agreed: `${NONE}; server_max_window_bits=9` },
      python: { theirs: true, agreed: windows(9, 12) },
      ws: { theirs: true, agreed: windows(9, 12) },
      bun: { theirs: true, agreed: windows(9, 12) },
      chromium: { theirs: true, agreed: windows(9, 12) },
    },
    servers: {
      gorilla: { theirs: true, agreed: NONE },
      python: { theirs: true, agreed: windows(9, 12) },
      ws: { theirs: true, agreed: windows(9, 12) },
      bun: {
        theirs: { compress: "dedicated", decompress: "dedicated" },
        agreed: `${DEFLATE}; client_max_window_bits=12; server_max_window_bits=9`,
      },
    },
  },
  {
    name: "we ask for windows of 12 and 9 bits, the peer knows no limit for its own",
    ours: { ...TAKEOVER, serverMaxWindowBits: 12, clientMaxWindowBits: 9 },
    clients: {
      gorilla: { theirs: true, agreed: `${NONE}; server_max_window_bits=12` },
      python: {
        theirs: { client_max_window_bits: null },
        agreed: `${DEFLATE}; server_max_window_bits=12`,
      },
      ws: {
        theirs: { clientMaxWindowBits: false },
        agreed: `${DEFLATE}; server_max_window_bits=12`,
      },
      bun: NO_CHOICE,
      chromium: PAGE,
    },
    servers: {
      gorilla: { theirs: true, agreed: NONE },
      python: { cannot: "it always knows one" },
      ws: {
        theirs: { serverMaxWindowBits: false },
        agreed: `${DEFLATE}; client_max_window_bits=9`,
      },
      bun: { theirs: { compress: "shared", decompress: "shared" }, agreed: NONE_BY_BUN },
    },
  },
  {
    name: "the peer asks for smaller windows",
    ours: TAKEOVER,
    clients: {
      gorilla: NO_CHOICE,
      python: {
        theirs: { server_max_window_bits: 12, client_max_window_bits: 9 },
        agreed: windows(12, 9),
      },
      ws: { theirs: { serverMaxWindowBits: 12, clientMaxWindowBits: 9 }, agreed: windows(12, 9) },
      bun: NO_CHOICE,
      chromium: PAGE,
    },
    servers: {
      gorilla: NO_CHOICE,
      python: {
        theirs: { server_max_window_bits: 12, client_max_window_bits: 9 },
        agreed: windows(12, 9),
      },
      ws: {
        theirs: { serverMaxWindowBits: 12, clientMaxWindowBits: 9 },
        agreed: `${DEFLATE}; client_max_window_bits=9; server_max_window_bits=12`,
      },
      bun: {
        theirs: { compress: "4KB", decompress: "dedicated" },
        agreed: `${DEFLATE}; server_max_window_bits=9`,
      },
    },
  },
  {
    name: "the peer names windows of 15 bits",
    ours: true,
    clients: {
      gorilla: NO_CHOICE,
      python: {
        theirs: { server_max_window_bits: 15, client_max_window_bits: 15 },
        agreed: `${NONE}; server_max_window_bits=15`,
      },
      ws: {
        theirs: { serverMaxWindowBits: 15, clientMaxWindowBits: 15 },
        agreed: `${NONE}; server_max_window_bits=15`,
      },
      bun: NO_CHOICE,
      chromium: PAGE,
    },
    servers: {
      gorilla: NO_CHOICE,
      python: {
        theirs: { server_max_window_bits: 15, client_max_window_bits: 15 },
        agreed: windows(15, 15),
      },
      ws: {
        theirs: { serverMaxWindowBits: 15, clientMaxWindowBits: 15 },
        agreed: `${DEFLATE}; client_max_window_bits=15; server_max_window_bits=15`,
      },
      bun: { cannot: "it names no window that is the largest" },
    },
  },
  {
    // zlib has no such window to compress with: our server declines, our client only inflates.
    name: "the peer asks for windows of 8 bits",
    ours: TAKEOVER,
    clients: {
      gorilla: NO_CHOICE,
      python: { theirs: { server_max_window_bits: 8 }, agreed: "" },
      ws: { theirs: { serverMaxWindowBits: 8 }, agreed: "" },
      bun: NO_CHOICE,
      chromium: PAGE,
    },
    servers: {
      gorilla: NO_CHOICE,
      python: {
        theirs: { client_max_window_bits: 8 },
        agreed: `${DEFLATE}; client_max_window_bits=8`,
      },
      ws: {
        theirs: { clientMaxWindowBits: 8, threshold: 0 },
        agreed: `${DEFLATE}; client_max_window_bits=8`,
      },
      bun: { cannot: "it names no window for us" },
    },
  },
  {
    name: "the peer does without",
    ours: TAKEOVER,
    clients: {
      gorilla: { theirs: false, agreed: "" },
      python: { theirs: false, agreed: "" },
      ws: { theirs: false, agreed: "" },
      bun: { theirs: false, agreed: "" },
      chromium: PAGE,
    },
    servers: {
      gorilla: { theirs: false, agreed: "" },
      python: { theirs: false, agreed: "" },
      ws: { theirs: false, agreed: "" },
      bun: { theirs: false, agreed: "" },
    },
  },
];
