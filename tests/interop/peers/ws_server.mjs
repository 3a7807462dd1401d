/**
 * An echo server on npm's ws, run by Node.js.
 *
 *     ws_server.mjs PORT
 *
 * The same behaviours and the same output as gorilla/echo_server/main.go, and `opened
 * EXTENSIONS` for every connection. INTEROP_COMPRESSION gives the option `perMessageDeflate`
 * of ws, and NODE_PATH tells where ws is installed.
 */
import { listen } from "./ws_listen.mjs";

function sendInFragments(socket, message, binary) {
  const step = Math.ceil(message.length / 4);
  for (let start = 0; start < message.length; start += step) {
    if (start > 0) socket.ping("between");
    const fin = start + step >= message.length;
    socket.send(message.subarray(start, start + step), { binary, fin });
  }
}

const behaviours = {
  "/echo": (socket) => {
    socket.on("message", (message, binary) => socket.send(message, { binary }));
  },
  "/fragments": (socket) => {
    socket.on("message", (message, binary) => sendInFragments(socket, message, binary));
  },
  "/mixed": (socket) => {
    socket.on("message", (message, binary) => socket.send(message, { binary, compress: !binary }));
  },
  "/ping": (socket) => {
    const payload = "are you there";
    socket.on("pong", (received) => {
      if (received.toString() === payload) socket.send("answered");
    });
    socket.ping(payload);
  },
  "/close": (socket) => {
    socket.on("message", () => socket.close(4000, "bye"));
  },
};

const server = listen({
  handleProtocols: (offered) => offered.has("echo") ? "echo" : false,
});

server.on("connection", (socket, request) => {
  console.log(`opened ${socket.extensions}`);
  socket.on("error", (error) => console.error(error.message));
  socket.on("close", (code, reason) => console.log(`closed ${code} ${reason}`));
  behaviours[request.url]?.(socket);
});
