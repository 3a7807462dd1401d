/**
 * The contract for flow control: whoever is slow makes the other end wait, and nobody's
 * memory grows beyond a mark.
 *
 * @module
 */
import { assert, assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import type { Connection } from "../../lib/connection/connection.ts";
import { ConnectionError } from "../../lib/connection/errors.ts";
import { assertRefusesToServe, contract, errorCode, openPair, pattern } from "./contract.ts";

const PIECE = pattern(65_536);
/** So many pieces are more than the operating system holds for one connection. */
const MANY = 320;
/** When nothing moves for so long, it stands still, in milliseconds. */
const STALL = 250;

/** Whether a promise settles before it counts as stalled. */
async function settles(promise: Promise<unknown>): Promise<boolean> {
  const { promise: stalled, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), STALL);
  const settled = promise.then(() => true);
  try {
    return await Promise.race([settled, stalled]);
  } finally {
    clearTimeout(timer);
  }
}

/** Sends pieces until nobody takes them; gives how many, and what `send` gave for the last. */
async function sendUntilStalled(
  connection: Connection,
): Promise<{ count: number; waiting: Promise<void> }> {
  for (let count = 1; count <= MANY; count++) {
    const waiting = connection.send(PIECE);
    if (waiting !== undefined && !await settles(waiting)) return { count, waiting };
  }
  throw new Error(`${MANY} pieces were taken, though nobody read them`);
}

async function receivePieces(connection: Connection, count: number): Promise<void> {
  for (let at = 0; at < count; at++) assertEquals(await connection.receive(), PIECE);
}

contract("a client that does not read makes the server's send give a promise", async (ground) => {
  let drains = 0;
  const endpoint = { drain: () => drains++ };
  if (!ground.capabilities.drain) {
    await assertRefusesToServe(ground, { websocket: endpoint }, "drain");
    await using pair = await openPair(ground);
    for (let at = 0; at < 10; at++) assertEquals(pair.accepted.send(PIECE), undefined);
    return await receivePieces(pair.client, 10);
  }
  const client = { receiveHighWaterMark: PIECE.length };
  await using pair = await openPair(ground, { endpoint, client });
  const { count, waiting } = await sendUntilStalled(pair.accepted);
  // Some of it may have left at once; not so much that sending may go on.
  assertGreater(pair.accepted.bufferedAmount, 16_384);
  const drainsBefore = drains;
  await receivePieces(pair.client, count);
  await waiting;
  assertLess(pair.accepted.bufferedAmount, 65_536 + 1);
  assertEquals(drains, drainsBefore + 1);
  pair.accepted.send("and on");
  assertEquals(await pair.client.receive(), "and on");
});

contract("a server that is slow to handle makes the client wait", async (ground) => {
  const work = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  let handled = 0;
  let expected = Infinity;
  const endpoint = {
    receiveHighWaterMark: 4 * PIECE.length,
    message: async (_: Connection, data: string | Uint8Array) => {
      await work.promise;
      assertEquals(data, PIECE);
      if (++handled === expected) done.resolve();
    },
  };
  if (!ground.capabilities.readPause) {
    return await assertRefusesToServe(ground, { websocket: endpoint }, "receiveHighWaterMark");
  }
  await using pair = await openPair(ground, { endpoint });
  const { count, waiting } = await sendUntilStalled(pair.client);
  assertEquals(handled, 0);
  expected = count;
  work.resolve();
  await done.promise;
  await waiting;
  assertEquals(pair.client.bufferedAmount, 0);
});

contract(
  "nobody needs to receive for pings to be answered, until too much waits",
  async (ground) => {
    await using pair = await openPair(ground);
    pair.client.send("waits in the server");
    await pair.client.ping();
    assertEquals(await pair.accepted.receive(), "waits in the server");
  },
);

contract("at sendLimit a slow client is disconnected with 1013", async (ground) => {
  const endpoint = { sendLimit: 16 * PIECE.length };
  if (!ground.capabilities.drain) {
    return await assertRefusesToServe(ground, { websocket: endpoint }, "sendLimit");
  }
  await using pair = await openPair(ground, { endpoint });
  let count = 0;
  while (pair.accepted.bufferedAmount < endpoint.sendLimit) {
    pair.accepted.send(PIECE);
    count++;
  }
  const error = await assertRejects(async () => await pair.accepted.send(PIECE), ConnectionError);
  assertEquals(error.code, "ERR_SLOW_CONSUMER");
  // What was taken before still arrives.
  await receivePieces(pair.client, count);
  assertEquals((await pair.client.closed).code, 1013);
  const event = await pair.accepted.closed;
  assertEquals([event.code, errorCode(event)], [1013, "ERR_SLOW_CONSUMER"]);
});

contract("with the policy block, only the sender is refused at sendLimit", async (ground) => {
  const endpoint = { sendLimit: 16 * PIECE.length, slowConsumer: "block" } as const;
  if (!ground.capabilities.drain) {
    return await assertRefusesToServe(ground, { websocket: endpoint }, "sendLimit, slowConsumer");
  }
  await using pair = await openPair(ground, { endpoint });
  let count = 0;
  while (pair.accepted.bufferedAmount < endpoint.sendLimit) {
    pair.accepted.send(PIECE);
    count++;
  }
  const error = await assertRejects(async () => await pair.accepted.send(PIECE), ConnectionError);
  assertEquals([error.code, pair.accepted.state], ["ERR_SEND_LIMIT", "open"]);
  await receivePieces(pair.client, count);
});

contract("with the policy drop-newest, what is too much is dropped", async (ground) => {
  const endpoint = { slowConsumer: "drop-newest" } as const;
  if (!ground.capabilities.drain) {
    return await assertRefusesToServe(ground, { websocket: endpoint }, "slowConsumer");
  }
  await using pair = await openPair(ground, { endpoint });
  for (let at = 0; at < 10; at++) pair.accepted.send(PIECE);
  const { droppedMessages } = pair.accepted;
  assert(droppedMessages > 0 && droppedMessages < 10, `${droppedMessages} dropped`);
  await receivePieces(pair.client, 10 - droppedMessages);
  pair.accepted.send("the next");
  assertEquals(await pair.client.receive(), "the next");
});

contract("a client that takes nothing for writeTimeout is cut", async (ground) => {
  const endpoint = { writeTimeout: STALL };
  if (!ground.capabilities.drain) {
    return await assertRefusesToServe(ground, { websocket: endpoint }, "writeTimeout");
  }
  const client = { receiveHighWaterMark: PIECE.length };
  await using pair = await openPair(ground, { endpoint, client });
  for (let at = 0; at < MANY && pair.accepted.state === "open"; at++) {
    await Promise.race([pair.accepted.send(PIECE), pair.accepted.closed]).catch(() => {});
  }
  const event = await pair.accepted.closed;
  assertEquals([event.code, errorCode(event)], [1006, "ERR_WRITE_TIMEOUT"]);
});
