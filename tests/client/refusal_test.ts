import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { connect, type ConnectOptions } from "../../lib/client/connect.ts";
import type { ConnectPhase } from "../../lib/client/phases.ts";
import { ConnectError, type RefusalResponse } from "../../lib/client/connect_error.ts";
import { HELD, HeldTimers } from "../support/held_timers.ts";
import { RawListener, type RawPeer } from "../support/raw_peer.ts";
import { ask } from "./raw_server.ts";

interface Refusal extends RefusalResponse {
  readonly message: string;
  /** The body as text. */
  readonly text: string;
}

/** What `connect` says of a server that answers as `answer` does. */
async function refusalOf(
  answer: (peer: RawPeer) => Promise<void>,
  options?: ConnectOptions,
): Promise<Refusal> {
  await using asker = await ask(options);
  const answering = answer(asker.peer);
  const { code, message, response } = await assertRejects(() => asker.opening, ConnectError);
  await answering;
  assertEquals(code, "ERR_REFUSED");
  assert(response !== undefined);
  return { ...response, message, text: new TextDecoder().decode(response.body) };
}

/** The text is sent as Latin-1. */
function refusalTo(text: string, options?: ConnectOptions): Promise<Refusal> {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  return refusalOf((peer) => peer.write(bytes), options);
}

/** What servers say instead of 101. */
const REFUSALS: [startLine: string, status: number, reason: string, message: string][] = [
  ["HTTP/1.1 200 OK", 200, "OK", "answered 200 OK, not 101"],
  ["HTTP/1.1 301 Moved Permanently", 301, "Moved Permanently", "answered 301 Moved Permanently"],
  ["HTTP/1.1 401 Unauthorized", 401, "Unauthorized", "answered 401 Unauthorized, not 101"],
  ["HTTP/1.1 503 ", 503, "", "answered 503, not 101"],
  ["HTTP/1.0 400 Bad Request", 400, "Bad Request", "answered 400 Bad Request, not 101"],
];

Deno.test("refusal: the error has status, reason, headers and body", async (t) => {
  for (const [startLine, status, reason, message] of REFUSALS) {
    await t.step(String(status), async () => {
      const refusal = await refusalTo(
        `${startLine}\r\nContent-Length: 4\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n` +
          `WWW-Authenticate: Basic realm="tide"\r\n\r\nNo.\nand what follows is not part of it`,
      );
      assertEquals([refusal.status, refusal.reason, refusal.text], [status, reason, "No.\n"]);
      assertEquals(refusal.headers.getSetCookie(), ["a=1", "b=2"]);
      assertEquals(refusal.headers.get("www-authenticate"), `Basic realm="tide"`);
      assert(refusal.message.startsWith("Cannot open the connection: 127.0.0.1:"));
      assert(refusal.message.includes(message), refusal.message);
    });
  }
});

Deno.test("refusal: a redirect is not followed, and the message says where it points", async () => {
  await using elsewhere = await RawListener.listen();
  const target = `http://127.0.0.1:${elsewhere.port}/new`;
  const refusal = await refusalTo(
    `HTTP/1.1 302 Found\r\nLocation: ${target}\r\nContent-Length: 0\r\n\r\n`,
    { headers: { Authorization: "Bearer secret", Cookie: "id=1" } },
  );
  assert(
    refusal.message.endsWith(
      `302 Found, not 101; redirects are not followed, and this one ` +
        `points to ${target}`,
    ),
    refusal.message,
  );
  // The first to knock there is this test.
  const opening = connect(`ws://127.0.0.1:${elsewhere.port}/this-test`);
  await using peer = await elsewhere.accept();
  assertEquals((await peer.acceptUpgrade()).startLine, "GET /this-test HTTP/1.1");
  const connection = await opening;
  connection.destroy();
  await connection.closed;
});

Deno.test("refusal: the message is one plain line, whatever the server writes", async () => {
  const terminal = await refusalTo("HTTP/1.1 403 \x9b31mhi\r\nContent-Length: 0\r\n\r\n");
  assertEquals(terminal.reason, "\x9b31mhi");
  assert(terminal.message.endsWith(" answered 403, not 101"), terminal.message);
  const long = await refusalTo(`HTTP/1.1 403 ${"x".repeat(5000)}\r\nContent-Length: 0\r\n\r\n`);
  assert(long.message.endsWith(" answered 403, not 101"), long.message);
  const location = await refusalTo(
    `HTTP/1.1 307 \r\nLocation: /\x9b31m\r\nContent-Length: 0\r\n\r\n`,
  );
  assert(location.message.endsWith(" answered 307, not 101"), location.message);
});

/** Heads of responses, what follows them, and the body that this makes. */
const BODIES: [what: string, head: string, sent: string, body: string][] = [
  ["none", "HTTP/1.1 403 \r\nContent-Length: 0", "", ""],
  ["none with 204", "HTTP/1.1 204 \r\nContent-Length: 5", "never", ""],
  ["none with 304", "HTTP/1.1 304 ", "never", ""],
  ["of a stated length", "HTTP/1.1 403 \r\nContent-Length: 3", "abcdef", "abc"],
  ["chunked", "HTTP/1.1 403 \r\nTransfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n", "abc"],
];

Deno.test("refusal: the body ends where it says, with no wait for the stream to end", async (t) => {
  for (const [what, head, sent, body] of BODIES) {
    await t.step(what, async () => {
      const started = performance.now();
      assertEquals((await refusalTo(`${head}\r\n\r\n${sent}`)).text, body);
      assertLess(performance.now() - started, 2000);
    });
  }
});

Deno.test("refusal: a body of no stated length ends with the stream", async () => {
  const refusal = await refusalOf(async (peer) => {
    await peer.write("HTTP/1.1 400 Bad Request\r\n\r\nfirst ");
    await peer.write("second");
    await peer.halfClose();
  });
  assertEquals(refusal.text, "first second");
});

Deno.test("refusal: a body that is cut short is given as far as it came", async (t) => {
  const ends = { eof: (peer: RawPeer) => peer.halfClose(), reset: (peer: RawPeer) => peer.reset() };
  for (const [what, end] of Object.entries(ends)) {
    await t.step(what, async () => {
      const refusal = await refusalOf(async (peer) => {
        await peer.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\n");
        await end(peer);
      });
      assertEquals([refusal.status, refusal.text], [400, ""]);
    });
  }
  const refusal = await refusalOf(async (peer) => {
    await peer.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\npart");
    await peer.halfClose();
  });
  assertEquals(refusal.text, "part");
});

/** Heads behind which more than 64 KiB come. */
const LONG: [what: string, head: string, piece: string][] = [
  ["of no stated length", "HTTP/1.1 500 No", "x".repeat(1000)],
  ["of a stated length", "HTTP/1.1 500 No\r\nContent-Length: 9007199254740993", "x".repeat(1000)],
  [
    "chunked",
    "HTTP/1.1 500 No\r\nTransfer-Encoding: chunked",
    `3e8;extension\r\n${"x".repeat(1000)}\r\n`,
  ],
];

Deno.test("refusal: 64 KiB of a long body are kept, and no more is read", async (t) => {
  for (const [what, head, piece] of LONG) {
    await t.step(what, async () => {
      const refusal = await refusalOf(async (peer) => {
        // The client leaves in the midst of it.
        await peer.write(`${head}\r\n\r\n${piece.repeat(1000)}`).catch(() => {});
      });
      assertEquals(refusal.body.length, 65_536);
      assertEquals(refusal.text, "x".repeat(65_536));
    });
  }
});

/** Ends the time of an attempt once the client has read the head of the response. */
function expireAfterResponse(timers: HeldTimers): (phase: ConnectPhase) => void {
  return ({ phase }) => void (phase === "response" && setTimeout(() => timers.expire(), 0));
}

Deno.test("refusal: when only the body is slow, it is still a refusal, with what has come", async () => {
  using timers = new HeldTimers();
  const refusal = await refusalTo(
    "HTTP/1.1 401 Unauthorized\r\nContent-Length: 100\r\n\r\nWho are you?",
    { timeout: HELD, onPhase: expireAfterResponse(timers) },
  );
  assertEquals([refusal.status, refusal.text], [401, "Who are you?"]);
  assertEquals([timers.made, timers.waiting], [1, 0]);
});

Deno.test("refusal: a body that never ends is bounded by the timeout", async () => {
  using timers = new HeldTimers();
  const answered = Promise.withResolvers<void>();
  await using asker = await ask({
    timeout: HELD,
    onPhase: ({ phase }) => void (phase === "response" && answered.resolve()),
  });
  await asker.peer.write("HTTP/1.1 401 Unauthorized\r\n\r\nx");
  await answered.promise;
  for (let count = 0; count < 20; count++) {
    await asker.peer.write("x");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertEquals([timers.made, timers.waiting], [1, 1]);
  timers.expire();
  const error = await assertRejects(() => asker.opening, ConnectError);
  assertEquals(error.code, "ERR_REFUSED");
  const { length = 0 } = error.response?.body ?? {};
  assert(length > 0 && length <= 21, `${length} bytes`);
});
