/** `deno task conformance` as a process, against servers: what it prints, writes and exits with. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { interrupt, ROOT, type Run, run, type RunOptions, TestFolder } from "../../processes.ts";
import { nobodyAt, startEcho, startStalling } from "./echo_servers.ts";

const SCRIPT = "autobahn/suite/main.ts";

const OPTIONS: RunOptions = {
  permissions: ["--allow-net=127.0.0.1", `--allow-read=${ROOT}`, `--allow-write=${ROOT}.cache`],
};

function conformance(...args: readonly string[]): Promise<Run> {
  return run(SCRIPT, args, OPTIONS);
}

Deno.test("conformance: --help names every flag, what a client has to do, and the exit codes", async () => {
  const { code, stdout, stderr } = await conformance("--help");
  assertEquals([code, stderr], [0, ""]);
  const flags = "--listen --hostname --exit-after-report --agent --jobs --ca --cases --exclude " +
    "--beyond --list --out --no-out --format --expected --update-expected --help";
  for (const flag of flags.split(" ")) assertStringIncludes(stdout, flag);
  for (const path of ["/getCaseCount", "/runCase?case=N&agent=NAME", "/updateReports"]) {
    assertStringIncludes(stdout.replaceAll(/\s+/g, " "), path);
  }
  const [, codes = ""] = /Exit codes:\n([^]*?)\n\n/.exec(stdout) ?? [];
  assertEquals(codes.match(/^ {2}\d+/gm)?.map(Number), [0, 1, 2, 3, 4, 6, 70, 130, 143]);
});

const USAGE: readonly (readonly [args: readonly string[], words: string])[] = [
  [[], "give the URL of the server to test"],
  [["http://localhost/"], "It must be a URL such as ws://localhost:8080/echo."],
  [["localhost:8080"], "It must be a URL such as"],
  [["ws://localhost/", "--listen"], "give one of them"],
  [["ws://localhost/", "--hostname", "127.0.0.1"], "--hostname needs --listen"],
  [["ws://localhost/", "--exit-after-report"], "--exit-after-report needs --listen"],
  [["--listen", "70000"], "It must be a whole number from 0 to 65535."],
  [["--listen", "--agent", "a"], "--agent is for servers that are tested"],
  [["--listen", "--jobs", "2"], "--jobs is for servers that are tested"],
  [["ws://localhost/", "--jobs", "0"], "It must be a whole number from 1 to 256."],
  [["ws://localhost/", "--format", "xml"], "Allowed choices are table, json, junit"],
  [["ws://localhost/", "--cases", "99.*"], 'No case has a number like "99.*"'],
  [["ws://localhost/", "--cases", "1.*,,2.*"], "without empty entries"],
  [["ws://localhost/", "--exclude", "1.99"], 'No case has a number like "1.99"'],
  [["ws://localhost/", "--exclude", "*"], "No case is left"],
  [["ws://localhost/", "--update-expected"], "--update-expected needs exactly one --expected"],
  [["ws://localhost/", "--expected", `${ROOT}none.json`], "none.json"],
  [["ws://localhost/", "--expected", `${ROOT}deno.json`], "it must be a list of two verdicts"],
  [["wss://localhost/", "--ca", `${ROOT}none.pem`, "--no-out"], "Cannot read the file of --ca"],
  [["ws://localhost/", "--out", "/"], "this folder only"],
  [["ws://localhost/", "ws://localhost/"], "too many arguments"],
  [["ws://localhost/", "--everything"], "unknown option"],
];

for (const [args, words] of USAGE) {
  Deno.test(`conformance: refused: ${args.join(" ").replaceAll(ROOT, "")}`, async () => {
    const { code, stdout, stderr } = await conformance(...args);
    assertEquals([code, stdout], [2, ""], stderr);
    assertStringIncludes(stderr, words);
  });
}

Deno.test("conformance: a folder that cannot hold the report is refused before anything is run", async () => {
  using folder = new TestFolder();
  const file = folder.write("index.json", "no report");
  for (const out of [`${file}/report`, folder.path]) {
    const { code, stderr } = await conformance("ws://localhost/", "--out", out);
    assertEquals(code, 2);
    assertStringIncludes(stderr, `Cannot write the report to ${out}: `);
  }
  assertEquals(folder.read("index.json"), "no report");
});

Deno.test("conformance: --list says what would run, and runs nothing", async () => {
  const all = await conformance("--list");
  assertEquals(all.code, 0);
  const lines = all.stdout.split("\n");
  assertMatch(lines[0]!, /^1\.1\.1 +\S/);
  assertEquals(lines.slice(-2), ["517 cases", ""]);
  const some = await conformance("--list", "--cases", "10.*,1.1.8", "--format", "json");
  const rows: Record<string, unknown>[] = JSON.parse(some.stdout);
  assertEquals(rows.map(({ id }) => id), ["1.1.8", "10.1.1"]);
  assertEquals(Object.keys(rows[0]!), [
    "id",
    "description",
    "expectation",
    "rule",
    "level",
    "testees",
  ]);
  const beyond = await conformance("--list", "--cases", "20.*");
  assertEquals(beyond.code, 0);
  assertMatch(beyond.stdout, /^20\.1/);
});

Deno.test("conformance: a good server gives 0, a table, progress, and a report", async () => {
  using folder = new TestFolder();
  await using server = startEcho();
  const out = `${folder.path}/report`;
  const args = [server.url, "--cases", "1.1,2.*", "--out", out, "--agent", "an echo"];
  const { code, stdout, stderr } = await conformance(...args);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, "an echo");
  assertStringIncludes(stderr, "an echo: 19 of 19 cases, 0 faults\n");
  assertStringIncludes(stderr, `Report: ${out}/index.html\n`);
  const index = JSON.parse(folder.read("report/index.json"));
  assertEquals(Object.keys(index), ["an echo"]);
  assertEquals(Object.keys(index["an echo"]).length, 19);
  assert(folder.read("report/index.html").startsWith("<!"));
  assertEquals(JSON.parse(folder.read("report/an_echo_case_1_1_1.json")).behavior, "OK");
});

Deno.test("conformance: a server that answers wrongly gives 1", async () => {
  await using server = startEcho(() => "something else");
  const { code, stdout } = await conformance(server.url, "--cases", "1.1.1", "--no-out");
  assertEquals(code, 1);
  assertStringIncludes(stdout, "1.1.1");
  assertStringIncludes(stdout, "FAILED");
});

Deno.test("conformance: JSON and JUnit go to standard output, and nothing else does", async () => {
  await using server = startEcho();
  const args = [server.url, "--cases", "1.1.1,1.2.1", "--no-out", "--format"];
  const json = await conformance(...args, "json");
  assertEquals(json.code, 0, json.stderr);
  JSON.parse(json.stdout);
  const junit = await conformance(...args, "junit");
  assertMatch(junit.stdout, /^<\?xml /);
  assertStringIncludes(junit.stdout, "<testsuite");
});

Deno.test("conformance: nobody at the address gives 3, and says so", async () => {
  const url = nobodyAt();
  const { code, stdout, stderr } = await conformance(url, "--cases", "1.1.1", "--no-out");
  assertEquals([code, stdout], [3, ""]);
  assertStringIncludes(stderr, `conformance: The server at ${url} cannot be reached`);
});

Deno.test("conformance: a server that goes away in between gives 6, and what there is is written", async () => {
  using folder = new TestFolder();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const leave = async () => {
    // One connection looks whether there is anybody, and the other one is for the case.
    (await listener.accept()).close();
    const connection = await listener.accept();
    listener.close();
    connection.close();
  };
  const left = leave();
  const url = `ws://127.0.0.1:${listener.addr.port}/`;
  const args = [url, "--cases", "1.1.1,23.1.1", "--out", `${folder.path}/report`, "--agent", "a"];
  const { code, stderr } = await conformance(...args);
  await left;
  assertEquals(code, 6, stderr);
  assertMatch(stderr, /The run ended after 1 results: The server at .* cannot be reached/);
  assertEquals(JSON.parse(folder.read("report/index.json"))["a"]["1.1.1"].behavior, "FAILED");
});

Deno.test("conformance: --expected compares, in both directions, and --update-expected writes", async () => {
  using folder = new TestFolder();
  await using server = startEcho();
  const expected = `${folder.path}/expected.json`;
  const args = [server.url, "--no-out", "--expected", expected, "--cases", "1.1.1,12.1.1"];

  const written = await conformance(...args, "--update-expected");
  assertEquals(written.code, 0, written.stderr);
  const found = `{\n  "1.1.1": ["OK", "OK"],\n  "12.1.1": ["UNIMPLEMENTED", "OK"]\n}\n`;
  assertEquals(folder.read("expected.json"), found);

  const same = await conformance(...args);
  assertEquals(same.code, 0, same.stderr);
  assertStringIncludes(same.stderr, "All of 2 results are as in");

  folder.write("expected.json", found.replace(`"1.1.1": ["OK"`, `"1.1.1": ["FAILED"`));
  const better = await conformance(...args);
  assertEquals(better.code, 4);
  assertMatch(better.stderr, /1\.1\.1 +better +FAILED \/ OK +OK \/ OK/);
  assertStringIncludes(better.stderr, "keep it with --update-expected");

  folder.write("expected.json", found.replace("UNIMPLEMENTED", "OK"));
  const worse = await conformance(...args);
  assertEquals(worse.code, 4);
  assertMatch(worse.stderr, /12\.1\.1 +worse +OK \/ OK +UNIMPLEMENTED \/ OK/);

  folder.write("expected.json", `{ "12.1.1": ["UNIMPLEMENTED", "OK"], "5.1": ["FAILED", "OK"] }`);
  const unknown = await conformance(...args);
  assertEquals(unknown.code, 4);
  assertMatch(unknown.stderr, /1\.1\.1 +new/);
  assertEquals(unknown.stderr.includes("5.1"), false, "5.1 was not to run");

  await conformance(...args, "--update-expected");
  assertEquals(Object.keys(JSON.parse(folder.read("expected.json"))), ["1.1.1", "5.1", "12.1.1"]);
});

for (const [signal, expected] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`conformance: ${signal} writes what there is, and the exit code is ${expected}`, async () => {
    using folder = new TestFolder();
    await using server = startStalling(3);
    const args = [server.url, "--cases", "1.1", "--jobs", "1", "--agent", "slow"];
    const { code, stdout, stderr } = await interrupt(
      SCRIPT,
      [...args, "--out", `${folder.path}/report`],
      { ...OPTIONS, text: "slow: 3 of 8 cases", signal },
    );
    assertEquals(code, expected, stderr);
    assertStringIncludes(stderr, "Interrupted after 3 results.");
    assertStringIncludes(stdout, "slow");
    const cases = JSON.parse(folder.read("report/index.json"))["slow"];
    assertEquals(Object.keys(cases), ["1.1.1", "1.1.2", "1.1.3"]);
  });
}
