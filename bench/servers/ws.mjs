/**
 * An echo server on `ws`, for Node.js. The package comes from `.cache/bench`, where the runner
 * installs it. `--deflate 6` compresses with level 6, without context takeover unless `--takeover`
 * is given too.
 *
 * @module
 */

import { createRequire } from "node:module";
import process from "node:process";
import { parseArgs } from "node:util";

const require = createRequire(new URL("../../.cache/bench/package.json", import.meta.url));
const { WebSocketServer } = require("ws");

const { deflate, takeover } = parseArgs({
  options: { deflate: { type: "string" }, takeover: { type: "boolean", default: false } },
}).values;
const without = { serverNoContextTakeover: true, clientNoContextTakeover: true };
const perMessageDeflate = deflate !== undefined && {
  threshold: 0,
  zlibDeflateOptions: { level: Number(deflate) },
  ...(takeover ? {} : without),
};

const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate });
server.on("connection", (socket) => {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  // A load generator that is stopped resets its connections.
  socket.on("error", () => {});
});
server.on("listening", () => console.log(`listening ${server.address().port}`));

// The runner holds the other end of stdin: when it is gone, so is this process.
process.stdin.resume().on("end", () => process.exit());
