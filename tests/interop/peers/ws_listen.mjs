/** Starts a server on npm's ws, the way that the harness expects of every server peer. */
import { createRequire } from "node:module";
import process from "node:process";
import { wantedCompression } from "./wanted_compression.mjs";

const { WebSocketServer } = createRequire(import.meta.url)("ws");

/**
 * Listens on 127.0.0.1 and the port that the command line gives, and prints
 * `listening HOST:PORT`. `options` are those of ws.
 */
export function listen(options) {
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: Number(process.argv[2]),
    perMessageDeflate: wantedCompression(),
    ...options,
  });
  server.on("listening", () => {
    const { address, port } = server.address();
    console.log(`listening ${address}:${port}`);
  });
  return server;
}
