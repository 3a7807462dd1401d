/**
 * The module graph of this repository, read with `deno info`: which file imports what.
 *
 * @module
 */

/** One import: who, what, and where it is written. Paths are relative to the repository. */
export interface Import {
  /** The importing file, for example `lib/server/serve.ts`. */
  readonly from: string;
  /** The imported file in the same form, or the specifier (`node:zlib`, `npm:commander@15.1.0`). */
  readonly to: string;
  /** The line of the import, from 1. */
  readonly line: number;
}

/** The repository's root, with a slash at the end. */
export const ROOT: URL = new URL("../../", import.meta.url);

interface InfoTarget {
  readonly specifier?: string;
  readonly span?: { readonly start: { readonly line: number } };
}

interface InfoModule {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: InfoTarget;
    readonly type?: InfoTarget;
  }[];
}

/** Lists the TypeScript files at or under `paths` (relative to the root); what does not exist is left out. */
export function sourceFiles(paths: readonly string[]): string[] {
  const found: string[] = [];
  for (const path of paths) {
    const url = new URL(path, ROOT);
    if (!exists(url)) continue;
    if (Deno.statSync(url).isFile) found.push(path);
    else found.push(...filesUnder(path));
  }
  return found.sort();
}

function filesUnder(folder: string): string[] {
  const found: string[] = [];
  for (const entry of Deno.readDirSync(new URL(`${folder}/`, ROOT))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...filesUnder(path));
    else if (entry.name.endsWith(".ts")) found.push(path);
  }
  return found;
}

function exists(url: URL): boolean {
  try {
    Deno.statSync(url);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Reads every import that `files` write, type imports included. */
export async function readImports(files: readonly string[]): Promise<Import[]> {
  // One module that imports them all makes one graph, and one process, of many files.
  const entry = files.map((file) => `import "${new URL(file, ROOT)}";`).join("");
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", `data:application/typescript,${encodeURIComponent(entry)}`],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  if (!output.success) throw new Error(new TextDecoder().decode(output.stderr));
  const info: { modules: InfoModule[] } = JSON.parse(new TextDecoder().decode(output.stdout));
  const wanted = new Set(files);
  return info.modules.flatMap((module) => {
    const from = toPath(module.specifier);
    return wanted.has(from) ? importsOf(from, module) : [];
  });
}

function importsOf(from: string, module: InfoModule): Import[] {
  return (module.dependencies ?? []).map((dependency) => {
    const target = dependency.code ?? dependency.type;
    return {
      from,
      to: toPath(target?.specifier ?? dependency.specifier),
      line: (target?.span?.start.line ?? 0) + 1,
    };
  });
}

function toPath(specifier: string): string {
  return specifier.startsWith(ROOT.href)
    ? decodeURIComponent(specifier.slice(ROOT.href.length))
    : specifier;
}
