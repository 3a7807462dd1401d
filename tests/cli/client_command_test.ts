import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { type HeadChanges, RawListener, type RawPeer } from "../support/raw_peer.ts";
import { CommandProcess, type ProcessOptions } from "./command_process.ts";

/** What a run of the client command leaves behind. */
interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the client command to its end, with no input. */
async function run(args: readonly string[], options: ProcessOptions = {}): Promise<Run> {
  await using client = new CommandProcess("client.ts", args, { stdin: "null", ...options });
  const code = await client.exitCode();
  return { code, stdout: client.stdout, stderr: client.stderr };
}

/** Runs it against a server that does with the connection what `serve` says. */
async function runAgainst(
  serve: (peer: RawPeer) => Promise<unknown>,
  args: readonly string[] = [],
  options: ProcessOptions = {},
): Promise<Run & { port: number }> {
  await using listener = await RawListener.listen();
  const { port } = listener;
  const running = run([`ws://127.0.0.1:${port}/`, ...args], options);
  const unconnected = running.then(({ stderr }) => {
    throw new Error(`The client did not connect: ${stderr}`);
  });
  await using peer = await Promise.race([listener.accept(), unconnected]);
  unconnected.catch(() => {});
  await serve(peer);
  return { ...await running, port };
}

/** Opens the WebSocket, and closes it as the client wishes. */
async function echoClose(peer: RawPeer, changes?: HeadChanges): Promise<string> {
  const request = await peer.acceptUpgrade(changes);
  for (let frame = await peer.readFrame();; frame = await peer.readFrame()) {
    if (frame.opcode === 9) await peer.send({ opcode: 10, payload: frame.payload });
    if (frame.opcode !== 8) continue;
    await peer.send({ opcode: 8, payload: frame.payload });
    await peer.halfClose();
    assertEquals([...frame.payload], [0x03, 0xe8]);
    return request.text;
  }
}

Deno.test("client: --help tells all there is, --version the version, on standard output", async () => {
  for (const flag of ["--help", "-h"]) {
    const { code, stdout, stderr } = await run([flag]);
    assertEquals([code, stderr], [0, ""]);
    for (
      const word of ["[url]", "--ticker", "--header", "--subprotocol", "--version", "Exit codes"]
    ) {
      assertStringIncludes(stdout, word);
    }
    assertStringIncludes(stdout, "ws://localhost:8080/echo");
  }
  for (const flag of ["--version", "-V"]) {
    assertEquals(await run([flag]), { code: 0, stdout: `${config.version}\n`, stderr: "" });
  }
});

Deno.test("client: a test runs the command with each flag that --help names", async () => {
  const sources = ["tests/cli/", "tests/cli/client/", "tests/cli/client/bench/"].flatMap((folder) =>
    Array.from(Deno.readDirSync(folder), ({ name }) => `${folder}${name}`)
  ).filter((path) => path.endsWith("_test.ts")).map((path) => Deno.readTextFileSync(path));
  for (const args of [["--help"], ["bench", "--help"]]) {
    const { stdout } = await run(args);
    const flags = [...stdout.matchAll(/^ +(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag);
    assert(flags.length > 10, stdout);
    for (const flag of flags) {
      assert(sources.some((source) => source.includes(`"${flag}"`)), `${flag} has no test`);
    }
  }
});

/** Command lines that are wrong, and what is said of them. */
const WRONG: [args: string[], message: string][] = [
  [["--tick"], "unknown option '--tick'"],
  [["ws://127.0.0.1/", "more"], "too many arguments"],
  [["--ticker", "5"], "It must be a time with its unit, such as 500ms"],
  [["--ticker"], "argument missing"],
  [["--header", "oops"], `It must be a name and a value, such as "Cookie: id=1"`],
  [["--subprotocol", "a b"], "It must be a name without spaces"],
  [["http://"], "it must be an absolute URL such as ws://localhost:8080/echo"],
  [["127.0.0.1:8080"], "it has no scheme; did you mean ws://127.0.0.1:8080?"],
  [["localhost:8080/echo"], "it has no scheme; did you mean ws://localhost:8080/echo?"],
  [
    ["ftp://127.0.0.1/"],
    "its scheme must be ws: or wss:, or http: or https: for the same; got ftp:",
  ],
  [["ann:secret@127.0.0.1/"], "or http: or https: for the same; got ann:"],
  [["mailto:ann"], "or http: or https: for the same; got mailto:"],
  [["ws+unix://x"], "give --unix the socket, and a URL with ws: or wss:"],
  [["ws://127.0.0.1/", "-H", "Host: a"], "set by the handshake itself"],
];

Deno.test("client: exit code 2 and what would be right, when the command line is wrong", async (t) => {
  for (const [args, message] of WRONG) {
    await t.step(args.join(" "), async () => {
      const { code, stdout, stderr } = await run(args);
      assertEquals([code, stdout], [2, ""]);
      assertStringIncludes(stderr.replace(/\s+/g, " "), message);
    });
  }
});

Deno.test("client: exit code 2 when a permission is missing", async () => {
  const { code, stderr } = await run(["ws://127.0.0.1:9/"], {
    permissions: ["--allow-env=NO_COLOR,FORCE_COLOR,CLICOLOR_FORCE"],
  });
  assertEquals(code, 2);
  assertStringIncludes(stderr, "--allow-net");
});

Deno.test("client: --header and --subprotocol go into the request, as often as given", async () => {
  let request = "";
  const args = ["-H", "Cookie: id=1", "--header", "X-Trace: a: b ", "-s", "chat.v2, chat.v1"];
  const { code, stderr, port } = await runAgainst(async (peer) => {
    request = await echoClose(peer, { fields: { "Sec-WebSocket-Protocol": "chat.v1" } });
  }, [...args, "--subprotocol", "chat.v0"]);
  assertEquals(code, 0);
  assertStringIncludes(request, "\r\nSec-WebSocket-Protocol: chat.v2, chat.v1, chat.v0\r\n");
  assertStringIncludes(request, "\r\nCookie: id=1\r\nX-Trace: a: b\r\n\r\n");
  assertEquals(
    stderr,
    `connected to ws://127.0.0.1:${port}/, subprotocol chat.v1\nclosed with 1000\n`,
  );
});

Deno.test("client: exit code 3 when the server refuses, with what it has to say", async () => {
  const { code, stdout, stderr, port } = await runAgainst((peer) =>
    peer.write(
      "HTTP/1.1 401 Unauthorized\r\nContent-Length: 40\r\n\r\n" +
        "Log in first,\r\n\r\nat \x1b[2J/login.\nplease\n\n",
    )
  );
  assertEquals([code, stdout], [3, ""]);
  assertEquals(
    stderr,
    `client: Cannot open the connection: 127.0.0.1:${port} answered 401 Unauthorized, not 101\n` +
      "client: Log in first,\nclient: at \\u001b[2J/login.\nclient: please\n",
  );
});

Deno.test("client: of a long refusal a little is shown, of a binary one nothing", async () => {
  const long = await runAgainst((peer) =>
    peer.write(
      `HTTP/1.1 500 No\r\nContent-Length: 1020\r\n\r\n${"x".repeat(1000)}\n${"1\n".repeat(9)}\n`,
    )
  );
  assertEquals(long.stderr.split("\n").slice(1), [
    `client: ${"x".repeat(200)}…`,
    ...Array(4).fill("client: 1"),
    "client: …",
    "",
  ]);
  const binary = await runAgainst((peer) =>
    peer.write(
      Uint8Array.from("HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n\x1f\x8b", (character) =>
        character.charCodeAt(0)),
    )
  );
  assertMatch(binary.stderr, /^client: .* answered 500 No, not 101\n$/);
});

Deno.test("client: exit code 3 when the answer breaks the handshake", async () => {
  const { code, stderr } = await runAgainst((peer) =>
    peer.acceptUpgrade({ fields: { "Sec-WebSocket-Accept": "x" } })
  );
  assertEquals(code, 3);
  assertMatch(stderr, /^client: Cannot open the connection: .* field that fits the key, got "x"/);
});

Deno.test("client: exit code 6 when the server cannot be reached, or hangs up at once", async () => {
  let port: number;
  {
    await using listener = await RawListener.listen();
    port = listener.port;
  }
  assertEquals(await run([`ws://127.0.0.1:${port}/`]), {
    code: 6,
    stdout: "",
    stderr: `client: Cannot open the connection: 127.0.0.1:${port} cannot be reached: ` +
      "Connection refused\n",
  });
  const { code, stderr } = await runAgainst((peer) => peer.halfClose());
  assertEquals(code, 6);
  assertStringIncludes(stderr, "closed it before its response was complete");
});

Deno.test("client: exit code 6 when TLS fails, and a hint", async () => {
  await using listener = await RawListener.listen();
  const running = run([`wss://127.0.0.1:${listener.port}/`]);
  await using peer = await listener.accept();
  await peer.readBytes(1);
  await peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
  const { code, stderr } = await running;
  assertEquals(code, 6);
  assertStringIncludes(stderr, "so try ws instead of wss");
});

/** Sends a close frame, and ends the stream when it was answered. */
async function closeWith(peer: RawPeer, ...payload: number[]): Promise<void> {
  await peer.send({ opcode: 8, payload: new Uint8Array(payload) });
  await peer.readFrame();
  await peer.halfClose();
}

const HOSTILE_REASON = new TextEncoder().encode("\x1b]0;owned\x07bye");

/** How servers end a connection, the exit code, and what is said. */
const ENDS: [what: string, end: (peer: RawPeer) => Promise<unknown>, code: number, said: string][] =
  [
    ["1000", (peer) => closeWith(peer, 0x03, 0xe8), 0, "closed with 1000\n"],
    ["no code", (peer) => closeWith(peer), 0, "closed with 1005\n"],
    ["1001", (peer) => closeWith(peer, 0x03, 0xe9), 7, "closed with 1001\n"],
    [
      "4001 and a reason",
      (peer) => closeWith(peer, 0x0f, 0xa1, ...HOSTILE_REASON),
      7,
      "closed with 4001: \\u001b]0;owned\\u0007bye\n",
    ],
    [
      "no close frame",
      (peer) => peer.halfClose(),
      5,
      "closed with 1006 (the byte stream ended without a close frame)\n",
    ],
    ["a reset", (peer) => peer.reset(), 5, "closed with 1006 (the byte stream failed: "],
    [
      "a frame that is wrong",
      async (peer) => {
        await peer.send({ opcode: 3 });
        await peer.halfClose();
      },
      5,
      "closed with 1002 (",
    ],
  ];

Deno.test("client: the exit code says how the server ended the connection", async (t) => {
  for (const [what, end, expected, said] of ENDS) {
    await t.step(`${expected} after ${what}`, async () => {
      const { code, stderr } = await runAgainst(
        async (peer) => {
          await peer.acceptUpgrade();
          await end(peer);
        },
        [],
        { stdin: "piped" },
      );
      assertEquals(code, expected);
      assertStringIncludes(stderr, `\n${said}`);
    });
  }
});
