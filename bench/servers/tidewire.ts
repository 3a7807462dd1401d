/**
 * An echo server on this library: `--engine` is `codec`, `epoll` or `native`. `--deflate 6`
 * compresses with level 6, without context takeover unless `--takeover` is given too.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { compressionMemory, serve } from "../../lib/mod.ts";

const { engine, deflate, takeover } = parseArgs({
  options: {
    engine: { type: "string" },
    deflate: { type: "string" },
    takeover: { type: "boolean", default: false },
  },
}).values;
if (engine !== "codec" && engine !== "epoll" && engine !== "native") {
  console.error("usage: tidewire.ts --engine codec|epoll|native [--deflate <level> [--takeover]]");
  Deno.exit(2);
}
const contexts = takeover ? "allow" : "never";
// No connection shall be refused takeover, as all of them would be beyond the default.
compressionMemory.maxBytes = Number.MAX_SAFE_INTEGER;

const server = await serve({
  port: 0,
  hostname: "127.0.0.1",
  engine,
  websocket: {
    compression: deflate !== undefined && {
      level: Number(deflate),
      threshold: 0,
      serverContextTakeover: contexts,
      clientContextTakeover: contexts,
    },
    message(connection, data) {
      connection.send(data);
    },
  },
});
const { address } = server;
if (address.transport !== "tcp") throw new TypeError(`Cannot serve on ${address.transport}`);
console.log(`listening ${address.port}`);

// The runner holds the other end of stdin: when it is gone, so is this process.
for await (const _ of Deno.stdin.readable);
Deno.exit();
