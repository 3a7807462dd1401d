import { assertEquals, assertThrows } from "@std/assert";
import { checkProtocols, readUrl } from "../../../lib/client/websocket/url_rules.ts";

const GOOD: readonly [what: string, url: unknown, expected: string, base?: string][] = [
  ["a URL as it is", "ws://a.example:81/b?c", "ws://a.example:81/b?c"],
  ["a URL object", new URL("wss://a.example/b"), "wss://a.example/b"],
  ["no path", "ws://a.example", "ws://a.example/"],
  ["the default port of ws", "ws://a.example:80/", "ws://a.example/"],
  ["the default port of wss", "wss://a.example:443/", "wss://a.example/"],
  ["the port of the other scheme", "wss://a.example:80/", "wss://a.example:80/"],
  ["http", "http://a.example/b", "ws://a.example/b"],
  ["https", "https://a.example/b", "wss://a.example/b"],
  ["capitals in scheme and host", "HTTP://A.EXAMPLE/B", "ws://a.example/B"],
  ["spaces in the query", "ws://a.example/?b%20c d", "ws://a.example/?b%20c%20d"],
  ["beyond ASCII", "ws://ä.example/ü", "ws://xn--4ca.example/%C3%BC"],
  ["half a surrogate pair", "ws://a.example/\ud800", "ws://a.example/%EF%BF%BD"],
  ["whitespace that the URL parser drops", " ws://a.example/b\nc\t\n", "ws://a.example/bc"],
  ["a user name and a password", "ws://u:p@a.example/", "ws://u:p@a.example/"],
  ["a path with a base", "/b", "ws://a.example/b", "http://a.example/x/y"],
  ["a name with a base", "b?c", "wss://a.example/x/b?c", "https://a.example/x/y"],
  ["a host with a base", "//b.example/", "wss://b.example/", "https://a.example/"],
  ["an absolute URL with a base", "ws://b.example/", "ws://b.example/", "https://a.example/"],
];

for (const [what, url, expected, base] of GOOD) {
  Deno.test(`URL rules: ${what} is taken`, () => assertEquals(readUrl(url, base).href, expected));
}

const BAD: readonly [what: string, url: unknown, message: string, base?: string][] = [
  ["a relative URL without a base", "/echo", "an absolute URL"],
  ["an empty string", "", "an absolute URL"],
  ["no URL", {}, "an absolute URL"],
  ["a space in the host", "ws://a b/", "an absolute URL"],
  ["a port that is too large", "ws://a.example:65536/", "an absolute URL"],
  ["an empty fragment", "ws://a.example/#", "no fragment"],
  ["a fragment", "ws://a.example/#b", "no fragment"],
  ["ftp", "ftp://a.example/", "ws: or wss:, or http: or https: for the same; got ftp:"],
  ["mailto", "mailto:a@b.example", "ws: or wss:, or http: or https: for the same; got mailto:"],
  ["about:blank", "about:blank", "ws: or wss:, or http: or https: for the same; got about:"],
  [
    "a file as the base",
    "b",
    "ws: or wss:, or http: or https: for the same; got file:",
    "file:///x/",
  ],
  ["a fragment with a base", "#b", "no fragment", "https://a.example/"],
  ["a wrong URL with a base", "ws://a b/", "it must be a URL", "https://a.example/"],
];

for (const [what, url, message, base] of BAD) {
  Deno.test(`URL rules: ${what} is a SyntaxError`, () => {
    const error = assertThrows(() => readUrl(url, base), DOMException, message);
    assertEquals(error.name, "SyntaxError");
  });
}

Deno.test("URL rules: the message does not repeat a password", () => {
  const error = assertThrows(() => readUrl("ws://u:sesame@a b/"), DOMException);
  assertEquals(error.message.includes("sesame"), false);
});

Deno.test("URL rules: a symbol is a TypeError", () => {
  assertThrows(() => readUrl(Symbol("ws://a.example/")), TypeError);
});

Deno.test("URL rules: a program with a location resolves against it", async () => {
  const module = import.meta.resolve("../../../lib/client/websocket/url_rules.ts");
  const script = `import { readUrl } from ${JSON.stringify(module)};
    console.log(readUrl("/chat").href);`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--location=https://a.example/x", script],
    cwd: new URL("../../../", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  assertEquals(new TextDecoder().decode(stdout), "wss://a.example/chat\n");
});

for (const protocols of [[], ["chat"], ["chat.v1", "chat.v2"], ["!#$%&'*+-.^_`|~09azAZ"]]) {
  Deno.test(`URL rules: the subprotocols ${JSON.stringify(protocols)} are taken`, () => {
    checkProtocols(protocols);
  });
}

/** What may not stand in a token (RFC 9110 §5.6.2). */
const SEPARATORS = '\0\t\n\r ()<>@,;:\\"/[]?={}\x7f\x80é\u20ac';

for (const character of SEPARATORS) {
  const code = character.charCodeAt(0).toString(16).padStart(4, "0");
  Deno.test(`URL rules: U+${code} in a subprotocol is a SyntaxError`, () => {
    const error = assertThrows(() => checkProtocols([`a${character}b`]), DOMException, "a token");
    assertEquals(error.name, "SyntaxError");
  });
}

for (const protocols of [[""], ["a", "a"], ["a", "b", "A"]]) {
  Deno.test(`URL rules: the subprotocols ${JSON.stringify(protocols)} are a SyntaxError`, () => {
    const error = assertThrows(() => checkProtocols(protocols), DOMException);
    assertEquals(error.name, "SyntaxError");
  });
}
