import { assert, assertEquals, assertThrows } from "@std/assert";
import { compileOriginPolicy, type OriginPolicy } from "../../lib/server/origin.ts";

/** Whether one Origin passes at `host`. */
function passes(
  policy: OriginPolicy,
  origin: string,
  { host = "good.com", secure = true }: { host?: string; secure?: boolean } = {},
): boolean {
  return compileOriginPolicy(policy)([origin], host, secure);
}

Deno.test("origin: no Origin field passes same-origin, any and lists", () => {
  for (const policy of ["same-origin", "any", ["https://example.org"], []] as const) {
    assert(compileOriginPolicy(policy)([], "good.com", true), String(policy));
    assert(compileOriginPolicy(policy)([], undefined, true), String(policy));
  }
});

Deno.test("origin: same-origin compares scheme, host and port", () => {
  const rows: [origin: string, host: string, secure: boolean, passes: boolean][] = [
    ["https://good.com", "good.com", true, true],
    ["https://good.com", "good.com:443", true, true],
    ["https://good.com:443", "good.com", true, true],
    ["http://good.com", "good.com:80", false, true],
    ["HTTP://Good.COM", "gOOD.com", false, true],
    ["http://good.com:8080", "good.com:8080", false, true],
    ["http://localhost:8080", "localhost:8080", false, true],
    ["http://127.0.0.1:8080", "127.0.0.1:8080", false, true],
    ["http://[::1]:8080", "[::1]:8080", false, true],
    ["http://[::1]", "[::1]", false, true],
    ["https://good.com.", "good.com.", true, true],
    ["http://good.com", "good.com", true, false],
    ["https://good.com", "good.com", false, false],
    ["https://good.com:8443", "good.com", true, false],
    ["https://good.com", "good.com:8443", true, false],
    ["https://good.com:80", "good.com", true, false],
    ["http://good.com:443", "good.com", false, false],
    ["http://good.com", "good.com:443", false, false],
    ["http://localhost:8080", "127.0.0.1:8080", false, false],
    ["http://[::80]", "[::]", false, false],
    ["http://[::]", "[::80]", false, false],
  ];
  for (const [origin, host, secure, expected] of rows) {
    assertEquals(passes("same-origin", origin, { host, secure }), expected, `${origin} at ${host}`);
  }
});

Deno.test("origin: same-origin refuses what only looks like the same origin", () => {
  const hostile = [
    "null",
    "",
    " ",
    "good.com",
    "//good.com",
    "https://",
    "https://good.com.evil",
    "https://good.com.",
    "https://good.com@evil",
    "https://evil@good.com",
    "https://good.com:443@evil",
    "https://evil.good.com",
    "https://evilgood.com",
    "https://good.com/",
    "https://good.com\\",
    "https://good.com#",
    "https://good.com?",
    "https://good.com https://evil",
    "https://good.com, https://evil",
    "https://good.com\0",
    "https://good.com\n",
    "wss://good.com",
    "ftp://good.com",
    "https:good.com",
    "https://good.com:",
    "https://good.com:0443",
    "https://good.com:443:443",
    "https://ɢood.com",
    `https://${"a".repeat(8000)}.com`,
  ];
  for (const origin of hostile) {
    assert(!passes("same-origin", origin), JSON.stringify(origin));
    assert(!passes(["same-origin", "https://good.com"], origin), JSON.stringify(origin));
  }
});

Deno.test("origin: same-origin refuses an Origin where the Host is absent or no host", () => {
  const check = compileOriginPolicy("same-origin");
  assert(!check(["https://good.com"], undefined, true));
  for (const host of ["", "good.com@evil", "good.com/", "a b", "[::1", "good.com:x", "a..b"]) {
    assert(!check([`https://${host}`], host, true), JSON.stringify(host));
  }
});

Deno.test("origin: two Origin fields pass no policy", () => {
  const twice = ["https://good.com", "https://good.com"];
  for (const policy of ["same-origin", "any", ["https://good.com"], () => true] as const) {
    assert(!compileOriginPolicy(policy)(twice, "good.com", true), String(policy));
  }
});

Deno.test("origin: any lets every single Origin pass", () => {
  for (const origin of ["null", "https://evil", "nonsense"]) assert(passes("any", origin));
});

Deno.test("origin: a list holds exact origins, of any scheme", () => {
  const policy = [
    "https://example.org",
    "http://localhost:5173",
    "chrome-extension://abcdefghijklmnop",
    "http://[::1]:8080",
  ];
  for (const origin of [...policy, "https://EXAMPLE.org", "https://example.org:443"]) {
    assert(passes(policy, origin), origin);
  }
  const others = [
    "http://example.org",
    "https://example.org:8443",
    "https://example.org.evil",
    "https://www.example.org",
    "https://example.org.",
    "https://example.org@evil",
    "https://good.com",
    "http://localhost",
    "null",
  ];
  for (const origin of others) assert(!passes(policy, origin), origin);
});

Deno.test("origin: an empty list lets no browser pass", () => {
  assert(!passes([], "https://good.com"));
});

Deno.test("origin: a wildcard matches hosts below the domain only", () => {
  const policy = ["https://*.example.org", "http://*.localhost:8080"];
  const allowed = [
    "https://a.example.org",
    "https://A.B.Example.org",
    "https://a.example.org:443",
    "http://tenant.localhost:8080",
  ];
  for (const origin of allowed) assert(passes(policy, origin), origin);
  const refused = [
    "https://example.org",
    "https://.example.org",
    "https://a..example.org",
    "https://evilexample.org",
    "https://a.example.org.evil",
    "https://evil@a.example.org",
    "https://evil/.example.org",
    "https://evil?.example.org",
    "https://evil#.example.org",
    "https://evil:1.example.org",
    "https://*.example.org",
    "http://a.example.org",
    "https://a.example.org:8443",
    "http://tenant.localhost",
    "null",
  ];
  for (const origin of refused) assert(!passes(policy, origin), origin);
});

Deno.test("origin: a RegExp must match the whole Origin", () => {
  const policy = [/https:\/\/(?:a|ab)\.example\.org/g, /^http:\/\/localhost:\d+$/m];
  for (const origin of ["https://a.example.org", "https://AB.example.org", "http://localhost:1"]) {
    assert(passes(policy, origin), origin);
    assert(passes(policy, origin), `${origin}, a second time`);
  }
  const refused = [
    "https://a.example.org.evil",
    "x+https://a.example.org",
    "http://localhost:1\nhttp://evil",
  ];
  for (const origin of refused) assert(!passes(policy, origin), origin);
  assert(!passes([/.*/], "null"));
  assert(!passes([/.*/], `https://${"a".repeat(8000)}`));
});

Deno.test("origin: a function decides on the Origin and the Host", () => {
  const seen: unknown[] = [];
  const check = compileOriginPolicy((origin, host) => {
    seen.push([origin, host]);
    return origin === "null";
  });
  assert(check(["null"], "good.com", true));
  assert(!check([], "good.com", true));
  assert(!check(["https://good.com"], undefined, true));
  assertEquals(seen, [["null", "good.com"], [null, "good.com"], ["https://good.com", ""]]);
});

Deno.test("origin: a function that returns a promise, or throws, lets nobody pass", () => {
  const promise = (() => Promise.resolve(false)) as unknown as () => boolean;
  assertThrows(
    () => passes(promise, "https://evil"),
    TypeError,
    "the function must return true or false, got Promise",
  );
  const thrower = (): boolean => {
    throw new Error("no database");
  };
  assertThrows(() => passes(thrower, "https://evil"), Error, "no database");
});

Deno.test("origin: an entry that could never match is refused, with what would be right", () => {
  const rows: [entry: string, message: string][] = [
    ["example.org", `it must start with a scheme, such as "https://example.org"`],
    ["localhost:8080", `such as "https://localhost:8080"`],
    ["//example.org", `such as "https://example.org"`],
    ["", `it must start with a scheme`],
    ["https://example.org/", `such as "https://example.org"`],
    ["https://example.org/chat", `such as "https://example.org"`],
    ["https://example.org?x", `such as "https://example.org"`],
    ["https://user@example.org", `such as "https://example.org"`],
    ["https://example.org.", `such as "https://example.org"`],
    ["https://*.example.org/", `such as "https://*.example.org"`],
    ["https://", `it must be a scheme, a host and perhaps a port`],
    ["https://exämple.org", `such as "https://xn--exmple-cua.org"`],
    ["https://a b", `it must be a scheme, a host and perhaps a port`],
    ["http://[0:0::1]:8080", `browsers write it "http://[::1]:8080"`],
    ["http://127.1", `browsers write it "http://127.0.0.1"`],
    ["https://example.org:99999", `it must be a scheme, a host and perhaps a port`],
    ["https://example.org:443", `browsers write it "https://example.org"`],
    ["https://Example.org", `browsers write it "https://example.org"`],
    ["wss://example.org/echo", `an origin is that of the page, such as "https://example.org"`],
    ["ws://localhost:8080", `such as "http://localhost:8080"`],
    ["https://*", `it must be a scheme, a host and perhaps a port`],
    ["https://*example.org", `it must be a scheme, a host and perhaps a port`],
    ["https://a.*.example.org", `it must be a scheme, a host and perhaps a port`],
    ["https://*.org", `a star must stand for hosts below a domain`],
    ["https://*.[::1]", `a star must stand for hosts below a domain`],
    ["https://*.127.0.0.1", `a star must stand for hosts below a domain`],
    ["*", `the policy "any", alone, allows all`],
    ["any", `the policy "any", alone, allows all`],
    ["null", `every sandboxed page sends it`],
  ];
  for (const [entry, message] of rows) {
    const error = assertThrows(() => compileOriginPolicy([entry]), TypeError, message, entry);
    assert(error.message.startsWith(`Cannot use the origin ${JSON.stringify(entry)}`));
  }
});

Deno.test("origin: a policy of another type is refused", () => {
  const wrong: unknown[] = ["https://example.org", "none", undefined, null, 1, true, {}, [1], [
    null,
  ]];
  for (const policy of wrong) {
    assertThrows(
      () => compileOriginPolicy(policy as OriginPolicy),
      TypeError,
      "Cannot use the origin",
    );
  }
});
