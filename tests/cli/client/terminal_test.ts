/** The client command at a prompt, in a pseudo-terminal. */
import { assert, assertEquals } from "@std/assert";
import { closePayload, RawListener, type RawPeer } from "../../support/raw_peer.ts";
import { answerClose, readTexts } from "./harness.ts";
import { type TerminalOptions, TerminalProcess } from "./terminal_process.ts";

/** The pseudo-terminal is made with calls of Linux. */
const ignore = Deno.build.os !== "linux";

/** The client at a prompt and, at the other end, a server by hand. */
async function atPrompt(
  args: readonly string[] = [],
  options?: TerminalOptions,
): Promise<{ terminal: TerminalProcess; peer: RawPeer; url: string } & AsyncDisposable> {
  const listener = await RawListener.listen();
  const url = `ws://127.0.0.1:${listener.port}/`;
  const terminal = new TerminalProcess([url, ...args], options);
  const peer = await listener.accept();
  await peer.acceptUpgrade();
  return {
    terminal,
    peer,
    url,
    [Symbol.asyncDispose]: async () => {
      await terminal[Symbol.asyncDispose]();
      await peer[Symbol.asyncDispose]();
      await listener[Symbol.asyncDispose]();
    },
  };
}

async function readText(peer: RawPeer): Promise<string> {
  const [text = ""] = await readTexts(peer, 1);
  return text;
}

Deno.test({
  name: "prompt: lines are sent, and what comes appears above what is being typed",
  ignore,
  fn: async () => {
    await using pair = await atPrompt();
    const { terminal, peer, url } = pair;
    await terminal.seeRow(">");
    await terminal.type("hello\r");
    assertEquals(await readText(peer), "hello");
    await terminal.type("half a li");
    await terminal.seeRow("> half a li");
    await peer.send({ opcode: 1, payload: "one" });
    await peer.send({ opcode: 2, payload: new Uint8Array([0, 255]) });
    await terminal.seeRow("recv: <2 bytes> 00ff");
    await terminal.type("ne\r");
    assertEquals(await readText(peer), "half a line");
    await terminal.see("an empty prompt", (rows) => rows.at(-1) === ">");
    assertEquals(terminal.rows, [
      `connected to ${url}`,
      "> hello",
      "recv: one",
      "recv: <2 bytes> 00ff",
      "> half a line",
      ">",
    ]);
    await terminal.type("\x03");
    assertEquals(await answerClose(peer), { code: 1000, reason: "" });
    assertEquals(await terminal.exitCode(), 0);
    assertEquals(terminal.rows.slice(-2), ["closed with 1000", ""]);
  },
});

Deno.test({
  name: "prompt: also when what is being typed takes several rows",
  ignore,
  fn: async () => {
    await using pair = await atPrompt();
    const { terminal, peer } = pair;
    const long = "0123456789".repeat(20);
    await terminal.seeRow(">");
    await terminal.type(long);
    await terminal.see("the end of the line", (rows) => rows.at(-1) === long.slice(158));
    await peer.send({ opcode: 1, payload: "above" });
    await terminal.seeRow("recv: above");
    await peer.send({ opcode: 1, payload: "again" });
    await terminal.see(
      "the line anew",
      (rows) => rows.includes("recv: again") && rows.at(-1) === long.slice(158),
    );
    assertEquals(terminal.rows.slice(1), [
      "recv: above",
      "recv: again",
      `> ${long.slice(0, 78)}`,
      long.slice(78, 158),
      long.slice(158),
    ]);
    await terminal.type("\r");
    assertEquals(await readText(peer), long);
  },
});

Deno.test({
  name: "prompt: editing, history and completion",
  ignore,
  fn: async () => {
    await using pair = await atPrompt();
    const { terminal, peer } = pair;
    await terminal.seeRow(">");
    await terminal.type("first\r");
    assertEquals(await readText(peer), "first");
    await terminal.type("secnd\x1b[D\x1b[Do\r");
    assertEquals(await readText(peer), "second");
    await terminal.type("\x1b[A\x1b[A");
    await terminal.see("the line before", (rows) => rows.at(-1) === "> first");
    await terminal.type("!\r");
    assertEquals(await readText(peer), "first!");
    await terminal.type("/pi");
    await terminal.see("the start of a command", (rows) => rows.at(-1) === "> /pi");
    await terminal.type("\t");
    await terminal.see("the command", (rows) => rows.at(-1) === "> /ping");
    await terminal.type("\r");
    assertEquals((await peer.readFrame()).opcode, 9);
  },
});

Deno.test({
  name: "prompt: nothing that a peer sends controls the terminal",
  ignore,
  fn: async () => {
    await using pair = await atPrompt();
    const { terminal, peer } = pair;
    await terminal.seeRow(">");
    await peer.send({ opcode: 1, payload: "\x1b[2J\x1b]0;mine\x07\r\n> forged\x9b1m" });
    await terminal.seeRow("recv: \\u001b[2J\\u001b]0;mine\\u0007\\r\\n> forged\\u009b1m");
    assert(!terminal.raw.includes("\x1b[2J") && !terminal.raw.includes("\x1b]"));
    await peer.send({ opcode: 8, payload: closePayload(1001, "\x1b]0;owned\x07") });
    await peer.readFrame();
    await peer.halfClose();
    await terminal.seeRow("closed with 1001: \\u001b]0;owned\\u0007");
    assertEquals(await terminal.exitCode(), 7);
  },
});

Deno.test({
  name: "prompt: colour on a terminal, and none with NO_COLOR",
  ignore,
  fn: async () => {
    for (const [env, expected] of [[{ NO_COLOR: "" }, true], [{ NO_COLOR: "1" }, false]] as const) {
      await using pair = await atPrompt([], { env });
      const { terminal, peer } = pair;
      await peer.send({ opcode: 1, payload: "text" });
      await terminal.seeRow("recv: text");
      assertEquals(terminal.raw.includes("\x1b[36mrecv:\x1b[39m text"), expected);
    }
  },
});

/** What is typed, and the frame that it sends. */
const SENDING: [line: string, opcode: number, payload: string][] = [
  ["//slash", 1, "/slash"],
  ["/hex 00 fF10", 2, "\x00\xff\x10"],
  ["/ping abc", 9, "abc"],
  ["/pong abc", 10, "abc"],
  ["/binary tests/fixtures/ca_key.pem", 2, "-----BEGIN"],
  ["/text tests/fixtures/ca_key.pem", 1, "-----BEGIN"],
];

Deno.test({
  name: "prompt: slash commands that send",
  ignore,
  fn: async () => {
    await using pair = await atPrompt();
    const { terminal, peer } = pair;
    await terminal.seeRow(">");
    for (const [line, opcode, expected] of SENDING) {
      await terminal.type(`${line}\r`);
      const frame = await peer.readFrame();
      const payload = String.fromCharCode(...frame.payload);
      assertEquals([frame.opcode, payload.slice(0, expected.length)], [opcode, expected], line);
      if (opcode === 9) await peer.send({ opcode: 10, payload: frame.payload });
    }
    await terminal.see(
      "the round trip",
      (rows) => rows.some((row) => /^pong after [\d.]+ m?s$/.test(row)),
    );
    await terminal.type("/close 4001 good bye\r");
    assertEquals(await answerClose(peer), { code: 4001, reason: "good bye" });
    assertEquals(await terminal.exitCode(), 0);
  },
});

/** What is typed, and a row that it shows. */
const TELLING: [line: string, row: string][] = [
  ["/help", "  /close [code] [reason]  close, with 1000 unless told otherwise"],
  ["/info", "  subprotocol: none"],
  ["/nonsense", "client: there is no /nonsense; /help lists what there is"],
  ["/close bye", "client: /close needs a number first, such as /close 1000 bye"],
  [
    "/close 1005",
    "client: Cannot close with code 1005: it must be 1000 to 1003, 1007 to 1014, or 3",
  ],
  ["/hex 0", "client: /hex needs pairs of hexadecimal digits, such as /hex 00 ff 10"],
  ["/binary", "client: /binary needs the name of a file"],
  ["/binary /etc/hostname", "client: that needs the permission --allow-read=/etc/hostname"],
  ["/save file", "no binary message has come yet"],
  ["/time", "the time of day: on"],
];

Deno.test({
  name: "prompt: slash commands that tell",
  ignore,
  fn: async () => {
    await using pair = await atPrompt();
    const { terminal } = pair;
    await terminal.seeRow(">");
    for (const [line, row] of TELLING) {
      await terminal.type(`${line}\r`);
      await terminal.see(row, (rows) => rows.some((shown) => shown.endsWith(row)));
    }
  },
});

Deno.test({
  name: "prompt: /pretty indents JSON, /trips shows round trips, /save saves",
  ignore,
  fn: async () => {
    const folder = Deno.makeTempDirSync();
    try {
      await using pair = await atPrompt([], { permissions: [`--allow-write=${folder}`] });
      const { terminal, peer } = pair;
      await terminal.seeRow(">");
      await terminal.type("/pretty\r");
      await terminal.seeRow("indented JSON: on");
      await peer.send({ opcode: 1, payload: `{"id":12345678901234567890}` });
      await terminal.seeRow(`  "id": 12345678901234567890`);
      await terminal.type("/trips\r");
      await terminal.seeRow("how long answers take: on");
      await terminal.type("question\r");
      await readText(peer);
      await peer.send({ opcode: 1, payload: "answer" });
      await terminal.see(
        "a round trip",
        (rows) => rows.some((row) => /^recv: answer {2}\([\d.]+ m?s\)$/.test(row)),
      );
      await peer.send({ opcode: 2, payload: new Uint8Array([1, 2, 3]) });
      await terminal.see("bytes", (rows) => rows.some((row) => row.startsWith("recv: <3 bytes>")));
      await terminal.type(`/save ${folder}/saved\r`);
      await terminal.see("saved", (rows) => rows.join("").includes("saved: <3 bytes> 010203"));
      assertEquals([...Deno.readFileSync(`${folder}/saved`)], [1, 2, 3]);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "prompt: Ctrl-D closes; a second Ctrl-C does not wait for the answer",
  ignore,
  fn: async () => {
    {
      await using pair = await atPrompt(["--close-code", "3000", "--close-reason", "done"]);
      const { terminal, peer } = pair;
      await terminal.seeRow(">");
      await terminal.type("\x04");
      assertEquals(await answerClose(peer), { code: 3000, reason: "done" });
      assertEquals(await terminal.exitCode(), 0);
    }
    await using pair = await atPrompt();
    const { terminal, peer } = pair;
    await terminal.seeRow(">");
    await terminal.type("\x03");
    await peer.readFrame();
    await terminal.type("\x03");
    assertEquals(await terminal.exitCode(), 130);
  },
});
