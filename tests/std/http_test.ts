import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { serveFile, STATUS_CODE, STATUS_TEXT } from "@std/http";

const URL_OF_FILE = "http://localhost/file";

/** Runs `body` with a temporary folder. */
async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function get(headers: Record<string, string> = {}, method = "GET"): Request {
  return new Request(URL_OF_FILE, { method, headers });
}

Deno.test("std/http: every status code has its text", () => {
  assertEquals(STATUS_CODE.SwitchingProtocols, 101);
  assertEquals(STATUS_TEXT[STATUS_CODE.SwitchingProtocols], "Switching Protocols");
  assertEquals(STATUS_TEXT[404], "Not Found");
  for (const code of Object.values(STATUS_CODE)) assertMatch(STATUS_TEXT[code], /^[A-Z]/);
});

Deno.test("std/http: a file is served with type, length and validators", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/page.html`;
    await Deno.writeTextFile(path, "<p>héllo</p>");
    await Deno.utime(path, 1_700_000_000, 1_700_000_000);
    const response = await serveFile(get(), path);
    assertEquals(response.status, 200);
    assertEquals(await response.text(), "<p>héllo</p>");
    assertEquals(Object.fromEntries(response.headers), {
      "content-length": "13",
      "content-type": "text/html; charset=UTF-8",
      "etag": `W/"d-18bcfe56800"`,
      "last-modified": "Tue, 14 Nov 2023 22:13:20 GMT",
    });
  });
});

Deno.test("std/http: content types follow the extension", async () => {
  await withFolder(async (folder) => {
    const rows: [name: string, type: string | null][] = [
      ["a.css", "text/css; charset=UTF-8"],
      ["a.js", "text/javascript; charset=UTF-8"],
      ["a.SVG", "image/svg+xml"],
      ["a.bin", null],
      ["constructor", null],
    ];
    for (const [name, type] of rows) {
      await Deno.writeTextFile(`${folder}/${name}`, "");
      const response = await serveFile(get({}, "HEAD"), `${folder}/${name}`);
      assertEquals(response.headers.get("content-type"), type, name);
    }
  });
});

Deno.test("std/http: HEAD has the fields of GET and no body", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/a.txt`;
    await Deno.writeTextFile(path, "hello");
    const response = await serveFile(get({}, "HEAD"), path);
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("content-length"), "5");
    assertEquals(response.body, null);
  });
});

Deno.test("std/http: what is known already is answered with 304 and no body", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/a.txt`;
    await Deno.writeTextFile(path, "hello");
    const first = await serveFile(get({}, "HEAD"), path);
    const etag = first.headers.get("etag") ?? "";
    const modified = first.headers.get("last-modified") ?? "";
    const known: Record<string, string>[] = [
      { "if-none-match": etag },
      { "if-none-match": etag.slice(2) },
      { "if-none-match": `"x", ${etag}` },
      { "if-none-match": "*" },
      { "if-modified-since": modified },
      { "if-modified-since": new Date(Date.now() + 60_000).toUTCString() },
    ];
    for (const headers of known) {
      const response = await serveFile(get(headers), path);
      assertEquals([response.status, response.body], [304, null], JSON.stringify(headers));
      assertEquals(response.headers.get("etag"), etag);
    }
    const unknown: Record<string, string>[] = [
      { "if-none-match": `"x"` },
      { "if-none-match": `"x"`, "if-modified-since": modified },
      { "if-modified-since": "Tue, 14 Nov 2023 22:13:20 GMT" },
      { "if-modified-since": "yesterday" },
    ];
    for (const headers of unknown) {
      const response = await serveFile(get(headers), path);
      assertEquals([response.status, await response.text()], [200, "hello"]);
    }
  });
});

Deno.test("std/http: no file and folders are 404, other methods 405 with Allow", async () => {
  await withFolder(async (folder) => {
    for (const path of [`${folder}/none`, folder]) {
      const response = await serveFile(get(), path);
      assertEquals([response.status, await response.text()], [404, "Not Found"]);
    }
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      const response = await serveFile(get({}, method), `${folder}/none`);
      assertEquals([response.status, await response.text()], [405, "Method Not Allowed"]);
      assertEquals(response.headers.get("allow"), "GET, HEAD");
    }
  });
});

Deno.test("std/http: what stat has said is not asked again", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/a.txt`;
    await Deno.writeTextFile(path, "hello");
    const fileInfo = { ...await Deno.stat(path), mtime: null };
    const response = await serveFile(get({ "if-none-match": "*" }), path, { fileInfo });
    assertEquals(response.headers.get("etag"), null);
    assertEquals([response.status, await response.text()], [200, "hello"]);
  });
});

Deno.test({
  name: "std/http: a file that may not be read is the caller's error",
  permissions: { read: false },
  fn: async () => {
    await assertRejects(() => serveFile(get(), "/etc/hosts"), Deno.errors.NotCapable);
  },
});
