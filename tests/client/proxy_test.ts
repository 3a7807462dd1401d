import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { connect, type ConnectOptions } from "../../lib/client/connect.ts";
import { ConnectError } from "../../lib/client/connect_error.ts";
import type { ConnectPhase } from "../../lib/client/phases.ts";
import { RawListener } from "../support/raw_peer.ts";
import { CA, CERT, KEY, TlsServer } from "./tls_server.ts";
import { TunnelProxy } from "./tunnel_proxy.ts";

/** An answer of a proxy, with nothing behind it. */
function answer(startLine: string, ...fields: string[]): string {
  return [startLine, ...fields, "Content-Length: 0", "", ""].join("\r\n");
}

Deno.test("proxy: ws goes through a tunnel, of which the server sees nothing", async () => {
  await using proxy = new TunnelProxy();
  await using listener = await RawListener.listen();
  const opening = connect(`ws://user:pw@localhost:${listener.port}/chat?x=1`, {
    proxy: `http://127.0.0.1:${proxy.port}`,
    headers: { Cookie: "id=1", "X-Token": "secret" },
    compression: false,
  });
  await using peer = await listener.accept();
  const request = await peer.acceptUpgrade();
  const connection = await opening;
  const to = `localhost:${listener.port}`;
  // All that the proxy is told.
  assertEquals(proxy.requests.map(({ text }) => text), [
    `CONNECT ${to} HTTP/1.1\r\nHost: ${to}\r\n\r\n`,
  ]);
  assertEquals(request.startLine, "GET /chat?x=1 HTTP/1.1");
  assertEquals([...request.fields.keys()], [
    "host",
    "upgrade",
    "connection",
    "sec-websocket-key",
    "sec-websocket-version",
    "authorization",
    "cookie",
    "x-token",
  ]);
  assertEquals(connection.url, `ws://${to}/chat?x=1`);
  const remoteAddress = { transport: "tcp" as const, hostname: "127.0.0.1", port: proxy.port };
  assertEquals(connection.remoteAddress, remoteAddress);
  await peer.send({ opcode: 1, payload: "through" });
  assertEquals(await connection.receive(), "through");
  connection.destroy();
  await connection.closed;
});

Deno.test("proxy: the port is told even where it is that of the scheme", async () => {
  await using proxy = new TunnelProxy({ answer: answer("HTTP/1.1 403 No") });
  const url = `http://127.0.0.1:${proxy.port}/`;
  await assertRejects(() => connect("ws://host.example/", { proxy: url }), ConnectError);
  await assertRejects(() => connect("wss://[2001:db8::1]/", { proxy: url }), ConnectError);
  assertEquals(proxy.requests.map(({ startLine, fields }) => [startLine, fields.get("host")]), [
    ["CONNECT host.example:80 HTTP/1.1", ["host.example:80"]],
    ["CONNECT [2001:db8::1]:443 HTTP/1.1", ["[2001:db8::1]:443"]],
  ]);
});

/** How TLS is spoken with the server. */
const SERVER_TLS: [what: string, tls: NonNullable<ConnectOptions["tls"]>][] = [
  ["the server's certificate alone", { caCerts: [CA] }],
  ["a client certificate", { caCerts: [CA], cert: CERT, key: KEY }],
];

for (const secureProxy of [false, true]) {
  const scheme = secureProxy ? "https" : "http";
  Deno.test(`proxy: wss speaks TLS within the tunnel of an ${scheme} proxy`, async (t) => {
    for (const [what, tls] of SERVER_TLS) {
      await t.step(what, async () => {
        const certificate = { cert: CERT, key: KEY };
        await using proxy = new TunnelProxy(secureProxy ? { tls: certificate } : {});
        await using server = new TlsServer("localhost");
        const phases: ConnectPhase[] = [];
        const url = `wss://localhost:${server.port}/chat`;
        const opening = connect(url, {
          tls,
          proxy: {
            url: `${scheme}://localhost:${proxy.port}`,
            ...(secureProxy ? { tls: { caCerts: [CA] } } : {}),
          },
          onPhase: (phase) => phases.push(phase),
        });
        const { request, alpnProtocol } = await server.acceptUpgrade();
        const connection = await opening;
        assertEquals([request.startLine, alpnProtocol], ["GET /chat HTTP/1.1", "http/1.1"]);
        assertEquals(proxy.requests.length, 1);
        const secured = phases.flatMap((each) => each.phase === "tls" ? [each.to] : []);
        assertEquals(secured, secureProxy ? ["proxy", "server"] : ["server"]);
        assertEquals(connection.remoteAddress.port, proxy.port);
        connection.destroy();
        await connection.closed;
        await proxy.idle();
      });
    }
  });
}

Deno.test("proxy: ws through a proxy that is spoken to over TLS", async () => {
  await using proxy = new TunnelProxy({ tls: { cert: CERT, key: KEY } });
  await using listener = await RawListener.listen();
  const opening = connect(`ws://127.0.0.1:${listener.port}/`, {
    proxy: { url: new URL(`https://localhost:${proxy.port}`), tls: { caCerts: [CA] } },
  });
  await using peer = await listener.accept();
  await peer.acceptUpgrade();
  const connection = await opening;
  await peer.send({ opcode: 1, payload: "through" });
  assertEquals(await connection.receive(), "through");
  connection.destroy();
  await connection.closed;
});

Deno.test("proxy: the certificate of the server is held against its own name, within the tunnel", async () => {
  await using proxy = new TunnelProxy();
  await using server = new TlsServer("wrong_host");
  const reading = server.readToEnd();
  const error = await assertRejects(() =>
    connect(`wss://localhost:${server.port}/`, {
      tls: { caCerts: [CA] },
      proxy: `http://127.0.0.1:${proxy.port}`,
    }), ConnectError);
  assertEquals(error.code, "ERR_TLS");
  assertEquals((await reading).count, 0);
});

Deno.test("proxy: one whose certificate proves nothing is refused, and learns nothing", async () => {
  await using proxy = new TunnelProxy({ tls: { cert: CERT, key: KEY } });
  const error = await assertRejects(
    () => connect("ws://127.0.0.1:9/", { proxy: `https://user:pw@localhost:${proxy.port}` }),
    ConnectError,
  );
  assertEquals(error.code, "ERR_TLS");
  assertStringIncludes(error.message, `TLS with the proxy localhost:${proxy.port} failed`);
  assertStringIncludes(error.message, "(see proxy.tls.caCerts)");
  assertEquals(proxy.requests, []);
});

Deno.test("proxy: a function says which one to take, for a URL without credentials", async () => {
  await using proxy = new TunnelProxy();
  await using listener = await RawListener.listen();
  const url = `127.0.0.1:${listener.port}/x`;
  for (const chosen of [`http://127.0.0.1:${proxy.port}`, undefined]) {
    const asked: string[] = [];
    const opening = connect(`ws://user:pw@${url}`, {
      proxy: (url) => {
        asked.push(url.href);
        return chosen;
      },
    });
    await using peer = await listener.accept();
    await peer.acceptUpgrade();
    const connection = await opening;
    assertEquals(asked, [`ws://${url}`]);
    connection.destroy();
    await connection.closed;
  }
  assertEquals(proxy.requests.length, 1);
  await assertRejects(() => connect(`ws://${url}`, { proxy: () => "socks5://a" }), TypeError);
});

Deno.test("proxy: what a function does to the URL that it gets changes nothing else", async () => {
  await using listener = await RawListener.listen();
  const shown: string[] = [];
  const opening = connect(`ws://127.0.0.1:${listener.port}/x`, {
    proxy: (url) => {
      url.href = "http://a.example/";
      return undefined;
    },
    onPhase: (phase) => "url" in phase && shown.push(phase.url),
  });
  await using peer = await listener.accept();
  await peer.acceptUpgrade();
  const connection = await opening;
  const url = `ws://127.0.0.1:${listener.port}/x`;
  assertEquals([connection.url, ...shown], [url, url, url, url]);
  connection.destroy();
  await connection.closed;
});

Deno.test("proxy: one that refuses is a refusal, with its response", async () => {
  await using proxy = new TunnelProxy({
    answer: 'HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm="tide"\r\n' +
      "Content-Length: 4\r\n\r\nNo.\nmore",
  });
  const error = await assertRejects(
    () => connect("ws://user:pw@127.0.0.1:9/", { proxy: `http://127.0.0.1:${proxy.port}` }),
    ConnectError,
  );
  assertEquals(error.code, "ERR_REFUSED");
  assertEquals(error.refusedBy, "proxy");
  assertEquals(
    error.message,
    `Cannot open the connection: the proxy 127.0.0.1:${proxy.port} answered 407 Who? when ` +
      "asked for a tunnel to 127.0.0.1:9",
  );
  const { status, reason, headers, body } = error.response ?? {};
  assertEquals([status, reason], [407, "Who?"]);
  assertEquals(headers?.get("proxy-authenticate"), 'Basic realm="tide"');
  assertEquals(new TextDecoder().decode(body), "No.\n");
  await proxy.idle();
});

/** Answers that open no tunnel. */
const FAULTS: [what: string, answer: string, code: string, message: RegExp][] = [
  ["101", answer("HTTP/1.1 101 Switching"), "ERR_REFUSED", /answered 101 Switching when/],
  ["a redirect", answer("HTTP/1.1 302 Found", "Location: http://a/"), "ERR_REFUSED", /302 Found/],
  ["no HTTP", "SSH-2.0-OpenSSH\r\n", "ERR_HANDSHAKE", /the proxy .* is not well-formed/],
  [
    "an endless head",
    `HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(99)}`.repeat(40),
    "ERR_HANDSHAKE",
    /./,
  ],
  ["bytes behind the head", "HTTP/1.1 200 OK\r\n\r\nhello", "ERR_HANDSHAKE", /before any request/],
];

Deno.test("proxy: an answer that opens no tunnel ends the attempt", async (t) => {
  for (const [what, text, code, message] of FAULTS) {
    await t.step(what, async () => {
      await using proxy = new TunnelProxy({ answer: text });
      const error = await assertRejects(
        () => connect("wss://127.0.0.1:9/", { proxy: `http://127.0.0.1:${proxy.port}` }),
        ConnectError,
      );
      assertEquals(error.code, code);
      assert(message.test(error.message), error.message);
      await proxy.idle();
    });
  }
});

Deno.test("proxy: one that hangs up, and one that is not there", async () => {
  const listener = await RawListener.listen();
  const proxy = `http://127.0.0.1:${listener.port}`;
  {
    await using _ = listener;
    const failing = assertRejects(() => connect("ws://127.0.0.1:9/", { proxy }), ConnectError);
    await using peer = await listener.accept();
    await peer.readHead();
    await peer.halfClose();
    const { code, message } = await failing;
    assertEquals(code, "ERR_STREAM");
    assertStringIncludes(message, `the proxy 127.0.0.1:${listener.port} closed it before`);
  }
  const error = await assertRejects(() => connect("ws://127.0.0.1:9/", { proxy }), ConnectError);
  assertEquals(error.code, "ERR_UNREACHABLE");
  assertStringIncludes(error.message, "the proxy 127.0.0.1:");
});
