/** Flags of the client command that say when it is over, and how it closes. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { answerClose, converse, echoServer, nextFrame, readTexts, run } from "./harness.ts";

Deno.test("client: --one sends one message, prints one answer, and exits", async () => {
  for (const flag of ["--one", "-1"]) {
    await using pair = await converse([flag]);
    const { client, peer } = pair;
    await client.write("question\nand another\n");
    assertEquals(await readTexts(peer, 1), ["question"]);
    await peer.send({ opcode: 1, payload: "answer" });
    await peer.send({ opcode: 1, payload: "and another" });
    assertEquals(await answerClose(peer), { code: 1000, reason: "" });
    assertEquals([await client.exitCode(), client.stdout], [0, "answer\n"]);
  }
});

Deno.test("client: --one waits for an answer that takes its time", async () => {
  await using pair = await converse(["--one"]);
  const { client, peer } = pair;
  await client.write("question\n");
  await client.end();
  await readTexts(peer, 1);
  await new Promise((resolve) => setTimeout(resolve, 900));
  await peer.send({ opcode: 1, payload: "answer" });
  await answerClose(peer);
  assertEquals([await client.exitCode(), client.stdout], [0, "answer\n"]);
});

Deno.test("client: --one with --binary sends all of the input in one message", async () => {
  await using pair = await converse(["--one", "--binary"]);
  const { client, peer } = pair;
  const input = new Uint8Array(200_000).map((_, index) => index);
  await client.write(input);
  await client.end();
  const { opcode, payload } = await nextFrame(peer);
  assertEquals([opcode, payload.length], [2, input.length]);
  assert(payload.every((byte, index) => byte === input[index]));
  await peer.send({ opcode: 2, payload: "taken" });
  await answerClose(peer);
  assertEquals([await client.exitCode(), client.stdout], [0, "taken"]);
});

Deno.test("client: exit code 8 when the server closes before the answer", async () => {
  for (const args of [["--one"], ["--count", "2"]]) {
    await using pair = await converse(args);
    const { client, peer } = pair;
    if (args.length === 2) await peer.send({ opcode: 1, payload: "first" });
    await peer.send({ opcode: 8, payload: new Uint8Array([0x03, 0xe8]) });
    await nextFrame(peer);
    await peer.halfClose();
    assertEquals(await client.exitCode(), 8);
  }
});

Deno.test("client: --count exits when so many messages have come", async () => {
  for (const flag of ["--count", "-n"]) {
    await using pair = await converse([flag, "3"]);
    const { client, peer } = pair;
    await client.end();
    for (const payload of ["1", "2", "3", "4"]) await peer.send({ opcode: 1, payload });
    await answerClose(peer);
    assertEquals([await client.exitCode(), client.stdout], [0, "1\n2\n3\n"]);
  }
});

Deno.test("client: --wait gives up with exit code 4", async () => {
  await using pair = await converse(["--count", "2", "--wait", "300ms"]);
  const { client, peer } = pair;
  await peer.send({ opcode: 1, payload: "only one" });
  await answerClose(peer);
  assertEquals([await client.exitCode(), client.stdout], [4, "only one\n"]);
  assertStringIncludes(client.stderr, "client: 1 of 2 messages came within 300 ms\n");
});

Deno.test("client: --exit-on-eof closes that long after the end of input, whatever comes", async () => {
  await using pair = await converse(["--exit-on-eof", "300ms"]);
  const { client, peer } = pair;
  await client.end();
  const feed = setInterval(() => void peer.send({ opcode: 1, payload: "more" }), 50);
  const start = performance.now();
  const frame = await nextFrame(peer);
  clearInterval(feed);
  assertEquals(frame.opcode, 8);
  assert(performance.now() - start < 5000);
  await peer.send({ opcode: 8, payload: frame.payload });
  await peer.halfClose();
  assertEquals(await client.exitCode(), 0);
  assertStringIncludes(client.stdout, "recv: more\n");
});

Deno.test("client: --exit-on-eof without a time takes half a second", async () => {
  await using pair = await converse(["--exit-on-eof", "--count", "2"]);
  const { client, peer } = pair;
  await client.end();
  const start = performance.now();
  await answerClose(peer);
  assert(performance.now() - start > 400);
  assertEquals(await client.exitCode(), 8);
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

Deno.test("client: --close-code and --close-reason stand in the close frame", async () => {
  await using pair = await converse(["--close-code", "4001", "--close-reason", "enough ✓"]);
  await pair.client.end();
  assertEquals(await answerClose(pair.peer), { code: 4001, reason: "enough ✓" });
  assertEquals(await pair.client.exitCode(), 0);
});

/** Command lines that are wrong, and what is said of them. */
const WRONG: [args: string[], message: string][] = [
  [["--wait", "1s"], "--wait needs --one or --count beside it"],
  [["--attempts", "3"], "--attempts and --backoff need --reconnect beside them"],
  [["--listen", "0", "ws://127.0.0.1/"], "--listen takes no URL"],
  [["--one", "--count", "2"], "cannot be used with option '-n, --count <n>'"],
  [["--count", "0"], "It must be a whole number, at least 1."],
  [["--close-code", "1005"], "It must be 1000 to 1003, 1007 to 1014, or 3000 to 4999."],
  [["--close-reason", "x".repeat(124)], "It must be 123 bytes of UTF-8 at most."],
  [["--delimiter", "\\q"], "\\q has no meaning here"],
  [["--cookie", "id"], `It must be a name and a value, such as "id=1"`],
  [["--basic-auth", "ann"], "It must be a user name and a password, such as ann:secret."],
  [["--backoff", "1s"], "It must be"],
  [["--listen", "x"], "It must be a whole number from 0"],
  [["--redirects", "101"], "It must be a whole number from 0 to 100."],
  [["--max-message", "0"], "It must be a number of bytes"],
  [["--cert", "tests/fixtures/localhost.pem"], "--cert and --key go together"],
  [["--ca", "nowhere.pem"], "Cannot read the file of --ca: No such file"],
  [["--proxy", "socks5://127.0.0.1"], "The proxy's scheme must be http: or https:"],
  [["--cookie", "a=1", "-H", "Cookie: b=2"], "--cookie and --header both give Cookie"],
  [["--insecure", "ws://127.0.0.1/"], "tls is for wss, and this URL is ws"],
  [["--save-binary", "tests"], "--save-binary needs the permission --allow-write=tests"],
  [["--output", "tests/nowhere/file"], "Cannot open the file of --output"],
];

Deno.test("client: exit code 2 when flags are wrong, or do not go together", async (t) => {
  for (const [args, message] of WRONG) {
    await t.step(args.join(" "), async () => {
      const { code, stdout, stderr } = await run(args);
      assertEquals([code, stdout], [2, ""]);
      assertStringIncludes(stderr.replace(/\s+/g, " "), message);
    });
  }
});

Deno.test("client: an exit code of 0 also when what comes is an echo", async () => {
  await using server = echoServer();
  assertEquals((await run([server.url, "-n", "2", "-q"], { input: "a\nb\nc\n" })).stdout, "a\nb\n");
});
