/** Flags of the client command that say what is shown, and where. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { answerClose, converse, echoServer, readTexts, run, scratchFolder } from "./harness.ts";

Deno.test("client: --output writes messages to a file, byte for byte", async () => {
  using folder = scratchFolder();
  await using server = echoServer();
  const path = `${folder.path}/out`;
  await Deno.writeTextFile(path, "something longer that was there before".repeat(10_000));
  const input = crypto.getRandomValues(new Uint8Array(50_000));
  const { code, stdout } = await run([server.url, "--binary", "--output", path], {
    input,
    grants: [folder.grant],
  });
  assertEquals([code, stdout], [0, ""]);
  assertEquals(Deno.readFileSync(path).toHex(), input.toHex());
});

Deno.test("client: --save-binary saves each binary message, and never over a file", async () => {
  using folder = scratchFolder();
  await Deno.writeTextFile(`${folder.path}/message-0001.bin`, "mine");
  await using pair = await converse(["--save-binary", `${folder.path}/`], {
    grants: [folder.grant],
  });
  const { client, peer } = pair;
  await peer.send({ opcode: 2, payload: new Uint8Array([0, 255]) });
  await peer.send({ opcode: 1, payload: "text" });
  await peer.send({ opcode: 2, payload: "x" });
  await client.end();
  await answerClose(peer);
  assertEquals(await client.exitCode(), 0);
  assertEquals(client.stdout.split("\n"), [
    `recv: <2 bytes> saved as ${folder.path}/message-0002.bin`,
    "recv: text",
    `recv: <1 byte> saved as ${folder.path}/message-0003.bin`,
    "",
  ]);
  assertEquals(Deno.readTextFileSync(`${folder.path}/message-0001.bin`), "mine");
  assertEquals(Deno.readFileSync(`${folder.path}/message-0002.bin`).toHex(), "00ff");
});

Deno.test("client: --save-binary makes its folder; a message that cannot be saved is an error", async () => {
  using folder = scratchFolder();
  const path = `${folder.path}/not/there`;
  await using pair = await converse(["--save-binary", path], { grants: [folder.grant] });
  const { client, peer } = pair;
  await peer.send({ opcode: 2, payload: "x" });
  await client.seeOutput(`recv: <1 byte> saved as ${path}/message-0001.bin\n`);
  Deno.removeSync(path, { recursive: true });
  await peer.send({ opcode: 2, payload: "lost" });
  await client.seeOutput("recv: <4 bytes> not saved\n");
  Deno.mkdirSync(path);
  await peer.send({ opcode: 2, payload: "fine" });
  await client.seeOutput(`recv: <4 bytes> saved as ${path}/message-0003.bin\n`);
  client.kill("SIGINT");
  await answerClose(peer);
  assertEquals(await client.exitCode(), 1);
  assertStringIncludes(client.stderr, "\nclient: Cannot save a message: No such file or directory");
});

Deno.test("client: exit code 2 when --save-binary names what can be no folder", async () => {
  using folder = scratchFolder();
  const path = `${folder.path}/file`;
  await Deno.writeTextFile(path, "mine");
  const { code, stderr } = await run(["--save-binary", path], { grants: [folder.grant] });
  assertEquals(code, 2);
  assertStringIncludes(stderr, "client: Cannot make the folder of --save-binary: File exists");
});

Deno.test("client: --timestamps shows the time of day, --round-trips how long answers took", async () => {
  await using server = echoServer();
  const { code, stdout, stderr } = await run([server.url, "--timestamps", "--round-trips"], {
    input: "one\ntwo\n",
  });
  assertEquals(code, 0);
  assertMatch(
    stdout,
    /^(?:\d\d:\d\d:\d\d\.\d{3} recv: (?:one|two) {2}\([\d.]+ m?s\)\n){2}$/,
  );
  assertMatch(stderr, /^\d\d:\d\d:\d\d\.\d{3} connected to /);
  const short = await run([server.url, "-t"], { input: "one\n" });
  assertMatch(short.stdout, /^\d\d:\d\d:\d\d\.\d{3} recv: one\n$/);
});

Deno.test("client: --round-trips shows nothing where nothing was asked", async () => {
  await using pair = await converse(["--round-trips"]);
  const { client, peer } = pair;
  await peer.send({ opcode: 1, payload: "greeting" });
  await client.seeOutput("recv: greeting\n");
  await client.write("question\n");
  await readTexts(peer, 1);
  await peer.send({ opcode: 1, payload: "answer" });
  await client.seeOutput("recv: answer  (");
  client.kill("SIGINT");
});

Deno.test("client: --verbose shows both handshakes, pings and pongs, and no password", async () => {
  for (const flag of ["--verbose", "-v"]) {
    await using pair = await converse([flag, "--basic-auth", "ann:secret", "-H", "X-Team: blue"], {
      changes: { fields: { "X-Server": "by hand" } },
    });
    const { client, peer, port } = pair;
    await peer.send({ opcode: 9, payload: "abc" });
    await client.seeError("* ping received: <3 bytes> 616263\n");
    await client.end();
    await answerClose(peer);
    assertEquals(await client.exitCode(), 0);
    const lines = client.stderr.split("\n");
    for (
      const line of [
        "> GET / HTTP/1.1",
        `> Host: 127.0.0.1:${port}`,
        "> X-Team: blue",
        "> Authorization: Basic (hidden)",
        "< HTTP/1.1 101 Switching Protocols",
        "< X-Server: by hand",
        "closed with 1000",
      ]
    ) assert(lines.includes(line), `${line} in ${client.stderr}`);
    assertMatch(client.stderr, /\* reached the server at 127\.0\.0\.1:\d+ \([\d.]+ m?s\)\n/);
    assertMatch(client.stderr, /\* ping sent: <4 bytes> [0-9a-f]{8}\n/);
    assertMatch(client.stderr, /\* pong received: <4 bytes> [0-9a-f]{8}, after [\d.]+ m?s\n/);
    assert(!client.stderr.includes("\x1b") && !client.stderr.includes("YW5uOnNlY3JldA"));
  }
});

Deno.test("client: no colour where the output is no terminal", async () => {
  await using server = echoServer();
  const { stdout, stderr } = await run([server.url], { input: "one\n", env: { NO_COLOR: "" } });
  assertEquals(stdout, "recv: one\n");
  assertStringIncludes(stderr, "\nclosed with 1000\n");
  assert(!`${stdout}${stderr}`.includes("\x1b"));
});
