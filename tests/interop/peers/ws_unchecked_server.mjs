/**
 * An echo server on npm's ws that does not look whether text is UTF-8: a fault that a conformance
 * suite has to find.
 *
 *     ws_unchecked_server.mjs PORT
 *
 * Prints `listening HOST:PORT`; every path echoes. NODE_PATH tells where ws is installed.
 */
import { listen } from "./ws_listen.mjs";

listen({ skipUTF8Validation: true }).on("connection", (socket) => {
  socket.on("message", (message, binary) => socket.send(message, { binary }));
  socket.on("error", (error) => console.error(error.message));
});
