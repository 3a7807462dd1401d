/**
 * Says whether the tree is good: runs every check in turn, says which one it is in, and
 * stops at the first that fails. Its last line is the verdict.
 *
 * ```sh
 * deno task ok                        # stop at the first failure
 * deno task ok --keep-going           # run every step, then say how many failed
 * deno task ok --tested=coverage/all  # the tests have just run, with their profile there
 * ```
 *
 * @module
 */

/** One check: a `deno` command that exits with 0 when all is well. */
interface Step {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Where the profile of all tests goes. */
const ALL = "coverage/all";
/** Where the profile of `tests/protocol` alone goes. */
const PROTOCOL = "coverage/protocol";

/** The checks, the quick ones first. `profile` is where the profile of all tests is. */
function steps(profile: string): Step[] {
  return [
    { name: "format", args: ["fmt", "--check"] },
    { name: "lint", args: ["lint"] },
    { name: "types", args: ["check", "--frozen"] },
    { name: "documentation", args: ["doc", "--lint", "lib/mod.ts"] },
    { name: "examples", args: ["task", "examples"] },
    { name: "publish", args: ["publish", "--dry-run", "--allow-dirty", "--frozen"] },
    {
      name: "tests",
      args: ["task", "test", "--coverage-raw-data-only"],
      // Absolute, because programs that tests start in other folders add to it.
      env: { DENO_COVERAGE_DIR: `${Deno.cwd()}/${profile}` },
    },
    {
      // No permission at all: the protocol core and its tests touch nothing outside.
      name: "protocol tests on their own",
      args: ["test", "--frozen", `--coverage=${PROTOCOL}`, "--coverage-raw-data-only"]
        .concat("tests/protocol"),
    },
    { name: "coverage", args: ["task", "coverage", PROTOCOL, profile] },
    { name: "conditions", args: ["task", "conditions"] },
  ];
}

async function run(step: Step): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [...step.args],
    env: { ...step.env },
    stdin: "null",
  }).spawn().status;
  return success;
}

async function removeProfile(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function title(step: Step): string {
  return `${step.name}: deno ${step.args.join(" ")}`;
}

async function main(args: readonly string[]): Promise<number> {
  const keepGoing = args.includes("--keep-going");
  const tested = args.find((arg) => arg.startsWith("--tested="))?.slice("--tested=".length);
  const known = args.filter((arg) => arg === "--keep-going" || arg.startsWith("--tested="));
  if (known.length !== args.length || tested === "") {
    console.error("usage: deno task ok [--keep-going] [--tested=<profile folder>]");
    return 2;
  }

  const todo = steps(tested ?? ALL).filter((step) => tested === undefined || step.name !== "tests");
  await removeProfile(PROTOCOL);
  if (tested === undefined) await removeProfile(ALL);

  let passed = 0;
  const failed: string[] = [];
  for (const [index, step] of todo.entries()) {
    console.log(`\n== ${index + 1}/${todo.length} ${title(step)}`);
    if (await run(step)) {
      passed++;
      continue;
    }
    failed.push(step.name);
    if (keepGoing) continue;
    console.log(`\nok: FAILED in step ${index + 1} of ${todo.length}, ${title(step)}`);
    return 1;
  }
  if (failed.length > 0) console.log(`\nok: FAILED in ${failed.join(", ")}`);
  console.log(`\nok: ${passed} steps passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
