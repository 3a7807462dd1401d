/**
 * An echo server, WebSocket and plain HTTP, that has few descriptors. It tells its port, and
 * then what it is told as an error.
 *
 * Usage: scarce_server.ts <engine> <descriptors>
 *
 * @module
 */
import type { EngineName } from "../../../lib/connection/transport.ts";
import { serve } from "../../../lib/server/serve.ts";
import { limitDescriptors } from "./libc.ts";

const [engine, limit] = Deno.args;
const server = serve({
  port: 0,
  engine: engine as EngineName,
  websocket: { message: (connection, data) => connection.send(data) },
  fetch: () => new Response("plain"),
  onError: (error) => console.log(`error ${error}`),
});
// The runtime sets signals up at the first use or after the start, and panics if it cannot.
Deno.addSignalListener("SIGUSR2", () => {});
limitDescriptors(Number(limit));
console.log(`port ${(server.address as Deno.NetAddr).port}`);
