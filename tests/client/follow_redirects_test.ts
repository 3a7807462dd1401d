import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { connect, type ConnectOptions } from "../../lib/client/connect.ts";
import { ConnectError } from "../../lib/client/connect_error.ts";
import type { ConnectPhase } from "../../lib/client/phases.ts";
import { HELD, HeldTimers } from "../support/held_timers.ts";
import type { RawHead } from "../support/raw_head.ts";
import { RawListener } from "../support/raw_peer.ts";
import { CA, CERT, KEY, TlsServer } from "./tls_server.ts";
import { TunnelProxy } from "./tunnel_proxy.ts";

/** The head of a response that points to `location`. */
function moved(location: string, status = 302, ...lines: string[]): string {
  return [`HTTP/1.1 ${status} Moved`, `Location: ${location}`, ...lines, "", ""].join("\r\n");
}

/** Serves one request on each new connection: a redirect to the location given, and at last 101. */
async function serveHops(
  listener: RawListener,
  locations: readonly string[],
  bodyLength: number,
): Promise<RawHead[]> {
  const requests: RawHead[] = [];
  for (const location of locations) {
    await using peer = await listener.accept();
    requests.push(await peer.readHead());
    await peer.write(moved(location, 302, `Content-Length: ${bodyLength}`) + "more");
    await peer.readToEnd();
  }
  await using peer = await listener.accept();
  requests.push(await peer.acceptUpgrade());
  await peer.readToEnd();
  return requests;
}

/** Follows redirects from a fresh server to itself. */
async function follow(
  locations: readonly string[],
  options: ConnectOptions,
): Promise<{ requests: RawHead[]; url: string; port: number }> {
  await using listener = await RawListener.listen();
  const { port } = listener;
  const serving = serveHops(listener, locations, 9); // a body that is not waited for
  const connection = await connect(`ws://user:pw@127.0.0.1:${port}/start`, options);
  const { url } = connection;
  connection.destroy();
  await connection.closed;
  return { requests: await serving, url, port };
}

Deno.test("redirect: as many are followed as were asked for, with a new key for each request", async () => {
  const { requests, url, port } = await follow(["/one", "two?x=1#top"], { redirects: 2 });
  assertEquals(requests.map(({ startLine }) => startLine), [
    "GET /start HTTP/1.1",
    "GET /one HTTP/1.1",
    "GET /two?x=1 HTTP/1.1",
  ]);
  assertEquals(url, `ws://127.0.0.1:${port}/two?x=1`);
  const keys = requests.map(({ fields }) => fields.get("sec-websocket-key")?.[0]);
  assertEquals(new Set(keys).size, 3);
});

Deno.test("redirect: at the same origin, credentials go along", async () => {
  const { requests } = await follow(["/one"], {
    redirects: 1,
    headers: { Cookie: "id=1", "X-Api-Key": "secret" },
    sensitiveHeaders: ["x-api-key"],
    subprotocols: ["chat"],
  });
  assertEquals(requests.length, 2);
  for (const { fields } of requests) {
    assertEquals(fields.get("authorization"), [`Basic ${btoa("user:pw")}`]);
    assertEquals(fields.get("cookie"), ["id=1"]);
    assertEquals(fields.get("x-api-key"), ["secret"]);
    assertEquals(fields.get("sec-websocket-protocol"), ["chat"]);
  }
});

Deno.test("redirect: each hop is told, and to another origin go no credentials, also not back", async () => {
  await using here = await RawListener.listen();
  await using there = await RawListener.listen();
  const phases: ConnectPhase[] = [];
  const opening = connect(`ws://user:pw@127.0.0.1:${here.port}/a`, {
    redirects: 2,
    headers: { Authorization: "Bearer secret", Cookie: "id=1", "X-Api-Key": "secret", "X-B": "b" },
    sensitiveHeaders: ["X-API-KEY"],
    onPhase: (phase) => phases.push(phase),
  });
  const requests: RawHead[] = [];
  for (
    const [listener, location] of [
      [here, `ws://eve:pw@127.0.0.1:${there.port}/b`],
      [there, `ws://127.0.0.1:${here.port}/c`],
    ] as const
  ) {
    await using peer = await listener.accept();
    requests.push(await peer.readHead());
    await peer.write(moved(location));
    await peer.readToEnd();
  }
  await using last = await here.accept();
  requests.push(await last.acceptUpgrade());
  const connection = await opening;

  const names = (request?: RawHead) => {
    const own = ["host", "upgrade", "connection"];
    return [...request?.fields.keys() ?? []].filter((name) =>
      !own.includes(name) && !name.startsWith("sec-websocket-")
    );
  };
  assertEquals(names(requests[0]), ["authorization", "cookie", "x-api-key", "x-b"]);
  assertEquals(names(requests[1]), ["x-b"]);
  assertEquals(names(requests[2]), ["x-b"]);
  const hops = phases.filter((phase) => phase.phase === "redirect");
  assertEquals(hops.map(({ status, from, to, crossOrigin }) => [status, from, to, crossOrigin]), [
    [302, `ws://127.0.0.1:${here.port}/a`, `ws://127.0.0.1:${there.port}/b`, true],
    [302, `ws://127.0.0.1:${there.port}/b`, `ws://127.0.0.1:${here.port}/c`, true],
  ]);
  assertEquals(connection.url, `ws://127.0.0.1:${here.port}/c`);
  connection.destroy();
  await connection.closed;
});

Deno.test("redirect: from ws to wss, with the authority but not the certificate of the client", async () => {
  await using listener = await RawListener.listen();
  await using server = new TlsServer("localhost");
  const opening = connect(`ws://localhost:${listener.port}/`, {
    redirects: 1,
    tls: { caCerts: [CA], cert: CERT, key: KEY, serverName: "elsewhere.example" },
  });
  await using peer = await listener.accept();
  await peer.readHead();
  await peer.write(moved(`https://localhost:${server.port}/secure`, 308));
  const { request } = await server.acceptUpgrade();
  const connection = await opening;
  assertEquals(request.startLine, "GET /secure HTTP/1.1");
  assertEquals(connection.url, `wss://localhost:${server.port}/secure`);
  connection.destroy();
  await connection.closed;
});

Deno.test("redirect: a certificate that is not checked here is checked elsewhere", async () => {
  await using here = new TlsServer("self_signed");
  await using there = new TlsServer("self_signed", "127.0.0.1");
  const opening = connect(`wss://localhost:${here.port}/`, {
    redirects: 1,
    tls: { insecure: true },
  });
  const failing = assertRejects(() => opening, ConnectError);
  const reading = there.readToEnd();
  await here.answer(moved(`wss://localhost:${there.port}/`));
  assertEquals((await failing).code, "ERR_TLS");
  assertEquals((await reading).count, 0);
});

/** Redirects that are not followed, with the limit, and what is said of them. */
const UNFOLLOWED: [what: string, location: string, redirects: number, message: string][] = [
  ["none wanted", "/x", 0, "; redirects are not followed, and this one points to /x"],
  ["a circle", "/", 5, "; its redirect to / is not followed: it leads in a circle"],
  ["another scheme", "ftp://a/", 5, "; its redirect to ftp://a/ is not followed: it does not"],
  ["terminal codes", "/\x9b31m", 5, "; its redirect is not followed: it does not point"],
];

Deno.test("redirect: one that is not followed is a refusal that says why", async (t) => {
  for (const [what, location, redirects, message] of UNFOLLOWED) {
    await t.step(what, async () => {
      await using listener = await RawListener.listen();
      const failing = assertRejects(
        () => connect(`ws://127.0.0.1:${listener.port}/`, { redirects }),
        ConnectError,
      );
      await using peer = await listener.accept();
      await peer.readHead();
      const head = moved(location, 302, "Content-Length: 2", "", "hi");
      await peer.write(Uint8Array.from(head.slice(0, -2), (char) => char.charCodeAt(0)));
      const { code, response, message: text } = await failing;
      assertEquals([code, response?.status], ["ERR_REFUSED", 302]);
      assertStringIncludes(text, message);
    });
  }
});

Deno.test("redirect: one too many is a refusal", async () => {
  await using listener = await RawListener.listen();
  const serving = serveHops(listener, ["/1", "/2", "/3"], 4);
  const error = await assertRejects(
    () => connect(`ws://127.0.0.1:${listener.port}/`, { redirects: 2 }),
    ConnectError,
  );
  assertEquals(error.code, "ERR_REFUSED");
  assertStringIncludes(
    error.message,
    "its redirect to /3 is not followed: 2 were followed already",
  );
  const connection = await connect(`ws://127.0.0.1:${listener.port}/end`);
  connection.destroy();
  await connection.closed;
  assertEquals((await serving).length, 4);
});

Deno.test("redirect: from wss to ws none is followed", async () => {
  await using server = new TlsServer("localhost");
  await using listener = await RawListener.listen();
  const failing = assertRejects(
    () => connect(`wss://localhost:${server.port}/`, { redirects: 5, tls: { caCerts: [CA] } }),
    ConnectError,
    "it leads from wss to ws, where nothing is encrypted",
  );
  await server.answer(moved(`http://127.0.0.1:${listener.port}/`, 301, "Content-Length: 0"));
  assertEquals((await failing).response?.status, 301);
});

Deno.test("redirect: the proxy is chosen for each hop", async () => {
  await using proxy = new TunnelProxy();
  await using here = await RawListener.listen();
  await using there = await RawListener.listen();
  const asked: string[] = [];
  const opening = connect(`ws://127.0.0.1:${here.port}/`, {
    redirects: 1,
    proxy: (url) => {
      asked.push(url.port);
      return url.port === String(there.port) ? `http://127.0.0.1:${proxy.port}` : undefined;
    },
  });
  await using first = await here.accept();
  await first.readHead();
  await first.write(moved(`ws://127.0.0.1:${there.port}/`));
  await using second = await there.accept();
  await second.acceptUpgrade();
  const connection = await opening;
  assertEquals(asked, [String(here.port), String(there.port)]);
  assertEquals(proxy.requests.length, 1);
  connection.destroy();
  await connection.closed;
});

Deno.test("redirect: the time is that of all hops together", async () => {
  await using listener = await RawListener.listen();
  using timers = new HeldTimers();
  const opening = connect(`ws://127.0.0.1:${listener.port}/`, { redirects: 100, timeout: HELD });
  opening.catch(() => {});
  for (let hop = 0; hop < 5; hop++) {
    await using peer = await listener.accept();
    await peer.readHead();
    await peer.write(moved(`/${hop}`));
    await peer.readToEnd();
  }
  await using last = await listener.accept();
  await last.readHead();
  // It was set once, and not anew for a hop.
  assertEquals([timers.made, timers.waiting], [1, 1]);
  timers.expire();
  const error = await assertRejects(() => opening, ConnectError);
  assertEquals(error.code, "ERR_TIMEOUT");
  await last.readToEnd();
});
