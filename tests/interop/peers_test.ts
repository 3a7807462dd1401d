/** The peers themselves are right: every client agrees with every server, and notices faults. */
import { assertEquals } from "@std/assert";
import { clientPeer, runChecks, startServerPeer } from "./harness.ts";
import { CLIENTS, FAULTY_SERVER, SERVERS } from "./peers.ts";

for (const server of SERVERS) {
  for (const client of CLIENTS) {
    Deno.test(`interop peers: ${client.name} client, ${server.name} server`, async (t) => {
      const { program, ...target } = await startServerPeer(server);
      await using _ = program;
      await runChecks(t, { client: clientPeer(client), target, cannot: client.cannot });
    });
  }
}

for (const client of CLIENTS) {
  Deno.test(`interop peers: ${client.name} client, faulty server: every check fails`, async () => {
    const { program, url, checks } = await startServerPeer(FAULTY_SERVER);
    await using _ = program;
    const possible = checks.filter((check) => !(check in client.cannot));
    const rows = await clientPeer(client)(url, possible);
    assertEquals(rows.map((row) => row.check), possible);
    assertEquals(rows.filter((row) => row.ok === true || row.error === undefined), []);
  });
}
