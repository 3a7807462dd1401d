/** `deno task conformance --listen` as a process, and the clients that it tests. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { follow, interrupt, ROOT, type Run, run, TestFolder } from "../../processes.ts";

const SCRIPT = "autobahn/suite/main.ts";

const PERMISSIONS = [
  "--allow-net=127.0.0.1",
  `--allow-read=${ROOT}`,
  `--allow-write=${ROOT}.cache`,
];

/** Listens on a free port, and lets `visit` have the address. */
function listen(args: readonly string[], visit: (url: string) => Promise<unknown>): Promise<Run> {
  return follow(SCRIPT, ["--listen", "0", "--exit-after-report", ...args], {
    permissions: PERMISSIONS,
    text: "an interrupt ends it.",
    onText: async (stderr) => {
      const [url] = /ws:\/\/127\.0\.0\.1:\d+/.exec(stderr) ?? [];
      assert(url !== undefined, stderr);
      await visit(url);
    },
  });
}

/** Our client as a process. */
async function testee(url: string, ...args: readonly string[]): Promise<Run> {
  const permissions = ["--allow-net=127.0.0.1", `--allow-read=${ROOT}`];
  const done = await run("autobahn/testees/client.ts", [url, ...args], { permissions });
  assertEquals(done.code, 0, done.stderr);
  return done;
}

/** The runtime's client: connects, echoes, and gives the last message when it is over. */
async function visit(url: string): Promise<string> {
  const socket = new WebSocket(url);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let last = "";
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }) => {
    last = String(data);
    if (url.includes("/runCase")) socket.send(data);
  };
  socket.onclose = () => resolve();
  socket.onerror = () => reject(new Error(`Cannot open ${url}`));
  await promise;
  return last;
}

Deno.test("conformance --listen: our client is tested, and the report ends it", async () => {
  using folder = new TestFolder();
  const out = `${folder.path}/report`;
  const { code, stdout, stderr } = await listen(
    ["--cases", "1.1,2.*", "--out", out],
    async (url) => {
      const { stdout } = await testee(url, "--agent", "tide & wire", "--jobs", "2");
      assertStringIncludes(stdout, "19 cases were run");
    },
  );
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, "for 19 cases; an interrupt ends it.");
  assertStringIncludes(stderr, "tide & wire: 19 of 19 cases, 0 faults");
  assertStringIncludes(stdout, "tide & wire");
  const index = JSON.parse(folder.read("report/index.json"));
  assertEquals(Object.keys(index["tide & wire"]).length, 19);
});

Deno.test("conformance --listen: a second run adds an agent to the report", async () => {
  using folder = new TestFolder();
  const args = ["--cases", "1.1.1", "--out", `${folder.path}/report`];
  for (const agent of ["first", "second"]) {
    await listen(args, (url) => testee(url, "--agent", agent));
  }
  const index = JSON.parse(folder.read("report/index.json"));
  assertEquals(Object.keys(index), ["first", "second"]);
});

Deno.test("conformance --listen: expected results are compared as with servers", async () => {
  using folder = new TestFolder();
  const expected = folder.write("expected.json", `{ "1.1.1": ["OK", "OK"] }`);
  const args = ["--no-out", "--expected", expected, "--cases"];
  const same = await listen([...args, "1.1.1"], (url) => testee(url));
  assertEquals(same.code, 0, same.stderr);
  const more = await listen([...args, "1.1.1,1.1.2"], (url) => testee(url));
  assertEquals(more.code, 4);
  assertMatch(more.stderr, /1\.1\.2 +new/);
});

Deno.test("conformance --listen: any client of Autobahn's protocol can come", async () => {
  const { code, stderr } = await listen(["--cases", "1.1.1,1.1.2", "--no-out"], async (url) => {
    assertEquals(await visit(`${url}/getCaseCount`), "2");
    assertEquals(JSON.parse(await visit(`${url}/getCaseInfo?case=2`)).id, "1.1.2");
    for (const position of [1, 2]) await visit(`${url}/runCase?case=${position}&agent=deno`);
    const status = await visit(`${url}/getCaseStatus?case=1&agent=deno`);
    assertEquals(JSON.parse(status).behavior, "OK");
    await visit(`${url}/updateReports?agent=deno`);
  });
  assertEquals(code, 0, stderr);
});

Deno.test("conformance --listen: a client that leaves cases out has not passed", async () => {
  const partial = await listen(["--cases", "1.1", "--no-out"], async (url) => {
    await visit(`${url}/runCase?case=1&agent=deno`);
    await visit(`${url}/updateReports?agent=deno`);
  });
  assertEquals(partial.code, 6);
  assertStringIncludes(partial.stderr, "Not all of the 8 cases have run.");
  const none = await listen(
    ["--cases", "1.1", "--no-out"],
    (url) => visit(`${url}/updateReports?agent=nobody`),
  );
  assertEquals(none.code, 6);
});

Deno.test("conformance --listen: nobody is told of a report that there is not", async () => {
  using folder = new TestFolder();
  const out = `${folder.path}/report`;
  const none = await listen(["--cases", "1.1.1", "--no-out"], async (url) => {
    await visit(`${url}/runCase?case=1&agent=deno`);
    await visit(`${url}/updateReports?agent=deno`);
  });
  assertStringIncludes(none.stderr, '"deno" asks for a report; with --no-out none is written.\n');
  const never = await listen(["--cases", "1.1.1", "--out", out], async (url) => {
    await visit(`${url}/runCase?case=1&agent=deno`);
    await visit(`${url}/updateReports?agent=never`);
  });
  const words = '"never" asks for a report, and has ended no case: there is none.\n';
  assertStringIncludes(never.stderr, words);
  const own = await listen(["--cases", "1.1.1", "--out", out], async (url) => {
    await visit(`${url}/runCase?case=1&agent=deno`);
    await visit(`${url}/updateReports?agent=deno`);
    assertEquals(Object.keys(JSON.parse(folder.read("report/index.json"))), ["deno"]);
  });
  assertStringIncludes(own.stderr, '"deno" has its report.\n');
  for (const { stderr } of [none, never]) assert(!stderr.includes("has its report"), stderr);
});

Deno.test("conformance --listen: where no client has come, all that is expected is missing", async () => {
  const expected = ["--expected", `${ROOT}autobahn/expected/codec_client.json`];
  const { code, stderr } = await listen(
    ["--cases", "1.1.1", "--no-out", ...expected],
    (url) => visit(`${url}/updateReports?agent=nobody`),
  );
  assertEquals(code, 4);
  assertMatch(stderr, /1\.1\.1 +missing/);
});

Deno.test("conformance --listen: an interrupt ends it, also before anybody came", async () => {
  const { code } = await interrupt(SCRIPT, ["--listen", "0", "--no-out"], {
    permissions: PERMISSIONS,
    text: "an interrupt ends it.",
    signal: "SIGINT",
  });
  assertEquals(code, 130);
});

Deno.test("conformance --listen: a port that is taken gives 3", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const args = ["--listen", String(taken.addr.port), "--no-out"];
  const { code, stderr } = await run(SCRIPT, args, { permissions: PERMISSIONS });
  assertEquals(code, 3);
  assertStringIncludes(stderr, `Cannot listen on 127.0.0.1:${taken.addr.port}`);
});

Deno.test("testee: nobody at the address gives 1", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const permissions = ["--allow-net=127.0.0.1", `--allow-read=${ROOT}`];
  const args = [`ws://127.0.0.1:${port}`];
  const { code, stderr } = await run("autobahn/testees/client.ts", args, { permissions });
  assertEquals(code, 1);
  assertStringIncludes(stderr, "testee: ");
});
