/** `client bench`, run as a process. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { concat } from "../../../support/hex.ts";
import { buildFrame, closePayload } from "../../../support/raw_frame.ts";
import { upgradeResponse } from "../../../support/raw_head.ts";
import { RawListener } from "../../../support/raw_peer.ts";
import { CommandProcess } from "../../command_process.ts";
import { echoServer, run } from "../harness.ts";
import { TerminalProcess } from "../terminal_process.ts";

/** Enough to see it work. */
const SHORT = ["--duration", "400ms", "--warm-up", "100ms"];

/**
 * Fails unless so many answers came in so many seconds, where the last may have been late by
 * what the slowest took: a process may stand still at any moment.
 */
function assertThroughput(
  throughput: number,
  { answered, seconds, latest }: { answered: number; seconds: number; latest: number },
): void {
  const least = answered / (seconds + 1.1 * latest + 0.01);
  const most = answered / seconds;
  assert(least <= throughput && throughput <= most, `${least} <= ${throughput} <= ${most}`);
}

Deno.test("bench: measures an echo server, with a report for people", async () => {
  await using server = echoServer();
  const { code, stdout, stderr } = await run(
    ["bench", server.url, "--connections", "3", "--rate", "200", "--size", "100B", ...SHORT],
  );
  assertEquals([code, stderr], [0, ""]);
  const lines = stdout.split("\n");
  assertEquals(lines[0], `${server.url}: 3 connections, 200 messages/s of 100 bytes, 0.4 s`);
  assertEquals(lines[1], "  sent       80 of 80 that were due");
  assertMatch(lines[2]!, /^ {2}answered {3}80, [\d.]+\/s$/);
  const time = String.raw`[\d.]+ m?s`;
  const times = `p50 ${time}  p90 ${time}  p99 ${time}  p99\\.9 ${time}  max ${time}`;
  assertMatch(lines[3]!, new RegExp(`^  latency    ${times}$`));
  assertMatch(lines[4]!, new RegExp(`^  sent late  ${times}$`));
  const [, longest, unit] = /max ([\d.]+) (m?s)$/.exec(lines[3]!) ?? [];
  const latest = Number(longest) * (unit === "s" ? 1 : 0.001);
  assertThroughput(Number(lines[2]!.split(/[ /]+/)[3]), { answered: 80, seconds: 0.4, latest });
});

Deno.test("bench: --json prints one object", async () => {
  await using server = echoServer();
  const { code, stdout } = await run(
    ["bench", server.url, "-c", "2", "-r", "50", "--text", "--size", "10", "--json", "-q"]
      .concat("-d", "400ms", "--warm-up", "1ms"),
  );
  assertEquals(code, 0);
  const { latency, lateness, throughput, ...rest } = JSON.parse(stdout);
  assertEquals(rest, {
    url: server.url,
    connections: 2,
    rate: 50,
    size: 10,
    seconds: 0.4,
    due: 20,
    sent: 20,
    answered: 20,
    mismatched: 0,
    lost: 0,
    endings: [],
  });
  assertThroughput(throughput, { answered: 20, seconds: 0.4, latest: latency.max / 1000 });
  for (const { min, mean, p50, p90, p99, p999, max } of [latency, lateness]) {
    assert(0 <= min && min <= p50 && p50 <= p90 && p90 <= p99 && p99 <= p999 && p999 <= max);
    assert(min <= mean && mean <= max);
  }
  assert(latency.p50 >= lateness.min);
});

Deno.test("bench: messages are binary, or text with --text; --compress offers compression", async () => {
  const kinds: string[] = [];
  await using server = echoServer({
    websocket: {
      compression: true,
      open: ({ extensions }) => void kinds.push(extensions.slice(0, 18)),
      message: (connection, data) => {
        if (kinds.length < 2) kinds.push(typeof data === "string" ? "text" : "binary");
        connection.send(data);
      },
    },
  });
  for (
    const [args, expected] of [
      [[], ["", "binary"]],
      [["--text", "--compress"], ["permessage-deflate", "text"]],
    ] as const
  ) {
    kinds.length = 0;
    const common = ["bench", server.url, "-c", "1", "-r", "50", ...SHORT];
    assertEquals((await run([...common, ...args])).code, 0);
    assertEquals(kinds, [...expected]);
  }
});

Deno.test("bench: a server that stalls does not slow the load down, and its stall is in the figures", async () => {
  let count = 0;
  await using server = echoServer({
    websocket: {
      message: async (connection, data) => {
        if (++count === 40) await new Promise((resolve) => setTimeout(resolve, 400));
        connection.send(data);
      },
    },
  });
  const { code, stdout } = await run(
    ["bench", server.url, "-c", "1", "-r", "100", "-d", "1s", "--warm-up", "1ms", "--json"],
  );
  assertEquals(code, 0);
  const { due, answered, latency } = JSON.parse(stdout);
  assertEquals([due, answered], [100, 100]);
  // 40 of 100 messages were due within the stall: they waited 200 ms on average.
  assert(latency.max >= 380, JSON.stringify(latency));
  assert(latency.mean >= 50, JSON.stringify(latency));
  assert(latency.p90 >= 200, JSON.stringify(latency));
});

Deno.test("bench: exit code 8 without answers, and a word where they are no echo", async () => {
  await using server = echoServer({
    websocket: { message: (connection) => connection.send("something else") },
  });
  const { code, stdout } = await run(["bench", server.url, "-r", "50", ...SHORT]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "20 answers unlike what was sent: is this an echo server?");
  await using listener = await RawListener.listen();
  const url = `ws://127.0.0.1:${listener.port}/`;
  await using silent = new CommandProcess("client.ts", ["bench", url, "-c", "1", ...SHORT]);
  await using peer = await listener.accept();
  await peer.acceptUpgrade();
  await silent.seeOutput("  latency    no answer\n");
  const { bytes } = await peer.readToEnd().catch(() => ({ bytes: new Uint8Array(1) }));
  assert(bytes.length > 0);
  await peer.halfClose();
  assertEquals(await silent.exitCode(), 8);
});

Deno.test("bench: exit code 5 when a connection is lost", async () => {
  await using server = echoServer({
    websocket: { message: (connection) => connection.destroy() },
  });
  const { code, stdout } = await run(["bench", server.url, "-c", "2", "-r", "50", ...SHORT]);
  assertEquals(code, 5);
  assertStringIncludes(
    stdout,
    "  2 of 2 connections ended too early:\n" +
      "    2 with 1006 (the byte stream ended without a close frame)\n",
  );
});

Deno.test("bench: exit code 7 when the server closes, and the codes and reasons are told", async () => {
  let count = 0;
  await using server = echoServer({
    websocket: {
      open: (connection) => {
        const [code, reason] = count++ < 2 ? [4000, "go\x1b[31m away"] : [1001, ""];
        connection.close(code as number, reason as string);
      },
    },
  });
  const load = ["bench", server.url, "-c", "3", "-r", "50", ...SHORT];
  const people = await run(load);
  assertEquals(people.code, 7);
  assertStringIncludes(
    people.stdout,
    "  3 of 3 connections ended too early:\n" +
      "    2 with 4000: go\\u001b[31m away\n" +
      "    1 with 1001\n",
  );
  count = 0;
  const program = await run([...load, "--json"]);
  assertEquals(program.code, 7);
  const { lost, endings } = JSON.parse(program.stdout);
  assertEquals([lost, endings], [3, [
    { count: 2, code: 4000, reason: "go\x1b[31m away", wasClean: true, error: null },
    { count: 1, code: 1001, reason: "", wasClean: true, error: null },
  ]]);
});

Deno.test("bench: a server that closes with 1000 has not answered what was due", async () => {
  await using server = echoServer({ websocket: { open: (connection) => connection.close(1000) } });
  const { code, stdout } = await run(["bench", server.url, "-c", "1", "-r", "50", ...SHORT]);
  assertEquals(code, 8);
  assertStringIncludes(stdout, "  1 of 1 connection ended too early:\n    1 with 1000\n");
});

Deno.test("bench: a close frame is told, also from a server that keeps TCP open", async () => {
  await using listener = await RawListener.listen();
  const url = `ws://127.0.0.1:${listener.port}/`;
  await using bench = new CommandProcess("client.ts", ["bench", url, "-c", "1", ...SHORT]);
  await using peer = await listener.accept();
  // Both come at once, so nothing is sent in between.
  const frame = buildFrame({ opcode: 8, payload: closePayload(4000, "go away") });
  const head = upgradeResponse(await peer.readHead());
  await peer.write(concat(new TextEncoder().encode(head), frame));
  await bench.seeOutput(
    "  sent       0 of 400 that were due\n" +
      "  answered   0, 0.0/s\n" +
      "  latency    no answer\n" +
      "  sent late  nothing sent\n" +
      "  1 of 1 connection ended too early:\n" +
      "    1 with 4000: go away\n",
  );
  assertEquals(await bench.exitCode(), 7);
});

Deno.test("bench: the most frequent ways to end are shown, and the others counted", async () => {
  let count = 0;
  await using server = echoServer({
    websocket: { open: (connection) => connection.close(4000 + Math.max(0, count++ - 2)) },
  });
  const { stdout } = await run(["bench", server.url, "-c", "9", "-r", "50", ...SHORT]);
  const [, shown] = stdout.split("  9 of 9 connections ended too early:\n");
  assertMatch(shown!, /^ {4}3 with 4000\n( {4}1 with 400[1-6]\n){4} {4}2 in other ways\n$/);
});

Deno.test("bench: exit codes of what cannot begin", async () => {
  const unreachable = await run(["bench", "ws://127.0.0.1:1/"]);
  assertEquals(unreachable.code, 6);
  assertStringIncludes(unreachable.stderr, "client: Cannot open the connection");
  const rows: [args: string[], message: string][] = [
    [[], "missing required argument 'url'"],
    [["ws://127.0.0.1/", "--rate", "0"], "It must be a number above 0"],
    [["ws://127.0.0.1/", "--connections", "0"], "It must be a whole number, at least 1."],
    [["nowhere"], "it must be an absolute URL"],
  ];
  for (const [args, message] of rows) {
    const { code, stdout, stderr } = await run(["bench", ...args]);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, message);
  }
});

Deno.test("bench: an interrupt ends it early, with what was measured", async () => {
  const answered = Promise.withResolvers<void>();
  let count = 0;
  await using server = echoServer({
    websocket: {
      message: async (connection, data) => {
        connection.send(data);
        if (++count !== 20) return;
        // Its pong comes behind the answer, and the warm-up was one message.
        await connection.ping();
        answered.resolve();
      },
    },
  });
  await using bench = new CommandProcess("client.ts", ["bench", server.url, "--warm-up", "1ms"]);
  await answered.promise;
  bench.kill("SIGINT");
  await bench.exitCode();
  assertMatch(bench.stdout, /\n {2}answered {3}[1-9]/);
});

Deno.test("bench: --help explains itself", async () => {
  const { code, stdout } = await run(["bench", "--help"]);
  assertEquals(code, 0);
  for (const word of ["--connections", "--rate", "--size", "--duration", "--json", "Exit codes"]) {
    assertStringIncludes(stdout, word);
  }
});

Deno.test({
  name: "bench: on a terminal, a line shows how it goes",
  // The pseudo-terminal is made with calls of Linux.
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using server = echoServer();
    const args = ["bench", server.url, "-c", "1", "-r", "50", "-d", "1500ms", "--warm-up", "1ms"];
    await using terminal = new TerminalProcess(args);
    await terminal.see(
      "a live line",
      (rows) => /^\d\.\d s {2}sent \d+ {2}answered \d+ {2}p50 .* p99 .* max /.test(rows.at(-1)!),
    );
    assertEquals(await terminal.exitCode(), 0);
    assertEquals(terminal.rows[0], `${server.url}: 1 connection, 50 messages/s of 64 bytes, 1.5 s`);
    assertEquals(terminal.rows[1], "  sent       75 of 75 that were due");
  },
});
