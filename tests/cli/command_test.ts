import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Command } from "commander";
import config from "../../deno.json" with { type: "json" };
import { createProgram, parseProgram, type ParseResult } from "../../lib/cli/command.ts";
import { EXIT_CODE } from "../../lib/cli/exit_codes.ts";
import { collectHeaders, parsePort } from "../../lib/cli/option_values.ts";

/** A command line that was read, and what was written meanwhile. */
interface Run {
  readonly result: ParseResult;
  readonly program: Command;
  readonly out: string;
  readonly error: string;
}

function run(...args: string[]): Run {
  let out = "";
  let error = "";
  const program = createProgram("server", {
    description: "A server for tests.",
    examples: ["server --port 0"],
    writeOut: (text) => out += text,
    writeError: (text) => error += text,
  })
    .option("-p, --port <number>", "the port", parsePort, 8080)
    .option("--header <field>", "a field", collectHeaders);
  return { result: parseProgram(program, args), program, out, error };
}

Deno.test("command: options are parsed, and defaults stand", () => {
  const { result, program, out, error } = run("--port=0", "--header", "A: 1", "--header", "B: 2");
  assertEquals(result, { kind: "run" });
  assertEquals(program.opts(), { port: 0, header: [["A", "1"], ["B", "2"]] });
  assertEquals([out, error], ["", ""]);
  assertEquals(run().program.opts(), { port: 8080 });
});

Deno.test("command: --help goes to standard output with code 0", () => {
  for (const flag of ["--help", "-h"]) {
    const { result, out, error } = run(flag);
    assertEquals(result, { kind: "exit", code: EXIT_CODE.OK });
    assertMatch(out, /^Usage: server \[options\]\n\nA server for tests\.\n/);
    assertStringIncludes(out, "-p, --port <number>");
    assertMatch(out, /\nExit codes:\n {2}0 {4}all went well/);
    assertStringIncludes(out, "\nExamples:\n  server --port 0\n");
    assertEquals(error, "");
  }
});

Deno.test("command: --version is that of deno.json", () => {
  for (const flag of ["--version", "-V"]) {
    const { result, out, error } = run(flag);
    assertEquals(result, { kind: "exit", code: EXIT_CODE.OK });
    assertEquals([out, error], [`${config.version}\n`, ""]);
  }
});

Deno.test("command: what is wrong goes to standard error with code 2", () => {
  const rows: [args: string[], message: string][] = [
    [["--porrt", "1"], "error: unknown option '--porrt'\n(Did you mean --port?)\n"],
    [["--port"], "error: option '-p, --port <number>' argument missing\n"],
    [
      ["--port", "x"],
      "error: option '-p, --port <number>' argument 'x' is invalid. It must be a whole number " +
      "from 0 (any free port) to 65535.\n",
    ],
    [["surplus"], "error: too many arguments. Expected 0 arguments but got 1"],
  ];
  for (const [args, message] of rows) {
    const { result, out, error } = run(...args);
    assertEquals(result, { kind: "exit", code: EXIT_CODE.USAGE });
    assertEquals(out, "");
    assertStringIncludes(error, message);
    assertStringIncludes(error, "Run with --help to see what can be given.");
  }
});

Deno.test({
  name: "command: no permission is needed",
  permissions: "none",
  fn: () => {
    assertEquals(run("--port", "1").result, { kind: "run" });
    assertEquals(run("--help").result, { kind: "exit", code: 0 });
    assertEquals(run("--nonsense").result, { kind: "exit", code: 2 });
  },
});
