/** The peers of other implementations: how each is started, and what it cannot do. */
import { CACHE, NODE_MODULES, PEERS, PYTHON } from "./paths.ts";
import type { Command } from "./program.ts";

/**
 * What a peer's API tells of the extensions: the header field as it was, its parameters in the
 * peer's own order, the names of the extensions, or nothing.
 */
export type TellsExtensions = "header" | "parameters" | "names" | "nothing";

/** A client that takes a URL and names of checks as further arguments. */
export interface ClientPeer {
  readonly name: string;
  readonly command: Command;
  /** The checks that its API has no way to do, each with the reason. */
  readonly cannot: Readonly<Record<string, string>>;
  readonly tellsExtensions: TellsExtensions;
}

/** An echo server that takes a port as a further argument. */
export interface ServerPeer {
  readonly name: string;
  readonly command: Command;
  /** The checks that its API has no way to do, each with the reason. */
  readonly cannot: Readonly<Record<string, string>>;
  readonly tellsExtensions: TellsExtensions;
}

const node = (file: string): Command => ({
  executable: "node",
  args: [`${PEERS}/${file}`],
  env: { NODE_PATH: NODE_MODULES },
});
const bun = (file: string): Command => ({
  executable: `${NODE_MODULES}/.bin/bun`,
  args: [`${PEERS}/${file}`],
});
const python = (file: string): Command => ({
  executable: PYTHON,
  // Leaves no compiled modules beside the sources.
  args: ["-B", `${PEERS}/${file}`],
});
const gorilla = (program: string): Command => ({
  executable: `${CACHE}/gorilla/${program}`,
  args: [],
});

/** The clients, and with the servers the table of capabilities. */
export const CLIENTS: readonly ClientPeer[] = [
  { name: "gorilla", command: gorilla("client"), cannot: {}, tellsExtensions: "header" },
  {
    name: "python",
    command: python("python_client.py"),
    cannot: { "mixed 10": "it compresses every message or none" },
    tellsExtensions: "parameters",
  },
  { name: "ws", command: node("ws_client.mjs"), cannot: {}, tellsExtensions: "names" },
  {
    name: "bun",
    command: bun("bun_client.mjs"),
    cannot: {
      "fragments text": "it has no way to split a message",
      "fragments binary": "it has no way to split a message",
      "mixed 10": "it chooses by itself which messages to compress",
    },
    tellsExtensions: "parameters",
  },
  {
    name: "chromium",
    command: node("browser_client.mjs"),
    cannot: {
      "ping": "a page has no way to send a ping",
      "fragments text": "a page has no way to split a message",
      "fragments binary": "a page has no way to split a message",
      "mixed 10": "a page has no say in which messages are compressed",
    },
    tellsExtensions: "parameters",
  },
];

/** Goes through the page of our server as a person would. */
export const PAGE_VISITOR: Pick<ClientPeer, "command"> = { command: node("page_visitor.mjs") };

/** The servers. */
export const SERVERS: readonly ServerPeer[] = [
  { name: "gorilla", command: gorilla("echo_server"), cannot: {}, tellsExtensions: "nothing" },
  {
    name: "python",
    command: python("python_server.py"),
    cannot: { "served mixed": "it compresses every message or none" },
    tellsExtensions: "parameters",
  },
  { name: "ws", command: node("ws_server.mjs"), cannot: {}, tellsExtensions: "names" },
  {
    name: "bun",
    command: bun("bun_server.mjs"),
    cannot: { "served fragments": "it has no way to split a message" },
    tellsExtensions: "nothing",
  },
];

/** A server that gets every check wrong. */
export const FAULTY_SERVER: ServerPeer = {
  name: "faulty",
  command: node("faulty_server.mjs"),
  cannot: {},
  tellsExtensions: "names",
};
