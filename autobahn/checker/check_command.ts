/**
 * The command `deno task autobahn:check`.
 *
 * @module
 */
import { EXIT_CODE, type ExitCode } from "../suite/cli/exit_codes.ts";
import { FileFormatError, formatExpected, parseExpected } from "../suite/cli/expected_file.ts";
import { errorText, say, writeText } from "../suite/cli/output.ts";
import { createProgram, parseProgram, usageError, wholeNumber } from "../suite/cli/program.ts";
import type { Verdicts } from "../suite/cli/verdicts.ts";
import { checkVerdicts } from "./check_report.ts";
import { parseIndex } from "./index_file.ts";

/** How many cases Autobahn|Testsuite has. */
export const AUTOBAHN_COUNT = 517;

interface Flags {
  readonly expected?: string;
  readonly count: number;
  readonly agent?: string;
  readonly update?: boolean;
}

/** Runs the command; gives its exit code. */
export function runCheck(args: readonly string[]): ExitCode {
  const program = createProgram("autobahn:check", {
    description: "Checks an index.json, as Autobahn|Testsuite and our own suite write it: both " +
      "verdicts of each case, and how many cases there are. A result that is better than " +
      "expected is reported as well, so that the expected results follow it.",
    exitCodes: [EXIT_CODE.OK, EXIT_CODE.FAULTS, EXIT_CODE.USAGE, EXIT_CODE.DRIFT],
    examples: [
      "deno task autobahn:check .cache/autobahn/codec_server/reports/index.json \\",
      "  --expected autobahn/expected/codec_server.json",
      "deno task autobahn:check .cache/conformance/index.json --count 301 --agent localhost:8080",
    ],
  })
    .argument("<file>", "the index.json")
    .option("--expected <file>", "the results that are expected; without, no case may have a fault")
    .option("--count <n>", "how many cases there must be", wholeNumber(0, 9999), AUTOBAHN_COUNT)
    .option("--agent <name>", "check this one only (default: each agent in the file)")
    .option("--update", "write what is found to the file of --expected");
  const parsed = parseProgram(program, args);
  if (parsed.kind === "exit") return parsed.code;
  const flags = program.opts<Flags>();
  if (flags.update && flags.expected === undefined) {
    usageError(program, "--update needs --expected, the file to write");
    return EXIT_CODE.USAGE;
  }
  try {
    return check(program.args[0]!, flags);
  } catch (error) {
    if (!(error instanceof FileFormatError)) throw error;
    say(`autobahn:check: ${error.message}`);
    return EXIT_CODE.USAGE;
  }
}

function check(file: string, flags: Flags): ExitCode {
  const agents = selectAgents(parseIndex(readFile(file), file), flags.agent, file);
  if (flags.update && flags.expected !== undefined) return update(agents, flags.expected, flags);
  const expected = flags.expected === undefined ? undefined : {
    verdicts: parseExpected(readFile(flags.expected), flags.expected),
    source: flags.expected,
  };
  const checks = agents.map(([agent, verdicts]) =>
    checkVerdicts(agent, verdicts, { expected, count: flags.count, updateHint: "--update" })
  );
  writeText(Deno.stdout, `${checks.map(({ text }) => text).join("\n\n")}\n`);
  return checks.find(({ code }) => code !== EXIT_CODE.OK)?.code ?? EXIT_CODE.OK;
}

function selectAgents(
  index: ReadonlyMap<string, Verdicts>,
  agent: string | undefined,
  file: string,
): readonly (readonly [string, Verdicts])[] {
  const agents = [...index].filter(([name]) => agent === undefined || name === agent);
  if (agents.length > 0) return agents;
  const names = [...index.keys()].map((name) => JSON.stringify(name)).join(", ");
  throw new FileFormatError(
    `${file} has ${names === "" ? "no agent" : `no agent ${JSON.stringify(agent)}, only ${names}`}`,
  );
}

/** Writes the verdicts, if there are as many as there must be. */
function update(
  agents: readonly (readonly [string, Verdicts])[],
  target: string,
  { count }: Flags,
): ExitCode {
  const [agent, ...others] = agents;
  if (agent === undefined || others.length > 0) {
    throw new FileFormatError("--update takes one agent: name it with --agent");
  }
  const [name, verdicts] = agent;
  if (verdicts.size !== count) {
    say(`There must be ${count} cases, and there are ${verdicts.size}: nothing was written.`);
    return EXIT_CODE.DRIFT;
  }
  Deno.writeTextFileSync(target, formatExpected(verdicts));
  say(`Wrote ${verdicts.size} results of ${JSON.stringify(name)} to ${target}.`);
  return EXIT_CODE.OK;
}

function readFile(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new FileFormatError(`Cannot read ${path}: ${errorText(error)}`);
  }
}
