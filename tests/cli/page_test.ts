import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createPageHandler } from "../../lib/cli/page.ts";

const ORIGIN = "http://127.0.0.1:8080";
const FOLDER = new URL("../../lib/cli/page/", import.meta.url);

function get(path: string, init: RequestInit = {}): Promise<Response> {
  return createPageHandler()(new Request(`${ORIGIN}${path}`, init));
}

/** The page's own files: all in its folder but the document, which is served at the root. */
function pageFiles(): string[] {
  return [...Deno.readDirSync(FOLDER)].map(({ name }) => name)
    .filter((name) => name !== "index.html").sort();
}

Deno.test("page: the root is the document", async () => {
  const response = await get("/?from=here");
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "text/html; charset=UTF-8");
  assertMatch(await response.text(), /^<!DOCTYPE html>/);
});

Deno.test("page: every file of the folder is served with its type", async () => {
  const types = new Map([
    ["css", "text/css; charset=UTF-8"],
    ["js", "text/javascript; charset=UTF-8"],
    ["svg", "image/svg+xml"],
  ]);
  for (const name of pageFiles()) {
    const response = await get(`/page/${name}`);
    assertEquals(response.status, 200, name);
    assertEquals(response.headers.get("content-type"), types.get(name.split(".")[1] ?? ""), name);
    assertEquals(await response.text(), await Deno.readTextFile(new URL(name, FOLDER)));
  }
});

Deno.test("page: the document and modules name only files that are served", async () => {
  for (const name of ["index.html", ...pageFiles().filter((name) => name.endsWith(".js"))]) {
    const text = await Deno.readTextFile(new URL(name, FOLDER));
    const links = name === "index.html"
      ? text.matchAll(/(?:href|src)="page\/([^"]+)"/g)
      : text.matchAll(/from "\.\/([^"]+)"/g);
    for (const [, link] of links) {
      const response = await get(`/page/${link}`, { method: "HEAD" });
      assertEquals(response.status, 200, `${name} names ${link}`);
    }
  }
});

Deno.test("page: the document has nothing that its security policy would block", async () => {
  const text = await Deno.readTextFile(new URL("index.html", FOLDER));
  assert(!/<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)|https?:/i.test(text));
});

Deno.test("page: other paths are 404 and open no file", async () => {
  const paths = [
    "/index.html",
    "/page",
    "/page/",
    "/page/index.html",
    "/page/none.js",
    "/page/../page.ts",
    "/page/%2e%2e/page.ts",
    "/page/..%2fpage.ts",
    "/page/app.js%00",
    "//page/app.js",
    "/constructor",
    "/__proto__",
  ];
  for (const path of paths) {
    const response = await get(path);
    assertEquals([response.status, await response.text()], [404, "Not Found"], path);
  }
});

Deno.test("page: HEAD has no body, other methods are 405", async () => {
  const head = await get("/", { method: "HEAD" });
  assertEquals([head.status, head.body], [200, null]);
  const post = await get("/", { method: "POST", body: "x" });
  assertEquals([post.status, await post.text()], [405, "Method Not Allowed"]);
  assertEquals(post.headers.get("allow"), "GET, HEAD");
});

Deno.test("page: what the browser has already is not sent again", async () => {
  const first = await get("/page/app.js", { method: "HEAD" });
  const etag = first.headers.get("etag") ?? "";
  const second = await get("/page/app.js", { headers: { "if-none-match": etag } });
  assertEquals([second.status, second.body], [304, null]);
});

Deno.test("page: every response has the security fields", async () => {
  const responses = [await get("/"), await get("/none"), await get("/", { method: "PUT" })];
  for (const response of responses) {
    await response.body?.cancel();
    assertEquals(
      response.headers.get("content-security-policy"),
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
        "connect-src 'self' ws://127.0.0.1:8080 wss://127.0.0.1:8080; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    assertEquals(response.headers.get("x-content-type-options"), "nosniff");
    assertEquals(response.headers.get("cross-origin-opener-policy"), "same-origin");
    assertEquals(response.headers.get("cross-origin-embedder-policy"), "require-corp");
    assertEquals(response.headers.get("referrer-policy"), "no-referrer");
    assertEquals(response.headers.get("cache-control"), "no-cache");
  }
});

Deno.test("page: a host cannot add to the security policy", async () => {
  for (const host of ["a;script-src", "a,b", "a'b"]) {
    const request = new Request(`http://${host}/`, { method: "HEAD" });
    const response = await createPageHandler()(request);
    assertStringIncludes(
      response.headers.get("content-security-policy") ?? "",
      "; connect-src 'self'; base-uri 'none'; ",
    );
  }
  const ipv6 = await createPageHandler()(new Request("http://[::1]:8080/", { method: "HEAD" }));
  assertStringIncludes(ipv6.headers.get("content-security-policy") ?? "", " ws://[::1]:8080 ");
});

Deno.test({
  name: "page: without permission to read, the answer says what is missing",
  permissions: { read: false },
  fn: async () => {
    const response = await get("/");
    assertEquals(response.status, 500);
    assertStringIncludes(await response.text(), "without --allow-read for lib/cli/page");
    assertEquals(response.headers.get("x-content-type-options"), "nosniff");
  },
});
