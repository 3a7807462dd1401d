/**
 * The contract for shutting down: everyone is told, nobody new gets in, and it ends.
 *
 * @module
 */
import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import { ConnectError } from "../../lib/client/connect_error.ts";
import { contract, ECHO, openPair, plain } from "./contract.ts";

contract("shutting down closes every connection with 1001", async (ground) => {
  await using server = await ground.serve({ websocket: ECHO });
  const clients = await Promise.all([server.connect(), server.connect(), server.connect()]);
  for (const client of clients) {
    client.send("before");
    assertEquals(await client.receive(), "before");
  }
  const accepted = [...server.connections];
  await server.shutdown();
  for (const client of clients) {
    const event = { code: 1001, reason: "the server is shutting down", wasClean: true };
    assertEquals(plain(await client.closed), event);
  }
  assertEquals(accepted.map(({ state }) => state), ["closed", "closed", "closed"]);
  assertEquals(server.connections.size, 0);
});

contract("the reason is the caller's", async (ground) => {
  await using pair = await openPair(ground);
  await pair.server.shutdown({ reason: "back at noon" });
  assertEquals((await pair.client.closed).reason, "back at noon");
});

contract("what waits to be sent is sent before", async (ground) => {
  await using pair = await openPair(ground);
  for (let at = 0; at < 100; at++) pair.accepted.send(`${at}`);
  const down = pair.server.shutdown();
  for (let at = 0; at < 100; at++) assertEquals(await pair.client.receive(), `${at}`);
  assertEquals((await pair.client.closed).code, 1001);
  await down;
});

contract("who comes after is refused", async (ground) => {
  await using server = await ground.serve({ websocket: ECHO });
  await (await server.connect()).close();
  await server.shutdown();
  const error = await assertRejects(() => server.connect(), ConnectError);
  assertEquals(error.code, "ERR_UNREACHABLE");
});

contract("who asks while it is under way is refused", async (ground) => {
  const asked = Promise.withResolvers<void>();
  const decide = Promise.withResolvers<void>();
  await using server = await ground.serve({
    websocket: {
      upgrade: () => {
        asked.resolve();
        return decide.promise;
      },
    },
  });
  const connecting = server.connect();
  await asked.promise;
  const down = server.shutdown({ deadline: 1000 });
  decide.resolve();
  await assertRejects(() => connecting, ConnectError);
  await down;
  assertEquals(server.connections.size, 0);
});

contract("shutting down twice is shutting down once", async (ground) => {
  await using pair = await openPair(ground);
  const first = pair.server.shutdown({ reason: "first" });
  await Promise.all([first, pair.server.shutdown({ reason: "second" })]);
  assertEquals((await pair.client.closed).reason, "first");
});

contract("a signal shuts down", async (ground) => {
  const controller = new AbortController();
  await using server = await ground.serve({ websocket: ECHO, signal: controller.signal });
  const client = await server.connect();
  controller.abort();
  assertEquals((await client.closed).code, 1001);
});

contract("a client that does not answer is cut at the deadline", async (ground) => {
  await using server = await ground.serve({ websocket: ECHO });
  using raw = await server.openRaw();
  await raw.upgrade();
  const begun = performance.now();
  await server.shutdown({ deadline: 100 });
  assertLess(performance.now() - begun, 4000);
  assertEquals((await raw.readBytes(4)).slice(2), Uint8Array.of(0x03, 0xe9));
  if (ground.capabilities.destroy) assertEquals(server.connections.size, 0);
});

contract("a server without connections is down at once", async (ground) => {
  await using server = await ground.serve({ websocket: ECHO });
  const begun = performance.now();
  await server.shutdown();
  assertLess(performance.now() - begun, 1000);
  assert(server.connections.size === 0);
});
