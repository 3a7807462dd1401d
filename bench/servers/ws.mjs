/**
 * An echo server on `ws`, for Node.js. The package comes from `.cache/bench`, where the runner
 * installs it.
 *
 * @module
 */

import { createRequire } from "node:module";
import process from "node:process";

const require = createRequire(new URL("../../.cache/bench/package.json", import.meta.url));
const { WebSocketServer } = require("ws");

const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
server.on("connection", (socket) => {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  // A load generator that is stopped resets its connections.
  socket.on("error", () => {});
});
server.on("listening", () => console.log(`listening ${server.address().port}`));

// The runner holds the other end of stdin: when it is gone, so is this process.
process.stdin.resume().on("end", () => process.exit());
