/** Flags of the client command that say how messages look on the way in and out. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { answerClose, converse, echoServer, nextFrame, readTexts, run } from "./harness.ts";

Deno.test("client: --plain writes messages as they came", async () => {
  await using server = echoServer();
  const { code, stdout } = await run([server.url, "--plain"], {
    input: "one\n\x1b[1mtwo\n\nthree",
  });
  assertEquals([code, stdout], [0, "one\n\x1b[1mtwo\n\nthree\n"]);
});

Deno.test("client: --quiet too, and tells of nothing but errors", async () => {
  await using server = echoServer();
  assertEquals(await run([server.url, "--quiet"], { input: "one\n" }), {
    code: 0,
    stdout: "one\n",
    stderr: "",
  });
  const { code, stderr } = await run(["ws://127.0.0.1:1/", "-q"]);
  assertEquals(code, 6);
  assertStringIncludes(stderr, "client: Cannot open the connection: 127.0.0.1:1 cannot be reached");
});

Deno.test("client: --binary sends the input as it is read, in binary messages", async () => {
  await using pair = await converse(["--binary"]);
  const { client, peer } = pair;
  await client.write(new Uint8Array([0x61, 0x0a, 0xff, 0x00]));
  const { opcode, payload } = await nextFrame(peer);
  assertEquals([opcode, payload.toHex()], [2, "610aff00"]);
  await client.end();
  await peer.send({ opcode: 2, payload: "no " });
  await peer.send({ opcode: 1, payload: "line end" });
  await answerClose(peer);
  assertEquals([await client.exitCode(), client.stdout], [0, "no line end"]);
});

Deno.test("client: --binary with --delimiter sends each record in a message of its own", async () => {
  await using pair = await converse(["--binary", "--delimiter", "\\0"]);
  const { client, peer } = pair;
  await client.write(new Uint8Array([0xff, 0x0a, 0x00, 0x00, 0x62]));
  await client.end();
  for (const expected of ["ff0a", "", "62"]) {
    const { opcode, payload } = await nextFrame(peer);
    assertEquals([opcode, payload.toHex()], [2, expected]);
    await peer.send({ opcode: 2, payload });
  }
  await answerClose(peer);
  assertEquals(await client.exitCode(), 0);
  assertEquals(client.stdout, "\ufffd\n\0\0b\0");
});

Deno.test("client: --base64 reads and writes binary messages in base64", async () => {
  await using pair = await converse(["--base64"]);
  const { client, peer } = pair;
  await client.write("AP8Q\r\n\naGk=\n");
  for (const expected of ["00ff10", "", "6869"]) {
    const { opcode, payload } = await nextFrame(peer);
    assertEquals([opcode, payload.toHex()], [2, expected]);
  }
  await peer.send({ opcode: 2, payload: new Uint8Array([0, 255]) });
  await peer.send({ opcode: 1, payload: "text" });
  await client.end();
  await answerClose(peer);
  assertEquals([await client.exitCode(), client.stdout], [0, "AP8=\ndGV4dA==\n"]);
});

Deno.test("client: exit code 2 when a line is no base64, or no command", async () => {
  const rows: [args: string[], input: string, message: string][] = [
    [["--base64"], "aGk=\nh!\n", "Cannot read the input: message 2 is no base64, such as aGVsbG8="],
    [["--json-input"], "hello\n", `line 1 is no command, such as {"type":"text","data":"hello"}`],
  ];
  for (const [args, input, message] of rows) {
    await using server = echoServer();
    const { code, stderr } = await run([server.url, ...args], { input });
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, message);
  }
});

Deno.test("client: --delimiter stands between messages of input and output", async () => {
  await using pair = await converse(["--delimiter", "\\r\\n;"]);
  const { client, peer } = pair;
  await client.write("one\nmore\r\n;two\r");
  await client.write("\n;\r\n;rest\r\n");
  await client.end();
  assertEquals(await readTexts(peer, 4), ["one\nmore", "two", "", "rest\r\n"]);
  await peer.send({ opcode: 1, payload: "a" });
  await peer.send({ opcode: 1, payload: "b\n" });
  await answerClose(peer);
  assertEquals([await client.exitCode(), client.stdout], [0, "a\r\n;b\n\r\n;"]);
});

Deno.test("client: --pretty indents JSON and nothing else", async () => {
  await using server = echoServer();
  const { code, stdout } = await run([server.url, "--pretty"], {
    input: `{"a":[1,{}],"b":1e400}\n"text"\nno json\n{"\\u001b":"\x7f"}\n`,
  });
  assertEquals(code, 0);
  assertEquals(stdout.split("\n"), [
    "recv: {",
    '  "a": [',
    "    1,",
    "    {}",
    "  ],",
    '  "b": 1e400',
    "}",
    'recv: "text"',
    "recv: no json",
    "recv: {",
    '  "\\u001b": "\\u007f"',
    "}",
    "",
  ]);
});
