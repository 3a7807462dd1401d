/** Our library on the `upgrade` event of `node:http`, in other runtimes than Deno. */
import { assertEquals } from "@std/assert";
import { ECHO_CHECKS } from "./checks.ts";
import { clientPeer, runChecks } from "./harness.ts";
import { NODE_MODULES, PEERS } from "./paths.ts";
import { CLIENTS } from "./peers.ts";
import { Program } from "./program.ts";
import { libraryClient } from "./under_test.ts";

/** Node.js runs TypeScript from 22.18 on; the one that is installed may be older. */
const RUNTIMES = [["Bun", "bun"], ["Node.js", "node"]] as const;

for (const [runtime, program] of RUNTIMES) {
  const command = {
    executable: `${NODE_MODULES}/.bin/${program}`,
    args: [`${PEERS}/mounted_server.ts`],
  };

  Deno.test(`interop mounted in ${runtime}: our client, and plain HTTP beside it`, async (t) => {
    await using server = new Program(command);
    const [, address] = await server.line(/^listening (\S+)$/);
    const target = { url: `ws://${address}/echo`, checks: ECHO_CHECKS };
    await runChecks(t, { client: libraryClient(false), target });
    await t.step("it has seen our close codes and reasons", async () => {
      await server.line(/^closed 3000 the check is over$/);
      await server.line(/^closed 4999 the check is over$/);
    });
    await t.step("plain HTTP", async () => {
      assertEquals(await (await fetch(`http://${address}/`)).text(), "plain");
    });
  });

  for (const { name, cannot, ...peer } of CLIENTS.filter(({ name }) => name === "ws")) {
    Deno.test(`interop mounted in ${runtime}: ${name} client`, async (t) => {
      await using server = new Program(command);
      const [, address] = await server.line(/^listening (\S+)$/);
      const target = { url: `ws://${address}/echo`, checks: ECHO_CHECKS };
      await runChecks(t, { client: clientPeer(peer, false), target, cannot });
    });
  }
}
