/**
 * Runs `tests/protocol` on a copy of `lib/protocol` that counts, and fails when a
 * condition was not seen both ways. It is a test because only `deno test` offers the
 * parser that it needs; `deno task conditions` runs it.
 *
 * @module
 */
import { assert } from "@std/assert";
import { type Condition, instrument, unseen } from "./instrument.ts";
import { ROOT, sourceFiles } from "./module_graph.ts";

const FOLDER = ".cache/conditions/";

/** Writes the counting copy and the configuration that puts it in the place of the original. */
function prepare(): Condition[] {
  Deno.mkdirSync(new URL(`${FOLDER}seen/`, ROOT), { recursive: true });
  Deno.removeSync(new URL(FOLDER, ROOT), { recursive: true });
  Deno.mkdirSync(new URL(`${FOLDER}seen/`, ROOT), { recursive: true });
  const conditions: Condition[] = [];
  const helper = new URL("./counters.ts", import.meta.url).href;
  for (const path of sourceFiles(["lib/protocol"])) {
    const copy = new URL(FOLDER + path, ROOT);
    const source = Deno.readTextFileSync(new URL(path, ROOT));
    Deno.mkdirSync(new URL("./", copy), { recursive: true });
    Deno.writeTextFileSync(copy, instrument(path, source, { helper, conditions }));
  }
  const { imports } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  const entries = Object.entries<string>(imports).map(([name, target]) => [
    name,
    target.startsWith("./") ? new URL(target, ROOT).href : target,
  ]);
  entries.push([
    new URL("lib/protocol/", ROOT).href,
    new URL(`${FOLDER}lib/protocol/`, ROOT).href,
  ]);
  const config = { imports: Object.fromEntries(entries) };
  Deno.writeTextFileSync(new URL(`${FOLDER}deno.json`, ROOT), JSON.stringify(config, null, 2));
  return conditions;
}

/** Joins what each test file's run has seen. */
function readSeen(): number[] {
  const seen: number[] = [];
  const folder = new URL(`${FOLDER}seen/`, ROOT);
  for (const { name } of Deno.readDirSync(folder)) {
    const part: (number | null)[] = JSON.parse(Deno.readTextFileSync(new URL(name, folder)));
    part.forEach((bits, index) => seen[index] = (seen[index] ?? 0) | (bits ?? 0));
  }
  return seen;
}

Deno.test("lib/protocol: tests/protocol sees every condition both ways", async () => {
  const conditions = prepare();
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--no-check",
      "--no-lock",
      "--no-prompt",
      `--config=${FOLDER}deno.json`,
      `--allow-write=${FOLDER}seen`,
      "tests/protocol",
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  assert(success, `${decoder.decode(stdout).slice(-4000)}\n${decoder.decode(stderr)}`);
  assert(conditions.length > 0, "no condition was found");
  const missing = unseen(conditions, readSeen());
  const title = `${missing.length} outcomes of ${conditions.length} conditions were not seen`;
  assert(missing.length === 0, `${title}:\n${missing.join("\n")}`);
});
