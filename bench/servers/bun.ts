/**
 * An echo server on `Bun.serve`. `--deflate shared` compresses without context takeover,
 * `--deflate dedicated` with.
 *
 * @module
 */

import process from "node:process";
import { parseArgs } from "node:util";

interface BunSocket {
  send(message: string | Uint8Array, compress: boolean): number;
}

/** As much of Bun's interface as is used here. */
declare const Bun: {
  serve(options: {
    port: number;
    hostname: string;
    fetch(request: Request, server: { upgrade(request: Request): boolean }): Response | undefined;
    websocket: {
      perMessageDeflate: false | { compress: string; decompress: string };
      message(socket: BunSocket, message: string | Uint8Array): void;
    };
  }): { port: number };
};

const { deflate } = parseArgs({ options: { deflate: { type: "string" } } }).values;
const compresses = deflate !== undefined;

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: (request, server) =>
    server.upgrade(request) ? undefined : new Response("WebSocket only", { status: 426 }),
  websocket: {
    perMessageDeflate: compresses && { compress: deflate, decompress: deflate },
    message: (socket, message) => void socket.send(message, compresses),
  },
});
console.log(`listening ${server.port}`);

// The runner holds the other end of stdin: when it is gone, so is this process.
process.stdin.resume().on("end", () => process.exit());
