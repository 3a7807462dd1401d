/**
 * The baseline: an echo server on nothing but `Deno.serve` and `Deno.upgradeWebSocket`.
 *
 * @module
 */

Deno.serve(
  { port: 0, hostname: "127.0.0.1", onListen: ({ port }) => console.log(`listening ${port}`) },
  (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    // Bytes at hand, as on the other servers; the default, "blob", is as fast.
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => socket.send(event.data);
    return response;
  },
);

// The runner holds the other end of stdin: when it is gone, so is this process.
for await (const _ of Deno.stdin.readable);
Deno.exit();
