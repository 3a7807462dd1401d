/**
 * The contract for closing: the code and the reason arrive, whoever begins, and every
 * connection ends once.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConnectionClosedError } from "../../lib/connection/errors.ts";
import { buildFrame, closePayload, SOME_MASK } from "../support/raw_frame.ts";
import { contract, ECHO, openPair, plain } from "./contract.ts";

/** Codes that may be sent, and the longest reason (RFC 6455 §5.5, §7.4). */
const CLOSES: readonly (readonly [number, string])[] = [
  [1000, ""],
  [1001, "going"],
  [1011, "ångström 🌊"],
  [3000, "x".repeat(123)],
  [4999, "🌊".repeat(30)],
];

for (const [code, reason] of CLOSES) {
  contract(`close code ${code} from the client arrives`, async (ground) => {
    await using pair = await openPair(ground);
    const own = await pair.client.close(code, reason);
    assertEquals(plain(await pair.accepted.closed), { code, reason, wasClean: true });
    // Whether the answer repeats the reason is the server's choice.
    assertEquals([own.code, own.wasClean], [code, true]);
  });

  contract(`close code ${code} from the server arrives`, async (ground) => {
    await using pair = await openPair(ground);
    const own = await pair.accepted.close(code, reason);
    assertEquals(plain(await pair.client.closed), { code, reason, wasClean: true });
    assertEquals([own.code, own.wasClean], [code, true]);
  });
}

contract("a close without a code arrives as 1005", async (ground) => {
  for (const begins of ["client", "accepted"] as const) {
    await using pair = await openPair(ground);
    const own = await pair[begins].close(null);
    const other = await pair[begins === "client" ? "accepted" : "client"].closed;
    const expected = { code: 1005, reason: "", wasClean: true };
    assertEquals([plain(own), plain(other)], [expected, expected]);
  }
});

contract("a close frame without a code is 1005, and is answered", async (ground) => {
  const closed = Promise.withResolvers<unknown>();
  await using server = await ground.serve({
    websocket: { close: (_, event) => closed.resolve(plain(event)) },
  });
  using raw = await server.openRaw();
  await raw.upgrade();
  await raw.write(buildFrame({ opcode: 8, mask: SOME_MASK }));
  assertEquals(await raw.readBytes(2), buildFrame({ opcode: 8 }));
  await raw.assertEnd();
  raw[Symbol.dispose]();
  assertEquals(await closed.promise, { code: 1005, reason: "", wasClean: true });
});

contract("a stream that ends without a close frame is 1006", async (ground) => {
  const closed = Promise.withResolvers<unknown>();
  await using server = await ground.serve({
    websocket: { close: (_, event) => closed.resolve(plain(event)) },
  });
  using raw = await server.openRaw();
  await raw.upgrade();
  raw[Symbol.dispose]();
  assertEquals(await closed.promise, { code: 1006, reason: "", wasClean: false });
});

contract("a wrong close code of the peer is answered with 1002", async (ground) => {
  const closed = Promise.withResolvers<number>();
  await using server = await ground.serve({
    websocket: { close: (_, event) => closed.resolve(event.code) },
  });
  using raw = await server.openRaw();
  await raw.upgrade();
  await raw.write(buildFrame({ opcode: 8, mask: SOME_MASK, payload: closePayload(1005) }));
  const [first, length = 0, ...code] = await raw.readBytes(4);
  assertEquals([first, code], [0x88, [0x03, 0xea]]);
  await raw.readBytes(length - 2);
  raw[Symbol.dispose]();
  assertEquals(await closed.promise, 1002);
});

contract("what must not be sent is refused, and the connection stays open", async (ground) => {
  await using pair = await openPair(ground, { endpoint: ECHO });
  for (const end of [pair.client, pair.accepted]) {
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 1000.5, NaN]) {
      assertThrows(() => end.close(code), RangeError);
    }
    assertThrows(() => end.close(1000, "x".repeat(124)), RangeError);
    assertThrows(() => end.close(1000, "🌊".repeat(31)), RangeError);
    assertEquals(end.state, "open");
  }
  pair.client.send("still open");
  assertEquals(await pair.client.receive(), "still open");
});

contract("closing twice is closing once, with the first code", async (ground) => {
  let closes = 0;
  await using pair = await openPair(ground, { endpoint: { close: () => closes++ } });
  const [first, second] = await Promise.all([
    pair.client.close(4001, "first"),
    pair.client.close(4002, "second"),
  ]);
  assert(first === second && first === await pair.client.close());
  assertEquals(plain(await pair.accepted.closed), { code: 4001, reason: "first", wasClean: true });
  assert(await pair.accepted.close(4003) === await pair.accepted.closed);
  await pair.server.shutdown();
  assertEquals(closes, 1);
});

contract("both ends may close at the same moment", async (ground) => {
  await using pair = await openPair(ground);
  const ends = await Promise.all([pair.client.close(4001), pair.accepted.close(4002)]);
  // Each may have sent its own frame before it read the other's.
  for (const { code, wasClean } of ends) assert(wasClean && (code === 4001 || code === 4002));
});

contract("what was sent before the close arrives before it", async (ground) => {
  await using pair = await openPair(ground);
  const messages = Array.from({ length: 200 }, (_, at) => `${at} `.repeat(at));
  for (const [from, to] of [[pair.client, pair.accepted], [pair.accepted, pair.client]] as const) {
    for (const message of messages) from.send(message);
    if (from === pair.accepted) from.close(4000);
    for (const message of messages) assertEquals(await to.receive(), message);
  }
  assertEquals((await pair.client.closed).code, 4000);
});

contract("the server may send and close while the connection opens", async (ground) => {
  await using pair = await openPair(ground, {
    endpoint: {
      open(connection) {
        connection.send("hello");
        connection.close(4000, "and goodbye");
      },
    },
  });
  assertEquals(await pair.client.receive(), "hello");
  assertEquals(plain(await pair.client.closed), {
    code: 4000,
    reason: "and goodbye",
    wasClean: true,
  });
});

contract("frames that came along with the request are not lost", async (ground) => {
  const closed = Promise.withResolvers<unknown>();
  const messages: unknown[] = [];
  await using server = await ground.serve({
    websocket: {
      message: (_, data) => messages.push(data),
      close: (_, event) => closed.resolve(plain(event)),
    },
  });
  using raw = await server.openRaw();
  const frames = [
    buildFrame({ opcode: 1, mask: SOME_MASK, payload: "early" }),
    buildFrame({ opcode: 8, mask: SOME_MASK, payload: closePayload(4000, "bye") }),
  ];
  const { startLine } = await raw.upgradeWith(frames);
  assertEquals(startLine, "HTTP/1.1 101 Switching Protocols");
  raw[Symbol.dispose]();
  assertEquals(await closed.promise, { code: 4000, reason: "bye", wasClean: true });
  assertEquals(messages, ["early"]);
});

contract("a closed connection takes nothing more, and nothing throws", async (ground) => {
  await using pair = await openPair(ground);
  await pair.client.close();
  await pair.accepted.closed;
  for (const end of [pair.client, pair.accepted]) {
    assertEquals(end.state, "closed");
    assertEquals(end.bufferedAmount, 0);
    end.send("a promise that nobody waits for does no harm");
    await assertRejects(async () => await end.send("late"), ConnectionClosedError);
    end.close(1000, "again");
  }
});

contract("the state goes from open through closing to closed", async (ground) => {
  await using pair = await openPair(ground);
  assertEquals([pair.client.state, pair.accepted.state], ["open", "open"]);
  const closed = pair.client.close();
  assertEquals(pair.client.state, "closing");
  await assertRejects(async () => await pair.client.send("late"), ConnectionClosedError);
  await closed;
  assertEquals(pair.client.state, "closed");
});

contract("disposing of a connection closes it with 1000", async (ground) => {
  await using pair = await openPair(ground);
  await pair.client[Symbol.asyncDispose]();
  assertEquals(plain(await pair.accepted.closed), { code: 1000, reason: "", wasClean: true });
});

contract("a connection that has ended is none of the server's any more", async (ground) => {
  await using pair = await openPair(ground);
  const connections: unknown[] = [...pair.server.connections];
  assert(connections.length === 1 && connections[0] === pair.accepted);
  await pair.client.close();
  await pair.accepted.closed;
  assertEquals(pair.server.connections.size, 0);
});
