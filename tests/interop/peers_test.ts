/**
 * The peers themselves are right: every client agrees with every server, messages compressed as
 * they do by default, and notices faults.
 */
import { assertEquals } from "@std/assert";
import {
  COMPRESSION_CHECKS,
  ECHO_CHECKS,
  SERVED_CHECKS,
  SERVED_COMPRESSION_CHECKS,
} from "./checks.ts";
import { clientPeer, runChecks, startServerPeer } from "./harness.ts";
import { CLIENTS, FAULTY_SERVER, SERVERS } from "./peers.ts";

const CHECKS = [
  ...new Set([
    ...ECHO_CHECKS,
    ...COMPRESSION_CHECKS,
    ...SERVED_CHECKS,
    ...SERVED_COMPRESSION_CHECKS,
  ]),
];

for (const server of SERVERS) {
  for (const client of CLIENTS) {
    Deno.test(`interop peers: ${client.name} client, ${server.name} server`, async (t) => {
      const { program, url } = await startServerPeer(server);
      await using _ = program;
      await runChecks(t, {
        client: clientPeer(client),
        target: { url, checks: CHECKS },
        cannot: { ...client.cannot, ...server.cannot },
      });
    });
  }
}

for (const client of CLIENTS) {
  Deno.test(`interop peers: ${client.name} client, faulty server: every check fails`, async () => {
    const { program, url } = await startServerPeer(FAULTY_SERVER);
    await using _ = program;
    const possible = CHECKS.filter((check) => !(check in client.cannot));
    const rows = await clientPeer(client)(url, possible);
    assertEquals(rows.map((row) => row.check), possible);
    assertEquals(rows.filter((row) => row.ok === true || row.error === undefined), []);
  });
}
