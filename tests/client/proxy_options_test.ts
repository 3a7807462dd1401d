import { assert, assertEquals, assertRejects } from "@std/assert";
import { connect } from "../../lib/client/connect.ts";
import { RawListener } from "../support/raw_peer.ts";
import { CA } from "./tls_server.ts";
import { TunnelProxy } from "./tunnel_proxy.ts";

/** Ways to give credentials to a proxy, and what it is sent. */
const CREDENTIALS: [url: string, proxy: Record<string, unknown>, sent: string[]][] = [
  ["http://tide:wire@127.0.0.1:", {}, [`Basic ${btoa("tide:wire")}`]],
  ["http://tide%40home:w%3Are@127.0.0.1:", {}, [`Basic ${btoa("tide@home:w:re")}`]],
  ["http://tide@127.0.0.1:", {}, [`Basic ${btoa("tide:")}`]],
  ["http://100%25:%ff@127.0.0.1:", {}, [`Basic ${btoa("100%:%ff")}`]],
  ["http://127.0.0.1:", { basicAuth: { username: "tide", password: "é" } }, [
    `Basic ${new TextEncoder().encode("tide:é").toBase64()}`,
  ]],
  ["http://a:b@127.0.0.1:", { basicAuth: { username: "tide", password: "" } }, [
    `Basic ${btoa("tide:")}`,
  ]],
  ["http://127.0.0.1:", { headers: { "Proxy-Authorization": "Bearer secret" } }, ["Bearer secret"]],
];

Deno.test("proxy: its credentials go to it, and to nobody else", async (t) => {
  for (const [url, options, sent] of CREDENTIALS) {
    await t.step(`${url} ${JSON.stringify(options)}`, async () => {
      await using proxy = new TunnelProxy();
      await using listener = await RawListener.listen();
      const opening = connect(`ws://127.0.0.1:${listener.port}/`, {
        proxy: { url: `${url}${proxy.port}`, ...options },
      });
      await using peer = await listener.accept();
      const request = await peer.acceptUpgrade();
      const connection = await opening;
      assertEquals(proxy.requests[0]?.fields.get("proxy-authorization"), sent);
      assert(!/authorization/i.test(request.text), request.text);
      connection.destroy();
      await connection.closed;
    });
  }
});

Deno.test("proxy: headers for it are added to its request alone", async () => {
  await using proxy = new TunnelProxy();
  await using listener = await RawListener.listen();
  const opening = connect(`ws://127.0.0.1:${listener.port}/`, {
    headers: { "X-Server": "1" },
    proxy: {
      url: `http://127.0.0.1:${proxy.port}`,
      headers: [["X-Proxy", "1"], ["x-proxy", "2"]],
    },
  });
  await using peer = await listener.accept();
  const request = await peer.acceptUpgrade();
  const connection = await opening;
  assertEquals([...proxy.requests[0]?.fields ?? []], [
    ["host", [`127.0.0.1:${listener.port}`]],
    ["x-proxy", ["1", "2"]],
  ]);
  assertEquals([request.fields.has("x-proxy"), request.fields.get("x-server")], [false, ["1"]]);
  connection.destroy();
  await connection.closed;
});

/** Proxies that are wrong in themselves. */
const WRONG: [proxy: unknown, message: string][] = [
  [5, "proxy must be a URL or an object; got number"],
  [null, "proxy must be a URL or an object; got null"],
  ["proxy", "The proxy must be an absolute URL such as http://localhost:3128"],
  ["localhost:3128", "The proxy's scheme must be http: or https:, got localhost:"],
  ["socks5://127.0.0.1:1080", "The proxy's scheme must be http: or https:, got socks5:"],
  ["http://127.0.0.1:0", "The proxy's port must be from 1 to 65535, got 0"],
  ["http://127.0.0.1/path", "The proxy's URL must end behind host and port"],
  ["http://127.0.0.1/?q", "The proxy's URL must end behind host and port"],
  [{ url: 5 }, "proxy.url must be a string or a URL; got number"],
  [{}, "proxy.url must be a string or a URL; got undefined"],
  [{ url: "http://a", headers: 5 }, "proxy.headers must be an object or a list"],
  [{ url: "http://a", headers: { "a b": "c" } }, "must be a token"],
  [{ url: "http://a", headers: { a: "b\r\nc: d" } }, "line break"],
  [{ url: "http://a", headers: { host: "b" } }, "set by the handshake itself"],
  [{ url: "http://a", basicAuth: "a:b" }, "proxy.basicAuth must be an object; got string"],
  [{ url: "http://a", basicAuth: { username: "a" } }, "basicAuth.password must be a string"],
  [{ url: "http://a", basicAuth: { username: "a:", password: "" } }, "must have no colon"],
  [{ url: "http://a", basicAuth: { username: "a", password: "\n" } }, "no control characters"],
  [{ url: "http://a%0a@a" }, "no control characters"],
  [{ url: "http://u:p@a", headers: { "proxy-authorization": "b" } }, "beside other credentials"],
  [{ url: "http://a", tls: { caCerts: [CA] } }, "proxy.tls is for a proxy whose URL is https"],
  [{ url: "https://a", tls: { caCerts: CA } }, "proxy.tls.caCerts must be an array"],
];

Deno.test("proxy: a wrong one throws before anything is connected, and tells no password", async () => {
  for (const [proxy, message] of WRONG) {
    const error = await assertRejects(
      () => connect("ws://127.0.0.1:9/", { proxy: proxy as string }),
      TypeError,
      message,
    );
    assert(!error.message.includes("u:p@"), error.message);
  }
  await assertRejects(
    () => connect("ws://127.0.0.1:9/", { unix: "/run/x.sock", proxy: "http://a" }),
    TypeError,
    "A unix socket is reached without a proxy",
  );
  await assertRejects(
    () => connect("ws://127.0.0.1:9/", { headers: { "proxy-authorization": "Basic YTpi" } }),
    TypeError,
    "Proxy-Authorization is not for the server; set it in proxy.basicAuth",
  );
});
