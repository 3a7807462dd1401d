import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ConnectError } from "../../lib/client/connect_error.ts";
import { HELD, HeldTimers } from "../support/held_timers.ts";
import { acceptOf, type HeadChanges, SAMPLE_KEY, upgradeResponse } from "../support/raw_peer.ts";
import { ask, open } from "./raw_server.ts";

const OFFER = { subprotocols: ["chat.v1", "chat.v2"], compression: false };

/** What a response that breaks the handshake is answered with: the error, and the end. */
async function rejected(changes: HeadChanges): Promise<ConnectError> {
  await using asker = await ask(OFFER);
  await asker.peer.write(upgradeResponse(asker.request, changes));
  const error = await assertRejects(() => asker.opening, ConnectError);
  // Nothing of ours follows the request.
  assertEquals((await asker.peer.readToEnd()).bytes.length, 0);
  return error;
}

/** Responses that a client must not accept (RFC 6455 §4.1). */
const BROKEN: [what: string, changes: HeadChanges, message: string][] = [
  ["Accept missing", { fields: { "Sec-WebSocket-Accept": null } }, "Sec-WebSocket-Accept"],
  [
    "Accept for another key",
    { fields: { "Sec-WebSocket-Accept": acceptOf(SAMPLE_KEY) } },
    "one Sec-WebSocket-Accept field that fits the key",
  ],
  ["Accept empty", { fields: { "Sec-WebSocket-Accept": "" } }, "Sec-WebSocket-Accept"],
  [
    "Upgrade missing",
    { fields: { Upgrade: null } },
    "one Upgrade field that is websocket, got none",
  ],
  ["Upgrade to something else", { fields: { Upgrade: "h2c" } }, `got "h2c"`],
  ["Upgrade to two things", { fields: { Upgrade: "websocket, h2c" } }, "one Upgrade field"],
  ["Upgrade twice", { lines: ["Upgrade: websocket"] }, "one Upgrade field"],
  ["Connection missing", { fields: { Connection: null } }, "a Connection field that names Upgrade"],
  ["Connection without the token", { fields: { Connection: "keep-alive" } }, `got "keep-alive"`],
  ["Connection with a longer token", { fields: { Connection: "upgraded" } }, "names Upgrade"],
  [
    "a subprotocol that was not offered",
    { fields: { "Sec-WebSocket-Protocol": "chat.v3" } },
    `one of the subprotocols that were offered, or none, got "chat.v3"`,
  ],
  [
    "a subprotocol in another case",
    { fields: { "Sec-WebSocket-Protocol": "Chat.v1" } },
    "subprotocols that were offered",
  ],
  [
    "two subprotocols in one field",
    { fields: { "Sec-WebSocket-Protocol": "chat.v1, chat.v2" } },
    "subprotocols that were offered",
  ],
  [
    "two subprotocols in two fields",
    { lines: ["Sec-WebSocket-Protocol: chat.v1", "Sec-WebSocket-Protocol: chat.v2"] },
    "subprotocols that were offered",
  ],
  [
    "an empty subprotocol",
    { fields: { "Sec-WebSocket-Protocol": "" } },
    "subprotocols that were offered",
  ],
  [
    "an extension that was not offered",
    { fields: { "Sec-WebSocket-Extensions": "permessage-deflate" } },
    `only extensions that were offered, and each once, got "permessage-deflate"`,
  ],
  [
    "two extensions",
    { lines: ["Sec-WebSocket-Extensions: a", "Sec-WebSocket-Extensions: b"] },
    "at most one Sec-WebSocket-Extensions field",
  ],
  [
    "an extension with bad parameters",
    { fields: { "Sec-WebSocket-Extensions": "a; =1" } },
    "a list of tokens with their parameters",
  ],
  ["an empty extension", { fields: { "Sec-WebSocket-Extensions": "" } }, "a list of tokens"],
  ["HTTP/1.0", { startLine: "HTTP/1.0 101 Switching Protocols" }, "got HTTP/1.0"],
  ["HTTP/2", { startLine: "HTTP/2.0 101 Switching Protocols" }, "HTTP/1.1 or HTTP/1.0"],
  ["no status", { startLine: "HTTP/1.1" }, "the status line must be"],
  ["another protocol", { startLine: "SSH-2.0-OpenSSH_9.9" }, "the status line must be"],
  ["a space before a colon", { lines: ["X : 1"] }, "the colon must follow at once"],
  ["a folded line", { lines: ["X: 1", " 2"] }, "second line"],
  ["a bare LF", { lines: ["X: 1\nY: 2"] }, "CR LF"],
  ["NUL", { lines: ["X: \0"] }, "no control character"],
];

Deno.test("handshake: a response that breaks a rule fails, and the stream is closed", async (t) => {
  for (const [what, changes, message] of BROKEN) {
    await t.step(what, async () => {
      const error = await rejected(changes);
      assertEquals(error.code, "ERR_HANDSHAKE");
      assertEquals(error.response, undefined);
      assert(error.message.startsWith("Cannot open the connection: "), error.message);
      assertStringIncludes(error.message, message);
    });
  }
});

Deno.test("handshake: Accept twice fails, even when both are right", async () => {
  await using asker = await ask();
  const accept = acceptOf(asker.request.fields.get("sec-websocket-key")?.[0] ?? "");
  const lines = [`Sec-WebSocket-Accept: ${accept}`];
  await asker.peer.write(upgradeResponse(asker.request, { lines }));
  const error = await assertRejects(() => asker.opening, ConnectError, "Sec-WebSocket-Accept");
  assertEquals(error.code, "ERR_HANDSHAKE");
});

/** Responses that are right, if unusual. */
const RIGHT: [what: string, changes: HeadChanges, subprotocol: string][] = [
  ["the usual one", {}, ""],
  ["a list in Connection", { fields: { Connection: "keep-alive, Upgrade" } }, ""],
  [
    "Connection twice",
    { fields: { Connection: "keep-alive" }, lines: ["connection: UPGRADE"] },
    "",
  ],
  ["Upgrade in another case", { fields: { Upgrade: "WebSocket" } }, ""],
  ["no reason", { startLine: "HTTP/1.1 101 " }, ""],
  ["another reason", { startLine: "HTTP/1.1 101 Web Socket Protocol Handshake" }, ""],
  ["the second subprotocol", { fields: { "Sec-WebSocket-Protocol": "chat.v2" } }, "chat.v2"],
  ["fields that say nothing", { lines: ["__proto__: 1", "constructor: 2", "X: \t é \t"] }, ""],
  [
    "interim responses before it",
    {
      startLine: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" +
        "HTTP/1.1 101 Switching Protocols",
    },
    "",
  ],
];

Deno.test("handshake: compression with parameters that were not asked for fails", async () => {
  await using asker = await ask({ compression: true });
  const fields = { "Sec-WebSocket-Extensions": "permessage-deflate; server_max_window_bits=7" };
  await asker.peer.write(upgradeResponse(asker.request, { fields }));
  const { code } = await assertRejects(() => asker.opening, ConnectError);
  assertEquals(code, "ERR_HANDSHAKE");
  assertEquals((await asker.peer.readToEnd()).bytes.length, 0);
});

Deno.test("handshake: a response that is right opens the connection", async (t) => {
  for (const [what, changes, subprotocol] of RIGHT) {
    await t.step(what, async () => {
      await using opened = await open(OFFER, changes);
      assertEquals(opened.connection.subprotocol, subprotocol);
      await opened.peer.send({ opcode: 1, payload: "Hi" });
      assertEquals(await opened.connection.receive(), "Hi");
    });
  }
});

/** `count` bytes of a head of fields that never ends. */
function endlessHead(count: number): string {
  const field = `X-Filler: ${"x".repeat(300)}\r\n`;
  return `HTTP/1.1 101 Switching Protocols\r\n${field.repeat(count / field.length + 1)}`
    .slice(0, count);
}

Deno.test("handshake: endless headers fail at 16 KiB, and not before", async () => {
  await using long = await ask();
  await long.peer.write(endlessHead(16_384));
  const error = await assertRejects(() => long.opening, ConnectError, "maxHeadBytes");
  assertEquals(error.code, "ERR_HANDSHAKE");

  using timers = new HeldTimers();
  await using shorter = await ask({ timeout: HELD });
  await shorter.peer.write(endlessHead(16_383));
  await new Promise((resolve) => setTimeout(resolve, 100)); // while the client reads
  timers.expire();
  const late = await assertRejects(() => shorter.opening, ConnectError);
  assertEquals(late.code, "ERR_TIMEOUT");
});

/** Heads that never end, or that are far too long. */
const ENDLESS: [what: string, text: string, message: string][] = [
  ["a stream of interim responses", "HTTP/1.1 100 Continue\r\n\r\n".repeat(700), "maxHeadBytes"],
  [
    "a stream of interim responses with fields",
    "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(101),
    "maxFields",
  ],
  ["a status line of 1 MB", `HTTP/1.1 101 ${"x".repeat(1_000_000)}`, "maxLineBytes"],
  ["a field of 1 MB", `HTTP/1.1 101 \r\nX: ${"x".repeat(1_000_000)}`, "maxLineBytes"],
  ["101 fields", `HTTP/1.1 101 \r\n${"X: y\r\n".repeat(101)}`, "maxFields"],
];

Deno.test("handshake: a head without end fails at once", async (t) => {
  for (const [what, text, message] of ENDLESS) {
    await t.step(what, async () => {
      await using asker = await ask();
      // The client leaves in the midst of it.
      const writing = asker.peer.write(text).catch(() => {});
      const error = await assertRejects(() => asker.opening, ConnectError, message);
      assertEquals(error.code, "ERR_HANDSHAKE");
      await writing;
    });
  }
});

/** How far a server gets before its end of the stream ends. */
const CUT: [what: string, text: string][] = [
  ["before a byte", ""],
  ["within the status line", "HTTP/1.1 1"],
  ["within a field", "HTTP/1.1 101 Switching Protocols\r\nUpgr"],
  ["before the empty line", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"],
  ["after an interim response", "HTTP/1.1 100 Continue\r\n\r\n"],
];

Deno.test("handshake: the stream ends in the middle of it", async (t) => {
  for (const [what, text] of CUT) {
    await t.step(`in order, ${what}`, async () => {
      await using asker = await ask();
      if (text !== "") await asker.peer.write(text);
      await asker.peer.halfClose();
      const error = await assertRejects(() => asker.opening, ConnectError, "closed it before");
      assertEquals(error.code, "ERR_STREAM");
      assertEquals((await asker.peer.readToEnd()).bytes.length, 0);
    });
    await t.step(`with a reset, ${what}`, async () => {
      await using asker = await ask();
      if (text !== "") await asker.peer.write(text);
      await asker.peer.reset();
      const error = await assertRejects(() => asker.opening, ConnectError);
      assertEquals(error.code, "ERR_STREAM");
      assertStringIncludes(error.message, "failed: Connection reset by peer");
      assert(error.cause instanceof Deno.errors.ConnectionReset);
    });
  }
});
