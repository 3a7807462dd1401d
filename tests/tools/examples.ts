/**
 * Runs the code examples of the documentation comments and of the README as tests.
 *
 * Deno puts an import of everything that a module exports before each of its examples,
 * and then `noUnusedLocals` refuses what an example does not use. So the examples run
 * under a copy of `deno.json` without the options on unused names, in which
 * `@tidewire/tidewire` is this checkout.
 *
 * @module
 */

const ROOT = new URL("../../", import.meta.url);

interface Config {
  readonly name: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
  readonly compilerOptions: Readonly<Record<string, unknown>>;
}

/** The configuration under which the examples run; paths in it are absolute. */
export function examplesConfig(config: Config, root: URL): Record<string, unknown> {
  const absolute = ([name, target]: readonly [string, string]): [string, string] => [
    name,
    target.startsWith("./") ? new URL(target, root).href : target,
  ];
  const own = Object.entries(config.exports).map(([path, target]) =>
    absolute([config.name + path.slice(1), target])
  );
  return {
    imports: Object.fromEntries([...Object.entries(config.imports).map(absolute), ...own]),
    compilerOptions: {
      ...config.compilerOptions,
      noUnusedLocals: false,
      noUnusedParameters: false,
    },
  };
}

async function main(): Promise<number> {
  const config: Config = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const folder = new URL(".cache/", ROOT);
  await Deno.mkdir(folder, { recursive: true });
  const path = new URL("examples.json", folder);
  await Deno.writeTextFile(path, JSON.stringify(examplesConfig(config, ROOT), null, 2));
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--doc",
      "--no-prompt",
      "--config=.cache/examples.json",
      "--no-lock",
      "--allow-net=127.0.0.1,localhost",
      "lib",
      "README.md",
    ],
    cwd: ROOT,
    stdin: "null",
  }).spawn().status;
  return code;
}

if (import.meta.main) Deno.exit(await main());
