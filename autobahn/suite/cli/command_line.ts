/**
 * The command line of `deno task conformance`: what can be given, and what it means.
 *
 * @module
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import { EXIT_CODE, type ExitCode } from "./exit_codes.ts";
import {
  collectList,
  createProgram,
  parseProgram,
  type ParseResult,
  usageError,
  wholeNumber,
} from "./program.ts";

/** The port that Autobahn's test clients connect to unless told otherwise. */
const DEFAULT_PORT = 9001;
/** Where reports are written unless told otherwise. */
const DEFAULT_OUT = ".cache/conformance";

/** How results are printed. */
export type Format = "table" | "json" | "junit";

/** A server that is tested. */
export interface ServerTarget {
  readonly role: "server";
  readonly url: URL;
  readonly agent: string;
  /** How many cases run at a time; `undefined` for what suits them. */
  readonly jobs: number | undefined;
  /** A file of certificates to trust. */
  readonly ca: string | undefined;
}

/** A place where clients that are tested connect to. */
export interface ClientTarget {
  readonly role: "client";
  readonly hostname: string;
  readonly port: number;
  readonly exitAfterReport: boolean;
}

/** What a run is to do. */
export interface Settings {
  readonly target: ServerTarget | ClientTarget;
  readonly cases: readonly string[];
  readonly exclude: readonly string[];
  readonly beyond: boolean;
  /** Where reports are written, or `undefined` for nowhere. */
  readonly out: string | undefined;
  readonly expected: readonly string[];
  readonly updateExpected: boolean;
  readonly format: Format;
  /** Only say what would run. */
  readonly list: boolean;
}

interface Flags {
  readonly listen?: number | true;
  readonly hostname?: string;
  readonly exitAfterReport?: boolean;
  readonly agent?: string;
  readonly jobs?: number;
  readonly ca?: string;
  readonly cases?: readonly string[];
  readonly exclude?: readonly string[];
  readonly beyond?: boolean;
  readonly out: string | false;
  readonly expected?: readonly string[];
  readonly updateExpected?: boolean;
  readonly format: Format;
  readonly list?: boolean;
}

/** What the command line asks for: a run, or nothing more than an exit code. */
export type CommandLine =
  | { readonly kind: "run"; readonly settings: Settings }
  | Extract<ParseResult, { kind: "exit" }>;

/** Reads the command line; what is wrong with it is said on standard error. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const program = conformanceProgram();
  const parsed = parseProgram(program, args);
  if (parsed.kind === "exit") return parsed;
  const flags = program.opts<Flags>();
  const url: URL | undefined = program.processedArgs[0];
  const mistake = mistakeOf(flags, url);
  if (mistake !== undefined) {
    const refused = usageError(program, mistake);
    return refused.kind === "exit" ? refused : { kind: "exit", code: EXIT_CODE.USAGE };
  }
  return { kind: "run", settings: settingsOf(flags, url) };
}

/** What is wrong with flags that are right one by one. */
function mistakeOf(flags: Flags, url: URL | undefined): string | undefined {
  const { listen, list, expected, updateExpected } = flags;
  if (url !== undefined && listen !== undefined) {
    return "a URL tests a server, and --listen tests clients: give one of them";
  }
  if (url === undefined && listen === undefined && !list) {
    return "give the URL of the server to test, such as ws://localhost:8080/echo, or --listen " +
      "to test clients";
  }
  if (updateExpected && expected?.length !== 1) {
    return "--update-expected needs exactly one --expected, the file to write";
  }
  const forServers = (["agent", "jobs", "ca"] as const).find((name) => flags[name] !== undefined);
  if (forServers !== undefined && listen !== undefined) {
    return `--${forServers} is for servers that are tested, not for --listen`;
  }
  if (listen === undefined && flags.hostname !== undefined) return "--hostname needs --listen";
  if (listen === undefined && flags.exitAfterReport) return "--exit-after-report needs --listen";
  return undefined;
}

function settingsOf(flags: Flags, url: URL | undefined): Settings {
  return {
    target: targetOf(flags, url),
    cases: flags.cases ?? [],
    exclude: flags.exclude ?? [],
    beyond: flags.beyond ?? false,
    out: flags.out === false ? undefined : flags.out,
    expected: flags.expected ?? [],
    updateExpected: flags.updateExpected ?? false,
    format: flags.format,
    list: flags.list ?? false,
  };
}

function targetOf(flags: Flags, url: URL | undefined): ServerTarget | ClientTarget {
  if (flags.listen !== undefined) {
    return {
      role: "client",
      hostname: flags.hostname ?? "127.0.0.1",
      port: flags.listen === true ? DEFAULT_PORT : flags.listen,
      exitAfterReport: flags.exitAfterReport ?? false,
    };
  }
  // Without a URL only --list goes on, which does not connect.
  const server = url ?? new URL("ws://localhost/");
  return {
    role: "server",
    url: server,
    agent: flags.agent ?? server.host,
    jobs: flags.jobs,
    ca: flags.ca,
  };
}

function conformanceProgram(): Command {
  const program = createProgram("conformance", {
    description: "Tests whether a WebSocket implementation, in whatever language, keeps to RFC " +
      "6455 and RFC 7692: the 517 cases of Autobahn|Testsuite with the same numbers and " +
      "verdicts, and on request sections of our own. Give the URL of an echo server to test it. " +
      "Or --listen, and let a client connect to /getCaseCount, then to /runCase?case=N&agent=NAME " +
      "for each N from 1, echoing what comes, and at the end to /updateReports?agent=NAME.",
    exitCodes: EXIT_CODES,
    examples: [
      "deno task conformance ws://localhost:8080/echo",
      "deno task conformance ws://localhost:8080/echo --cases '1.*,6.4.*' --format junit",
      "deno task conformance wss://localhost:8443/ --ca ca.pem --beyond --out report",
      "deno task conformance --listen 9001 --exit-after-report",
      "deno task conformance --list --cases '20.*'",
    ],
  });
  program.argument("[url]", "the server to test, ws: or wss:", parseUrl);
  addTargetOptions(program);
  addCaseOptions(program);
  return addResultOptions(program);
}

const EXIT_CODES: readonly ExitCode[] = [
  EXIT_CODE.OK,
  EXIT_CODE.FAULTS,
  EXIT_CODE.USAGE,
  EXIT_CODE.UNREACHABLE,
  EXIT_CODE.DRIFT,
  EXIT_CODE.INCOMPLETE,
  EXIT_CODE.UNEXPECTED,
  EXIT_CODE.INTERRUPTED,
  EXIT_CODE.TERMINATED,
];

function addTargetOptions(program: Command): void {
  program
    .option(
      "--listen [port]",
      `test clients that connect to this port; 0 for any that is free (default: ${DEFAULT_PORT})`,
      wholeNumber(0, 65535),
    )
    .option("--hostname <address>", "with --listen: the address (default: 127.0.0.1)")
    .option("--exit-after-report", "with --listen: end once a client has asked for its report")
    .option("--agent <name>", "how the server is called in reports (default: its host and port)")
    .option(
      "--jobs <n>",
      "how many cases run at a time (default: as many as there are processors, and beside " +
        "them those that only wait)",
      wholeNumber(1, 256),
    )
    .option("--ca <file>", "for wss: trust the certificates in this file (PEM) too");
}

function addCaseOptions(program: Command): void {
  program
    .option(
      "-c, --cases <patterns>",
      "run only these: numbers, or beginnings of numbers and a star; repeatable",
      collectList,
    )
    .option("--exclude <patterns>", "run all but these; repeatable", collectList)
    .option("--beyond", "run the sections that Autobahn does not have, from 20 on, as well")
    .option("--list", "only list what would run");
}

function addResultOptions(program: Command): Command {
  return program
    .option("-o, --out <dir>", "write the report there, index.html among it", DEFAULT_OUT)
    .option("--no-out", "write no report")
    .addOption(
      new Option("-f, --format <format>", "what is printed in the end")
        .choices(["table", "json", "junit"]).default("table"),
    )
    .option(
      "--expected <file>",
      "compare with the results in this file, of the cases that ran; repeatable",
      (file: string, previous: readonly string[] = []) => [...previous, file],
    )
    .option("--update-expected", "write the results to that file instead of comparing");
}

function parseUrl(value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url !== undefined && (url.protocol === "ws:" || url.protocol === "wss:")) return url;
  throw new InvalidArgumentError("It must be a URL such as ws://localhost:8080/echo.");
}
