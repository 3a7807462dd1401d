import { assertEquals, assertThrows } from "@std/assert";
import { type Environment, PROXY_VARIABLES, proxyFor } from "../../lib/client/proxy_environment.ts";

const WS = "ws://host.example/";
const WSS = "wss://host.example/";

/** Which variable counts; each value names its own variable. */
const CHOICES: [url: string, set: string[], taken: string | undefined][] = [
  [WS, [], undefined],
  [WS, ["http_proxy"], "http_proxy"],
  [WS, ["HTTP_PROXY"], undefined],
  [WS, ["https_proxy", "HTTPS_PROXY", "wss_proxy"], undefined],
  [WS, ["http_proxy", "ws_proxy", "WS_PROXY", "all_proxy"], "ws_proxy"],
  [WS, ["http_proxy", "WS_PROXY", "all_proxy"], "WS_PROXY"],
  [WS, ["http_proxy", "all_proxy", "ALL_PROXY"], "http_proxy"],
  [WS, ["all_proxy", "ALL_PROXY"], "all_proxy"],
  [WS, ["ALL_PROXY"], "ALL_PROXY"],
  [WSS, ["http_proxy", "HTTP_PROXY", "ws_proxy"], undefined],
  [WSS, ["https_proxy", "HTTPS_PROXY"], "https_proxy"],
  [WSS, ["HTTPS_PROXY", "all_proxy"], "HTTPS_PROXY"],
  [WSS, ["wss_proxy", "WSS_PROXY", "https_proxy"], "wss_proxy"],
  [WSS, ["WSS_PROXY", "https_proxy"], "WSS_PROXY"],
  [WSS, ["ALL_PROXY"], "ALL_PROXY"],
  ["http://host.example/", ["http_proxy", "https_proxy"], "http_proxy"],
  ["https://host.example/", ["http_proxy", "https_proxy"], "https_proxy"],
];

Deno.test("proxy environment: the variable for the scheme counts, then the one for all", () => {
  for (const [url, set, taken] of CHOICES) {
    const env = Object.fromEntries(set.map((name) => [name, `http://${name}:1`]));
    const expected = taken && `http://${taken}:1`;
    assertEquals(proxyFor(url, env), expected, `${url} with ${set}`);
  }
});

Deno.test("proxy environment: all variables that are read are named, and no other is read", () => {
  const read = new Set<string>();
  const env: Environment = new Proxy({}, {
    get: (_, name) => {
      read.add(String(name));
      return name === "ALL_PROXY" ? "http://proxy:1" : undefined;
    },
  });
  assertEquals(proxyFor(WS, env), "http://proxy:1");
  assertEquals(proxyFor(WSS, env), "http://proxy:1");
  assertEquals([...read].sort(), [...PROXY_VARIABLES].sort());
});

Deno.test("proxy environment: an empty variable is as good as none", () => {
  assertEquals(proxyFor(WSS, { https_proxy: "", HTTPS_PROXY: "http://a:1" }), "http://a:1");
  assertEquals(proxyFor(WSS, { https_proxy: "", all_proxy: "" }), undefined);
  const env = { all_proxy: "http://a:1", no_proxy: "", NO_PROXY: "host.example" };
  assertEquals(proxyFor(WSS, env), undefined);
});

/** What a variable holds, and the URL that comes of it. */
const FORMS: [value: string, proxy: string][] = [
  ["http://proxy:3128", "http://proxy:3128"],
  ["http://proxy:3128/", "http://proxy:3128/"],
  ["proxy:3128", "http://proxy:3128"],
  ["proxy", "http://proxy:1080"],
  ["http://proxy/", "http://proxy:1080/"],
  ["HTTP://proxy", "HTTP://proxy:1080"],
  ["user:secret@proxy", "http://user:secret@proxy:1080"],
  ["user:1@proxy:80", "http://user:1@proxy:80"],
  ["[::1]", "http://[::1]:1080"],
  ["[::1]:3128", "http://[::1]:3128"],
  ["https://proxy", "https://proxy"],
  ["https://proxy:8443", "https://proxy:8443"],
  ["socks5://proxy", "socks5://proxy"],
];

Deno.test("proxy environment: scheme and port are filled in", () => {
  for (const [value, proxy] of FORMS) assertEquals(proxyFor(WS, { http_proxy: value }), proxy);
});

/** Lists of hosts that are reached without a proxy, and whether a host is among them. */
const EXEMPTIONS: [list: string, host: string, exempt: boolean][] = [
  ["*", "a.example", true],
  [" * ", "[::1]", true],
  ["*,other", "a.example", false],
  ["*.example", "a.example", false],
  ["a.example", "a.example", true],
  ["A.Example", "a.eXample", true],
  ["a.example", "www.a.example", true],
  [".a.example", "www.a.example", true],
  [".a.example", "a.example", true],
  ["a.example", "nota.example", false],
  ["www.a.example", "a.example", false],
  ["a.example.", "a.example", true],
  ["a.example", "a.example.", true],
  ["b.example,a.example", "a.example", true],
  ["b.example, a.example", "a.example", true],
  ["b.example a.example", "a.example", true],
  [",,b.example,,a.example", "a.example", true],
  [".", "a.example", false],
  ["", "a.example", false],
  ["localhost", "localhost", true],
  ["127.0.0.1", "localhost", false],
  ["localhost", "127.0.0.1", false],
  ["127.0.0.1", "127.0.0.1", true],
  ["27.0.0.1", "127.0.0.1", false],
  ["0.0.1", "127.0.0.1", false],
  ["127.0.0.0/8", "127.9.9.9", true],
  ["127.0.0.0/8", "128.0.0.1", false],
  ["192.168.0.0/23", "192.168.1.255", true],
  ["192.168.0.0/23", "192.168.2.0", false],
  ["192.168.0.9/32", "192.168.0.9", true],
  ["192.168.0.9/32", "192.168.0.8", false],
  ["10.0.0.0/33", "10.0.0.0", false],
  ["10.0.0.0/8/8", "10.0.0.0", false],
  ["10.0.0.0/x", "10.0.0.0", false],
  ["10.0.0.0/", "10.0.0.0", false],
  ["0.0.0.0/0", "8.8.8.8", true],
  ["::1", "[::1]", true],
  ["[::1]", "[::1]", true],
  ["0:0:0:0:0:0:0:1", "[::1]", true],
  ["::2", "[::1]", false],
  ["2001:db8::/32", "[2001:db8:1::7]", true],
  ["2001:db8::/32", "[2001:db9::7]", false],
  ["fe80::/10", "[febf::1]", true],
  ["fe80::/10", "[fec0::1]", false],
  ["::/0", "[2001:db8::1]", true],
  ["::ffff:10.0.0.0/104", "[::ffff:10.1.2.3]", true],
  ["0.0.0.0/0", "[::1]", false],
  ["a.example:80", "a.example", true],
  ["a.example:81", "a.example", false],
  ["a.example:8080", "a.example:8080", true],
  ["a.example:80", "a.example:8080", false],
  ["127.0.0.1:80", "127.0.0.1", true],
  ["[::1]:80", "[::1]", true],
  ["[::1]:81", "[::1]", false],
];

Deno.test("proxy environment: no_proxy names hosts, domains, addresses and ranges", () => {
  for (const [list, host, exempt] of EXEMPTIONS) {
    const proxy = proxyFor(`ws://${host}/`, { http_proxy: "proxy:1", no_proxy: list });
    assertEquals(proxy, exempt ? undefined : "http://proxy:1", `${list} for ${host}`);
  }
});

Deno.test("proxy environment: no_proxy goes before NO_PROXY, and the port is that of the scheme", () => {
  const env = { all_proxy: "proxy:1", no_proxy: "b.example", NO_PROXY: "a.example" };
  assertEquals(proxyFor("ws://a.example/", env), "http://proxy:1");
  assertEquals(proxyFor("ws://b.example/", env), undefined);
  const ports = { all_proxy: "proxy:1", NO_PROXY: "a.example:443" };
  assertEquals(proxyFor("wss://a.example/", ports), undefined);
  assertEquals(proxyFor("ws://a.example/", ports), "http://proxy:1");
});

Deno.test("proxy environment: what is no URL is refused", () => {
  assertThrows(() => proxyFor("a.example", {}), TypeError);
});
