/**
 * Our server command, on every engine, against the clients of other implementations, without
 * compression, so that frames of every length are seen; `compression_test.ts` has the rest.
 */
import { assertEquals } from "@std/assert";
import { clientPeer, runChecks } from "./harness.ts";
import { CLIENTS } from "./peers.ts";
import { ENGINES, startServer } from "./under_test.ts";

for (const engine of ENGINES) {
  for (const { name, cannot, ...peer } of CLIENTS) {
    Deno.test(`interop server, ${engine} engine: ${name} client`, async (t) => {
      const { program, ...target } = await startServer(engine, ["--no-compress"]);
      await using server = program;
      await runChecks(t, { client: clientPeer(peer), target, cannot });
      await t.step("SIGTERM ends it in order", async () => {
        server.kill("SIGTERM");
        assertEquals(await server.exitCode(), 0);
      });
    });
  }
}
