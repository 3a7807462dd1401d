/**
 * An echo server of our library on the `upgrade` event of `node:http`, for any runtime that has it.
 *
 *     mounted_server.ts
 *
 * Prints `listening HOST:PORT`, and `closed CODE REASON` for each connection. Every path echoes, and
 * plain HTTP is answered with `plain`.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createUpgradeHandler } from "../../../lib/mod.ts";

const { handleUpgrade } = createUpgradeHandler({
  websocket: {
    subprotocols: ["echo"],
    maxMessageBytes: 4 * 1024 * 1024,
    message: (connection, data) => connection.send(data),
    close: (_, { code, reason }) => console.log(`closed ${code} ${reason}`),
  },
});
const server = createServer((_, response) => response.end("plain")).on("upgrade", handleUpgrade);
server.listen(0, "127.0.0.1", () => {
  const { address, port } = server.address() as AddressInfo;
  console.log(`listening ${address}:${port}`);
});
