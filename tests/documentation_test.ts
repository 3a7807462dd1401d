/**
 * What the README files say, held against the sources: error codes, folders, links, tasks,
 * flags and dependencies.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { ConnectErrorCode } from "../lib/client/connect_error.ts";
import type { ReconnectingErrorCode } from "../lib/client/reconnecting/errors.ts";
import { ConnectionError, type ConnectionErrorCode } from "../lib/connection/errors.ts";
import { ProtocolError, type ProtocolErrorCode } from "../lib/protocol/errors.ts";
import config from "../deno.json" with { type: "json" };
import { CommandProcess } from "./cli/command_process.ts";
import { ROOT } from "./tools/module_graph.ts";

const DOCUMENTS = ["README.md", "lib/README.md", "bench/README.md", "tests/fixtures/README.md"];

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** The cells of every table row whose first cell is in backquotes. */
function rows(document: string): string[][] {
  return read(document).split("\n").filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

/** All that stands between backquotes, in running text and in blocks. */
function codeOf(document: string): string[] {
  return [...read(document).matchAll(/```[a-z]*\n([^]*?)```|`([^`\n]+)`/g)]
    .map(([, block, span]) => block ?? span ?? "");
}

/** The members of a union of strings, each with the doc comment above it. */
function unionMembers(path: string, name: string): { code: string; comment: string }[] {
  const [, body = ""] = new RegExp(`export type ${name} =([^;]*);`).exec(read(path)) ?? [];
  const members = body.matchAll(/(?:\/\*\* ([^\n]*?)\.? \*\/\s*)?\| "(\w+)"/g);
  return [...members].map(([, comment = "", code = ""]) => ({ code, comment }));
}

/** The row of the table of errors that each code must have. */
function errorRows(): string[][] {
  const protocol = unionMembers("lib/protocol/errors.ts", "ProtocolErrorCode").map(({ code }) => {
    const { name, message, closeCode } = new ProtocolError(code as ProtocolErrorCode);
    return [name, code, `${message}; closes with ${closeCode}`];
  });
  const own = unionMembers("lib/connection/errors.ts", "ConnectionErrorCode").map(({ code }) => {
    const { name, message } = new ConnectionError(code as ConnectionErrorCode);
    return [code === "ERR_CLOSED" ? "ConnectionClosedError" : name, code, message];
  });
  const opening = unionMembers("lib/client/connect_error.ts", "ConnectErrorCode").map((member) => {
    const code: ConnectErrorCode = member.code as ConnectErrorCode;
    return ["ConnectError", code, lowerFirst(member.comment)];
  });
  const reopening = unionMembers("lib/client/reconnecting/errors.ts", "ReconnectingErrorCode")
    .map((member) => {
      const code: ReconnectingErrorCode = member.code as ReconnectingErrorCode;
      return ["ReconnectingError", code, lowerFirst(member.comment)];
    });
  return [...protocol, ...own, ...opening, ...reopening];
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

/** The rows of the table of errors as they stand. */
function errorRowsOfReadme(): string[][] {
  return rows("lib/README.md").map((cells) => cells.map((cell) => cell.replace(/^`(.*)`$/, "$1")))
    .filter(([, code]) => code?.startsWith("ERR_"));
}

Deno.test("documentation: lib/README.md has the row of every error code and no other", () => {
  const expected = errorRows();
  assert(expected.length > 30, "the codes were not found");
  assertEquals(errorRowsOfReadme(), expected);
});

Deno.test("documentation: no other code can be seen through lib/mod.ts", async () => {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "lib/mod.ts"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  assert(success);
  const codes = new TextDecoder().decode(stdout).match(/\bERR_\w+/g);
  assertEquals([...new Set(codes)].sort(), errorRows().map(([, code]) => code).sort());
});

Deno.test("documentation: lib/README.md has a row for every folder of sources", () => {
  const folders = rows("lib/README.md").filter(([first]) => first?.endsWith("/`"));
  for (const [folder = "", , begin = ""] of folders) {
    const url = new URL(`lib/${folder.replaceAll("`", "")}`, ROOT);
    assert(Deno.statSync(url).isDirectory);
    for (const [, file = ""] of begin.matchAll(/`([^`]+)`/g)) {
      assert(Deno.statSync(new URL(file, url)).isFile, `${folder} has no ${file}`);
    }
  }
  const named = folders.map(([folder = ""]) => folder.replaceAll("`", "").split("/")[0]);
  const present = [...Deno.readDirSync(new URL("lib/", ROOT))]
    .filter(({ isDirectory }) => isDirectory).map(({ name }) => name);
  assertEquals([...new Set(named)].sort(), present.sort());
});

Deno.test("documentation: files that lib/README.md names with their folder are there", () => {
  const paths = codeOf("lib/README.md").filter((code) => /^[\w/]+\/\w+\.ts$/.test(code));
  assert(paths.length > 0);
  for (const path of paths) assert(Deno.statSync(new URL(`lib/${path}`, ROOT)).isFile, path);
});

for (const document of DOCUMENTS) {
  Deno.test(`documentation: the links of ${document} lead somewhere`, () => {
    for (const [, target = ""] of read(document).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const url = new URL(target, new URL(document, ROOT));
      assert(url.href.startsWith(ROOT.href), `${target} leads out of the repository`);
      url.hash = "";
      assert(Deno.statSync(url).isFile, target);
    }
  });

  Deno.test(`documentation: the tasks that ${document} names are tasks`, () => {
    const tasks = read(document).matchAll(/(?:\bdeno|\bdeno@[\d.]+) task ([\w:]+)/g);
    for (const [command, task = ""] of tasks) assert(task in config.tasks, command);
  });
}

Deno.test("documentation: README.md installs the Deno that is tested", () => {
  const [, tested] = /^readonly deno_version=(.*)$/m.exec(read(".ci/run")) ?? [];
  const named = [...read("README.md").matchAll(/\bdeno@([\d.]+)/g)].map(([, version]) => version);
  assertEquals([...new Set(named)], [tested]);
});

Deno.test("documentation: README.md lists the dependencies from npm", () => {
  const listed = [
    ...read("README.md").matchAll(/^- \[[^\]]*\]\(https:\/\/www\.npmjs\.com\/package\/(\S+)\)/gm),
  ];
  const imported = Object.values(config.imports).flatMap((target) =>
    /^npm:(.*)@/.exec(target)?.slice(1) ?? []
  );
  assertEquals(listed.map(([, name]) => name).sort(), imported.sort());
});

/** A command of the repository: how it is called, and what it says when asked for help. */
interface Program {
  readonly task: string;
  readonly options: ReadonlySet<string>;
  readonly examples: string;
}

/** What the help of `task` says, which may be a command within the script. */
async function program(task: string, script: string): Promise<Program> {
  const [, ...command] = task.split(" ");
  await using process = new CommandProcess(script, [...command, "--help"], { stdin: "null" });
  assertEquals(await process.exitCode(), 0);
  const [help = "", examples = ""] = process.stdout.split("\nExamples:");
  const options = [...help.matchAll(/^ +(?:-\w, )?(--[\w-]+)/gm)].map(([, flag = ""]) => flag);
  assert(options.includes("--help"), process.stdout);
  return { task, options: new Set(options), examples };
}

/** The flags in a piece of code that are not those of Deno itself. */
function flagsOf(code: string): string[] {
  return (code.match(/(?<![\w-])--[a-z][\w-]*/g) ?? []).filter((flag) => !/^--allow-/.test(flag));
}

Deno.test("documentation: the flags in README.md and in the examples of --help exist", async () => {
  const programs = [
    await program("serve", "server.ts"),
    await program("client", "client.ts"),
    await program("client bench", "client.ts"),
    await program("conformance", "autobahn/suite/main.ts"),
  ];
  for (const { examples, options } of programs) {
    for (const flag of flagsOf(examples)) assert(options.has(flag), flag);
  }
  for (const line of codeOf("README.md").flatMap((code) => code.split("\n"))) {
    const called = programs.findLast(({ task }) => line.includes(`task ${task}`));
    const possible = called === undefined ? programs : [called];
    for (const flag of flagsOf(line)) {
      assert(possible.some(({ options }) => options.has(flag)), `${flag} in ${line}`);
    }
  }
});

Deno.test("documentation: the flags in bench/README.md exist", async () => {
  const { options } = await program("bench", "bench/echo.ts");
  const bench = codeOf("bench/README.md").flatMap((code) => code.split("\n"))
    .filter((line) => line.includes("task bench") || line.startsWith("--"));
  assert(bench.length > 0);
  for (const flag of bench.flatMap(flagsOf)) assert(options.has(flag), flag);
});
