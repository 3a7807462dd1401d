/**
 * The sections beyond Autobahn against our server and our client, in this process. Cases that move
 * very much or rest for long are left to the conformance task.
 */
import { assertEquals } from "@std/assert";
import { BEYOND_CASES } from "../../../../autobahn/suite/beyond/mod.ts";
import type { Case, Role } from "../../../../autobahn/suite/model/case.ts";
import { testClients } from "../../../../autobahn/suite/run/test_clients.ts";
import { testServer } from "../../../../autobahn/suite/run/test_server.ts";
import { connect, type ConnectionOptions, serve } from "../../../../lib/mod.ts";

/** Cases that move hundreds of megabytes, and one that rests for 15 seconds. */
const LONG = [
  "26.1.1",
  "26.1.2",
  "26.2.1",
  "26.2.2",
  "26.2.3",
  "26.3.1",
  "27.3.6",
  "28.1.1",
  "28.1.2",
];

/** Where our server, which rules out context takeover, and small windows, has nothing to be judged. */
const INFORMATIONAL = ["25.6.1", "25.6.2", "25.6.4", "25.10.1"];

/** How our end is set up. */
interface Setup {
  readonly connection?: ConnectionOptions;
  /** How long the opening handshake may take, in milliseconds. @default {10_000} */
  readonly openingTime?: number;
}

/** Times that a test can wait for, in milliseconds. */
const HASTY: Setup = {
  connection: {
    messageTimeout: 1_000,
    closeTimeout: 500,
    heartbeat: { interval: 500, timeout: 500 },
  },
  openingTime: 1_000,
};

/** The cases of some sections for a part. */
function select(sections: readonly string[], testee: Role): Case[] {
  return BEYOND_CASES.filter(({ id, testees = ["server", "client"] }) =>
    testees.includes(testee) && sections.includes(id.split(".")[0]!) && !LONG.includes(id)
  );
}

/** How long results may take when the clients are gone, in milliseconds. */
const PATIENCE = 30_000;

/** Both verdicts of every case, as an object to compare. */
type Verdicts = Record<string, string>;

/** Runs cases against our server. */
async function onServer(
  cases: readonly Case[],
  setup: Setup = {},
): Promise<Verdicts> {
  await using server = serve({
    port: 0,
    engine: "codec",
    handshakeTimeout: setup.openingTime ?? 10_000,
    perIp: 0,
    routes: {
      "/": {
        ...setup.connection,
        compression: true,
        maxFragments: 50_000,
        message: (connection, data) => connection.send(data),
      },
    },
  });
  const verdicts: Verdicts = {};
  await testServer({
    url: new URL(server.url),
    agent: "codec",
    cases,
    jobs: 8,
    onResult: (result) => {
      verdicts[result.id] = `${result.behavior} ${result.behaviorClose} ${told(result)}`.trim();
    },
  });
  return verdicts;
}

/** The words of a result that is not good. */
function told(result: { behavior: string; behaviorClose: string; result: string }): string {
  return result.behavior === "OK" && result.behaviorClose === "OK" ? "" : result.result;
}

/** Runs cases against our client, eight at a time. */
async function onClient(
  cases: readonly Case[],
  setup: Setup = {},
): Promise<Verdicts> {
  const verdicts: Verdicts = {};
  const listening = Promise.withResolvers<Deno.NetAddr>();
  const stop = new AbortController();
  const done = testClients({
    hostname: "127.0.0.1",
    port: 0,
    cases,
    signal: stop.signal,
    onListen: listening.resolve,
    onUpdateReports: () => Promise.resolve(),
    onResult: (result) => {
      verdicts[result.id] = `${result.behavior} ${result.behaviorClose} ${told(result)}`.trim();
      if (Object.keys(verdicts).length === cases.length) stop.abort();
    },
  });
  const { port } = await listening.promise;
  let next = 1;
  const work = async (): Promise<void> => {
    while (next <= cases.length) {
      const url = `ws://127.0.0.1:${port}/runCase?case=${next++}&agent=codec`;
      try {
        const connection = await connect(url, {
          ...setup.connection,
          timeout: setup.openingTime ?? 10_000,
          maxFragments: 50_000,
          handlers: { message: (connection, data) => connection.send(data) },
        });
        await connection.closed;
      } catch {
        // Many cases are about handshakes that a client must not go along with.
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  // A client that did not come leaves its case without a result.
  const late = setTimeout(() => stop.abort(), PATIENCE);
  await done;
  clearTimeout(late);
  return verdicts;
}

/** Everything is OK, apart from what is known to be no more than informational. */
function assertGood(verdicts: Verdicts, cases: readonly Case[]): void {
  const bad = Object.entries(verdicts).filter(([id, verdict]) =>
    verdict !== "OK OK" && !(INFORMATIONAL.includes(id) && verdict.startsWith("INFORMATIONAL OK"))
  );
  assertEquals(Object.fromEntries(bad), {});
  assertEquals(Object.keys(verdicts).length, cases.length);
}

const GROUPS: readonly (readonly [sections: readonly string[], setup?: Setup])[] = [
  [["20", "21"]],
  [["22", "23", "24"]],
  [["25"]],
  [["26", "28"], { connection: { maxMessageBytes: 16 * 1024 * 1024 } }],
  [["27"], HASTY],
];

for (const [sections, setup] of GROUPS) {
  const which = sections.length === 1
    ? `section ${sections[0]}`
    : `sections ${sections.join(", ")}`;
  Deno.test(`beyond, our server: ${which}`, async () => {
    const cases = select(sections, "server");
    assertGood(await onServer(cases, setup), cases);
  });
  Deno.test(`beyond, our client: ${which}`, async () => {
    const cases = select(sections, "client");
    assertGood(await onClient(cases, setup), cases);
  });
}
