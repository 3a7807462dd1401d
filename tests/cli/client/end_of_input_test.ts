/** What the client command does at the end of its input. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Conversation } from "../../../lib/cli/client/conversation.ts";
import type { Connection } from "../../../lib/connection/connection.ts";
import { ConnectionClosedError } from "../../../lib/connection/errors.ts";
import type { RawPeer } from "../../support/raw_peer.ts";
import { answerClose, converse, echoServer, nextFrame, readTexts, run } from "./harness.ts";

/** Reads up to the close frame, answers it and no ping; gives the milliseconds since `start`. */
async function closeWithoutPong(peer: RawPeer, start: number): Promise<number> {
  let frame = await peer.readFrame();
  while (frame.opcode !== 8) frame = await peer.readFrame();
  const time = performance.now() - start;
  await peer.send({ opcode: 8, payload: frame.payload });
  await peer.halfClose();
  return time;
}

/** Asserts that a time is what it should be, or some more on a busy machine. */
function assertTook(time: number, expected: number): void {
  assert(time > expected - 20 && time < expected + 2000, `${time} ms, not ${expected} ms`);
}

Deno.test("client: the end of input does not wait for a peer that answers no pings", async () => {
  const rows: [args: string[], time: number][] = [
    [[], 500],
    [["--exit-on-eof=300ms"], 300],
    [["--exit-on-eof"], 500],
  ];
  for (const [args, time] of rows) {
    await using pair = await converse([...args, "--plain"]);
    const { client, peer } = pair;
    await client.write("question\n");
    const { opcode, payload } = await peer.readFrame();
    assertEquals([opcode, new TextDecoder().decode(payload)], [1, "question"]);
    const start = performance.now();
    await client.end();
    assertTook(await closeWithoutPong(peer, start), time);
    assertEquals(await client.exitCode(), 0);
  }
});

/** What the conversation sees of a connection at the end of its input. */
interface Sight {
  readonly state: "open";
  readonly bufferedAmount: number;
  ping(): Promise<number>;
}

/** How long a conversation without input takes to close, which it does after 200 ms of quiet. */
async function timeToClose(connection: Sight): Promise<number> {
  const conversation = new Conversation({
    presenter: { show: () => undefined },
    screen: { print: () => undefined, note: () => {}, flush: () => Promise.resolve() },
    endOfInput: { kind: "quiet", time: 200 },
    interrupted: () => undefined,
    closeCode: 1000,
    closeReason: "",
  });
  const start = performance.now();
  const code = await conversation.run({
    connection: connection as unknown as Connection,
    send: () => undefined,
    close: () => conversation.end({ kind: "ended" }),
  }, (async function* () {})());
  assertEquals(code, 0);
  return performance.now() - start;
}

Deno.test("conversation: the answer to the ping at the end of input gives time for what follows it", async () => {
  const later = new Promise<number>((resolve) => setTimeout(resolve, 50, 50));
  const never = new Promise<number>(() => {});
  const gone = () => Promise.reject(new ConnectionClosedError());
  for (const [ping, time] of [[() => later, 400], [() => never, 200], [gone, 200]] as const) {
    assertTook(await timeToClose({ state: "open", bufferedAmount: 0, ping }), time);
  }
});

Deno.test("conversation: it does not close while what was sent waits for the peer", async () => {
  let looks = 0;
  const connection: Sight = {
    state: "open",
    ping: () => new Promise(() => {}),
    get bufferedAmount() {
      return ++looks < 3 ? 1 : 0;
    },
  };
  assertTook(await timeToClose(connection), 600);
  assertEquals(looks, 3);
});

Deno.test("client: --exit-on-eof closes that long after the end of input, whatever comes", async () => {
  await using pair = await converse(["--exit-on-eof", "300ms"]);
  const { client, peer } = pair;
  const start = performance.now();
  await client.end();
  const feed = setInterval(() => void peer.send({ opcode: 1, payload: "more" }), 50);
  const frame = await nextFrame(peer);
  clearInterval(feed);
  assertEquals(frame.opcode, 8);
  assertTook(performance.now() - start, 300);
  await peer.send({ opcode: 8, payload: frame.payload });
  await peer.halfClose();
  assertEquals(await client.exitCode(), 0);
  assertStringIncludes(client.stdout, "recv: more\n");
});

Deno.test("client: --exit-on-eof without a time takes half a second", async () => {
  await using pair = await converse(["--exit-on-eof", "--count", "2"]);
  const { client, peer } = pair;
  const start = performance.now();
  await client.end();
  assertTook(await closeWithoutPong(peer, start), 500);
  assertEquals(await client.exitCode(), 8);
});

Deno.test("client: --exit-on-eof may stand before the URL, and ends --ticker too", async () => {
  await using server = echoServer();
  const { code, stdout } = await run(["--exit-on-eof", server.url, "-q", "--ticker", "1h"], {
    input: "a\n",
  });
  assertEquals([code, stdout], [0, "a\n"]);
});

Deno.test("client: --no-exit-on-eof goes on receiving", async () => {
  await using pair = await converse(["--no-exit-on-eof"]);
  const { client, peer } = pair;
  await client.end();
  await new Promise((resolve) => setTimeout(resolve, 800));
  await peer.send({ opcode: 1, payload: "late" });
  await client.seeOutput("recv: late\n");
  client.kill("SIGINT");
  await answerClose(peer);
  assertEquals(await client.exitCode(), 0);
});

Deno.test("client: --one ends at once with exit code 8 when there is nothing to send", async () => {
  await using pair = await converse(["--one"], { stdin: "null" });
  const { client, peer } = pair;
  assertTook(await closeWithoutPong(peer, performance.now()), 0);
  assertEquals(await client.exitCode(), 8);
  assertStringIncludes(
    client.stderr,
    "\nclient: there was nothing to send, so no answer can come\n",
  );
});

Deno.test("client: --one with nothing to send goes on for --no-exit-on-eof and for --ticker", async () => {
  for (const args of [["--no-exit-on-eof"], ["--ticker", "700ms"]]) {
    await using pair = await converse(["--one", ...args], { stdin: "null" });
    const { client, peer } = pair;
    if (args.length === 2) await readTexts(peer, 1);
    else await new Promise((resolve) => setTimeout(resolve, 700));
    await peer.send({ opcode: 1, payload: "told" });
    await answerClose(peer);
    assertEquals([await client.exitCode(), client.stdout], [0, "told\n"]);
  }
});
