import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { connect } from "../../lib/client/connect.ts";
import { type ConnectPhase, phaseReporter } from "../../lib/client/phases.ts";
import { RawListener } from "../support/raw_peer.ts";
import { CA, CERT, KEY, TlsServer } from "./tls_server.ts";
import { TunnelProxy } from "./tunnel_proxy.ts";

Deno.test("phases: a plain connection by name, each step with its time", async () => {
  await using listener = await RawListener.listen();
  const phases: ConnectPhase[] = [];
  const url = `ws://localhost:${listener.port}/x`;
  const before = performance.now();
  const opening = connect(url, { compression: false, onPhase: (phase) => phases.push(phase) });
  await using peer = await listener.accept();
  const request = await peer.acceptUpgrade({ lines: ["Set-Cookie: a=1", "Set-Cookie: b=2"] });
  const connection = await opening;
  const duration = performance.now() - before;

  const times = phases.map(({ time }) => time);
  assertEquals(times, times.toSorted((a, b) => a - b));
  assert(times.every((time) => time >= 0 && time <= duration), `${times}`);
  const [resolved, connected, asked, answered, opened, ...more] = phases;
  assertEquals(more, []);
  assert(resolved?.phase === "resolve");
  assertEquals([resolved.host, resolved.addresses], ["localhost", ["::1", "127.0.0.1"]]);
  assert(connected?.phase === "connect");
  assertEquals(connected.to, "server");
  const address = { transport: "tcp" as const, hostname: "127.0.0.1", port: listener.port };
  assertEquals(connected.address, address);
  assertEquals(connected.failures.map(({ address }) => address), ["::1"]);
  assert(connected.failures[0]?.error instanceof Deno.errors.ConnectionRefused);
  assert(asked?.phase === "request");
  assertEquals([asked.url, asked.head], [url, request.text]);
  assert(answered?.phase === "response");
  assertEquals([answered.url, answered.status], [url, 101]);
  assertEquals(answered.headers.getSetCookie(), ["a=1", "b=2"]);
  assert(answered.head.startsWith("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"));
  assert(answered.head.endsWith("Set-Cookie: b=2\r\n\r\n"));
  assert(opened?.phase === "open");
  assertEquals(opened.url, url);
  connection.destroy();
  await connection.closed;
});

Deno.test("phases: TLS with a proxy and with the server behind it", async () => {
  await using proxy = new TunnelProxy({ tls: { cert: CERT, key: KEY } });
  await using server = new TlsServer("self_signed");
  const phases: ConnectPhase[] = [];
  const opening = connect(`wss://user:pw@localhost:${server.port}/`, {
    tls: { insecure: true, serverName: "other.example" },
    proxy: { url: `https://tide:wire@127.0.0.1:${proxy.port}`, tls: { caCerts: [CA] } },
    onPhase: (phase) => phases.push(phase),
  });
  await server.acceptUpgrade();
  const connection = await opening;
  const steps = phases.map((each) => "to" in each ? `${each.phase} ${each.to}` : each.phase);
  assertEquals(steps, [
    "connect proxy",
    "tls proxy",
    "proxy-request",
    "proxy-response",
    "tls server",
    "request",
    "response",
    "open",
  ]);
  const [outer, inner] = phases.filter((each) => each.phase === "tls");
  assertEquals([outer?.serverName, outer?.alpn, outer?.verified], ["127.0.0.1", null, true]);
  const { serverName, alpn, verified } = inner ?? {};
  assertEquals([serverName, alpn, verified], ["other.example", "http/1.1", false]);
  const asked = phases.find((each) => each.phase === "proxy-request");
  assertEquals(asked?.head, proxy.requests[0]?.text);
  const answered = phases.find((each) => each.phase === "proxy-response");
  assertEquals(
    [answered?.status, answered?.head],
    [200, "HTTP/1.1 200 Connection established\r\n\r\n"],
  );
  const urls = phases.flatMap((each) => "url" in each ? [each.url] : []);
  assertEquals(new Set(urls), new Set([`wss://localhost:${server.port}/`]));
  connection.destroy();
  await connection.closed;
});

Deno.test("phases: a refusal is told, and that is the last", async () => {
  await using listener = await RawListener.listen();
  const phases: ConnectPhase[] = [];
  const failing = assertRejects(() =>
    connect(`ws://127.0.0.1:${listener.port}/`, { onPhase: (phase) => phases.push(phase) })
  );
  await using peer = await listener.accept();
  await peer.readHead();
  const interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  const final = "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n";
  await peer.write(interim + final);
  await failing;
  assertEquals(phases.map(({ phase }) => phase), ["connect", "request", "response"]);
  const last = phases.at(-1);
  assert(last?.phase === "response");
  assertEquals([last.status, last.head], [403, interim + final]);
});

const STEPS = [
  "resolve",
  "connect",
  "proxy-request",
  "proxy-response",
  "tls",
  "request",
  "response",
  "open",
];

Deno.test("phases: what is thrown in one ends the attempt, and nothing stays open", async (t) => {
  for (const step of STEPS) {
    await t.step(step, async () => {
      await using proxy = new TunnelProxy();
      await using server = new TlsServer("localhost");
      const reason = new Error(step);
      const opening = connect(`wss://localhost:${server.port}/`, {
        tls: { caCerts: [CA] },
        proxy: `http://localhost:${proxy.port}`,
        onPhase: ({ phase }) => {
          if (phase === step) throw reason;
        },
      });
      const caught = opening.catch((error) => error);
      if (["tls", "request"].includes(step)) await server.readToEnd();
      if (["response", "open"].includes(step)) await server.acceptUpgrade();
      assertStrictEquals(await caught, reason);
      await proxy.idle();
    });
  }
});

Deno.test("phases: without a listener nothing is done; one that is no function is refused", async () => {
  phaseReporter(undefined)({ phase: "open", url: "ws://a/" });
  const onPhase = "log" as unknown as () => void;
  await assertRejects(
    () => connect("ws://127.0.0.1:9/", { onPhase }),
    TypeError,
    "onPhase must be a function; got string",
  );
});
