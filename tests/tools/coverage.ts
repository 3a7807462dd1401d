/**
 * Reads coverage profiles through `deno coverage --lcov`, prints a table a folder and
 * what never ran, and fails below the thresholds of {@linkcode RULES}.
 *
 * What the figures mean: V8 counts blocks. A branch is a block that ran more or less
 * often than what is around it (`if`, `else`, `case`, `? :`, the right side of `&&`, `||`
 * and `??`, what follows a `return`). The missing `else` of an `if` is no block: when the
 * condition always held, nothing shows it (`deno task conditions` does). Default parameters
 * are no blocks either.
 * A file that no test loads is in no profile, so all its lines are counted here as uncovered.
 *
 * ```sh
 * deno task coverage coverage/protocol coverage/all
 * ```
 *
 * @module
 */
import { sourceFiles } from "./module_graph.ts";

/** What one file's tests reached. */
export interface FileCoverage {
  /** The file, relative to the repository. */
  readonly path: string;
  /** Each line with code, from 1, and how often it ran. */
  readonly lines: readonly Hit[];
  /** Each branch: the line where it stands, and how often it was taken. */
  readonly branches: readonly Hit[];
  /** Each function: the line where it begins, and how often it was called. */
  readonly functions: readonly Hit[];
}

/** A place, and how often it ran. */
export interface Hit {
  readonly line: number;
  readonly count: number;
}

/** What must be covered, by which tests, in percent. */
export interface Rule {
  readonly title: string;
  readonly folder: string;
  readonly profile: "protocol" | "all";
  readonly lines: number;
  readonly branches: number;
}

/** The thresholds. */
export const RULES: readonly Rule[] = [
  {
    title: "lib/protocol/ by tests/protocol/ alone",
    folder: "lib/protocol/",
    profile: "protocol",
    lines: 100,
    branches: 100,
  },
  { title: "lib/ by all tests", folder: "lib/", profile: "all", lines: 90, branches: 80 },
];

/** Reads a report in lcov's format; `root` is cut off the file names. */
export function parseLcov(text: string, root: string): FileCoverage[] {
  const files: FileCoverage[] = [];
  let lines: Hit[] = [];
  let branches: Hit[] = [];
  let functions: Hit[] = [];
  let starts = new Map<string, number[]>();
  let path = "";
  for (const row of text.split("\n")) {
    const colon = row.indexOf(":");
    const fields = row.slice(colon + 1).split(",");
    const first = Number(fields[0]);
    switch (colon < 0 ? row : row.slice(0, colon)) {
      case "SF":
        path = row.slice(colon + 1).replace(root, "");
        lines = [];
        branches = [];
        functions = [];
        starts = new Map();
        break;
      case "FN": {
        const name = fields.slice(1).join(",");
        starts.set(name, [...starts.get(name) ?? [], first]);
        break;
      }
      case "FNDA":
        // Functions of one name are listed in the same order in both tables.
        functions.push({
          line: starts.get(fields.slice(1).join(","))?.shift() ?? 0,
          count: first,
        });
        break;
      case "DA":
        lines.push({ line: first, count: Number(fields[1]) });
        break;
      case "BRDA":
        branches.push({ line: first, count: fields[3] === "-" ? 0 : Number(fields[3]) });
        break;
      case "end_of_record":
        files.push({ path, lines, branches, functions });
        break;
    }
  }
  return files;
}

/** Adds the files that no test loaded, unless they hold nothing that could run. */
export function addUnloaded(
  files: readonly FileCoverage[],
  sources: ReadonlyMap<string, string>,
): FileCoverage[] {
  const loaded = new Set(files.map((file) => file.path));
  const unloaded = [...sources].filter(([path, source]) =>
    !loaded.has(path) && /^(export )?(async |abstract )?(class|function|const|let)\b/m.test(source)
  );
  return [
    ...files,
    ...unloaded.map(([path, source]) => ({
      path,
      lines: codeLines(source).map((line) => ({ line, count: 0 })),
      branches: [],
      functions: [],
    })),
  ];
}

/** The lines that are neither empty nor comment, near enough for a file that never ran. */
function codeLines(source: string): number[] {
  return source.split("\n").flatMap((text, index) =>
    /^\s*(\/\/|\/\*|\*|$)/.test(text) ? [] : [index + 1]
  );
}

/** How many of `total` ran. */
export interface Share {
  readonly hit: number;
  readonly total: number;
}

/** Sums up one kind of figure over files. */
export function share(
  files: readonly FileCoverage[],
  kind: "lines" | "branches" | "functions",
): Share {
  const hits = files.flatMap((file) => file[kind]);
  return { hit: hits.filter(({ count }) => count > 0).length, total: hits.length };
}

/** A share in percent; of nothing, everything is covered. */
export function percent({ hit, total }: Share): number {
  return total === 0 ? 100 : 100 * hit / total;
}

/** One digit after the point, rounded down: only the whole reads as 100.0. */
function rounded(figure: number): string {
  return (Math.floor(figure * 10) / 10).toFixed(1);
}

/** Names what never ran: `path:line` and what it is; lines that follow each other as one. */
export function uncovered(files: readonly FileCoverage[]): string[] {
  return files.flatMap(({ path, lines, branches, functions }) => [
    ...ranges(missed(lines)).map((range) => `${path}:${range} line`),
    ...missed(branches).map((line) => `${path}:${line} branch`),
    ...missed(functions).map((line) => `${path}:${line} function`),
  ]);
}

function missed(hits: readonly Hit[]): number[] {
  const lines = hits.filter(({ count }) => count === 0).map(({ line }) => line);
  return [...new Set(lines)].sort((a, b) => a - b);
}

function ranges(lines: readonly number[]): string[] {
  const found: { first: number; last: number }[] = [];
  for (const line of lines) {
    const range = found.at(-1);
    if (range?.last === line - 1) range.last = line;
    else found.push({ first: line, last: line });
  }
  return found.map(({ first, last }) => first === last ? `${first}` : `${first}-${last}`);
}

/** Says where `rule` is broken, in words; nothing when it holds. */
export function failures(rule: Rule, files: readonly FileCoverage[]): string[] {
  const inFolder = files.filter(({ path }) => path.startsWith(rule.folder));
  if (inFolder.length === 0) return [`${rule.title}: no file is in the profile`];
  return (["lines", "branches"] as const).flatMap((kind) => {
    const figure = percent(share(inFolder, kind));
    if (figure >= rule[kind]) return [];
    return [`${rule.title}: ${kind} ${rounded(figure)} %, at least ${rule[kind]} % are needed`];
  });
}

/** A row a folder and one for the whole. */
export function table(files: readonly FileCoverage[]): string {
  const folders = Map.groupBy(files, ({ path }) => path.slice(0, path.lastIndexOf("/") + 1));
  const names = [...folders.keys()].sort();
  const width = Math.max(...names.map((name) => name.length), "folder".length);
  const row = (name: string, cells: readonly string[]): string =>
    name.padEnd(width) + cells.map((cell) => cell.padStart(19)).join("");
  const kinds = ["lines", "branches", "functions"] as const;
  const figures = (part: readonly FileCoverage[]): string[] =>
    kinds.map((kind) => {
      const { hit, total } = share(part, kind);
      return `${hit}/${total} ${rounded(percent({ hit, total })).padStart(5)} %`;
    });
  return [
    row("folder", kinds),
    ...names.map((name) => row(name, figures(folders.get(name) ?? []))),
    row("all", figures(files)),
  ].join("\n");
}

const ROOT = new URL("../../", import.meta.url);

async function readProfile(folder: string): Promise<FileCoverage[]> {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["coverage", "--lcov", folder],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  if (!output.success) throw new Error(new TextDecoder().decode(output.stderr));
  return parseLcov(new TextDecoder().decode(output.stdout), decodeURIComponent(ROOT.pathname));
}

async function main([protocol, all]: readonly string[]): Promise<number> {
  if (protocol === undefined || all === undefined) {
    console.error("usage: deno task coverage <profile of tests/protocol> <profile of all tests>");
    return 2;
  }
  const sources = new Map(
    sourceFiles(["lib"]).map((path) => [path, Deno.readTextFileSync(new URL(path, ROOT))]),
  );
  const profiles = {
    protocol: addUnloaded(await readProfile(protocol), sources),
    all: addUnloaded(await readProfile(all), sources),
  };
  const broken: string[] = [];
  for (const rule of RULES) {
    const files = profiles[rule.profile].filter(({ path }) => path.startsWith(rule.folder));
    console.log(`\n${rule.title}\n\n${table(files)}\n`);
    const reasons = failures(rule, files);
    if (reasons.length > 0) {
      for (const place of uncovered(files)) console.log(`never ran: ${place}`);
    }
    broken.push(...reasons);
  }
  for (const path of [...sources.keys()].filter((path) => path.startsWith("lib/protocol/"))) {
    if (/coverage-ignore/.test(sources.get(path) ?? "")) {
      broken.push(`${path} hides code from the coverage; test it or remove it`);
    }
  }
  console.log(broken.length === 0 ? "\ncoverage: enough" : `\ncoverage: ${broken.join("\n")}`);
  return broken.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
