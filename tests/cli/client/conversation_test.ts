import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Conversation } from "../../../lib/cli/client/conversation.ts";
import { SingleRemote } from "../../../lib/cli/client/remote.ts";
import type { Screen } from "../../../lib/cli/client/screen.ts";
import { connect } from "../../../lib/client/connect.ts";
import { HELD, HeldTimers } from "../../support/held_timers.ts";
import { concat } from "../../support/hex.ts";
import { buildFrame, type RawPeer } from "../../support/raw_peer.ts";
import { CommandProcess } from "../command_process.ts";
import { answerClose, converse, echoServer, readTexts } from "./harness.ts";

const encoder = new TextEncoder();

/** Answers the ping that follows the last line, and the close frame. */
async function seeOff(peer: RawPeer): Promise<void> {
  const ping = await peer.readFrame();
  assertEquals(ping.opcode, 9);
  await peer.send({ opcode: 10, payload: ping.payload });
  assertEquals(await answerClose(peer), { code: 1000, reason: "" });
}

Deno.test("client: each line of input is one text message", async () => {
  await using pair = await converse();
  const { client, peer } = pair;
  await client.write("one\r\ntwo\n\n");
  await client.write(new Uint8Array([0xff, 0xfe, 0x0a]));
  await client.write("潮\tx\nno end");
  await client.end();
  assertEquals(await readTexts(peer, 6), ["one", "two", "", "\ufffd\ufffd", "潮\tx", "no end"]);
  await seeOff(peer);
  assertEquals(await client.exitCode(), 0);
  assertEquals(client.stdout, "");
  assertMatch(client.stderr, /^connected to ws:\/\/127\.0\.0\.1:\d+\/\nclosed with 1000\n$/);
});

Deno.test("client: the end of input waits for replies that take their time", async () => {
  await using pair = await converse();
  const { client, peer } = pair;
  await client.write("question\n");
  await readTexts(peer, 1);
  const start = performance.now();
  await client.end();
  const ping = await peer.readFrame();
  await peer.write(concat(
    buildFrame({ opcode: 10, payload: ping.payload }),
    ...["let me see", "hmm", "yes"].map((payload) => buildFrame({ opcode: 1, payload })),
  ));
  await answerClose(peer);
  assert(performance.now() - start > 450);
  assertEquals(await client.exitCode(), 0);
  assertEquals(client.stdout, "recv: let me see\nrecv: hmm\nrecv: yes\n");
});

Deno.test("client: what comes is shown on one line, and cannot touch the terminal", async () => {
  await using pair = await converse();
  const { client, peer } = pair;
  await peer.write(concat(
    buildFrame({ opcode: 1, payload: "plain" }),
    buildFrame({ opcode: 1, payload: "" }),
    buildFrame({ opcode: 1, payload: "\x1b[2J\x1b]0;mine\x07\r\nrecv: forged\u202e\x9b1m\ttab" }),
    buildFrame({ opcode: 2, payload: new Uint8Array([0, 0x1b, 0xff]) }),
    buildFrame({ opcode: 2 }),
    buildFrame({ opcode: 2, payload: new Uint8Array(1000) }),
    buildFrame({ opcode: 1, payload: "fragm", fin: false }),
    buildFrame({ opcode: 0, payload: "ents" }),
  ));
  await client.end();
  await seeOff(peer);
  assertEquals(await client.exitCode(), 0);
  assertEquals(client.stdout.split("\n"), [
    "recv: plain",
    "recv: ",
    "recv: \\u001b[2J\\u001b]0;mine\\u0007\\r\\nrecv: forged\\u202e\\u009b1m\ttab",
    "recv: <3 bytes> 001bff",
    "recv: <0 bytes>",
    `recv: <1000 bytes> ${"00".repeat(64)}…`,
    "recv: fragments",
    "",
  ]);
});

Deno.test("client: --ticker sends the time, also after the end of input", async () => {
  await using pair = await converse(["--ticker", "50ms"], { stdin: "null" });
  const { client, peer } = pair;
  const times = (await readTexts(peer, 4)).map((text) => {
    assertMatch(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    return Date.parse(text);
  });
  assert(times[3]! - times[0]! >= 100, String(times));
  client.kill("SIGINT");
  let frame = await peer.readFrame();
  while (frame.opcode === 1) frame = await peer.readFrame();
  assertEquals([frame.opcode, ...frame.payload], [8, 0x03, 0xe8]);
  await peer.send({ opcode: 8, payload: frame.payload });
  await peer.halfClose();
  assertEquals(await client.exitCode(), 0);
});

Deno.test("client: with --ticker, lines are sent too", async () => {
  await using pair = await converse(["--ticker", "1h"]);
  const { client, peer } = pair;
  await client.write("line\n");
  assertEquals(await readTexts(peer, 1), ["line"]);
  client.kill("SIGTERM");
  await answerClose(peer);
  assertEquals(await client.exitCode(), 0);
});

Deno.test("client: 10 MB of lines go out, come back and arrive whole", async () => {
  await using server = echoServer();
  await using client = new CommandProcess("client.ts", [server.url]);
  const input = Array.from({ length: 1_150_000 }, (_, index) => `${index} x`).join("\n");
  assert(input.length > 10_000_000);
  await client.write(input);
  await client.end();
  assertEquals(await client.exitCode(), 0);
  assert(client.stdout === `recv: ${input.replaceAll("\n", "\nrecv: ")}\n`);
});

Deno.test("client: one line of 10 MB too", async () => {
  await using server = echoServer();
  await using client = new CommandProcess("client.ts", [server.url]);
  const input = "0123456789".repeat(1_000_000);
  await client.write(input);
  await client.end();
  assertEquals(await client.exitCode(), 0);
  assert(client.stdout === `recv: ${input}\n`);
});

Deno.test("client: a line without end is given up, and not kept", async () => {
  await using pair = await converse();
  const { client, peer } = pair;
  const block = new Uint8Array(1 << 20).fill(0x78);
  const flood = (async () => {
    for (let count = 0; count < 40; count++) await client.write(block);
  })().catch(() => {});
  await answerClose(peer);
  assertEquals(await client.exitCode(), 2);
  await flood;
  assertStringIncludes(
    client.stderr,
    "client: Cannot read the input: line 1 is longer than 16 MiB; --binary sends input of any " +
      "length, in pieces, and --delimiter says where else to cut it\n",
  );
});

/** Calls `step` until it has not come back for a moment; gives how often it did. */
async function untilStalled(step: () => Promise<void>, most: number): Promise<number> {
  for (let count = 0; count < most; count++) {
    const stepped = step().then(() => true);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<false>((resolve) => timer = setTimeout(resolve, 1000, false));
    const inTime = await Promise.race([stepped, late]);
    clearTimeout(timer);
    if (!inTime) return count;
  }
  return most;
}

Deno.test("client: while nobody reads its output, it stops reading from the server", async () => {
  await using pair = await converse([], { stalled: true });
  const { client, peer } = pair;
  const message = buildFrame({ opcode: 1, payload: "x".repeat(65_536) });
  const sent = await untilStalled(() => peer.write(message), 1000);
  assert(sent < 500, `${sent} messages of 64 KiB were taken`);
  client.readOutput();
  await client.seeOutput(`recv: ${"x".repeat(65_536)}\n`.repeat(sent));
  client.kill("SIGINT");
});

Deno.test("client: while the server does not read, it stops reading its input", async () => {
  await using pair = await converse();
  const { client } = pair;
  const block = `${"x".repeat(65_535)}\n`;
  const sent = await untilStalled(() => client.write(block), 1000);
  assert(sent < 500, `${sent} blocks of 64 KiB were taken`);
});

Deno.test("client: when the reader of its output goes away, it closes in order", async () => {
  await using pair = await converse();
  const { client, peer } = pair;
  await peer.send({ opcode: 1, payload: "first" });
  await client.seeOutput("recv: first\n");
  await client.closeOutput();
  // The system closes the pipe in its own time, and a line that comes before fits into it: so
  // lines come until one does not.
  const more = setInterval(() => void peer.send({ opcode: 1, payload: "more" }), 20);
  const frame = await peer.readFrame();
  clearInterval(more);
  assertEquals([frame.opcode, ...frame.payload], [8, 0x03, 0xe8]);
  await peer.send({ opcode: 8, payload: frame.payload });
  await peer.halfClose();
  assertEquals(await client.exitCode(), 0);
  assert(client.stderr.endsWith("\nclosed with 1000\n"), client.stderr);
  await client.write(encoder.encode("nobody listens\n")).catch(() => {});
});

Deno.test("conversation: each reply puts the end of input off by the quiet time", async () => {
  using timers = new HeldTimers();
  const conversation = new Conversation({
    presenter: { show: () => undefined },
    screen: { print: () => undefined, note: () => {}, flush: () => Promise.resolve() },
    endOfInput: { kind: "quiet", time: HELD },
    interrupted: () => undefined,
    closeCode: 1000,
    closeReason: "",
  });
  await using server = echoServer();
  await using connection = await connect(server.url);
  const running = conversation.run(new SingleRemote(connection), noInput());
  // The answer to the ping that the end of input sends has come once the one to a later ping has.
  while (timers.made < 1) await new Promise((resolve) => setTimeout(resolve, 1));
  await connection.ping();
  for (let reply = 1; reply <= 3; reply++) {
    while (timers.made < reply) await new Promise((resolve) => setTimeout(resolve, 1));
    assertEquals(connection.state, "open");
    conversation.take("a reply");
    timers.expire();
  }
  while (timers.made < 4) await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals(connection.state, "open");
  timers.expire();
  const event = await connection.closed;
  conversation.end({ kind: "closed", event });
  assertEquals([await running, event.code], [0, 1000]);
});

/** Input that is at its end. */
async function* noInput(): AsyncGenerator<never> {}

Deno.test("conversation: a flood of pings costs no memory while the output is slow", async () => {
  const shown: string[] = [];
  const slow = Promise.withResolvers<void>();
  const screen: Screen = {
    print: () => undefined,
    note: () => {},
    flush: () => Promise.resolve(),
  };
  const { handlers } = new Conversation({
    presenter: { show: ({ type }) => shown.push(type) === 2 ? slow.promise : undefined },
    screen,
    endOfInput: { kind: "stay" },
    interrupted: () => undefined,
    closeCode: 1000,
    closeReason: "",
  });
  await using server = echoServer();
  await using connection = await connect(server.url);
  const ping = () => handlers.ping?.(connection, new Uint8Array(125));
  for (let count = 0; count < 1000; count++) ping();
  assertEquals(shown.length, 2);
  slow.resolve();
  await slow.promise;
  ping();
  assertEquals(shown.length, 3);
});
