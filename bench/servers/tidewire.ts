/**
 * An echo server on this library: `--engine codec` or `--engine native`.
 *
 * @module
 */

import { serve } from "../../lib/mod.ts";

const [flag, engine] = Deno.args;
if (flag !== "--engine" || (engine !== "codec" && engine !== "native")) {
  console.error("usage: tidewire.ts --engine codec|native");
  Deno.exit(2);
}

const server = await serve({
  port: 0,
  hostname: "127.0.0.1",
  engine,
  websocket: {
    message(connection, data) {
      connection.send(data);
    },
  },
});
console.log(`listening ${server.address.port}`);

// The runner holds the other end of stdin: when it is gone, so is this process.
for await (const _ of Deno.stdin.readable);
Deno.exit();
