/**
 * permessage-deflate against other implementations, in both roles: every case of
 * `compression_cases.ts` is negotiated as it says, every message arrives, and the wire shows
 * that it was compressed.
 */
import { assertEquals } from "@std/assert";
import type { CompressionOptions } from "../../lib/mod.ts";
import { COMPRESSION_CHECKS, SERVED_COMPRESSION_CHECKS } from "./checks.ts";
import { type Agreed, COMPRESSION_CASES, type Outcome } from "./compression_cases.ts";
import { expectEvidence, type Sender, type Side } from "./compression_evidence.ts";
import { type Client, clientPeer, runChecks, startServerPeer } from "./harness.ts";
import { CLIENTS, SERVERS, type TellsExtensions } from "./peers.ts";
import type { Row } from "./peers/exerciser.mjs";
import { libraryClient, startClient, startEcho, startServer } from "./under_test.ts";
import { Wiretap } from "./wiretap.ts";

/** A case with a peer. */
interface Trial {
  /** The header field of every response. */
  readonly agreed: string;
  readonly ours: { readonly side: Side; readonly compression: CompressionOptions | true };
  readonly client: Client;
  readonly tells: TellsExtensions;
  readonly checks: readonly string[];
  readonly cannot: Readonly<Record<string, string>>;
}

for (const { name, ours, clients, servers } of COMPRESSION_CASES) {
  for (const client of CLIENTS) {
    define(`${client.name} client: ${name}`, clients[client.name], async (t, outcome) => {
      await using server = startEcho(ours);
      await using tap = new Wiretap(server.url);
      await runCompressionChecks(t, tap, {
        agreed: outcome.agreed,
        ours: { side: "server", compression: ours },
        client: clientPeer(client, outcome.theirs),
        checks: COMPRESSION_CHECKS,
        cannot: client.cannot,
        tells: client.tellsExtensions,
      });
      await t.step("connection.extensions says so", () => {
        assertEquals(new Set(server.extensions), new Set([outcome.agreed]));
      });
    });
  }

  for (const peer of SERVERS) {
    define(`${peer.name} server: ${name}`, servers[peer.name], async (t, outcome) => {
      const { program, url } = await startServerPeer(peer, outcome.theirs);
      await using server = program;
      await using tap = new Wiretap(url);
      await runCompressionChecks(t, tap, {
        agreed: outcome.agreed,
        ours: { side: "client", compression: ours },
        client: libraryClient(ours),
        checks: [...COMPRESSION_CHECKS, ...SERVED_COMPRESSION_CHECKS],
        cannot: peer.cannot,
        tells: "header",
      });
      if (peer.tellsExtensions === "nothing") return;
      await t.step("the server says so", () => {
        const opened = server.lines.filter((line) => line.startsWith("opened "));
        assertEquals(opened.length, tap.connections.length);
        for (const line of opened) {
          expectTold(line.slice("opened ".length), outcome.agreed, peer.tellsExtensions);
        }
      });
    });
  }
}

/** The flags of both commands, and what the server is to answer, ours or that of ws. */
const FLAGS: readonly { flags: readonly string[]; ours: string; theirs: string }[] = [
  {
    flags: [],
    ours: "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    theirs: "permessage-deflate",
  },
  {
    flags: [
      ...["--compress-threshold", "100", "--compress-level", "9", "--compress-memory", "1"],
      ...[
        "--context-takeover",
        "server",
        "--server-window-bits",
        "9",
        "--client-window-bits",
        "12",
      ],
    ],
    ours: "permessage-deflate; client_no_context_takeover; server_max_window_bits=9; " +
      "client_max_window_bits=12",
    theirs: "permessage-deflate; client_no_context_takeover; server_max_window_bits=9; " +
      "client_max_window_bits=12",
  },
];

for (const { flags, ours, theirs } of FLAGS) {
  const title = flags.length === 0 ? "without flags" : "with flags";

  Deno.test(`interop compression: the server command ${title}, ws client`, async (t) => {
    const { program, url } = await startServer("codec", flags);
    await using _ = program;
    await using tap = new Wiretap(url);
    const client = named("ws", CLIENTS);
    await runCompressionChecks(t, tap, {
      agreed: ours,
      ours: { side: "server", compression: flags.length === 0 ? true : { threshold: 100 } },
      client: clientPeer(client),
      checks: COMPRESSION_CHECKS,
      cannot: client.cannot,
      tells: client.tellsExtensions,
    });
  });

  Deno.test(`interop compression: the client command ${title}, ws server`, async () => {
    const { program, url } = await startServerPeer(named("ws", SERVERS));
    await using server = program;
    await using tap = new Wiretap(url);
    await using client = startClient(tap.url, flags);
    const line = "aß水🌊 ".repeat(300).trim();
    await client.write(line);
    await client.line(new RegExp(`^recv: ${line}$`));
    client.kill("SIGINT");
    assertEquals(await client.exitCode(), 0);
    await server.line(/^closed 1000\b/);
    const [seen] = tap.connections;
    assertEquals(seen?.answer, theirs);
    for (const messages of [seen?.client, seen?.server]) {
      assertEquals(messages?.map(({ compressed }) => compressed), [true]);
    }
  });
}

/** Defines the test of a case with a peer, or shows why there is none. */
function define(
  title: string,
  outcome: Outcome | undefined,
  run: (t: Deno.TestContext, outcome: Agreed) => Promise<void>,
): void {
  const name = `interop compression: ${title}`;
  if (outcome === undefined) return;
  if ("agreed" in outcome) Deno.test(name, (t) => run(t, outcome));
  else Deno.test({ name: `${name}: cannot, ${outcome.cannot}`, ignore: true, fn: () => {} });
}

function named<Peer extends { readonly name: string }>(name: string, peers: readonly Peer[]): Peer {
  const peer = peers.find((peer) => peer.name === name);
  if (peer === undefined) throw new Error(`There is no peer with the name ${name}`);
  return peer;
}

/** Runs the checks through the tap, and examines after each what the wire has shown. */
async function runCompressionChecks(
  t: Deno.TestContext,
  tap: Wiretap,
  { agreed, ours, client, tells, checks, cannot }: Trial,
): Promise<void> {
  const senders = agreed === "" ? undefined : {
    client: senderOf("client", agreed, ours),
    server: senderOf("server", agreed, ours),
  };
  const examine = ({ check, extensions = "" }: Row, index: number): void => {
    const seen = tap.connections[index];
    assertEquals(seen?.answer, agreed);
    expectTold(extensions, agreed, tells);
    if (seen !== undefined) expectEvidence(check, seen, senders);
  };
  await runChecks(t, { client, target: { url: tap.url, checks }, cannot, examine });
}

function senderOf(side: Side, agreed: string, ours: Trial["ours"]): Sender {
  const { threshold = 1024, clientMaxWindowBits = 15 } = ours.compression === true
    ? {}
    : ours.compression;
  const windowBits = Number(agreed.match(`${side}_max_window_bits=(\\d+)`)?.[1] ?? 15);
  // A client keeps to the limit that it has offered, even if the server does not repeat it.
  const offered = side === "client" && ours.side === "client" ? clientMaxWindowBits : 15;
  return {
    ours: side === ours.side,
    takeover: !agreed.includes(`${side}_no_context_takeover`),
    windowBits: Math.min(windowBits, offered),
    threshold,
  };
}

/** What an end says of the extensions is what was agreed on, as far as it tells. */
function expectTold(told: string, agreed: string, tells: TellsExtensions): void {
  if (tells === "header") assertEquals(told, agreed);
  else if (tells === "parameters") assertEquals(settled(told), settled(agreed));
  else if (tells === "names") assertEquals(told, agreed.split(";")[0]);
}

/** The parameters in the order of the alphabet, without the windows that go without saying. */
function settled(extension: string): string[] {
  return extension.split("; ").filter((parameter) => !parameter.endsWith("=15")).sort();
}
