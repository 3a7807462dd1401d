/** Flags of the client command that say how the connection is kept, and `--listen`. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { connect } from "../../../lib/client/connect.ts";
import { ConnectError } from "../../../lib/client/connect_error.ts";
import { closePayload, RawListener } from "../../support/raw_peer.ts";
import { CommandProcess } from "../command_process.ts";
import { answerClose, converse, echoServer, nextFrame, readTexts, run } from "./harness.ts";

Deno.test("client: --ping-interval pings so often", async () => {
  await using pair = await converse(["--ping-interval", "100ms"]);
  const { client, peer } = pair;
  for (let count = 0; count < 3; count++) {
    const { opcode, payload } = await peer.readFrame();
    assertEquals(opcode, 9);
    await peer.send({ opcode: 10, payload });
  }
  client.kill("SIGINT");
  await answerClose(peer);
  assertEquals(await client.exitCode(), 0);
});

Deno.test("client: with --ping-interval off, none but that at the end of input", async () => {
  await using pair = await converse(["--ping-interval", "off"]);
  const { client, peer } = pair;
  await client.end();
  assertEquals((await peer.readFrame()).opcode, 9);
  assertEquals((await peer.readFrame()).opcode, 8);
  await peer.send({ opcode: 8, payload: closePayload(1000) });
  await peer.halfClose();
  assertEquals(await client.exitCode(), 0);
});

Deno.test("client: --max-message is the longest message that is taken", async () => {
  await using pair = await converse(["--max-message", "1KiB"]);
  const { client, peer } = pair;
  await peer.send({ opcode: 1, payload: "x".repeat(1024) });
  await client.seeOutput("x\n");
  await peer.send({ opcode: 1, payload: "x".repeat(1025) });
  const { opcode, payload } = await nextFrame(peer);
  assertEquals([opcode, payload.subarray(0, 2).toHex()], [8, "03f1"]);
  await peer.halfClose();
  assertEquals(await client.exitCode(), 5);
});

Deno.test("client: the flags of compression go into the offer", async () => {
  const rows: [args: string[], offer: string | undefined][] = [
    [["--no-compress"], undefined],
    [[], "permessage-deflate; client_max_window_bits"],
    [["--compress"], "permessage-deflate; client_max_window_bits"],
    [
      ["--takeover-memory", "0"],
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover; " +
      "client_max_window_bits",
    ],
    [
      ["--server-window-bits", "10", "--context-takeover", "server"],
      "permessage-deflate; client_no_context_takeover; server_max_window_bits=10; " +
      "client_max_window_bits",
    ],
  ];
  for (const [args, offer] of rows) {
    await using pair = await converse(args);
    const [, sent] = /^Sec-WebSocket-Extensions: (.*)\r$/m.exec(pair.request.text) ?? [];
    const words = (text: string | undefined) => text?.split(", ")[0]?.split("; ").sort();
    assertEquals(words(sent), words(offer)); // the first of the offers
    pair.client.kill("SIGINT");
  }
});

Deno.test("client: the flags of compression say what is compressed", async () => {
  const fields = { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits=10" };
  const common = ["--client-window-bits", "10", "--compress-memory", "1", "--compress-level", "9"];
  const rows: [args: string[], rsv1: boolean][] = [
    [["--compress-threshold", "0"], true],
    [["--compress-threshold", "1KiB", "--compress-jobs", "1"], false],
  ];
  for (const [args, rsv1] of rows) {
    await using pair = await converse([...common, ...args], { changes: { fields } });
    assertStringIncludes(pair.request.text, "client_max_window_bits=10");
    await pair.client.write("tide tide tide tide tide\n");
    const frame = await pair.peer.readFrame();
    assertEquals([frame.opcode, frame.rsv], [1, rsv1 ? 4 : 0]);
    assertEquals(frame.payload.length < 20, rsv1);
    pair.client.kill("SIGINT");
  }
});

Deno.test("client: --reconnect connects again, with the pauses that --backoff sets", async () => {
  await using listener = await RawListener.listen();
  const args = [`ws://127.0.0.1:${listener.port}/`, "--reconnect", "--backoff", "1ms,20ms"];
  await using client = new CommandProcess("client.ts", args);
  for (const name of ["first", "second", "third"]) {
    await using peer = await listener.accept();
    await peer.acceptUpgrade();
    await peer.send({ opcode: 1, payload: name });
    await client.seeOutput(`recv: ${name}\n`);
    await client.write(`hello, ${name}\n`);
    assertEquals(await readTexts(peer, 1), [`hello, ${name}`]);
    if (name === "first") await peer.reset();
    else if (name === "second") {
      await peer.send({ opcode: 8, payload: closePayload(1012, "restarting") });
      await nextFrame(peer);
      await peer.halfClose();
    } else {
      client.kill("SIGINT");
      await answerClose(peer);
    }
  }
  assertEquals(await client.exitCode(), 0);
  const told = client.stderr.trimEnd().split("\n").map((line) =>
    line.replace(/[\d.]+ ms$/, "T ms")
  );
  assertEquals(told, [
    `connected to ws://127.0.0.1:${listener.port}/`,
    "the connection ended with code 1006; next attempt in T ms",
    `connected to ws://127.0.0.1:${listener.port}/`,
    "the connection ended with code 1012, restarting; next attempt in T ms",
    `connected to ws://127.0.0.1:${listener.port}/`,
    "closed with 1000",
  ]);
});

Deno.test("client: --reconnect does not go on where it would not help", async () => {
  const rows: [close: Uint8Array, code: number, said: string][] = [
    [closePayload(1000), 0, "closed with 1000\n"],
    [closePayload(1008, "no"), 7, "closed with 1008: no\n"],
  ];
  for (const [payload, code, said] of rows) {
    await using pair = await converse(["--reconnect"]);
    await pair.peer.send({ opcode: 8, payload });
    await nextFrame(pair.peer);
    await pair.peer.halfClose();
    assertEquals(await pair.client.exitCode(), code);
    assertStringIncludes(pair.client.stderr, said);
  }
});

Deno.test("client: --reconnect tells what a server that refuses has to say, as without it", async () => {
  const told: string[] = [];
  for (const args of [[], ["--reconnect"]]) {
    await using listener = await RawListener.listen();
    const running = run([`ws://127.0.0.1:${listener.port}/`, ...args]);
    await using peer = await listener.accept();
    await peer.readHead();
    await peer.write("HTTP/1.1 404 Not Found\r\nContent-Length: 19\r\n\r\nno socket\n\nis here\n");
    const { code, stderr } = await running;
    assertEquals(code, 3);
    told.push(stderr.replaceAll(`:${listener.port}`, ""));
  }
  assertEquals(
    told[0],
    "client: Cannot open the connection: 127.0.0.1 answered 404 Not Found, " +
      "not 101\nclient: no socket\nclient: is here\n",
  );
  assertEquals(told[1], told[0]);
});

Deno.test("client: --attempts is how often --reconnect tries; the exit code says why it failed", async () => {
  const args = ["ws://127.0.0.1:1/", "-r", "--attempts", "3", "--backoff", "1ms,2ms"];
  const { code, stderr } = await run(args);
  assertEquals(code, 6);
  assertEquals(stderr.match(/cannot be reached/g)?.length, 3);
  assertEquals(stderr.match(/; next attempt in /g)?.length, 2);
});

Deno.test("client: an interrupt ends --reconnect while there is no connection", async () => {
  const args = ["ws://127.0.0.1:1/", "--reconnect", "--backoff", "1h,1h"];
  await using client = new CommandProcess("client.ts", args);
  await client.seeError("next attempt in");
  client.kill("SIGINT");
  assertEquals(await client.exitCode(), 130);
});

/** The client as a server; gives where it listens. */
async function listening(
  args: readonly string[] = [],
): Promise<{ command: CommandProcess; url: string } & AsyncDisposable> {
  const command = new CommandProcess("client.ts", ["--listen", "0", ...args]);
  await command.seeError("\n");
  const [, url = ""] = /^listening at (\S+)\n/.exec(command.stderr) ?? [];
  return {
    command,
    url,
    [Symbol.asyncDispose]: () => command[Symbol.asyncDispose](),
  };
}

Deno.test("client: --listen talks to one client, and ends with it", async () => {
  await using pair = await listening(["--subprotocol", "chat.v1"]);
  const { command, url } = pair;
  await command.write("sent once someone is there\n");
  const connection = await connect(url, { subprotocols: ["chat.v2", "chat.v1"] });
  assertEquals(connection.subprotocol, "chat.v1");
  assertEquals(await connection.receive(), "sent once someone is there");
  await connection.send("hello");
  await command.seeOutput("recv: hello\n");
  const refusal = await connect(url).catch((error) => error);
  assert(refusal instanceof ConnectError);
  assertEquals(refusal.response?.status, 503);
  await connection.close(4000, "done");
  assertEquals(await command.exitCode(), 7);
  assertStringIncludes(command.stderr, "\nclosed with 4000: done\n");
});

Deno.test("client: --listen closes at the end of input, and two clients make a pipe", async () => {
  await using pair = await listening(["--plain"]);
  const { command, url } = pair;
  const sender = run([url, "--plain"], { input: "from the client\n" });
  await command.write("from the server\n");
  await command.end();
  assertEquals((await sender).stdout, "from the server\n");
  assertEquals([await command.exitCode(), command.stdout], [0, "from the client\n"]);
});

Deno.test("client: --listen lets pages in that --origin names, and no others", async () => {
  await using pair = await listening(["--origin", "https://good.example"]);
  const { command, url } = pair;
  const refusal = await connect(url, { headers: { Origin: "https://bad.example" } })
    .catch((error) => error);
  assertEquals(refusal.response?.status, 403);
  const connection = await connect(url, { headers: { Origin: "https://good.example" } });
  await connection.close();
  assertEquals(await command.exitCode(), 0);
});

Deno.test("client: exit code 6 when it cannot listen, 130 when nobody came", async () => {
  await using server = echoServer();
  const { port } = server.address as Deno.NetAddr;
  const { code, stderr } = await run(["-l", `127.0.0.1:${port}`]);
  assertEquals(code, 6);
  assertEquals(
    stderr,
    `client: Cannot listen at 127.0.0.1:${port}: it is in use; choose another port, or 0 for any ` +
      "that is free\n",
  );
  const elsewhere = await run(["-l", "192.0.2.1:0"], { grants: ["--allow-net=192.0.2.1"] });
  assertEquals([elsewhere.code, elsewhere.stderr], [
    6,
    "client: Cannot listen at 192.0.2.1:0: Cannot assign requested address\n",
  ]);
  await using pair = await listening();
  pair.command.kill("SIGINT");
  assertEquals(await pair.command.exitCode(), 130);
});
