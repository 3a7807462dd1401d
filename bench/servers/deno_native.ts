/**
 * An echo server on nothing but `Deno.serve` and `Deno.upgradeWebSocket`. With `--arraybuffer` it
 * asks for binary messages as an `ArrayBuffer`, which is faster than the default, a `Blob`.
 *
 * @module
 */

const arraybuffer = Deno.args.includes("--arraybuffer");

Deno.serve(
  { port: 0, hostname: "127.0.0.1", onListen: ({ port }) => console.log(`listening ${port}`) },
  (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    if (arraybuffer) socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => socket.send(event.data);
    return response;
  },
);

// The runner holds the other end of stdin: when it is gone, so is this process.
for await (const _ of Deno.stdin.readable);
Deno.exit();
