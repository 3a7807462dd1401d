/**
 * The contract for the upgrade hook: what it sees, what it may answer, and what becomes of
 * its failures.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { UpgradeRequest } from "../../lib/server/endpoint.ts";
import { HELD, HeldTimers } from "../support/held_timers.ts";
import { assertRefused, assertRefusesToServe, contract, textOf } from "./contract.ts";

/** Collects the errors that nobody handled. */
function collecting(): { errors: unknown[]; onError: (error: unknown) => void } {
  const errors: unknown[] = [];
  return { errors, onError: (error) => errors.push(error) };
}

contract("the upgrade hook sees the request", async (ground) => {
  let seen: UpgradeRequest | undefined;
  await using server = await ground.serve({
    routes: { "/chat/:room": { upgrade: (request) => void (seen = request) } },
  });
  const client = await server.connect("/chat/blue?since=7", {
    headers: { "Authorization": "Bearer abc", "X-Twice": "one, two" },
    subprotocols: ["a", "b"],
  });
  assert(seen !== undefined);
  const { request, subprotocols, params, remoteAddress, secure, signal } = seen;
  const scheme = ground.secure ? "https" : "http";
  assertEquals([request.method, request.url], [
    "GET",
    `${scheme}://${server.host}/chat/blue?since=7`,
  ]);
  assertEquals(request.headers.get("authorization"), "Bearer abc");
  assertEquals(request.headers.get("x-twice"), "one, two");
  assertEquals([...subprotocols], ["a", "b"]);
  assertEquals(params, { room: "blue" });
  assertEquals(remoteAddress, [...server.connections][0]?.remoteAddress);
  assertEquals([secure, signal.aborted], [ground.secure, false]);
  await client.close();
});

contract("the upgrade hook chooses subprotocol and header fields", async (ground) => {
  await using server = await ground.serve({
    websocket: {
      upgrade: ({ subprotocols }) => ({
        subprotocol: subprotocols[1] ?? "",
        headers: [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"], ["X-Own", "yes"]],
      }),
    },
  });
  using raw = await server.openRaw();
  const { startLine, fields } = await raw.upgrade({
    fields: { "Sec-WebSocket-Protocol": "one, two" },
  });
  assertEquals(startLine, "HTTP/1.1 101 Switching Protocols");
  assertEquals(fields.get("sec-websocket-protocol"), ["two"]);
  assertEquals(fields.get("set-cookie"), ["a=1", "b=2"]);
  assertEquals(fields.get("x-own"), ["yes"]);
});

contract("the upgrade hook refuses with a response", async (ground) => {
  await using server = await ground.serve({
    websocket: {
      upgrade: async () => {
        await Promise.resolve();
        return new Response('{"error":"who are you?"}', {
          status: 401,
          headers: { "WWW-Authenticate": "Bearer", "Content-Type": "application/json" },
        });
      },
    },
  });
  const response = await assertRefused(server, "/");
  assertEquals([response.status, textOf(response)], [401, '{"error":"who are you?"}']);
  assertEquals(response.headers.get("www-authenticate"), "Bearer");
  assertEquals(response.headers.get("content-type"), "application/json");
  assertEquals(server.connections.size, 0);
});

contract("the upgrade hook redirects, and no status needs a body", async (ground) => {
  await using server = await ground.serve({
    routes: {
      "/moved": { upgrade: () => Response.redirect("https://elsewhere.example/", 307) },
      "/same": { upgrade: () => new Response(null, { status: 304 }) },
    },
  });
  const moved = await assertRefused(server, "/moved");
  assertEquals([moved.status, moved.headers.get("location")], [307, "https://elsewhere.example/"]);
  const same = await assertRefused(server, "/same");
  assertEquals([same.status, same.body.length], [304, 0]);
});

contract(
  "when the upgrade hook throws the answer is 500, and the error is told",
  async (ground) => {
    const failure = new Error("no database");
    for (
      const upgrade of [
        () => {
          throw failure;
        },
        () => Promise.reject(failure),
      ]
    ) {
      const { errors, onError } = collecting();
      await using server = await ground.serve({ websocket: { upgrade }, onError });
      const response = await assertRefused(server, "/");
      assertEquals(response.status, 500);
      assert(!textOf(response).includes("database"), "the client learns nothing of it");
      assertEquals(errors, [failure]);
    }
  },
);

contract("what the upgrade hook must not answer is 500, and told", async (ground) => {
  const answers = [
    { subprotocol: "not offered" },
    { headers: { "Sec-WebSocket-Accept": "x" } },
    new Response("fine", { status: 200 }),
  ];
  for (const answer of answers) {
    const { errors, onError } = collecting();
    await using server = await ground.serve({ websocket: { upgrade: () => answer }, onError });
    assertEquals((await assertRefused(server, "/")).status, 500);
    assertEquals(errors.map((error) => error instanceof TypeError), [true]);
    assertEquals(server.connections.size, 0);
  }
});

contract("when the upgrade hook hangs the answer is 503 at the deadline", async (ground) => {
  using timers = new HeldTimers();
  let signal: AbortSignal | undefined;
  const websocket = {
    upgrade: (request: UpgradeRequest) => {
      signal = request.signal;
      setTimeout(() => timers.expire(), 0);
      return new Promise<undefined>(() => {});
    },
  };
  const options = { websocket, handshakeTimeout: HELD };
  if (!ground.capabilities.limits) {
    return await assertRefusesToServe(ground, options, "handshakeTimeout");
  }
  await using server = await ground.serve(options);
  const response = await assertRefused(server, "/");
  assertEquals([response.status, response.headers.get("retry-after")], [503, "5"]);
  assertEquals(signal?.aborted, true);
  assertEquals(server.connections.size, 0);
});
