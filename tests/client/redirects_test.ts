import { assert, assertEquals } from "@std/assert";
import { judgeRedirect, type RedirectRules, type Target } from "../../lib/client/redirects.ts";
import type { HeaderField } from "../../lib/protocol/handshake/header_list.ts";
import { HeaderList } from "../../lib/protocol/handshake/header_list.ts";

const FIELDS: HeaderField[] = [
  ["Authorization", "Bearer secret"],
  ["COOKIE", "id=1"],
  ["X-Api-Key", "secret"],
  ["Origin", "https://a.example"],
];
const TLS = {
  caCerts: ["ca"],
  cert: "cert",
  key: "key",
  serverName: "a.example",
  insecure: true,
};

function judge(
  from: string,
  location: string | readonly string[],
  { status = 302, ...rules }: Partial<RedirectRules> & { status?: number } = {},
): ReturnType<typeof judgeRedirect> {
  const url = new URL(from);
  const target: Target = { url, fields: FIELDS, tls: TLS };
  const headers = new HeaderList([location].flat().map((value) => ["Location", value] as const));
  const head = { status, reason: "", httpVersion: "1.1", headers } as const;
  return judgeRedirect(target, head, {
    limit: 5,
    visited: [url.href],
    mayReturn: false,
    bound: false,
    sensitive: new Set(["x-api-key"]),
    ...rules,
  });
}

/** Where redirects lead; `true` for another origin. */
const FOLLOWED: [from: string, location: string, to: string, crossOrigin: boolean][] = [
  ["ws://a.example/x/y?q=1", "/z", "ws://a.example/z", false],
  ["ws://a.example/x/y?q=1", "z?r=2", "ws://a.example/x/z?r=2", false],
  ["ws://a.example/x", "?r=2", "ws://a.example/x?r=2", false],
  ["ws://a.example/x", "//a.example/z", "ws://a.example/z", false],
  ["ws://a.example/x", "http://a.example/z", "ws://a.example/z", false],
  ["ws://a.example/x", "ws://A.EXAMPLE:80/z", "ws://a.example/z", false],
  ["wss://a.example/x", "https://a.example:443/z", "wss://a.example/z", false],
  ["ws://a.example/x", "/z#top", "ws://a.example/z", false],
  ["ws://a.example/x", "/z#", "ws://a.example/z", false],
  ["ws://a.example/x", "https://a.example/x", "wss://a.example/x", true],
  ["ws://a.example/x", "ws://a.example:81/x", "ws://a.example:81/x", true],
  ["ws://a.example/x", "ws://b.example/x", "ws://b.example/x", true],
  ["ws://a.example/x", "//b.example", "ws://b.example/", true],
  ["wss://a.example/x", "wss://www.a.example/x", "wss://www.a.example/x", true],
  ["wss://a.example/x", "https://eve:pw@b.example/x", "wss://b.example/x", true],
];

Deno.test("redirects: where they lead, and whether that is another origin", () => {
  for (const [from, location, to, crossOrigin] of FOLLOWED) {
    const redirect = judge(from, location);
    assert(redirect?.kind === "follow", `${from} to ${location}: ${JSON.stringify(redirect)}`);
    assertEquals([redirect.target.url.href, redirect.crossOrigin], [to, crossOrigin]);
  }
});

Deno.test("redirects: each status that moves is one, and no other", () => {
  const moved = [];
  for (let status = 200; status < 600; status++) {
    if (judge("ws://a.example/", "/z", { status }) !== undefined) moved.push(status);
  }
  assertEquals(moved, [301, 302, 303, 307, 308]);
  assertEquals(judge("ws://a.example/", []), undefined);
});

Deno.test("redirects: at the same origin all goes along, the user of the URL too", () => {
  const redirect = judge("wss://user:pw@a.example/", "https://eve:other@a.example/z");
  assert(redirect?.kind === "follow");
  assertEquals(redirect.target.url.href, "wss://user:pw@a.example/z");
  assertEquals([redirect.target.fields, redirect.target.tls], [FIELDS, TLS]);
});

Deno.test("redirects: to another origin go no credentials, whoever gave them", () => {
  for (const location of ["wss://b.example/", "wss://a.example:444/", "wss://eve:pw@b.example/"]) {
    const redirect = judge("wss://user:pw@a.example/", location);
    assert(redirect?.kind === "follow");
    const { url, fields, tls } = redirect.target;
    assertEquals([url.username, url.password], ["", ""]);
    assertEquals(fields, [["Origin", "https://a.example"]]);
    assertEquals(tls, { caCerts: ["ca"] });
  }
});

/** Redirects that are not followed, and why. */
const UNFOLLOWED: [
  from: string,
  location: string | string[],
  rules: Partial<RedirectRules>,
  reason: RegExp,
][] = [
  ["wss://a.example/", "ws://a.example/", {}, /from wss to ws/],
  ["wss://a.example/", "http://b.example/", {}, /from wss to ws/],
  ["ws://a.example/", "ftp://a.example/", {}, /does not point to a ws, wss, http or https URL/],
  ["ws://a.example/", "javascript:alert(1)", {}, /does not point to/],
  ["ws://a.example/", "file:///etc/passwd", {}, /does not point to/],
  ["ws://a.example/", "http://", {}, /does not point to/],
  ["ws://a.example/", "", {}, /does not point to/],
  ["ws://a.example/", "/a b", {}, /does not point to/],
  ["ws://a.example/", "/\xe9", {}, /does not point to/],
  ["ws://a.example/", ["/x", "/y"], {}, /several places/],
  ["ws://a.example/", "/", {}, /in a circle/],
  ["ws://user@a.example/", "/z", { visited: ["ws://a.example/z", "x"] }, /in a circle/],
  ["ws://a.example/", "/z", { limit: 0 }, /0 were followed already/],
  ["ws://a.example/", "/z", { limit: 1, visited: ["x", "y"] }, /1 was followed already/],
  ["ws://a.example/", "/z", { limit: 2, visited: ["x", "y", "v"] }, /2 were followed already/],
  ["ws://a.example/", "ws://b.example/", { bound: true }, /away from the unix socket/],
];

Deno.test("redirects: what is not followed, and why", () => {
  for (const [from, location, rules, reason] of UNFOLLOWED) {
    const redirect = judge(from, location, rules);
    assert(redirect?.kind === "stay", `${from} to ${location}`);
    assert(reason.test(redirect.reason), redirect.reason);
  }
});

Deno.test("redirects: back to where it was is possible where a cookie may have been set", () => {
  assertEquals(judge("ws://a.example/", "/", { mayReturn: true })?.kind, "follow");
  assertEquals(judge("ws://a.example/", "/z", { bound: true })?.kind, "follow");
});
