/**
 * The closing state machine: what is sent, how TCP ends, and what is told of it. The rows have the
 * meanings of Autobahn|Testsuite's protocol, which verdicts rest on.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  closeBody,
  Closing,
  CLOSING_LIMITS,
  isCloseCode,
} from "../../../../autobahn/suite/peer/closing.ts";
import type { TimerSource } from "../../../../autobahn/suite/peer/timers.ts";
import { hex, unhex } from "../../../support/hex.ts";

/** Timers that pass when the test says so. */
class ManualTimers implements TimerSource {
  readonly #running = new Map<() => void, number>();

  after(milliseconds: number, callback: () => void): () => void {
    this.#running.set(callback, milliseconds);
    return () => void this.#running.delete(callback);
  }

  /** What runs, in milliseconds. */
  get running(): number[] {
    return [...this.#running.values()];
  }

  pass(): void {
    for (const callback of [...this.#running.keys()]) {
      this.#running.delete(callback);
      callback();
    }
  }
}

function setUp({ isServer }: { isServer: boolean }) {
  const did: string[] = [];
  const timers = new ManualTimers();
  const closing = new Closing({
    sendCloseFrame: (body) => did.push(`close ${hex(body)}`),
    dropStream: (how) => did.push(`drop ${how}`),
  }, { isServer, timers });
  return { did, timers, closing };
}

const CLIENT = { isServer: false };
const SERVER = { isServer: true };
const NORMAL = unhex("03e8");

/** The flags that verdicts rest on, those that are set. */
function flags(closing: Closing): string[] {
  const names = [
    "closedByMe",
    "failedByMe",
    "droppedByMe",
    "wasClean",
    "wasServerConnectionDropTimeout",
    "wasCloseHandshakeTimeout",
  ] as const;
  return names.filter((name) => closing[name]);
}

Deno.test("closing: a client closes, the server answers and ends TCP", () => {
  const { closing, did, timers } = setUp(CLIENT);
  closing.sendClose(1000, unhex("6f6b"));
  assertEquals(closing.state, "closing");
  assertEquals(timers.running, [CLOSING_LIMITS.closeHandshake]);
  closing.receiveClose(unhex("03e8 627965"));
  assertEquals(timers.running, [CLOSING_LIMITS.serverDrop]);
  closing.lost(undefined);
  assertEquals(did, ["close 03e86f6b"]);
  assertEquals(flags(closing), ["closedByMe", "wasClean"]);
  assertEquals(closing.state, "closed");
  assertEquals(closing.localCloseCode, 1000);
  assertEquals(closing.localCloseReason, unhex("6f6b"));
  assertEquals([closing.remoteCloseCode, closing.remoteCloseReason], [1000, "bye"]);
  assertEquals(closing.wasNotCleanReason, null);
});

Deno.test("closing: a server that leaves TCP to the client is not clean", () => {
  const { closing, did, timers } = setUp(CLIENT);
  closing.sendClose(1000);
  closing.receiveClose(NORMAL);
  timers.pass();
  assertEquals(did, ["close 03e8", "drop at once"]);
  assertEquals(flags(closing), [
    "closedByMe",
    "droppedByMe",
    "wasServerConnectionDropTimeout",
  ]);
  assertEquals(closing.wasNotCleanReason, "the server did not end TCP in time");
});

Deno.test("closing: a testee that does not answer is dropped", () => {
  const { closing, did, timers } = setUp(CLIENT);
  closing.sendClose();
  timers.pass();
  assertEquals(did, ["close ", "drop at once"]);
  assertEquals(flags(closing), ["closedByMe", "droppedByMe", "wasCloseHandshakeTimeout"]);
  assertEquals(closing.wasNotCleanReason, "the testee did not answer the close frame in time");
  assertEquals([closing.localCloseCode, closing.remoteCloseCode], [null, null]);
});

Deno.test("closing: a server drops TCP as soon as its close is answered", () => {
  const { closing, did } = setUp(SERVER);
  closing.sendClose(1000);
  closing.receiveClose(unhex(""));
  assertEquals(did, ["close 03e8", "drop flushed"]);
  assertEquals(flags(closing), ["closedByMe", "droppedByMe", "wasClean"]);
  assertEquals(closing.remoteCloseCode, null);
});

Deno.test("closing: the testee closes first, and is answered with 1000", () => {
  const client = setUp(CLIENT);
  client.closing.receiveClose(unhex("03ea"));
  assertEquals(client.did, ["close 03e8"]);
  assertEquals(client.timers.running, [CLOSING_LIMITS.serverDropAfterReply]);
  client.closing.lost(undefined);
  assertEquals(flags(client.closing), ["wasClean"]);
  assertEquals([client.closing.remoteCloseCode, client.closing.localCloseCode], [1002, 1000]);

  const server = setUp(SERVER);
  server.closing.receiveClose(unhex("03ea"));
  assertEquals(server.did, ["close 03e8", "drop flushed"]);
  assertEquals(flags(server.closing), ["droppedByMe", "wasClean"]);
});

Deno.test("closing: a server that closed first and does not end TCP is dropped, and was clean", () => {
  const { closing, did, timers } = setUp(CLIENT);
  closing.receiveClose(NORMAL);
  timers.pass();
  assertEquals(did, ["close 03e8", "drop at once"]);
  assertEquals(flags(closing), ["droppedByMe", "wasClean", "wasServerConnectionDropTimeout"]);
});

Deno.test("closing: a fault is answered with a close frame, and then with the end of TCP", () => {
  const { closing, did } = setUp(CLIENT);
  closing.fail(1002, "no");
  assertEquals(closing.state, "closing");
  closing.fail(1007, "no more");
  closing.fail(1007, "and no more");
  assertEquals(did, ["close 03ea6e6f", "drop flushed"]);
  assertEquals(flags(closing), ["closedByMe", "failedByMe", "droppedByMe"]);
});

Deno.test("closing: the words of a fault are cut to what fits into a close frame", () => {
  const { closing, did } = setUp(CLIENT);
  closing.fail(1002, "x".repeat(200));
  assertEquals(did[0]?.length, "close ".length + 2 * 125);
});

Deno.test("closing: an invalid code of a testee that closes first is a fault, and the handshake complete", () => {
  for (const code of ["0000", "03e7", "03ec", "03ed", "03ee", "0bb7", "1388", "ffff"]) {
    const { closing, did } = setUp(CLIENT);
    closing.receiveClose(unhex(code));
    assertEquals(did.length, 1, code);
    assertEquals(did[0]?.slice(0, 10), "close 03ea", code);
    assertEquals(flags(closing), ["closedByMe", "failedByMe", "wasClean"], code);
    assertEquals(closing.remoteCloseCode, parseInt(code, 16));
  }
});

Deno.test("closing: an invalid code in an answer ends TCP, and nothing was clean", () => {
  const { closing, did } = setUp(CLIENT);
  closing.sendClose(1000);
  closing.receiveClose(unhex("03ed"));
  assertEquals(did, ["close 03e8", "drop flushed"]);
  assertEquals(flags(closing), ["closedByMe", "failedByMe", "droppedByMe"]);
  assertEquals(closing.remoteCloseCode, 1005);
});

Deno.test("closing: a reason that is no text is a fault", () => {
  const { closing, did } = setUp(CLIENT);
  closing.receiveClose(unhex("03e8 ff"));
  assertEquals(did[0]?.slice(0, 10), "close 03ef");
  assertEquals(closing.remoteCloseReason, "\uFFFD");
});

Deno.test("closing: one close frame is sent, whatever asks for it", () => {
  const { closing, did } = setUp(CLIENT);
  closing.sendClose(1000);
  closing.sendClose(1001);
  assertEquals(did, ["close 03e8"]);
  assertEquals(closing.localCloseCode, 1000);
  const closed = setUp(CLIENT);
  closed.closing.lost("broken pipe");
  closed.closing.sendClose(1000);
  closed.closing.drop("reset");
  assertEquals(closed.did, []);
  assertEquals(closed.closing.wasNotCleanReason, "the connection broke: broken pipe");
});

Deno.test("closing: TCP that ends without a closing handshake is the testee's doing", () => {
  const { closing } = setUp(CLIENT);
  closing.lost(undefined);
  assertEquals(flags(closing), []);
  assertEquals(closing.wasNotCleanReason, "the testee ended TCP without a closing handshake");
});

Deno.test("closing: codes and bodies", () => {
  const allowed = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 4999];
  for (const code of allowed) assertEquals(isCloseCode(code), true, String(code));
  for (const code of [0, 999, 1004, 1005, 1006, 1012, 1015, 2999, 5000, 65535]) {
    assertEquals(isCloseCode(code), false, String(code));
  }
  assertEquals(hex(closeBody()), "");
  assertEquals(hex(closeBody(65_535, unhex("ff"))), "ffffff");
});
