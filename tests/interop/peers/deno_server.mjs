/**
 * An echo server on `Deno.serve` and `Deno.upgradeWebSocket`.
 *
 *     deno_server.mjs PORT
 *
 * Prints `listening HOST:PORT`. Only `/echo` is there, and the runtime does not compress.
 */
const server = Deno.serve({
  hostname: "127.0.0.1",
  port: Number(Deno.args[0]),
  onListen: ({ hostname, port }) => console.log(`listening ${hostname}:${port}`),
}, (request) => {
  if (request.headers.get("upgrade") === null) {
    return new Response("WebSocket only", { status: 426, headers: { upgrade: "websocket" } });
  }
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => socket.send(data);
  // A fault of the peer ends the connection, and is no matter of the server's.
  socket.onerror = () => {};
  return response;
});
await server.finished;
