/** `--json` and `--json-input` of the client command. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { RawListener } from "../../support/raw_peer.ts";
import { CommandProcess } from "../command_process.ts";
import { answerClose, converse, nextFrame, readTexts, run } from "./harness.ts";

/** The objects that `--json` wrote, without what differs from run to run. */
function eventsOf(stdout: string): Record<string, unknown>[] {
  return stdout.trimEnd().split("\n").map((line) => {
    const { time, ...event } = JSON.parse(line);
    assertMatch(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    if ("roundTrip" in event) event.roundTrip = typeof event.roundTrip;
    return event;
  });
}

Deno.test("client: --json writes one object an event, in both directions", async () => {
  await using pair = await converse(["--json", "--no-compress"], {
    changes: { fields: {} },
  });
  const { client, peer, port } = pair;
  await client.write("hello\n");
  await readTexts(peer, 1);
  await peer.send({ opcode: 1, payload: "wörld\x1b\u2028" });
  await peer.send({ opcode: 2, payload: new Uint8Array([0, 255]) });
  await peer.send({ opcode: 9, payload: "abc" });
  await client.seeOutput(`"YWJj"`);
  client.kill("SIGTERM");
  await answerClose(peer);
  assertEquals(await client.exitCode(), 0);
  assertEquals(client.stderr, "");
  assert(!client.stdout.includes("\x1b") && !client.stdout.includes("\u2028"));
  assertEquals(eventsOf(client.stdout), [
    { type: "open", url: `ws://127.0.0.1:${port}/`, subprotocol: "", extensions: "" },
    { type: "text", direction: "sent", data: "hello" },
    { type: "text", direction: "received", data: "wörld\x1b\u2028" },
    { type: "binary", direction: "received", data: "AP8=" },
    { type: "ping", direction: "received", data: "YWJj" },
    { type: "close", code: 1000, reason: "", wasClean: true },
  ]);
});

Deno.test("client: --json tells why no connection could be opened", async () => {
  const { code, stdout, stderr } = await run(["ws://127.0.0.1:1/", "--json"]);
  assertEquals([code, stderr], [6, ""]);
  const [event] = eventsOf(stdout);
  assertEquals([event?.["type"], event?.["code"]], ["error", "ERR_UNREACHABLE"]);
  assertStringIncludes(String(event?.["message"]), "127.0.0.1:1 cannot be reached");
});

Deno.test("client: --json-input reads commands", async () => {
  await using pair = await converse(["--json-input", "--json", "--no-compress"]);
  const { client, peer } = pair;
  const commands = [
    { type: "text", data: "é\n" },
    { type: "binary", data: "AP8=" },
    { type: "ping", data: "YWJj" },
    { type: "pong" },
    { type: "close", code: 3001, reason: "bye" },
  ];
  await client.write(commands.map((command) => `${JSON.stringify(command)}\n`).join(""));
  const frames: [opcode: number, hex: string][] = [];
  for (let opcode = 0; opcode !== 8;) {
    const frame = await peer.readFrame();
    ({ opcode } = frame);
    frames.push([opcode, frame.payload.toHex()]);
  }
  assertEquals(frames, [
    [1, "c3a90a"],
    [2, "00ff"],
    [9, "616263"],
    [10, ""],
    [8, "0bb9627965"],
  ]);
  await peer.send({ opcode: 10, payload: "abc" });
  await peer.send({ opcode: 8, payload: new Uint8Array([0x0b, 0xb9]) });
  await peer.halfClose();
  assertEquals(await client.exitCode(), 0);
  assertEquals(eventsOf(client.stdout).slice(1), [
    { type: "text", direction: "sent", data: "é\n" },
    { type: "binary", direction: "sent", data: "AP8=" },
    { type: "ping", direction: "sent", data: "YWJj" },
    { type: "pong", direction: "sent", data: "" },
    { type: "pong", direction: "received", data: "YWJj", roundTrip: "number" },
    { type: "close", code: 3001, reason: "", wasClean: true },
  ]);
});

Deno.test("client: --json tells with --round-trips how long each answer took", async () => {
  await using pair = await converse(["--json", "--round-trips"]);
  const { client, peer } = pair;
  await client.write("question\n");
  await readTexts(peer, 1);
  await peer.send({ opcode: 1, payload: "answer" });
  await client.seeOutput('"answer"');
  client.kill("SIGTERM");
  await answerClose(peer);
  assertEquals(await client.exitCode(), 0);
  const answer = eventsOf(client.stdout).find(({ data }) => data === "answer");
  assertEquals(answer?.["roundTrip"], "number");
});

Deno.test(`client: --json-input sends as it is what has "compress": false`, async () => {
  const fields = { "Sec-WebSocket-Extensions": "permessage-deflate" };
  const args = ["--json-input", "--compress-threshold", "0", "--quiet"];
  await using pair = await converse(args, { changes: { fields } });
  const { client, peer } = pair;
  const rows: [command: Record<string, unknown>, rsv: number][] = [
    [{ type: "text", data: "tide tide tide", compress: false }, 0],
    [{ type: "text", data: "tide tide tide" }, 4],
    [{ type: "binary", data: "AAAAAAAAAAAA", compress: false }, 0],
    [{ type: "binary", data: "AAAAAAAAAAAA", compress: true }, 4],
  ];
  await client.write(rows.map(([command]) => `${JSON.stringify(command)}\n`).join(""));
  for (const [{ type }, rsv] of rows) {
    const frame = await peer.readFrame();
    assertEquals([frame.opcode, frame.rsv], [type === "text" ? 1 : 2, rsv]);
  }
  client.kill("SIGTERM");
});

Deno.test("client: exit code 2 for a field that --json-input does not know, by its name", async () => {
  await using pair = await converse(["--json-input"]);
  const { client, peer } = pair;
  await client.write(`{"type":"text","data":"x","compres":false}\n`);
  const { opcode } = await nextFrame(peer);
  assertEquals(opcode, 8);
  await peer.halfClose();
  assertEquals(await client.exitCode(), 2);
  assertStringIncludes(client.stderr, `"text" has no field "compres"; it takes "data" and`);
});

Deno.test("client: --json tells of no ping and no message that was not sent", async () => {
  const commands = [
    { type: "ping" },
    { type: "pong" },
    { type: "text", data: "waits for ever" },
  ];
  const { code, stdout } = await run(
    ["--json", "--json-input", "-r", "--attempts", "2", "--backoff", "1s,1s", "ws://127.0.0.1:1/"],
    { input: commands.map((command) => `${JSON.stringify(command)}\n`).join("") },
  );
  assertEquals(code, 6);
  const events = eventsOf(stdout);
  assertEquals(events.filter((event) => "direction" in event), []);
  const told = events.flatMap(({ type, message }) => type === "error" ? [message] : []);
  for (const kind of ["ping", "pong"]) {
    assert(told.includes(`${kind} not sent: there is no open connection`), stdout);
  }
});

Deno.test("client: --json tells of a message once the connection that it waits for is there", async () => {
  await using listener = await RawListener.listen();
  const args = [`ws://127.0.0.1:${listener.port}/`, "-r", "--json", "--backoff", "1s,1s"];
  await using client = new CommandProcess("client.ts", args);
  {
    await using peer = await listener.accept();
    await peer.readHead();
    await peer.write("HTTP/1.1 503 Not Yet\r\nContent-Length: 0\r\n\r\n");
    await client.seeOutput(`"waiting"`);
    await client.write("hello\n");
  }
  await using peer = await listener.accept();
  await peer.acceptUpgrade();
  assertEquals(await readTexts(peer, 1), ["hello"]);
  client.kill("SIGTERM");
  await answerClose(peer);
  assertEquals(await client.exitCode(), 0);
  assertEquals(eventsOf(client.stdout).map(({ type, direction }) => [type, direction]), [
    ["waiting", undefined],
    ["open", undefined],
    ["text", "sent"],
    ["close", undefined],
  ]);
});

Deno.test("client: --json tells which pings are too many to be sent", async () => {
  await using pair = await converse(["--json", "--json-input"]);
  const { client, peer } = pair;
  await client.write(`{"type":"ping"}\n`.repeat(70));
  await client.end();
  let pings = 0;
  let frame = await peer.readFrame();
  for (; frame.opcode === 9; frame = await peer.readFrame()) pings++;
  assertEquals([frame.opcode, pings], [8, 64]);
  await peer.send({ opcode: 8, payload: frame.payload });
  await peer.halfClose();
  assertEquals(await client.exitCode(), 0);
  const events = eventsOf(client.stdout);
  assertEquals(events.filter(({ type }) => type === "ping").length, 64);
  const errors = events.filter(({ type }) => type === "error");
  assertEquals(errors.length, 6);
  assertStringIncludes(String(errors[0]?.["message"]), "ping not sent: ");
});
