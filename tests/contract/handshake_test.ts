/**
 * The contract for the opening handshake: who gets in, what is agreed, and what both ends
 * know of it.
 *
 * @module
 */
import { assertEquals, assertGreater, assertMatch } from "@std/assert";
import type { Connection } from "../../lib/connection/connection.ts";
import type { HeadChanges } from "../support/raw_head.ts";
import { assertRefused, contract, ECHO, type GroundServer, openPair } from "./contract.ts";

contract("both ends know what they are connected to", async (ground) => {
  await using pair = await openPair(ground, { path: "/some/path?with=query" });
  const { client, accepted, server } = pair;
  const url = `${ground.secure ? "wss" : "ws"}://${server.host}/some/path?with=query`;
  assertEquals([client.url, accepted.url], [url, url]);
  assertEquals([client.role, accepted.role], ["client", "server"]);
  assertEquals([client.engine, accepted.engine], ["codec", ground.engine]);
  for (const end of [client, accepted]) {
    assertEquals([end.subprotocol, end.extensions, end.state, end.bufferedAmount], [
      "",
      "",
      "open",
      0,
    ]);
    assertEquals(end.remoteAddress.transport, ground.transport);
  }
  if (ground.transport === "unix") return assertMatch(client.remoteAddress.hostname, /\.sock$/);
  const { hostname, port } = client.remoteAddress;
  assertEquals(`${hostname}:${port}`, server.host);
  assertEquals(accepted.remoteAddress.hostname, "127.0.0.1");
  assertGreater(accepted.remoteAddress.port, 0);
});

contract("the server's end is as capable as its engine", async (ground) => {
  await using pair = await openPair(ground);
  assertEquals(pair.accepted.capabilities, ground.capabilities);
});

contract("data is kept with each end", async (ground) => {
  await using pair = await openPair(ground, {
    endpoint: { upgrade: () => ({ data: { user: "ada" } }) },
    client: { data: 42 },
  });
  assertEquals([pair.accepted.data, pair.client.data], [{ user: "ada" }, 42]);
});

contract(
  "the server's most preferred subprotocol among those offered is agreed",
  async (ground) => {
    const endpoint = { subprotocols: ["third", "second", "unknown"] };
    const client = { subprotocols: ["first", "second", "third"] };
    await using pair = await openPair(ground, { endpoint, client });
    assertEquals([pair.client.subprotocol, pair.accepted.subprotocol], ["third", "third"]);
  },
);

contract("with no subprotocol in common there is none", async (ground) => {
  const endpoint = { subprotocols: ["one"] };
  await using pair = await openPair(ground, { endpoint, client: { subprotocols: "two" } });
  assertEquals([pair.client.subprotocol, pair.accepted.subprotocol], ["", ""]);
});

contract("a page of another origin is refused with 403", async (ground) => {
  await using server = await ground.serve({
    websocket: { origin: ["https://good.example"] },
    routes: { "/own": {}, "/any": { origin: "any" } },
  });
  const own = `${ground.secure ? "https" : "http"}://${server.host}`;
  const from = (origin: string) => ({ headers: { "Origin": origin } });
  for (
    const [path, origin] of [
      ["/", "https://evil.example"],
      ["/", "https://good.example.evil"],
      ["/", "null"],
      ["/own", "https://good.example"],
      ["/own", `${own}.evil`],
    ] as const
  ) {
    assertEquals((await assertRefused(server, path, from(origin))).status, 403, origin);
  }
  for (
    const [path, origin] of [
      ["/", "https://good.example"],
      ["/own", own],
      ["/any", "https://evil.example"],
    ] as const
  ) {
    await (await server.connect(path, from(origin))).close();
  }
  // Without the field it is no browser.
  await (await server.connect("/")).close();
});

contract(
  "a path belongs to the first route that matches, or to the endpoint for all",
  async (ground) => {
    const tell = (what: string) => ({
      open: (connection: Connection) => void connection.send(what),
    });
    await using server = await ground.serve({
      routes: {
        "/a/:id": { ...tell("route"), upgrade: ({ params }) => ({ data: params }) },
        "/a/*": tell("second"),
      },
      websocket: tell("fallback"),
    });
    for (
      const [path, expected] of [["/a/1", "route"], ["/a/1/2", "second"], [
        "/b",
        "fallback",
      ]] as const
    ) {
      const client = await server.connect(path);
      assertEquals(await client.receive(), expected, path);
      await client.close();
    }
  },
);

contract("a path without an endpoint is 404", async (ground) => {
  await using server = await ground.serve({ routes: { "/echo": ECHO } });
  assertEquals((await assertRefused(server, "/ech")).status, 404);
  assertEquals((await assertRefused(server, "/echo/more")).status, 404);
});

/** Requests that are refused by the one check that stands before every engine. */
const WRONG_REQUESTS: readonly (readonly [what: string, status: number, changes: HeadChanges])[] = [
  ["method POST", 405, { startLine: "POST / HTTP/1.1" }],
  ["version 8", 426, { fields: { "Sec-WebSocket-Version": "8" } }],
  ["no version", 426, { fields: { "Sec-WebSocket-Version": null } }],
  ["no key", 400, { fields: { "Sec-WebSocket-Key": null } }],
  ["short key", 400, { fields: { "Sec-WebSocket-Key": "c2hvcnQ=" } }],
  ["two keys", 400, { lines: ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="] }],
  ["empty subprotocols", 400, { fields: { "Sec-WebSocket-Protocol": "," } }],
  ["subprotocols with a non-token", 400, { fields: { "Sec-WebSocket-Protocol": "a b" } }],
  ["the same subprotocol twice", 400, { fields: { "Sec-WebSocket-Protocol": "a, a" } }],
  ["broken extensions", 400, { fields: { "Sec-WebSocket-Extensions": "a; =" } }],
  ["a body", 400, { fields: { "Content-Length": "5" } }],
];

for (const [what, status, changes] of WRONG_REQUESTS) {
  contract(`a request with ${what} is answered with ${status}`, async (ground) => {
    await using server = await ground.serve({ websocket: ECHO });
    using raw = await server.openRaw();
    const { startLine } = await raw.upgrade(changes);
    assertMatch(startLine, new RegExp(`^HTTP/1\\.1 ${status} `));
    await assertStillServes(server);
  });
}

contract("Connection may list more than Upgrade, in any case", async (ground) => {
  await using server = await ground.serve({ websocket: ECHO });
  using raw = await server.openRaw();
  const fields = { "Connection": "keep-alive, UPGRADE", "Upgrade": "WebSocket" };
  assertEquals((await raw.upgrade({ fields })).startLine, "HTTP/1.1 101 Switching Protocols");
});

contract("beyond maxConnections the answer is 503 until a place is free", async (ground) => {
  await using server = await ground.serve({ websocket: ECHO, maxConnections: 1 });
  const client = await server.connect();
  const response = await assertRefused(server, "/");
  assertEquals([response.status, response.headers.get("retry-after")], [503, "10"]);
  const [accepted] = server.connections;
  await client.close();
  await accepted?.closed;
  // The place is free once all that hears of the end has run.
  await new Promise((resolve) => setTimeout(resolve, 0));
  await (await server.connect()).close();
});

contract("perIp holds for one address", async (ground) => {
  await using server = await ground.serve({ websocket: ECHO, perIp: 1 });
  const client = await server.connect();
  if (ground.transport === "tcp") {
    assertEquals((await assertRefused(server, "/")).status, 429);
  } else {
    await (await server.connect()).close(); // a unix socket tells no address
  }
  await client.close();
});

async function assertStillServes(server: GroundServer): Promise<void> {
  const client = await server.connect();
  client.send("still here");
  assertEquals(await client.receive(), "still here");
  await client.close();
}
