/**
 * An echo server on `Bun.serve`.
 *
 * @module
 */

import process from "node:process";

interface BunSocket {
  send(message: string | Uint8Array): number;
}

/** As much of Bun's interface as is used here. */
declare const Bun: {
  serve(options: {
    port: number;
    hostname: string;
    fetch(request: Request, server: { upgrade(request: Request): boolean }): Response | undefined;
    websocket: { message(socket: BunSocket, message: string | Uint8Array): void };
  }): { port: number };
};

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: (request, server) =>
    server.upgrade(request) ? undefined : new Response("WebSocket only", { status: 426 }),
  websocket: { message: (socket, message) => void socket.send(message) },
});
console.log(`listening ${server.port}`);

// The runner holds the other end of stdin: when it is gone, so is this process.
process.stdin.resume().on("end", () => process.exit());
