/**
 * An echo server that gets everything wrong, to show that a client peer notices: it
 * changes the first byte of every message, takes a ping for an offence, chooses the first
 * subprotocol, and answers close frames with another code.
 *
 *     faulty_server.mjs PORT
 *
 * NODE_PATH tells where ws is installed.
 */
import { Buffer } from "node:buffer";
import { listen } from "./ws_listen.mjs";

const server = listen({
  autoPong: false,
  handleProtocols: (offered) => [...offered][0],
});

server.on("connection", (socket, request) => {
  const close = socket.close.bind(socket);
  // ws calls this method to answer a close frame.
  socket.close = () => close(4100, "not what you said");
  socket.on("ping", () => socket.close());
  socket.on("message", (message, binary) => {
    if (request.url === "/close") socket.close();
    else socket.send(Buffer.concat([Buffer.from("!"), message.subarray(1)]), { binary });
  });
  if (request.url === "/ping") socket.send("no ping was sent");
});
