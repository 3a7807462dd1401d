/**
 * One run of Autobahn|Testsuite against our server or our client, from the folder that it needs to
 * the report.
 *
 * @module
 */
import type { Role } from "../suite/model/case.ts";
import type { EngineName } from "./command_line.ts";
import { ProgramProcess } from "./program_process.ts";
import { formatSpec, specFile } from "./spec.ts";
import type { Testsuite, TestsuiteRun } from "./testsuite.ts";
import { accepts, firstOf, freePort, succeeds } from "./waiting.ts";

/** What is run, and who is told. */
export interface RunOptions {
  readonly testsuite: Testsuite;
  readonly role: Role;
  /** The engine of the server that is tested; our client has only the codec. */
  readonly engine: EngineName;
  /** The folder for all that is written; what was there goes. */
  readonly out: string;
  /** Patterns of cases. @default all */
  readonly cases?: readonly string[];
  /** Ends the run. */
  readonly signal: AbortSignal;
  /** Takes a line for whoever watches. */
  readonly say: (line: string) => void;
}

const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/**
 * Runs the testsuite.
 *
 * @returns the path of its `index.json`.
 * @throws {RunError} when a program failed, or the reason of `signal`.
 */
export async function runTestsuite(options: RunOptions): Promise<string> {
  const { role, out, signal } = options;
  const folder = prepareFolder(out);
  const run: TestsuiteRun = {
    role,
    config: `${folder}/config`,
    reports: `${folder}/reports`,
    name: `tidewire-autobahn-${crypto.randomUUID().slice(0, 8)}`,
  };
  signal.throwIfAborted();
  if (role === "server") await testServer(options, run);
  else await testClient(options, run);
  return `${run.reports}/index.json`;
}

/** Makes the folder anew; gives its absolute path. */
function prepareFolder(out: string): string {
  for (const part of ["config", "reports"]) {
    Deno.mkdirSync(`${out}/${part}`, { recursive: true });
    for (const { name } of Deno.readDirSync(`${out}/${part}`)) {
      Deno.removeSync(`${out}/${part}/${name}`, { recursive: true });
    }
  }
  return Deno.realPathSync(out);
}

async function testServer(options: RunOptions, run: TestsuiteRun): Promise<void> {
  const { engine, out, signal, say } = options;
  const log = `${out}/server.log`;
  const listening = Promise.withResolvers<string>();
  await using server = startOurs("server.ts", {
    args: ["--hostname", "127.0.0.1", "--port", "0", "--engine", engine],
    log,
    onLine: (line) => {
      const [url] = /\bws:\/\/[^ ]+/.exec(line) ?? [];
      if (url !== undefined) listening.resolve(url);
    },
  });
  const url = await firstOf(listening.promise, [server], { log, signal });
  writeSpec(options, run, url);
  say(`Testing our server at ${url} on the ${engine} engine.`);
  await using testsuite = startTestsuite(options, run);
  await succeeds(testsuite, [server], { log: `${out}/testsuite.log`, signal });
}

async function testClient(options: RunOptions, run: TestsuiteRun): Promise<void> {
  const { out, signal, say } = options;
  const port = freePort();
  const url = `ws://127.0.0.1:${port}`;
  writeSpec(options, run, url);
  await using testsuite = startTestsuite(options, run);
  const log = `${out}/testsuite.log`;
  await accepts(port, [testsuite], { log, signal });
  say(`Testing our client, which connects to ${url}.`);
  await using client = startOurs("autobahn/testees/client.ts", {
    args: [url, "--agent", agentOf(options)],
    log: `${out}/client.log`,
  });
  await succeeds(client, [testsuite], { log: `${out}/client.log`, signal });
}

/** How our implementation is called in the report. */
function agentOf({ role, engine }: Pick<RunOptions, "role" | "engine">): string {
  return `tidewire ${engine} ${role}`;
}

function writeSpec(options: RunOptions, run: TestsuiteRun, url: string): void {
  const { role, testsuite, cases } = options;
  const template = Deno.readTextFileSync(`${ROOT}autobahn/config/${specFile(role)}`);
  const spec = formatSpec(template, {
    role,
    url,
    agent: agentOf(options),
    outdir: testsuite.reportsPath(run),
    ...(cases === undefined ? {} : { cases }),
  });
  Deno.writeTextFileSync(`${run.config}/${specFile(role)}`, spec);
}

/** Starts one of our own programs, with what it needs of permissions. */
function startOurs(
  script: string,
  options: { args: readonly string[]; log: string; onLine?: (line: string) => void },
): ProgramProcess {
  const { args, log, onLine } = options;
  const permissions = ["--allow-net=127.0.0.1", `--allow-read=${ROOT}`];
  permissions.push("--allow-env=NO_COLOR,FORCE_COLOR,CLICOLOR_FORCE");
  return new ProgramProcess(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--frozen", `--config=${ROOT}deno.json`]
      .concat(permissions, `${ROOT}${script}`, args),
    log,
    ...(onLine === undefined ? {} : { onLine }),
  });
}

function startTestsuite(options: RunOptions, run: TestsuiteRun): ProgramProcess {
  const { testsuite, out, say } = options;
  const { executable, args, env } = testsuite.command(run);
  const cleanUp = testsuite.cleanUp(run);
  let section = "";
  return new ProgramProcess(executable, {
    args,
    env,
    log: `${out}/testsuite.log`,
    onLine: (line) => {
      const current = /^Running test case ID (\d+)\./.exec(line)?.[1] ?? section;
      if (current !== section) say(`Section ${current}`);
      section = current;
    },
    onEnd: async () => {
      if (cleanUp === undefined) return;
      await new Deno.Command(cleanUp.executable, {
        args: [...cleanUp.args],
        stdout: "null",
        stderr: "null",
      }).output();
    },
  });
}
