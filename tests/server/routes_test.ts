import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import type { Endpoint } from "../../lib/server/endpoint.ts";
import { Routes } from "../../lib/server/routes.ts";

const url = (path: string) => new URL(`http://a.example${path}`);

Deno.test("routes: the first pattern that matches wins, then the endpoint for all paths", () => {
  const rooms: Endpoint = { subprotocols: ["rooms"] };
  const lobby: Endpoint = {};
  const other: Endpoint = {};
  const routes = new Routes({ "/chat/lobby": lobby, "/chat/:room": rooms }, other);
  assertStrictEquals(routes.match(url("/chat/lobby"))?.route.endpoint, lobby);
  const match = routes.match(url("/chat/a%20b?x=/chat/lobby"));
  assertStrictEquals(match?.route.endpoint, rooms);
  assertEquals(match.params, { room: "a%20b" });
  assertEquals(match.route.subprotocols, ["rooms"]);
  for (const path of ["/chat/a/b", "/chat", "/", "/Chat/lobby", "//chat/lobby"]) {
    const found = routes.match(url(path));
    assertStrictEquals(found?.route.endpoint, other, path);
    assertEquals(found.params, {});
  }
});

Deno.test("routes: without an endpoint for all paths the others have none", () => {
  assertEquals(new Routes({ "/a": {} }, undefined).match(url("/b")), undefined);
  assertEquals(new Routes({}, undefined).match(url("/")), undefined);
});

Deno.test("routes: a path is matched as the URL parser has resolved it", () => {
  const routes = new Routes({ "/a": {} }, undefined);
  for (const path of ["/a", "/b/../a", "/%2e/a", "/./a?q", "/a#f"]) {
    assertEquals(routes.match(url(path)) !== undefined, true, path);
  }
  for (const path of ["/%61/", "/a%00", "/a;b", "/a%2f"]) {
    assertEquals(routes.match(url(path)), undefined, path);
  }
});

Deno.test("routes: groups that found nothing are empty, and names of Object.prototype are names", () => {
  const routes = new Routes({ "/x/:__proto__": {}, "/y/:a?": {} }, undefined);
  const params = routes.match(url("/x/1"))?.params ?? {};
  assertEquals(Object.entries(params), [["__proto__", "1"]]);
  assertStrictEquals(Object.getPrototypeOf(params), Object.prototype);
  assertEquals(routes.match(url("/y"))?.params, { a: "" });
});

Deno.test("routes: what could never work is refused when it is made, by name", () => {
  const rows: [patterns: Record<string, Endpoint>, message: string][] = [
    [{ "chat": {} }, 'routes: a path must begin with "/"; got "chat"'],
    [{ "": {} }, 'routes: a path must begin with "/"; got ""'],
    [{ "/(": {} }, ""],
    [{ "/a": { maxMessageBytes: -1 } }, "maxMessageBytes must be a whole number"],
    [{ "/a": { origin: "nowhere" as "any" } }, "Cannot use the origin policy"],
    [{ "/a": { subprotocols: ["a b"] } }, 'Cannot write the subprotocol "a b"'],
    [{ "/a": { subprotocols: ["a\r\nb"] } }, "it must be a token"],
    [
      { "/a": { subprotocols: "chat" as unknown as string[] } },
      "subprotocols must be an array of tokens; got string",
    ],
  ];
  for (const [patterns, message] of rows) {
    assertThrows(() => new Routes(patterns, undefined), Error, message);
    const [endpoint] = Object.values(patterns);
    if (Object.keys(patterns)[0] === "/a") {
      assertThrows(() => new Routes({}, endpoint), Error, message);
    }
  }
});

Deno.test("routes: changing the list of subprotocols later changes nothing", () => {
  const subprotocols = ["a"];
  const routes = new Routes({}, { subprotocols });
  subprotocols.push("b");
  assertEquals(routes.match(url("/"))?.route.subprotocols, ["a"]);
});

Deno.test("routes: where the runtime has no URLPattern, they are refused and the rest works", () => {
  const { URLPattern } = globalThis;
  Reflect.deleteProperty(globalThis, "URLPattern");
  try {
    const message = "routes need URLPattern, which this runtime lacks: use Node.js 24 or later";
    assertThrows(() => new Routes({ "/a": {} }, undefined), TypeError, message);
    assertEquals(new Routes({}, {}).match(url("/b"))?.params, {});
  } finally {
    Object.defineProperty(globalThis, "URLPattern", {
      value: URLPattern,
      writable: true,
      configurable: true,
      enumerable: false,
    });
  }
});
