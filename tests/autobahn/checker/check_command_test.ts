/** The checker as a command: its exit codes, and the file that it writes when told to. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { ROOT, run, TestFolder } from "../processes.ts";
import { expectedPath, reportAsExpected } from "./reports.ts";

function check(args: readonly string[], folder?: TestFolder) {
  const write = folder === undefined ? [] : [`--allow-write=${folder.path}`];
  return run("autobahn/check.ts", args, { permissions: [`--allow-read=${ROOT}`, ...write] });
}

Deno.test("autobahn:check: a report as expected gives 0, a drift 4, a fault 1", async () => {
  using folder = new TestFolder();
  const index = folder.write("index.json", JSON.stringify(reportAsExpected("native_server")));
  const native = await check([index, "--expected", expectedPath("native_server")]);
  assertEquals([native.code, native.stderr], [0, ""]);
  assertStringIncludes(native.stdout, "All of 517 results are as in");
  const codec = await check([index, "--expected", expectedPath("codec_server")]);
  assertEquals(codec.code, 4);
  assertStringIncludes(codec.stdout, "219 of 517 results are not as in");
  assertEquals((await check([index])).code, 1);
  assertEquals((await check([index, "--count", "301"])).code, 4);
});

Deno.test("autobahn:check: one agent of several can be named", async () => {
  using folder = new TestFolder();
  const agents = {
    ...reportAsExpected("native_server", "native"),
    ...reportAsExpected("codec_server", "codec"),
  };
  const index = folder.write("index.json", JSON.stringify(agents));
  const expected = ["--expected", expectedPath("codec_server")];
  assertEquals((await check([index, ...expected])).code, 4);
  assertEquals((await check([index, ...expected, "--agent", "codec"])).code, 0);
  const nobody = await check([index, ...expected, "--agent", "nobody"]);
  assertEquals(nobody.code, 2);
  assertStringIncludes(nobody.stderr, 'has no agent "nobody", only "native", "codec"');
});

Deno.test("autobahn:check: --update writes what was found, when it is whole", async () => {
  using folder = new TestFolder();
  const report = reportAsExpected("native_server");
  const index = folder.write("index.json", JSON.stringify(report));
  const target = folder.write("expected.json", "{}");
  const args = [index, "--expected", target, "--update"];
  const updated = await check(args, folder);
  assertEquals(updated.code, 0, updated.stderr);
  assertEquals(folder.read("expected.json"), Deno.readTextFileSync(expectedPath("native_server")));

  delete report["tidewire"]!["1.1.1"];
  folder.write("index.json", JSON.stringify(report));
  const partial = await check(args, folder);
  assertEquals(partial.code, 4);
  assertStringIncludes(partial.stderr, "there are 516: nothing was written");
  assertEquals(folder.read("expected.json"), Deno.readTextFileSync(expectedPath("native_server")));
});

Deno.test("autobahn:check: what cannot be read or understood gives 2", async () => {
  using folder = new TestFolder();
  const wrong: readonly (readonly [args: readonly string[], words: string])[] = [
    [[`${folder.path}/none.json`], "Cannot read"],
    [[folder.write("bad.json", "{")], "bad.json is no JSON"],
    [[folder.write("empty.json", "{}")], "has no agent"],
    [[], "missing required argument"],
    [[expectedPath("codec_server")], "it must be an object of cases"],
    [["a.json", "--update"], "--update needs --expected"],
    [["a.json", "--count", "many"], "It must be a whole number from 0 to 9999."],
  ];
  for (const [args, words] of wrong) {
    const { code, stderr } = await check(args);
    assertEquals(code, 2, words);
    assertStringIncludes(stderr, words);
  }
});

Deno.test("autobahn:check: --help explains it", async () => {
  const { code, stdout } = await check(["--help"]);
  assertEquals(code, 0);
  for (const words of ["<file>", "--expected <file>", "Exit codes:", "Examples:"]) {
    assertStringIncludes(stdout, words);
  }
});
