/**
 * The native engine's server where `serve` does not lead: with deadlines of its own.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect } from "../../../lib/client/connect.ts";
import { ConnectError } from "../../../lib/client/connect_error.ts";
import { NativeServer } from "../../../lib/engine/native/server.ts";
import { AdmissionControl } from "../../../lib/server/admission.ts";
import { createGate } from "../../../lib/server/options.ts";

Deno.test("native server: a decision that hangs is 503 at the deadline, and frees its place", async () => {
  const admission = new AdmissionControl({ maxConnections: 1 });
  let signal: AbortSignal | undefined;
  const gate = createGate({
    handshakeTimeout: 50,
    websocket: {
      upgrade: (request) => {
        signal = request.signal;
        return new Promise(() => {});
      },
    },
  }, { admission, fetch: undefined });
  const server = new NativeServer({ hostname: "127.0.0.1", port: 0 }, gate);
  const { port } = server.address as Deno.NetAddr;
  const error = await assertRejects(() => connect(`ws://127.0.0.1:${port}/`), ConnectError);
  assertEquals([error.response?.status, error.response?.headers.get("retry-after")], [503, "5"]);
  assert(signal?.aborted);
  assertEquals(admission.connections, 0);
  await server.stop(Promise.resolve());
});
