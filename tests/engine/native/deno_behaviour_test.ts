/**
 * How Deno 2.9.6's own WebSocket server frames and closes, as far as the native engine has to
 * know: mostly what it does otherwise than RFC 6455 says. When a test here fails, the
 * runtime has changed, and what the native engine says it can do should be looked at
 * again. Its handshake, its API and its client have files of their own beside this one.
 *
 * @module
 */
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import {
  buildFrame,
  closePayload,
  type FrameFields,
  RawPeer,
  SOME_MASK,
} from "../../support/raw_peer.ts";
import { RuntimeServer, type RuntimeSocket } from "../../support/runtime_socket.ts";

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const MEBIBYTE = 1024 * 1024;

/** Opens a connection and runs `body` with both its ends. */
async function connected(
  body: (peer: RawPeer, far: RuntimeSocket) => Promise<void>,
  options?: Deno.UpgradeWebSocketOptions,
): Promise<void> {
  await using server = new RuntimeServer(options);
  await using peer = await RawPeer.open(server.port);
  await body(peer, await server.accept());
}

/** Sends a ping and reads its pong: all that was sent before has been looked at. */
async function pingPong(peer: RawPeer): Promise<void> {
  await peer.sendMasked({ opcode: PING, payload: "?" });
  const { opcode } = await peer.readFrame();
  assertEquals(opcode, PONG);
}

Deno.test("Deno.upgradeWebSocket: takes a frame below 64 MiB and drops one of 64 MiB by its header", async () => {
  await connected(async (peer, far) => {
    await peer.sendMasked({ opcode: BINARY, declaredLength: 64n * 1024n * 1024n - 1n });
    await peer.halfClose();
    await peer.readFramesToEnd();
    await far.closed;
    assertEquals(far.errors, ["Unexpected EOF"]);
  });
  await connected(async (peer, far) => {
    await peer.sendMasked({ opcode: BINARY, declaredLength: 64n * 1024n * 1024n });
    assertEquals((await peer.readFramesToEnd()).frames, []);
    await far.closed;
    assertEquals(far.errors, ["Frame too large"]);
  });
});

Deno.test("Deno.upgradeWebSocket: a message of many fragments has no limit of size", async () => {
  await connected(async (peer, far) => {
    const payload = new Uint8Array(13 * MEBIBYTE);
    for (const [opcode, fin] of [[BINARY, false], [0, false], [0, false], [0, false], [0, true]]) {
      await peer.sendMasked({ opcode, fin, payload } as FrameFields);
    }
    assertEquals((await far.next())?.length, 65 * MEBIBYTE);
  });
});

Deno.test("Deno.upgradeWebSocket: a message may have any number of fragments, and empty ones", async () => {
  await connected(async (peer, far) => {
    await peer.sendMasked({ opcode: TEXT, fin: false });
    for (let i = 0; i < 2000; i++) await peer.sendMasked({ opcode: 0, fin: false });
    await peer.sendMasked({ opcode: 0, payload: "end" });
    assertEquals(await far.next(), "end");
  });
});

Deno.test("Deno.upgradeWebSocket: accepts an unmasked frame (RFC 6455 §5.1 forbids it)", async () => {
  await connected(async (peer, far) => {
    await peer.send({ opcode: TEXT, payload: "bare" });
    assertEquals(await far.next(), "bare");
  });
});

Deno.test("Deno.upgradeWebSocket: accepts lengths that are not minimal (RFC 6455 §5.2 forbids it)", async () => {
  await connected(async (peer, far) => {
    await peer.sendMasked({ opcode: TEXT, payload: "two bytes", lengthForm: 16 });
    await peer.sendMasked({ opcode: TEXT, payload: "eight bytes", lengthForm: 64 });
    assertEquals([await far.next(), await far.next()], ["two bytes", "eight bytes"]);
  });
});

Deno.test("Deno.upgradeWebSocket: accepts a pong over 125 bytes (RFC 6455 §5.5 forbids it)", async () => {
  await connected(async (peer) => {
    await peer.sendMasked({ opcode: PONG, payload: "x".repeat(126) });
    await pingPong(peer);
  });
});

Deno.test("Deno.upgradeWebSocket: accepts and repeats a close over 125 bytes (RFC 6455 §5.5 forbids it)", async () => {
  await connected(async (peer, far) => {
    const payload = closePayload(1000, "x".repeat(124));
    await peer.sendMasked({ opcode: CLOSE, payload });
    const { frames } = await peer.readFramesToEnd();
    assertEquals(frames.map(({ opcode }) => opcode), [CLOSE]);
    assertEquals(frames[0]?.payload, payload);
    assertEquals(await far.closed, { code: 1000, reason: "x".repeat(124), wasClean: true });
  });
});

Deno.test("Deno.upgradeWebSocket: a new unfinished frame within a message replaces it in silence (RFC 6455 §5.4 forbids it)", async () => {
  await connected(async (peer, far) => {
    await peer.sendMasked({ opcode: TEXT, fin: false, payload: "lost " });
    await peer.sendMasked({ opcode: TEXT, fin: false, payload: "kept " });
    await peer.sendMasked({ opcode: 0, payload: "end" });
    assertEquals(await far.next(), "kept end");

    await peer.sendMasked({ opcode: TEXT, fin: false, payload: "lost " });
    await peer.sendMasked({ opcode: BINARY, fin: false, payload: "\x01" });
    await peer.sendMasked({ opcode: 0, payload: "\x02" });
    assertEquals(await far.next(), new Uint8Array([1, 2]));
  });
});

/** What makes the runtime drop the connection, and what its error event then says. */
const DROPPED: readonly [string, FrameFields[], string][] = [
  ["RSV1", [{ opcode: TEXT, rsv: 4 }], "Reserved bits are not zero"],
  ["RSV2", [{ opcode: TEXT, rsv: 2 }], "Reserved bits are not zero"],
  ["RSV3", [{ opcode: TEXT, rsv: 1 }], "Reserved bits are not zero"],
  ["opcode 3", [{ opcode: 3 }], "Invalid value"],
  ["opcode 15", [{ opcode: 15 }], "Invalid value"],
  ["a ping in fragments", [{ opcode: PING, fin: false }], "Control frame must not be fragmented"],
  ["a ping over 125 bytes", [{ opcode: PING, payload: "x".repeat(126) }], "Ping frame too large"],
  ["a lone continuation", [{ opcode: 0 }], "Invalid continuation frame"],
  [
    "a whole message within a message",
    [{ opcode: TEXT, fin: false }, { opcode: TEXT }],
    "Invalid fragment",
  ],
  ["text that is not UTF-8", [{ opcode: TEXT, payload: new Uint8Array([0xff]) }], "Invalid UTF-8"],
  ["a close of one byte", [{ opcode: CLOSE, payload: "x" }], "Invalid close frame"],
];

for (const [name, frames, message] of DROPPED) {
  Deno.test(`Deno.upgradeWebSocket: ${name} drops the connection without a close frame and with code 0 (RFC 6455 §7.1.7 wants one)`, async () => {
    await connected(async (peer, far) => {
      for (const frame of frames) await peer.sendMasked(frame);
      assertEquals((await peer.readToEnd()).bytes.length, 0);
      assertEquals(await far.closed, { code: 0, reason: "", wasClean: false });
      assertEquals(far.errors, [message]);
      assertEquals(far.waiting, 0);
    });
  });
}

for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535]) {
  Deno.test(`Deno.upgradeWebSocket: close code ${code} is answered by 1002 with the peer's reason, and the event says 0`, async () => {
    await connected(async (peer, far) => {
      await peer.sendMasked({ opcode: CLOSE, payload: closePayload(code, "why") });
      const { frames } = await peer.readFramesToEnd();
      assertEquals(frames.map(({ payload }) => payload), [closePayload(1002, "why")]);
      assertEquals(await far.closed, { code: 0, reason: "", wasClean: false });
      assertEquals(far.errors, ["Invalid close code"]);
    });
  });
}

Deno.test("Deno.upgradeWebSocket: the end of the stream without a close frame has code 0 (RFC 6455 §7.1.5 says 1006)", async () => {
  await connected(async (peer, far) => {
    await peer.halfClose();
    assertEquals(await far.closed, { code: 0, reason: "", wasClean: false });
    assertEquals(far.errors, ["Unexpected EOF"]);
  });
});

Deno.test("Deno.upgradeWebSocket: a reset has code 0 (RFC 6455 §7.1.5 says 1006)", async () => {
  await connected(async (peer, far) => {
    await peer.reset();
    assertEquals(await far.closed, { code: 0, reason: "", wasClean: false });
    assertEquals(far.errors, ["Connection reset by peer (os error 104)"]);
  });
});

Deno.test("Deno.upgradeWebSocket: after its own close, the end of the stream counts as a clean 1005", async () => {
  await connected(async (peer, far) => {
    far.socket.close(1000);
    assertEquals((await peer.readFrame()).opcode, CLOSE);
    await peer.halfClose();
    assertEquals(await far.closed, { code: 1005, reason: "", wasClean: true });
  });
});

Deno.test("Deno.upgradeWebSocket: after its own close, a message of the peer cuts the connection (RFC 6455 §7.1.1 waits for its close)", async () => {
  await connected(async (peer, far) => {
    far.socket.close(1000);
    assertEquals((await peer.readFrame()).opcode, CLOSE);
    await peer.sendMasked({ opcode: TEXT, payload: "on its way" });
    await peer.readToEnd();
    assertEquals(await far.closed, { code: 0, reason: "", wasClean: false });
    assertEquals(far.waiting, 0);
  });
});

Deno.test("Deno.upgradeWebSocket: its close frame is lost when a message is there already (RFC 6455 §7.1.2 wants it sent)", async () => {
  await connected(async (peer, far) => {
    far.socket.onmessage = () => far.socket.close(1000);
    const frame = buildFrame({ opcode: TEXT, mask: SOME_MASK, payload: "hello" });
    await peer.write(new Uint8Array([...frame, ...frame]));
    assertEquals((await peer.readToEnd()).bytes.length, 0);
    assertEquals(await far.closed, { code: 0, reason: "", wasClean: false });
  });
});

Deno.test("Deno.upgradeWebSocket: idleTimeout pings at half of it, then closes with 1001 and two close events", async () => {
  await connected(async (peer, far) => {
    const second = Promise.withResolvers<void>();
    far.socket.addEventListener("close", () => far.closes.length === 2 && second.resolve());
    const { frames } = await peer.readFramesToEnd();
    const reason = "No response from ping frame.";
    assertEquals(frames.map(({ opcode }) => opcode), [PING, CLOSE]);
    assertEquals(frames[1]?.payload, closePayload(1001, reason));
    await second.promise;
    assertEquals(far.errors, [reason]);
    assertEquals(far.closes, [
      { code: 1001, reason, wasClean: false },
      { code: 1005, reason: "", wasClean: true },
    ]);
  }, { idleTimeout: 0.2 });
});

Deno.test("Deno.upgradeWebSocket: idleTimeout cuts a frame that takes longer, though its bytes keep coming", async () => {
  await connected(async (peer, far) => {
    const begun = performance.now();
    await peer.sendMasked({ opcode: BINARY, declaredLength: 10_000n });
    const trickle = setInterval(() => peer.write("x").catch(() => {}), 10);
    const { frames } = await peer.readFramesToEnd();
    clearInterval(trickle);
    assertEquals(frames.map(({ opcode }) => opcode), [PING, CLOSE]);
    assertGreater(performance.now() - begun, 150);
    assertLess(performance.now() - begun, 4000);
    assertEquals((await far.closed).code, 1001);
  }, { idleTimeout: 0.2 });
});
