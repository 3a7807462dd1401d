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
  await using pair = await converse(["--count", "2", "--wait", "1500ms"]);
  const { client, peer } = pair;
  await peer.send({ opcode: 1, payload: "only one" });
  await answerClose(peer);
  assertEquals([await client.exitCode(), client.stdout], [4, "only one\n"]);
  assertStringIncludes(client.stderr, "client: 1 of 2 messages came within 1500 ms\n");
});

Deno.test("client: --close-code and --close-reason stand in the close frame", async () => {
  await using pair = await converse(["--close-code", "4001", "--close-reason", "enough ✓"]);
  await pair.client.end();
  assertEquals(await answerClose(pair.peer), { code: 4001, reason: "enough ✓" });
  assertEquals(await pair.client.exitCode(), 0);
});

Deno.test("client: an exit code of 0 also when what comes is an echo", async () => {
  await using server = echoServer();
  assertEquals((await run([server.url, "-n", "2", "-q"], { input: "a\nb\nc\n" })).stdout, "a\nb\n");
});
