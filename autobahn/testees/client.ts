/**
 * Our client as Autobahn's protocol wants it: asks how many cases there are, runs one after the
 * other, echoing what comes, and asks for the report at the end.
 *
 * ```sh
 * deno task testee ws://127.0.0.1:9001 --agent tidewire
 * ```
 *
 * Its exit code is 0 when every case was run, whatever came of it, and 1 otherwise.
 *
 * @module
 */
import { Command, InvalidArgumentError } from "commander";
import { connect, ConnectError, type ConnectOptions } from "../../lib/mod.ts";

/** What the cases need: messages of 16 MiB, and one of 4 MiB in fragments of 64 bytes. */
const OPTIONS: ConnectOptions = {
  maxMessageBytes: 64 * 1024 * 1024,
  maxFragments: 100_000,
  handlers: { message: (connection, data) => connection.send(data) },
};

/** Where the suite is, and how we call ourselves. */
interface Suite {
  readonly url: URL;
  readonly agent: string;
}

/** The URL of a command of the suite; a path of the base URL stays in front. */
function commandUrl({ url, agent }: Suite, command: string, fields: Record<string, string>): URL {
  const target = new URL(url);
  target.pathname = target.pathname.replace(/\/$/, "") + `/${command}`;
  for (const [name, value] of Object.entries({ ...fields, agent })) {
    target.searchParams.set(name, value);
  }
  return target;
}

async function countCases(suite: Suite): Promise<number> {
  await using connection = await connect(commandUrl(suite, "getCaseCount", {}));
  const answer = await connection.receive();
  const count = Number(answer);
  if (Number.isInteger(count) && count >= 0) return count;
  throw new Error(`/getCaseCount must answer with a number; got ${answer}`);
}

/** Runs a case; what becomes of it is for the suite to say. */
async function runCase(suite: Suite, position: number): Promise<void> {
  const url = commandUrl(suite, "runCase", { case: String(position) });
  const connection = await connect(url, OPTIONS);
  await connection.closed;
}

async function updateReports(suite: Suite): Promise<void> {
  const connection = await connect(commandUrl(suite, "updateReports", {}));
  await connection.closed;
}

/** Runs every case, `jobs` at a time; gives how many there are. */
async function runAll(suite: Suite, jobs: number): Promise<number> {
  const count = await countCases(suite);
  let next = 1;
  const work = async (): Promise<void> => {
    while (next <= count) {
      const position = next++;
      try {
        await runCase(suite, position);
      } catch (error) {
        // A case may be about a handshake that has to be refused.
        if (!(error instanceof ConnectError)) throw error;
        console.log(`case at position ${position}: ${error.message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  await updateReports(suite);
  return count;
}

function parseUrl(value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url !== undefined && /^wss?:$/.test(url.protocol)) return url;
  throw new InvalidArgumentError("It must be a URL such as ws://127.0.0.1:9001.");
}

function parseJobs(value: string): number {
  const jobs = Number(value);
  if (/^\d+$/.test(value) && jobs >= 1 && jobs <= 256) return jobs;
  throw new InvalidArgumentError("It must be a whole number from 1 to 256.");
}

async function main(args: readonly string[]): Promise<number> {
  const program = new Command("testee")
    .description("Lets a suite that speaks Autobahn's client protocol test our client.")
    .argument("<url>", "where the suite listens", parseUrl)
    .option("--agent <name>", "how the client is called in the report", "tidewire")
    .option("--jobs <n>", "how many cases run at a time", parseJobs, 1)
    .configureOutput({ getOutHasColors: () => false, getErrHasColors: () => false });
  program.parse(args, { from: "user" });
  const { agent, jobs } = program.opts<{ agent: string; jobs: number }>();
  try {
    const count = await runAll({ url: program.processedArgs[0], agent }, jobs);
    console.log(`${count} cases were run`);
    return 0;
  } catch (error) {
    console.error(`testee: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
