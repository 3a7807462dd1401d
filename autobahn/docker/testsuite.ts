/**
 * How Autobahn|Testsuite is run here: by a `wstest` on the `PATH`, or by Docker Compose.
 *
 * @module
 */
import { errorText } from "../suite/cli/output.ts";
import type { Role } from "../suite/model/case.ts";

/** What a run of the testsuite reads and writes, as paths on this machine. */
export interface TestsuiteRun {
  /** The part that our implementation plays. */
  readonly role: Role;
  /** The folder with `fuzzingclient.json` or `fuzzingserver.json`. */
  readonly config: string;
  /** The folder that takes the report. */
  readonly reports: string;
  /** A name that no other run on this machine has. */
  readonly name: string;
}

/** A program and what it is given. */
export interface CommandLine {
  readonly executable: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A way to run the testsuite. */
export interface Testsuite {
  /** What it is, for whoever watches. */
  readonly title: string;
  /** The folder of reports as the testsuite sees it. */
  reportsPath(run: TestsuiteRun): string;
  /** What starts it. */
  command(run: TestsuiteRun): CommandLine;
  /** What makes sure that nothing is left running, if ending the command is not enough. */
  cleanUp(run: TestsuiteRun): CommandLine | undefined;
}

/** Docker is not there or does not work, and neither does `wstest`; the message says why. */
export class UnavailableError extends Error {
  override readonly name: string = "UnavailableError";
}

/** The mode of the testsuite: it plays the other part. */
function modeOf(role: Role): "fuzzingclient" | "fuzzingserver" {
  return role === "server" ? "fuzzingclient" : "fuzzingserver";
}

/** `wstest` as it is installed on this machine. */
export const WSTEST: Testsuite = {
  title: "the wstest on the PATH",
  reportsPath: ({ reports }) => reports,
  command: ({ role, config }) => {
    const mode = modeOf(role);
    const args = ["--mode", mode, "--spec", `${config}/${mode}.json`];
    // Without, it would serve a page on port 8080, where our own server may listen.
    if (role === "client") args.push("--webport", "0");
    return { executable: "wstest", args, env: {} };
  },
  cleanUp: () => undefined,
};

/** The image of `compose.yaml`. */
export const DOCKER: Testsuite = {
  title: "Docker",
  reportsPath: () => "/reports",
  command: ({ role, config, reports, name }) => ({
    executable: "docker",
    args: ["compose", "--file", COMPOSE_FILE, "run", "--rm", "--no-TTY", "--name", name]
      .concat(modeOf(role)),
    env: { AUTOBAHN_CONFIG: config, AUTOBAHN_REPORTS: reports },
  }),
  // The container outlives a client of Docker that is ended by force.
  cleanUp: ({ name }) => ({ executable: "docker", args: ["rm", "--force", name], env: {} }),
};

/** The path of `compose.yaml`. */
export const COMPOSE_FILE: string = decodeURIComponent(
  new URL("../compose.yaml", import.meta.url).pathname,
);

/**
 * Finds what can run the testsuite: `wstest` first.
 *
 * @throws {UnavailableError} when nothing can.
 */
export async function findTestsuite(): Promise<Testsuite> {
  if (await fault("wstest", ["--autobahnversion"]) === undefined) return WSTEST;
  const missing = await fault("docker", ["info", "--format", "{{.ServerVersion}}"]);
  if (missing === "missing") {
    throw new UnavailableError("Docker is not installed, and there is no wstest on the PATH");
  }
  if (missing !== undefined) {
    throw new UnavailableError(`Docker is installed but does not answer (${missing})`);
  }
  const compose = await fault("docker", ["compose", "version"]);
  if (compose === undefined) return DOCKER;
  throw new UnavailableError(`Docker is there, but its plugin Compose is not (${compose})`);
}

/** What is wrong with a program: `"missing"`, or the first line of its complaint. */
async function fault(executable: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { success, stderr } = await new Deno.Command(executable, {
      args: [...args],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      signal: AbortSignal.timeout(30_000),
    }).output();
    if (success) return undefined;
    const [line = ""] = new TextDecoder().decode(stderr).trim().split("\n");
    return line === "" ? "it failed without a word" : line;
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? "missing" : errorText(error);
  }
}
