/**
 * The suite against our server, on every engine, and against our client: both verdicts of each case
 * are those of `autobahn/expected/`, for Autobahn's cases and for the sections beyond.
 */
import { assertEquals, assertMatch } from "@std/assert";
import type { EngineName } from "../../lib/connection/transport.ts";
import { follow, ROOT, type Run, run, type RunOptions } from "../autobahn/processes.ts";
import { OwnServer } from "./own_server.ts";

const SUITE = "autobahn/suite/main.ts";

const OPTIONS: RunOptions = {
  permissions: ["--allow-net=127.0.0.1", `--allow-read=${ROOT}`],
  patience: 600_000,
};

/** The flags that leave out all that Autobahn has. */
const BEYOND = ["--beyond", "--exclude", "1*,2.*,3.*,4.*,5.*,6.*,7.*,9.*"];

/** The flags that hold results against a file. */
function expecting(name: string): string[] {
  return ["--no-out", "--expected", `${ROOT}autobahn/expected/${name}.json`];
}

async function testServer(
  engine: EngineName,
  { prefix = "", flags = [] }: { prefix?: string; flags?: readonly string[] },
): Promise<Run> {
  await using server = await OwnServer.start(engine);
  const codec = engine === "native" ? "native" : "codec";
  return await run(
    SUITE,
    [server.url, ...flags, ...expecting(`${prefix}${codec}_server`)],
    OPTIONS,
  );
}

/** @param options.jobs How many cases the client runs at a time. */
async function testClient(
  { prefix = "", flags = [], jobs }: { prefix?: string; flags?: readonly string[]; jobs: number },
): Promise<Run> {
  const args = ["--listen", "0", "--exit-after-report", ...flags];
  return await follow(SUITE, [...args, ...expecting(`${prefix}codec_client`)], {
    ...OPTIONS,
    text: "an interrupt ends it.",
    onText: async (stderr) => {
      const [url = ""] = /ws:\/\/127\.0\.0\.1:\d+/.exec(stderr) ?? [];
      const testee = ["autobahn/testees/client.ts", [url, "--jobs", String(jobs)]] as const;
      const { code, stderr: words } = await run(...testee, OPTIONS);
      assertEquals(code, 0, words);
    },
  });
}

function assertAsExpected({ code, stderr }: Run, line: RegExp): void {
  assertEquals(code, 0, stderr);
  assertMatch(stderr, line);
}

// Side by side the two take two thirds of the time that they take one after the other.
Deno.test("conformance: our server on the codec engine and our client are as expected", async () => {
  const runs = await Promise.all([testServer("codec", {}), testClient({ jobs: 2 })]);
  for (const each of runs) assertAsExpected(each, /^All of 517 results are as in /m);
});

Deno.test("conformance: our server on the native engine is as expected", async () => {
  assertAsExpected(await testServer("native", {}), /^All of 517 results are as in /m);
});

// Beyond the byte stream epoll is the codec: what only takes longer is left to that.
const ON_EPOLL = ["--cases", "1.*,2.*,3.*,4.*,5.*,6.*,7.*,9.*,10.*,12.1.*"];

Deno.test("conformance: our server on the epoll engine is as the codec is", async () => {
  const result = await testServer("epoll", { flags: ON_EPOLL });
  assertAsExpected(result, /^All of 319 results are as in /m);
});

// They wait more than they work, so they do it together.
Deno.test("conformance: beyond Autobahn, every engine and our client are as expected", async () => {
  const beyond = { prefix: "beyond_", flags: BEYOND };
  const runs = await Promise.all([
    testServer("codec", beyond),
    testServer("native", beyond),
    testServer("epoll", beyond),
    testClient({ ...beyond, jobs: 4 }),
  ]);
  for (const each of runs) assertAsExpected(each, /^All of \d{3} results are as in /m);
});
