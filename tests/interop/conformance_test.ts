/**
 * Our conformance suite against other implementations: both verdicts and the close code of every
 * case are those of the genuine Autobahn|Testsuite. No difference is allowed.
 *
 * Sections 1 to 10 are run whole. Of sections 12 and 13, whose long messages take minutes, two
 * cases of each group are run every time, and the others take turns day by day
 * (`conformance/choice.ts`). The name of a test tells the day. `TIDEWIRE_CONFORMANCE=all` has all
 * 517 run, but for the server without a check of UTF-8, of which there is no more to compare with.
 * Deno, which does not compress, has them every time.
 */
import { assertEquals } from "@std/assert";
import { AUTOBAHN_CASES } from "../../autobahn/suite/cases/mod.ts";
import type { Case } from "../../autobahn/suite/model/case.ts";
import type { CaseResult } from "../../autobahn/suite/model/result.ts";
import { testClients } from "../../autobahn/suite/run/test_clients.ts";
import { testServer } from "../../autobahn/suite/run/test_server.ts";
import { choiceText, chosen, readChoice, repeatText } from "./conformance/choice.ts";
import { differences, readGenuine } from "./conformance/genuine.ts";
import { Peer } from "./conformance/peer.ts";
import { NODE_MODULES, PEERS } from "./paths.ts";
import { SERVERS } from "./peers.ts";
import type { Command } from "./program.ts";

/** Most cases of sections 1 to 10 wait more than they work. */
const JOBS = 4;

/** A client that the genuine suite has tested. */
interface Subject {
  readonly name: string;
  readonly command: Command;
  /** The file of its verdicts. */
  readonly genuine: string;
  readonly cases: readonly Case[];
}

/** A server that it has tested. */
interface ServerSubject extends Subject {
  readonly path: string;
}

const sectionOf = ({ id }: Case): number => Number(id.split(".")[0]);
const CHOICE = readChoice();
/** How far apart the turns of two implementations are, in days. */
const APART = 7;
const partOf = (place: number): readonly Case[] =>
  chosen(AUTOBAHN_CASES, CHOICE, { shift: place * APART });

const node = (file: string): Command => ({
  executable: "node",
  args: [`${PEERS}/${file}`],
  env: { NODE_PATH: NODE_MODULES },
});
const deno = (file: string): Command => ({
  executable: Deno.execPath(),
  args: ["run", "--quiet", "--no-prompt", "--allow-net=127.0.0.1", `${PEERS}/${file}`],
});

function peerCommand(name: string): Command {
  const peer = SERVERS.find((server) => server.name === name);
  if (peer === undefined) throw new Error(`There is no peer ${name}`);
  return peer.command;
}

const SERVER_SUBJECTS: readonly ServerSubject[] = [
  {
    name: "Deno",
    command: deno("deno_server.mjs"),
    path: "/echo",
    genuine: "deno_server",
    cases: AUTOBAHN_CASES,
  },
  {
    name: "Bun",
    command: peerCommand("bun"),
    path: "/echo",
    genuine: "bun_server",
    cases: partOf(0),
  },
  {
    name: "ws",
    command: peerCommand("ws"),
    path: "/echo",
    genuine: "ws_server",
    cases: partOf(1),
  },
  {
    name: "ws without a check of UTF-8",
    command: node("ws_unchecked_server.mjs"),
    path: "/",
    genuine: "ws_server_without_utf8",
    cases: AUTOBAHN_CASES.filter((each) => [5, 6, 7].includes(sectionOf(each))),
  },
  {
    name: "gorilla",
    command: peerCommand("gorilla"),
    path: "/strict",
    genuine: "gorilla_server",
    cases: partOf(2),
  },
];

const CLIENT_SUBJECTS: readonly Subject[] = [
  {
    name: "Deno",
    command: deno("deno_cases_client.mjs"),
    genuine: "deno_client",
    // These two take 44 seconds: each echo of 16 KiB waits for a delayed acknowledgement of TCP.
    cases: AUTOBAHN_CASES.filter(({ id }) => CHOICE === "all" || id !== "9.7.6" && id !== "9.8.6"),
  },
  {
    name: "ws",
    command: node("ws_cases_client.mjs"),
    genuine: "ws_client",
    cases: partOf(3),
  },
];

for (const { name, command, path, genuine, cases } of SERVER_SUBJECTS) {
  Deno.test(titleOf(`${name} server`, cases), async () => {
    await using peer = new Peer(command, ["0"]);
    const url = new URL(`ws://${await peer.address}${path}`);
    const results: CaseResult[] = [];
    const onResult = (result: CaseResult): void => void results.push(result);
    await testServer({ url, agent: name, cases, jobs: JOBS, onResult });
    assertAsGenuine(results, { genuine, cases });
  });
}

for (const { name, command, genuine, cases } of CLIENT_SUBJECTS) {
  Deno.test(titleOf(`${name} client`, cases), async () => {
    const stop = new AbortController();
    const results: CaseResult[] = [];
    const listening = Promise.withResolvers<Deno.NetAddr>();
    const suite = testClients({
      hostname: "127.0.0.1",
      port: 0,
      cases,
      signal: stop.signal,
      onListen: listening.resolve,
      onResult: (result) => results.push(result),
      onUpdateReports: () => Promise.resolve(),
    });
    try {
      const { port } = await listening.promise;
      await using peer = new Peer(command, [`ws://127.0.0.1:${port}`, String(JOBS)]);
      await peer.ended();
    } finally {
      stop.abort();
      await suite;
    }
    assertAsGenuine(results, { genuine, cases });
  });
}

function titleOf(subject: string, cases: readonly Case[]): string {
  const count = `${cases.length} cases as the genuine suite`;
  return `interop conformance: ${subject}, ${count}, ${choiceText(CHOICE)}`;
}

function assertAsGenuine(
  results: readonly CaseResult[],
  { genuine, cases }: { genuine: string; cases: readonly Case[] },
): void {
  const found = differences(results, readGenuine(genuine));
  // A message of its own would stand in place of the differences.
  assertEquals(found.length === 0 ? [] : [...found, repeatText(CHOICE)], []);
  assertEquals(results.length, cases.length);
}
