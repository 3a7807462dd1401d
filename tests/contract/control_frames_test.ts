/**
 * The contract for pings and for cutting a connection: where the engine can do it, it
 * works; where it cannot, it says so.
 *
 * @module
 */
import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { ConnectionClosedError } from "../../lib/connection/errors.ts";
import {
  assertNotSupported,
  assertRefusesToServe,
  contract,
  ECHO,
  errorCode,
  openPair,
  plain,
} from "./contract.ts";

contract("the client's pings are answered and timed", async (ground) => {
  await using pair = await openPair(ground);
  assertEquals(pair.client.latency, undefined);
  const roundTrip = await pair.client.ping();
  assertGreaterOrEqual(roundTrip, 0);
  assertEquals(pair.client.latency, roundTrip);
  await pair.client.ping(new Uint8Array(125).fill(7));
  await assertRejects(() => pair.client.ping(new Uint8Array(126)), RangeError);
  const trips = await Promise.all([pair.client.ping(), pair.client.ping(), pair.client.ping()]);
  assertEquals(trips.length, 3);
});

contract("the server's pings are answered and timed", async (ground) => {
  await using pair = await openPair(ground);
  const { accepted } = pair;
  if (!ground.capabilities.ping) {
    await assertNotSupported("ping", () => accepted.ping());
    await assertNotSupported("ping", () => accepted.pong());
    assertEquals([accepted.state, accepted.latency], ["open", undefined]);
    return;
  }
  const roundTrip = await accepted.ping();
  assertGreaterOrEqual(roundTrip, 0);
  assertEquals(accepted.latency, roundTrip);
  await accepted.ping(new Uint8Array(125));
  await assertRejects(() => accepted.ping(new Uint8Array(126)), RangeError);
  assertThrows(() => accepted.pong(new Uint8Array(126)), RangeError);
});

contract("handlers see pings and pongs with their payloads", async (ground) => {
  const seen: unknown[] = [];
  const over = Promise.withResolvers<void>();
  const endpoint = {
    ping: (_: unknown, payload: Uint8Array) => void seen.push("ping", payload),
    pong: (_: unknown, payload: Uint8Array, roundTrip: number | undefined) => {
      seen.push("pong", payload, typeof roundTrip);
    },
    close: () => over.resolve(),
  };
  if (!ground.capabilities.ping) {
    return await assertRefusesToServe(ground, { websocket: endpoint }, "ping, pong");
  }
  await using pair = await openPair(ground, { endpoint });
  await pair.client.ping(Uint8Array.of(1, 2));
  pair.client.pong(Uint8Array.of(3));
  await pair.accepted.ping(Uint8Array.of(4));
  await pair.client.close();
  await over.promise;
  assertEquals(seen, [
    ...["ping", Uint8Array.of(1, 2)],
    ...["pong", Uint8Array.of(3), "undefined"],
    ...["pong", Uint8Array.of(4), "number"],
  ]);
});

contract("the server's heartbeat measures by itself", async (ground) => {
  const measured = Promise.withResolvers<number | undefined>();
  const endpoint = {
    heartbeat: { interval: 10, timeout: 5000 },
    pong: (_: unknown, __: unknown, roundTrip: number | undefined) => measured.resolve(roundTrip),
  };
  if (!ground.capabilities.ping) {
    return await assertRefusesToServe(ground, { websocket: endpoint }, "heartbeat, pong");
  }
  await using pair = await openPair(ground, { endpoint });
  assertEquals(typeof await measured.promise, "number");
  assertEquals(pair.accepted.state, "open");
});

contract("a ping that waits when the connection ends rejects", async (ground) => {
  await using pair = await openPair(ground);
  const waiting = pair.client.ping();
  pair.client.destroy();
  await assertRejects(() => waiting, ConnectionClosedError);
  await assertRejects(() => pair.client.ping(), ConnectionClosedError);
});

contract("the client cuts the connection: both ends say 1006", async (ground) => {
  await using pair = await openPair(ground);
  pair.client.destroy();
  assertEquals(pair.client.state, "closed");
  const cut = { code: 1006, reason: "", wasClean: false };
  assertEquals(plain(await pair.client.closed), cut);
  const event = await pair.accepted.closed;
  assertEquals(plain(event), cut);
  assert(["ERR_STREAM_ENDED", "ERR_STREAM_FAILED"].includes(errorCode(event) ?? ""));
  pair.client.destroy();
});

contract("the server cuts the connection: both ends say 1006", async (ground) => {
  await using pair = await openPair(ground);
  if (!ground.capabilities.destroy) {
    await assertNotSupported("destroy", () => pair.accepted.destroy());
    assertEquals(pair.accepted.state, "open");
    return;
  }
  pair.accepted.destroy();
  assertEquals(pair.accepted.state, "closed");
  const cut = { code: 1006, reason: "", wasClean: false };
  assertEquals(plain(await pair.accepted.closed), cut);
  assertEquals(plain(await pair.client.closed), cut);
});

contract("a message beyond maxMessageBytes closes with 1009", async (ground) => {
  const endpoint = { ...ECHO, maxMessageBytes: 1000 };
  if (!ground.capabilities.limits) {
    return await assertRefusesToServe(ground, { websocket: endpoint }, "maxMessageBytes");
  }
  await using pair = await openPair(ground, { endpoint });
  pair.client.send("x".repeat(1000));
  assertEquals((await pair.client.receive())?.length, 1000);
  pair.client.send("x".repeat(1001));
  assertEquals((await pair.client.closed).code, 1009);
  const event = await pair.accepted.closed;
  assertEquals([event.code, event.wasClean], [1009, false]);
});

contract("the client's own limit holds on every engine", async (ground) => {
  await using pair = await openPair(ground, { client: { maxMessageBytes: 1000 } });
  pair.accepted.send("x".repeat(1000));
  assertEquals((await pair.client.receive())?.length, 1000);
  pair.accepted.send("x".repeat(1001));
  assertEquals((await pair.client.closed).code, 1009);
  assertEquals((await pair.accepted.closed).code, 1009);
});

contract("many connections at once keep to themselves", async (ground) => {
  await using server = await ground.serve({ websocket: ECHO });
  const clients = await Promise.all(Array.from({ length: 50 }, () => server.connect()));
  assertGreater(server.connections.size, 49);
  clients.forEach((client, at) => client.send(`client ${at}`));
  const answers = await Promise.all(clients.map((client) => client.receive()));
  assertEquals(answers, clients.map((_, at) => `client ${at}`));
  await Promise.all(clients.map((client) => client.close()));
});
