/** The command that runs the genuine testsuite, with stand-ins for it on the `PATH`. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { reportAsExpected } from "../checker/reports.ts";
import { interrupt, ROOT, run, type RunOptions, TestFolder } from "../processes.ts";

const SCRIPT = "autobahn/autobahn.ts";
const STAND_IN = decodeURIComponent(new URL("stand_in.ts", import.meta.url).pathname);

/** What the task grants; programs are looked for in the test's folder alone. */
function options(folder: TestFolder): RunOptions {
  return {
    permissions: [
      "--allow-net=127.0.0.1",
      `--allow-read=${ROOT}`,
      `--allow-write=${ROOT}.cache`,
      `--allow-run=docker,wstest,${Deno.execPath()}`,
    ],
    env: { PATH: folder.path },
  };
}

/** A `wstest` that leaves this report. */
function placeTestsuite(folder: TestFolder, report: string): void {
  const line = `exec "${Deno.execPath()}" run -A --quiet "${STAND_IN}" "${report}" "$@"`;
  folder.write("wstest", `#!/bin/sh\n${line}\n`, 0o755);
}

Deno.test("autobahn: without Docker, one sentence says what does work, and the exit code is 5", async () => {
  using folder = new TestFolder();
  const server = await run(SCRIPT, [], options(folder));
  assertEquals([server.code, server.stdout], [5, ""]);
  assertEquals(
    server.stderr,
    "autobahn: Docker is not installed, and there is no wstest on the PATH; our own suite runs " +
      "the same cases without: deno task serve --engine codec, and beside it deno task " +
      "conformance ws://localhost:8080/echo\n",
  );
  const client = await run(SCRIPT, ["--role", "client"], options(folder));
  assertEquals(client.code, 5);
  assertStringIncludes(client.stderr, "deno task conformance --listen 9001, and beside it deno ");
});

Deno.test("autobahn: --help and mistakes speak of options that there are", async () => {
  using folder = new TestFolder();
  const { code, stdout } = await run(SCRIPT, ["--help"], options(folder));
  assertEquals(code, 0);
  assertStringIncludes(stdout, "\n  0    all is as expected\n");
  const flags = [...stdout.matchAll(/^ +(?:-\w, )?(--[a-z-]+)/gm)].map(([, flag]) => flag);
  const named = [...stdout.matchAll(/--[a-z][a-z-]+/g)].map(([flag]) => flag);
  assertEquals(named.filter((flag) => !flags.includes(flag)), []);
  const mistake = await run(SCRIPT, ["--cases", "99"], options(folder));
  assertEquals(mistake.code, 2);
  assertStringIncludes(mistake.stderr, 'No case has a number like "99"');
  assertStringIncludes(mistake.stderr, "deno task conformance --list shows the numbers\n");
});

Deno.test("autobahn: a Docker that does not answer is as good as none", async () => {
  using folder = new TestFolder();
  folder.write("docker", "#!/bin/sh\necho 'no daemon here' >&2\nexit 1\n", 0o755);
  const { code, stderr } = await run(SCRIPT, [], options(folder));
  assertEquals(code, 5);
  assertStringIncludes(stderr, "Docker is installed but does not answer (no daemon here); our own");
});

Deno.test("autobahn: a Docker without Compose is as good as none", async () => {
  using folder = new TestFolder();
  const script = `#!/bin/sh\n[ "$1" = info ] && exit 0\necho "unknown command: $1" >&2\nexit 1\n`;
  folder.write("docker", script, 0o755);
  const { code, stderr } = await run(SCRIPT, [], options(folder));
  assertEquals(code, 5);
  assertStringIncludes(stderr, "its plugin Compose is not (unknown command: compose)");
});

Deno.test("autobahn: Docker is given its words, and a container that fails is told", async () => {
  using folder = new TestFolder();
  const lines = [
    "#!/bin/sh",
    `printf '%s ' "$@" >> "${folder.path}/words"`,
    `echo >> "${folder.path}/words"`,
    `[ "$2" = --file ] || exit 0`,
    `printf '%s\\n%s\\n' "$AUTOBAHN_CONFIG" "$AUTOBAHN_REPORTS" > "${folder.path}/env"`,
    "exit 7",
  ];
  folder.write("docker", `${lines.join("\n")}\n`, 0o755);
  const out = `${folder.path}/out`;
  const { code, stderr } = await run(SCRIPT, ["--out", out], options(folder));
  assertEquals(code, 6);
  assertStringIncludes(stderr, "Running 517 cases by Docker");
  assertStringIncludes(stderr, `docker failed with 7: see ${out}/testsuite.log`);
  const [info, version, compose] = folder.read("words").split("\n");
  assertEquals(info, "info --format {{.ServerVersion}} ");
  assertEquals(version, "compose version ");
  assertMatch(
    compose!,
    /^compose --file .*\/autobahn\/compose\.yaml run --rm --no-TTY --name tidewire-autobahn-[0-9a-f]{8} fuzzingclient $/,
  );
  assertEquals(folder.read("env"), `${out}/config\n${out}/reports\n`);
  const spec = JSON.parse(folder.read("out/config/fuzzingclient.json"));
  assertEquals(spec.outdir, "/reports");
  assertMatch(spec.servers[0].url, /^ws:\/\/127\.0\.0\.1:\d+\/echo$/);
});

for (
  const [flags, name] of [
    [[], "codec_server"],
    [["--engine", "native"], "native_server"],
    [["--role", "client"], "codec_client"],
  ] as const
) {
  Deno.test(`autobahn: a report as in ${name}.json passes, and one that is not does not`, async () => {
    using folder = new TestFolder();
    const report = reportAsExpected(name);
    const index = folder.write("index.json", JSON.stringify(report));
    placeTestsuite(folder, index);
    const args = [...flags, "--out", `${folder.path}/out`];
    const good = await run(SCRIPT, args, options(folder));
    assertEquals(good.code, 0, good.stderr);
    assertStringIncludes(
      good.stdout,
      `All of 517 results are as in autobahn/expected/${name}.json.`,
    );
    assertStringIncludes(good.stderr, "by the wstest on the PATH");

    report["tidewire"]!["1.1.1"]!.behaviorClose = "UNCLEAN";
    folder.write("index.json", JSON.stringify(report));
    const bad = await run(SCRIPT, args, options(folder));
    assertEquals(bad.code, 4);
    assertStringIncludes(bad.stdout, "1.1.1  worse  OK / OK   OK / UNCLEAN");
  });
}

Deno.test("autobahn: only the cases that were to run are compared", async () => {
  using folder = new TestFolder();
  const { tidewire = {} } = reportAsExpected("codec_server");
  const some = Object.entries(tidewire).filter(([id]) => id.startsWith("2."));
  const index = JSON.stringify({ tidewire: Object.fromEntries(some) });
  placeTestsuite(folder, folder.write("index.json", index));
  const args = ["--out", `${folder.path}/out`, "--cases"];
  const two = await run(SCRIPT, [...args, "2.*"], options(folder));
  assertEquals(two.code, 0, two.stderr);
  assertStringIncludes(two.stdout, "All of 11 results are as in");
  const three = await run(SCRIPT, [...args, "2.*,3.1"], options(folder));
  assertEquals(three.code, 4);
  assertStringIncludes(three.stdout, "3.1   missing  OK / OK   (none)");
  const spec = JSON.parse(folder.read("out/config/fuzzingclient.json"));
  assertEquals([spec.cases.length, spec.cases.at(-1)], [12, "3.1"]);
});

Deno.test("autobahn: a testsuite that fails, or leaves no report, is no drift", async () => {
  using folder = new TestFolder();
  placeTestsuite(folder, "none");
  const out = ["--out", `${folder.path}/out`];
  const server = await run(SCRIPT, out, options(folder));
  assertEquals(server.code, 6);
  assertStringIncludes(server.stderr, "wstest failed with 3: see ");
  const client = await run(SCRIPT, ["--role", "client", ...out], options(folder));
  assertEquals(client.code, 6);
  assertStringIncludes(client.stderr, "The testsuite has left no report");
});

Deno.test("autobahn: a report of an earlier run does not count", async () => {
  using folder = new TestFolder();
  Deno.mkdirSync(`${folder.path}/out/reports`, { recursive: true });
  folder.write("out/reports/index.json", JSON.stringify(reportAsExpected("codec_client")));
  placeTestsuite(folder, "none");
  const args = ["--role", "client", "--out", `${folder.path}/out`];
  assertEquals((await run(SCRIPT, args, options(folder))).code, 6);
});

for (const [signal, expected] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`autobahn: ${signal} ends all that was started, and the exit code is ${expected}`, async () => {
    using folder = new TestFolder();
    placeTestsuite(folder, "hang");
    const { code, stderr } = await interrupt(SCRIPT, ["--out", `${folder.path}/out`], {
      ...options(folder),
      text: "Section 1",
      signal,
    });
    assertEquals(code, expected);
    const [url] = /ws:\/\/[^ ]+/.exec(stderr) ?? [];
    assert(url !== undefined, stderr);
    await assertRefused(url);
  });
}

Deno.test("autobahn: a run that takes too long is ended", async () => {
  using folder = new TestFolder();
  placeTestsuite(folder, "hang");
  const args = ["--out", `${folder.path}/out`, "--time-limit", "0.05"];
  const { code, stderr } = await run(SCRIPT, args, options(folder));
  assertEquals(code, 6);
  assertStringIncludes(stderr, "longer than --time-limit allows");
});

const USAGE: readonly (readonly [args: readonly string[], words: string])[] = [
  [["--engine", "native", "--role", "client"], "our client always uses the codec"],
  [["--engine", "best"], "Allowed choices are native, codec"],
  [["--role", "both"], "Allowed choices are server, client"],
  [["--cases", "99.*"], 'No case has a number like "99.*"'],
  [["--time-limit", "soon"], "It must be a number of minutes"],
  [["more"], "too many arguments"],
];

for (const [args, words] of USAGE) {
  Deno.test(`autobahn: refused: ${args.join(" ")}`, async () => {
    using folder = new TestFolder();
    const { code, stderr } = await run(SCRIPT, args, options(folder));
    assertEquals(code, 2);
    assertStringIncludes(stderr, words);
  });
}

async function assertRefused(url: string): Promise<void> {
  const port = Number(new URL(url).port);
  const open = await Deno.connect({ hostname: "127.0.0.1", port }).then((connection) => {
    connection.close();
    return true;
  }, () => false);
  assertEquals(open, false, `something still listens at ${url}`);
}
