/**
 * Reconnecting against real servers: killed and started again, shut down, refusing, silent.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConnectError } from "../../../lib/client/connect_error.ts";
import { FINAL_CLOSE_CODES } from "../../../lib/client/reconnecting/cause.ts";
import type { ReconnectingOptions } from "../../../lib/client/reconnecting/options.ts";
import { reconnecting } from "../../../lib/client/reconnecting/reconnecting.ts";
import type { StateChange } from "../../../lib/client/reconnecting/state_watch.ts";
import type { ConnectionError } from "../../../lib/connection/errors.ts";
import type { Endpoint } from "../../../lib/server/endpoint.ts";
import { serve, type Server } from "../../../lib/server/serve.ts";
import { ServerProcess } from "../../cli/server_process.ts";
import { RawListener } from "../../support/raw_peer.ts";

/** Short waits, so that a test takes no longer than it must. */
const QUICK: ReconnectingOptions = { backoff: { base: 5, cap: 40 }, compression: false };

const ECHO: Endpoint = { message: (connection, data) => connection.send(data) };

/** A server whose port may be the one of a server before it. */
function start(port = 0, endpoint: Endpoint = ECHO): Server {
  return serve({ port, engine: "codec", websocket: endpoint });
}

function portOf(server: Server): number {
  return (server.address as Deno.NetAddr).port;
}

/** A port at which nothing listens any more. */
async function deadPort(): Promise<number> {
  await using listener = await RawListener.listen();
  return listener.port;
}

Deno.test("server: one that shuts down and comes back at its port is found again", async () => {
  const first = start();
  const port = portOf(first);
  await using connection = reconnecting(`ws://127.0.0.1:${port}/`, QUICK);
  connection.send("one");
  assertEquals(await connection.receive(), "one");
  const before = connection.connection;

  const waiting = connection.until("waiting");
  await first.shutdown({ deadline: 2000 });
  await waiting;
  connection.send("two");
  connection.send(new Uint8Array([3]));
  await using _second = start(port);
  assertEquals(await connection.receive(), "two");
  assertEquals(await connection.receive(), new Uint8Array([3]));
  assert(before !== connection.connection);
  assertEquals((await before?.closed)?.code, 1001);
});

Deno.test("server: one that is killed is lost, and the next one takes its place", async () => {
  const causes: string[] = [];
  const first = await ServerProcess.start();
  let { port } = first;
  await using connection = reconnecting(() => `ws://127.0.0.1:${port}/echo`, {
    ...QUICK,
    onStateChange: ({ state, cause }) => {
      if (state !== "waiting") return;
      causes.push(
        cause?.kind === "closed" ? `${cause.event.code}` : (cause?.error as ConnectError).code,
      );
    },
  });
  connection.send("one");
  const messages = connection[Symbol.asyncIterator]();
  assertEquals(await messages.next(), { done: false, value: "one" });

  const waiting = connection.until("waiting");
  first.command.kill("SIGKILL");
  await waiting;
  const sending = connection.send("two");
  await first[Symbol.asyncDispose]();
  await connection.until("connecting");
  await connection.until("waiting"); // at least one attempt found nobody there

  await using second = await ServerProcess.start();
  port = second.port;
  await sending;
  assertEquals(await messages.next(), { done: false, value: "two" });
  assertEquals(causes[0], "1006");
  assert(causes.length >= 2);
  assertEquals(new Set(causes.slice(1)), new Set(["ERR_UNREACHABLE"]));
});

Deno.test("server: one that cuts the connection over and over is found again each time", async () => {
  await using server = start(0, {
    message: (connection, data) => {
      if (data === "cut") connection.destroy();
      else connection.send(data);
    },
  });
  await using connection = reconnecting(server.url, QUICK);
  for (let i = 0; i < 10; i++) {
    connection.send(`${i}`);
    assertEquals(await connection.receive(), `${i}`);
    const waiting = connection.until("waiting");
    connection.send("cut");
    await waiting;
  }
  assertEquals(connection.droppedMessages, 0);
});

Deno.test("server: a token that has expired is replaced before the next attempt", async () => {
  let valid = 2;
  await using server = start(0, {
    ...ECHO,
    upgrade: ({ request }) => {
      if (request.headers.get("authorization") === `Bearer ${valid}`) return;
      return new Response("expired", { status: 401 });
    },
  });
  let token = 1;
  const asked: (number | undefined)[] = [];
  await using connection = reconnecting(server.url, {
    ...QUICK,
    beforeAttempt: async (_, { cause }) => {
      const error = cause?.kind === "failed" ? cause.error : undefined;
      const status = error instanceof ConnectError ? error.response?.status : undefined;
      asked.push(status);
      if (status === 401) await Promise.resolve(token = valid);
      return { headers: { authorization: `Bearer ${token}` } };
    },
    shouldReconnect: (cause, byDefault) =>
      byDefault || (cause.kind === "failed" && cause.error instanceof ConnectError &&
        cause.error.response?.status === 401),
  });
  await connection.until("open");
  assertEquals(asked, [undefined, 401]);
  valid = 3;
  const waiting = connection.until("waiting");
  for (const each of server.connections) each.close(1012);
  await waiting;
  await connection.until("open");
  assertEquals(asked, [undefined, 401, undefined, 401]);
});

Deno.test("server: one that refuses with 401 is not asked again", async () => {
  let asked = 0;
  await using server = start(0, {
    upgrade: () => {
      asked++;
      return new Response("who?", { status: 401 });
    },
  });
  const connection = reconnecting(server.url, QUICK);
  const { why, cause } = await connection.closed;
  assertEquals([why, asked], ["not-retried", 1]);
  assert(cause?.kind === "failed" && cause.error instanceof ConnectError);
  assertEquals(new TextDecoder().decode(cause.error.response?.body), "who?");
  await assertRejects(() => connection.receive(), Error, "answered 401 Unauthorized, not 101");
});

Deno.test("server: one that is overloaded is left alone for as long as it says", async () => {
  let asked = 0;
  await using server = start(0, {
    upgrade: () => {
      if (asked++ > 0) return;
      return new Response("", { status: 503, headers: { "retry-after": "1" } });
    },
  });
  const changes: StateChange[] = [];
  const started = performance.now();
  await using connection = reconnecting(server.url, {
    ...QUICK,
    backoff: { base: 5, cap: 5000 },
    onStateChange: (change) => changes.push(change),
  });
  await connection.until("open");
  const [delay] = changes.filter(({ state }) => state === "waiting").map(({ delay }) => delay);
  assert(delay !== undefined && delay >= 1000 && delay < 1005, `${delay}`);
  assert(performance.now() - started >= 1000);
  assertEquals(asked, 2);
});

Deno.test("server: a code of the application ends it, with the reason", async () => {
  await using server = start(0, { open: (connection) => connection.close(4003, "banned") });
  const connection = reconnecting(server.url, {
    ...QUICK,
    finalCodes: [...FINAL_CLOSE_CODES, 4003],
  });
  await assertRejects(
    () => connection.until("waiting"),
    Error,
    "No other attempt is made: the connection ended with code 4003, banned",
  );
});

Deno.test("server: one that falls silent is noticed by the heartbeat, and left", async () => {
  await using listener = await RawListener.listen();
  await using connection = reconnecting(`ws://127.0.0.1:${listener.port}/`, {
    ...QUICK,
    heartbeat: { interval: 20, timeout: 20 },
  });
  await using first = await listener.accept();
  await first.acceptUpgrade();
  await using second = await listener.accept();
  await second.acceptUpgrade();
  await connection.until("open");
  // Asked for now: the heartbeat of the second one is quick, and the third never opens.
  const lost = connection.until("waiting");
  await first.readToEnd();
  await lost;
  connection.close();
  const { cause } = await connection.closed;
  assert(cause?.kind === "closed");
  assertEquals(cause.event.code, 1006);
  assertEquals((cause.event.error as ConnectionError).code, "ERR_HEARTBEAT_TIMEOUT");
});

Deno.test("server: the subprotocols, and what else connect takes, hold for each connection", async () => {
  await using server = start(0, { ...ECHO, subprotocols: ["b"] });
  await using connection = reconnecting(server.url, {
    ...QUICK,
    subprotocols: ["a", "b"],
    data: 7,
  });
  for (let i = 0; i < 2; i++) {
    await connection.until("open");
    assertEquals(connection.connection?.subprotocol, "b");
    assertEquals(connection.connection?.data, 7);
    const waiting = connection.until("waiting");
    connection.connection?.close(1012);
    await waiting;
  }
});

Deno.test("server: the signal ends an attempt that is under way, and leaves nothing", async () => {
  await using listener = await RawListener.listen();
  const controller = new AbortController();
  const connection = reconnecting(`ws://127.0.0.1:${listener.port}/`, {
    ...QUICK,
    signal: controller.signal,
  });
  await using peer = await listener.accept();
  await peer.readHead();
  const reason = new Error("enough");
  controller.abort(reason);
  const { why, error } = await connection.closed;
  assertEquals([why, error], ["aborted", reason]);
  await peer.readToEnd();
});

Deno.test("server: nobody there, ever: it gives up when it was told to", async () => {
  const port = await deadPort();
  const connection = reconnecting(`ws://127.0.0.1:${port}/`, { ...QUICK, maxAttempts: 4 });
  const { why, error } = await connection.closed;
  assertEquals(why, "gave-up");
  assertEquals(
    error instanceof Error && error.message,
    "Gave up after 4 attempts: Cannot open the connection: " +
      `127.0.0.1:${port} cannot be reached: Connection refused`,
  );
});

Deno.test({
  name: "server: a missing permission ends it at once",
  permissions: { net: ["127.0.0.1:9"] },
  fn: async () => {
    const { why, cause } = await reconnecting("ws://127.0.0.1:10/", QUICK).closed;
    assertEquals(why, "not-retried");
    assert(cause?.kind === "failed" && cause.error instanceof Deno.errors.NotCapable);
  },
});

Deno.test("server: an argument that only one attempt has ends it with its error", async () => {
  const connection = reconnecting("ws://127.0.0.1:9/", {
    ...QUICK,
    beforeAttempt: () => ({ headers: { host: "a" } }),
  });
  await assertRejects(() => connection.receive(), Error, "is set by the handshake itself");
});
