/**
 * A client on Bun's own WebSocket that runs the interop checks.
 *
 *     bun_client.mjs URL CHECK...
 *
 * Prints one line of JSON per check. INTEROP_COMPRESSION gives Bun's option
 * `perMessageDeflate`.
 */
import process from "node:process";
import { exercise } from "./exerciser.mjs";
import { openPlatform } from "./platform_client.mjs";
import { wantedCompression } from "./wanted_compression.mjs";

async function open(url, protocols) {
  const connection = await openPlatform(() =>
    new WebSocket(url, { protocols, perMessageDeflate: wantedCompression() })
  );
  const { socket } = connection;
  return {
    ...connection,
    // Bun's addition to the platform's interface.
    ping: async (payload) => {
      const pong = new Promise((resolve) => {
        socket.addEventListener("pong", ({ data }) => resolve(data), { once: true });
      });
      socket.ping(payload);
      const received = new TextDecoder().decode(await pong);
      if (received !== payload) throw new Error(`the pong carries "${received}"`);
    },
  };
}

const [url, ...checks] = process.argv.slice(2);
await exercise(open, { url, checks }, (row) => console.log(JSON.stringify(row)));
