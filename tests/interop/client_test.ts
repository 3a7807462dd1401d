/**
 * Our library and our client command against the servers of other implementations, without
 * compression, so that frames of every length are seen; `compression_test.ts` has the rest.
 */
import { assertEquals } from "@std/assert";
import { runChecks, startServerPeer } from "./harness.ts";
import { SERVERS } from "./peers.ts";
import { libraryClient, startClient } from "./under_test.ts";

for (const peer of SERVERS) {
  Deno.test(`interop library: ${peer.name} server`, async (t) => {
    const { program, ...target } = await startServerPeer(peer);
    await using server = program;
    await runChecks(t, { client: libraryClient(false), target, cannot: peer.cannot });
    await t.step("the server has seen our close codes and reasons", async () => {
      await server.line(/^closed 3000 the check is over$/);
      await server.line(/^closed 4999 the check is over$/);
    });
    await t.step("the server has seen our answer to its close frame", async () => {
      await server.line(/^closed 4000\b/);
    });
  });

  Deno.test(`interop client command: ${peer.name} server`, async () => {
    const { program, url } = await startServerPeer(peer);
    await using server = program;
    await using client = startClient(url, ["--no-compress"]);
    for (const text of ["hello", "aß水🌊"]) {
      await client.write(text);
      await client.line(new RegExp(`^recv: ${text}$`));
    }
    client.kill("SIGINT");
    assertEquals(await client.exitCode(), 0);
    await server.line(/^closed 1000\b/);
  });
}
