/** The server command as a process: its flags, what is wrong with them, and its words. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { connect } from "../../lib/client/connect.ts";
import config from "../../deno.json" with { type: "json" };
import { ConnectError } from "../../lib/client/connect_error.ts";
import { closePayload, RawPeer } from "../support/raw_peer.ts";
import { run, ServerProcess } from "./server_process.ts";

const FIXTURES = decodeURIComponent(new URL("../fixtures/", import.meta.url).pathname);
const ROOT = decodeURIComponent(new URL("../../", import.meta.url).pathname);
const SOCKET = `${ROOT}.cache/test.sock`;
const CERT = `${FIXTURES}localhost.pem`;
const KEY = `${FIXTURES}localhost_key.pem`;

/** Runs the command with wrong arguments, each of which has to say what is wrong. */
async function assertComplains(
  code: number,
  rows: readonly (readonly [args: readonly string[], message: string])[],
): Promise<void> {
  await Promise.all(rows.map(async ([args, message]) => {
    const result = await run(args);
    assertEquals([result.code, result.stdout], [code, ""], args.join(" "));
    assertStringIncludes(result.stderr, message);
  }));
}

Deno.test("server: --help tells all there is, --version the version, on standard output", async () => {
  for (const flag of ["--help", "-h"]) {
    const { code, stdout, stderr } = await run([flag]);
    assertEquals([code, stderr], [0, ""]);
    const words = "--port --hostname --engine --tls-cert --tls-key --unix --max-message --origin " +
      "--log --help --version 8080 127.0.0.1 16MiB same-origin /echo /healthz";
    for (const word of words.split(" ")) assertStringIncludes(stdout, word);
    assertMatch(
      stdout,
      /Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}6 .*\n {2}130 .*\n {2}143 /,
    );
  }
  for (const flag of ["--version", "-V"]) {
    assertEquals(await run([flag]), { code: 0, stdout: `${config.version}\n`, stderr: "" });
  }
});

Deno.test("server: values that are wrong end it with 2 and say what would be right", async () => {
  const port = "It must be a whole number from 0 (any free port) to 65535.";
  await assertComplains(2, [
    [["--port", "http"], port],
    [["--port=-1"], port],
    [["-p", "65536"], port],
    [["--port"], "argument missing"],
    [["--hostname", "not a host"], "Cannot use --hostname: invalid host 'not a host'"],
    [["--hostname", ""], "Cannot use --hostname: invalid empty host"],
    [["--engine", "fast"], "Allowed choices are auto, native, codec, epoll."],
    [["--log", "xml"], "Allowed choices are text, json."],
  ]);
  await assertComplains(2, [
    [["--max-message", "0"], "It must be a number of bytes, such as 1000, 64KiB or 16MiB"],
    [["--max-message", "many"], "It must be a number of bytes"],
    [["--engine", "native", "--max-message", "1KiB"], "it cannot honour maxMessageBytes"],
    [["--origin", "https://a.example/path"], "it must be a scheme, a host and perhaps a port"],
    [["--origin", "any", "--origin", "https://a.example"], '"any" allows all origins'],
    [["--prot", "1"], "(Did you mean --port?)"],
    [["surplus"], "too many arguments"],
    [["--no-compress", "--compress-level", "3"], "cannot be used with option '--compress-level"],
    [["--no-compress", "--context-takeover", "both"], "cannot be used with option '--context"],
  ]);
});

Deno.test("server: what --engine epoll lacks is told", async () => {
  await assertComplains(6, [[["--engine", "epoll"], "it needs --allow-ffi"]]);
  const args = ["--engine", "epoll", "--tls-cert", CERT, "--tls-key", KEY];
  const { code, stderr } = await run(args, { grants: ["--allow-ffi"] });
  assertEquals(code, 2);
  assertStringIncludes(stderr, "Cannot serve TLS on the epoll engine");
});

Deno.test("server: files and sockets that are wrong end it with 2", async () => {
  await assertComplains(2, [
    [["--tls-cert", CERT], "--tls-cert needs --tls-key beside it"],
    [["--tls-key", KEY], "--tls-key needs --tls-cert beside it"],
    [["--tls-cert", "none.pem", "--tls-key", KEY], "Cannot read the file of --tls-cert: No such"],
    [["--tls-cert", CERT, "--tls-key", "/none.pem"], "Cannot read the file of --tls-key: Requires"],
    [["--tls-cert", KEY, "--tls-key", KEY], "Cannot serve TLS: No certificates found"],
    [["--tls-cert", CERT, "--tls-key", CERT], "Cannot serve TLS: No keys found"],
    [
      ["--port", "0", "--tls-cert", CERT, "--tls-key", `${FIXTURES}ca_key.pem`],
      "Cannot serve TLS: keys may not be consistent",
    ],
    [["--unix", SOCKET, "--port", "0"], "'--unix <path>' cannot be used with option '-p, --port"],
    [["--unix", SOCKET, "--hostname", "::"], "cannot be used with option '--hostname"],
    [["--unix", SOCKET, "--tls-cert", CERT], "cannot be used with option '--tls-cert"],
  ]);
});

Deno.test("server: where it cannot listen it ends with 6", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  await assertComplains(6, [
    [
      ["--port", String(port)],
      `Cannot listen at 127.0.0.1:${port}: it is in use; choose another with --port`,
    ],
    [["--hostname", "192.0.2.1"], "Cannot listen at 192.0.2.1:8080: Requires net access"],
    [["--unix", SOCKET], `Cannot listen at ${SOCKET}: Requires write access`],
    [["--unix", SOCKET], `--allow-write=${SOCKET} --allow-net=127.0.0.1,unix:${SOCKET} server.ts)`],
  ]);
  const json = await run(["--port", String(port), "--log", "json"]);
  const record = JSON.parse(json.stderr);
  assertEquals([json.code, record.level], [6, "error"]);
  assertStringIncludes(record.message, "it is in use");
});

Deno.test("server: the first line says where it listens, on which engine, and why", async () => {
  const rows: [args: string[], rest: string][] = [
    [[], 'engine=codec reason="maxMessageBytes, maxFragments, compression need it"'],
    [["--engine", "native"], 'engine=native reason="asked for"'],
    [["--engine", "codec"], 'engine=codec reason="asked for"'],
    [["--engine", "epoll"], 'engine=epoll reason="asked for"'],
  ];
  for (const [args, rest] of rows) {
    const grants = args.includes("epoll") ? ["--allow-ffi"] : [];
    await using server = await ServerProcess.start(args, { grants });
    const { port } = server;
    const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z /;
    assertMatch(server.line, time);
    assertEquals(
      server.line.replace(time, ""),
      `INFO  listening at ws://127.0.0.1:${port}/echo ${rest} page=http://127.0.0.1:${port}/`,
    );
    await using connection = await connect(`ws://127.0.0.1:${port}/echo`, {
      subprotocols: ["other", "echo"],
    });
    assertEquals(connection.subprotocol, "echo");
    for (const message of ["text", new Uint8Array([1, 2, 3]), "", "🌊".repeat(20_000)]) {
      void connection.send(message);
      assertEquals(await connection.receive(), message);
    }
    const health = await fetch(server.url("/healthz"));
    const engine = args[1] ?? "codec";
    assertEquals(await health.json(), { status: "ok", engine, connections: 1 });
  }
});

Deno.test("server: --max-message is the longest message, 16 MiB unless told", async () => {
  const rows: [args: string[], limit: number][] = [
    [["--max-message", "1KiB"], 1024],
    [[], 16 * 1024 * 1024],
  ];
  for (const [args, limit] of rows) {
    await using server = await ServerProcess.start(args);
    await using connection = await connect(`ws://127.0.0.1:${server.port}/`, {
      maxMessageBytes: limit,
    });
    void connection.send(new Uint8Array(limit));
    assertEquals((await connection.receive())?.length, limit);
    void connection.send(new Uint8Array(limit + 1));
    assertEquals((await connection.closed).code, 1009);
  }
});

Deno.test("server: --origin says which pages may connect", async () => {
  const statusOf = async (server: ServerProcess, origin: string): Promise<number> => {
    try {
      const headers = [["Origin", origin]] as const;
      await using _ = await connect(`ws://127.0.0.1:${server.port}/echo`, { headers });
      return 101;
    } catch (error) {
      assert(error instanceof ConnectError);
      return error.response?.status ?? 0;
    }
  };
  await using same = await ServerProcess.start();
  assertEquals(await statusOf(same, `http://127.0.0.1:${same.port}`), 101);
  assertEquals(await statusOf(same, "https://a.example"), 403);
  await using some = await ServerProcess.start([
    "--origin",
    "https://a.example,https://b.example",
    "--origin",
    "https://*.c.example",
  ]);
  for (const origin of ["https://a.example", "https://b.example", "https://x.c.example"]) {
    assertEquals(await statusOf(some, origin), 101);
  }
  assertEquals(await statusOf(some, `http://127.0.0.1:${some.port}`), 403);
  await using any = await ServerProcess.start(["--origin", "any"]);
  assertEquals(await statusOf(any, "null"), 101);
});

Deno.test("server: --tls-cert and --tls-key make it wss and https", async () => {
  const caCerts = [Deno.readTextFileSync(`${FIXTURES}ca.pem`)];
  for (const engine of ["codec", "native"]) {
    const args = ["--tls-cert", CERT, "--tls-key", KEY, "--engine", engine];
    await using server = await ServerProcess.start(args);
    assertStringIncludes(server.line, ` wss://127.0.0.1:${server.port}/echo `);
    await using connection = await connect(`wss://127.0.0.1:${server.port}/`, { tls: { caCerts } });
    void connection.send("over TLS");
    assertEquals(await connection.receive(), "over TLS");
    using client = Deno.createHttpClient({ caCerts });
    const page = await fetch(`https://127.0.0.1:${server.port}/`, { client });
    assertStringIncludes(await page.text(), "<!DOCTYPE html>");
  }
});

Deno.test("server: --takeover-memory says how many connections may have takeover", async () => {
  for (const [size, extensions] of [["1MiB", ""], ["0", "; server_no_context_takeover"]]) {
    const args = ["--context-takeover", "server", "--takeover-memory", size ?? ""];
    await using server = await ServerProcess.start(args);
    await using connection = await connect(`ws://127.0.0.1:${server.port}/echo`);
    assertEquals(
      connection.extensions,
      `permessage-deflate${extensions}; client_no_context_takeover`,
    );
  }
  await assertComplains(2, [
    [["--takeover-memory", "-1"], "It must be a number of bytes"],
    [["--takeover-memory", "1MiB", "--engine", "native"], "it cannot honour compression"],
  ]);
});

Deno.test("server: --compress-jobs bounds how many long messages are compressed in turns", async () => {
  await using server = await ServerProcess.start(["--compress-jobs", "1"]);
  const text = "x".repeat(1_000_000);
  const url = `ws://127.0.0.1:${server.port}/echo`;
  const echoes = await Promise.all([1, 2, 3].map(async () => {
    await using connection = await connect(url);
    await connection.send(text);
    return await connection.receive();
  }));
  assert(echoes.every((echo) => echo === text));
  await assertComplains(2, [
    [["--compress-jobs", "0"], "It must be a whole number from 1 to 1000"],
    [["--compress-jobs", "1", "--engine", "native"], "it cannot honour compression"],
  ]);
});

Deno.test("server: --unix listens there, and tells who stands in the way", async () => {
  const permissions = [
    `--allow-net=127.0.0.1,unix:${SOCKET}`,
    `--allow-read=${ROOT}`,
    `--allow-write=${SOCKET}`,
    "--allow-ffi",
  ];
  for (const engine of ["codec", "native", "epoll"]) {
    const args = ["--unix", SOCKET, "--engine", engine];
    await using server = await ServerProcess.start(args, { permissions });
    assertStringIncludes(server.line, ` listening at ws+unix:${SOCKET} engine=${engine} `);
    await using connection = await connect("ws://localhost/echo", { unix: SOCKET });
    void connection.send("over a unix socket");
    assertEquals(await connection.receive(), "over a unix socket");
    const second = await run(args, { permissions });
    assertEquals(second.code, 6);
    assertStringIncludes(
      second.stderr,
      `Cannot listen at ${SOCKET}: it is in use; remove it first`,
    );
    server.command.kill("SIGTERM");
    assertEquals(await server.command.exitCode(), 0);
  }
});

Deno.test("server: --log json is one object a line, whatever peers send", async () => {
  await using server = await ServerProcess.start(["--log", "json"]);
  const port = JSON.parse(server.command.stdout).message.split(/[:/]+/)[2];
  await using peer = await RawPeer.open(port, { startLine: 'GET /echo?"\\u0022%0a{} HTTP/1.1' });
  const remote = `127.0.0.1:${peer.localPort}`;
  const reason = '"}\n{"level":"error"}\u2028\u202e';
  await peer.sendMasked({ opcode: 8, payload: closePayload(4000, reason) });
  await peer.halfClose();
  await peer.readToEnd();
  await server.command.seeOutput("connection closed");
  server.command.kill("SIGINT");
  assertEquals(await server.command.exitCode(), 0);
  const lines = server.command.stdout.split("\n").slice(0, -1);
  const records = lines.map((line) => JSON.parse(line));
  for (const { time, level } of records) {
    assertEquals([new Date(time).toISOString(), level], [time, "info"]);
  }
  assertEquals(records.map(({ message }) => message), [
    `listening at ws://127.0.0.1:${port}/echo`,
    "connection opened",
    "connection closed",
    "shutting down",
  ]);
  const [listening, opened, closed, down] = records;
  assertEquals([listening.engine, listening.reason], [
    "codec",
    "maxMessageBytes, maxFragments, compression need it",
  ]);
  assertEquals(opened.remote, remote);
  assertStringIncludes(opened.url, "ws://127.0.0.1/echo?");
  assertEquals([closed.remote, closed.code, closed.clean, closed.reason], [
    remote,
    4000,
    true,
    reason,
  ]);
  assertEquals(down.connections, 0);
});
