/**
 * A client on npm's ws, run by Node.js, that runs the interop checks.
 *
 *     ws_client.mjs URL CHECK...
 *
 * Prints one line of JSON per check. INTEROP_COMPRESSION gives the option `perMessageDeflate` of
 * ws, and NODE_PATH tells where ws is installed.
 */
import { once } from "node:events";
import { createRequire } from "node:module";
import process from "node:process";
import { exercise } from "./exerciser.mjs";
import { openPlatform } from "./platform_client.mjs";
import { wantedCompression } from "./wanted_compression.mjs";

const { WebSocket } = createRequire(import.meta.url)("ws");

async function open(url, subprotocols) {
  const connection = await openPlatform(() =>
    new WebSocket(url, subprotocols, { perMessageDeflate: wantedCompression() })
  );
  const { socket } = connection;
  return {
    ...connection,
    sendPlain: (message) => socket.send(message, { compress: false }),
    sendFragments: async (pieces, between) => {
      for (const [index, piece] of pieces.entries()) {
        if (index > 0) await between();
        socket.send(piece, { fin: index === pieces.length - 1 });
      }
    },
    ping: async (payload) => {
      socket.ping(payload);
      const [received] = await once(socket, "pong");
      if (received.toString() !== payload) throw new Error(`the pong carries "${received}"`);
    },
  };
}

const [url, ...checks] = process.argv.slice(2);
await exercise(open, { url, checks }, (row) => console.log(JSON.stringify(row)));
