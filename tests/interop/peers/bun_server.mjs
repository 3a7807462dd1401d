/**
 * An echo server on `Bun.serve`.
 *
 *     bun_server.mjs PORT
 *
 * The same behaviours and the same output as gorilla/echo_server/main.go, but for
 * `/fragments`. INTEROP_COMPRESSION gives Bun's option `perMessageDeflate`.
 */
import process from "node:process";
import { wantedCompression } from "./wanted_compression.mjs";

// `send` compresses when it is told to.
const COMPRESS = true;

const behaviours = {
  "/echo": { message: (socket, message) => socket.send(message, COMPRESS) },
  "/mixed": { message: (socket, message) => socket.send(message, typeof message === "string") },
  "/ping": {
    open: (socket) => socket.ping("are you there"),
    pong: (socket, payload) => {
      if (payload.toString() === "are you there") socket.send("answered");
    },
  },
  "/close": { message: (socket) => socket.close(4000, "bye") },
};

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.argv[2]),
  fetch: (request, server) => {
    const { pathname } = new URL(request.url);
    const offered = request.headers.get("Sec-WebSocket-Protocol")?.split(/ *, */) ?? [];
    const headers = offered.includes("echo") ? { "Sec-WebSocket-Protocol": "echo" } : {};
    if (server.upgrade(request, { data: behaviours[pathname] ?? {}, headers })) return undefined;
    return new Response("WebSocket only", { status: 426 });
  },
  websocket: {
    perMessageDeflate: wantedCompression(),
    open: (socket) => socket.data.open?.(socket),
    message: (socket, message) => socket.data.message?.(socket, message),
    pong: (socket, payload) => socket.data.pong?.(socket, payload),
    close: (_socket, code, reason) => console.log(`closed ${code} ${reason}`),
  },
});
console.log(`listening ${server.hostname}:${server.port}`);
