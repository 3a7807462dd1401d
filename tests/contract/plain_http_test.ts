/**
 * The contract for plain HTTP on the port of the WebSockets.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import type { FetchHandler } from "../../lib/engine/host.ts";
import { buildFrame, SOME_MASK } from "../support/raw_frame.ts";
import { contract, contractOfListeners, ECHO, pattern, textOf } from "./contract.ts";

contract("plain HTTP is answered, and the connection kept alive", async (ground) => {
  const fetch: FetchHandler = ({ method, url }) => {
    const { pathname, search } = new URL(url);
    return new Response(`${method} ${pathname}${search}`);
  };
  await using server = await ground.serve({ fetch, routes: { "/echo": ECHO } });
  using raw = await server.openRaw();
  for (const path of ["/", "/a?b=c", "/echo"]) {
    const response = await raw.request({ path });
    assertEquals([response.status, textOf(response)], [200, `GET ${path}`]);
  }
});

contract("a body of 10 MiB comes and goes", async (ground) => {
  const fetch: FetchHandler = async (request) => new Response(await request.bytes());
  await using server = await ground.serve({ fetch });
  using raw = await server.openRaw();
  const body = pattern(10 * 1024 * 1024);
  for (let round = 0; round < 2; round++) {
    const response = await raw.request({ method: "POST", path: "/", body });
    assertEquals(response.status, 200);
    assertEquals(response.body.length, body.length);
    assertEquals(response.body.every((byte, at) => byte === body[at]), true);
  }
});

contract("the handler sees where the request really comes from", async (ground) => {
  const fetch: FetchHandler = (request, { remoteAddress, secure }) =>
    Response.json({ remoteAddress, secure, scheme: new URL(request.url).protocol });
  await using server = await ground.serve({ fetch });
  using raw = await server.openRaw();
  const { remoteAddress, secure, scheme } = JSON.parse(textOf(await raw.request({ path: "/" })));
  assertEquals([secure, scheme], [ground.secure, ground.secure ? "https:" : "http:"]);
  assertEquals(remoteAddress.transport, ground.transport);
  const { localAddress } = raw;
  if (localAddress.transport !== "tcp") return;
  assertEquals([remoteAddress.hostname, remoteAddress.port], [
    localAddress.hostname,
    localAddress.port,
  ]);
});

contract("WebSockets and plain HTTP go on side by side", async (ground) => {
  await using server = await ground.serve({ fetch: () => new Response("plain"), websocket: ECHO });
  const client = await server.connect();
  using raw = await server.openRaw();
  for (let round = 0; round < 10; round++) {
    client.send(`round ${round}`);
    assertEquals(textOf(await raw.request({ path: "/" })), "plain");
    assertEquals(await client.receive(), `round ${round}`);
  }
  await client.close();
});

contractOfListeners(
  "a connection that began with plain HTTP can become a WebSocket",
  async (ground) => {
    const fetch: FetchHandler = async (request) => new Response(await request.bytes());
    await using server = await ground.serve({ fetch, websocket: ECHO });
    const frames = ["first", "second"].map((payload) =>
      buildFrame({ opcode: 1, mask: SOME_MASK, payload })
    );
    for (const requests of [1, 2]) {
      using raw = await server.openRaw();
      for (let at = 0; at < requests; at++) {
        const body = pattern(100_000 * at);
        const response = await raw.request({ method: "POST", path: "/", body });
        assertEquals([response.status, response.body], [200, body]);
      }
      assertMatch((await raw.upgradeWith(frames)).startLine, /^HTTP\/1\.1 101 /);
      for (const payload of ["first", "second"]) {
        const echo = buildFrame({ opcode: 1, payload });
        assertEquals(await raw.readBytes(echo.length), echo);
      }
      const [connection] = server.connections;
      const { localAddress } = raw;
      if (localAddress.transport === "tcp") {
        assertEquals(connection?.remoteAddress.port, localAddress.port);
      }
      assertEquals(connection?.url, `${ground.secure ? "wss" : "ws"}://127.0.0.1/`);
      raw[Symbol.dispose]();
      await connection?.closed;
    }
  },
);

contractOfListeners("a refusal on such a connection is the one on a fresh one", async (ground) => {
  await using server = await ground.serve({
    fetch: () => new Response("plain"),
    websocket: { upgrade: () => new Response("Who are you?", { status: 401 }) },
  });
  for (const requests of [0, 1]) {
    using raw = await server.openRaw();
    for (let at = 0; at < requests; at++) await raw.request({ path: "/" });
    const { startLine, fields } = await raw.upgrade();
    assertMatch(startLine, /^HTTP\/1\.1 401 /);
    const length = Number(fields.get("content-length")?.[0]);
    assertEquals(textOf({ body: await raw.readBytes(length) }), "Who are you?");
  }
});

contractOfListeners("where only WebSocket is served, plain HTTP gets 426", async (ground) => {
  await using server = await ground.serve({ websocket: ECHO });
  using raw = await server.openRaw();
  await raw.write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  const { startLine, fields } = await raw.readHead();
  assertMatch(startLine, /^HTTP\/1\.1 426 /);
  assertEquals(fields.get("upgrade"), ["websocket"]);
});

contractOfListeners(
  "when the handler throws the answer is 500, and the error is told",
  async (ground) => {
    const errors: unknown[] = [];
    const failure = new Error("the handler's own");
    await using server = await ground.serve({
      fetch: () => Promise.reject(failure),
      onError: (error) => errors.push(error),
    });
    using raw = await server.openRaw();
    assertEquals((await raw.request({ path: "/" })).status, 500);
    assertEquals(errors, [failure]);
  },
);
