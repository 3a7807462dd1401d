import { assertEquals, assertMatch } from "@std/assert";
import { buildRequest, type RequestDraft } from "../../../../autobahn/suite/beyond/requests.ts";
import { buildResponse } from "../../../../autobahn/suite/beyond/responses.ts";

const TARGET = { path: "/echo", host: "127.0.0.1:9001", port: 9001 };
const KEY = { "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" };

/** The text of a request, a character a byte. */
function text(draft: RequestDraft): string {
  const { bytes } = buildRequest(TARGET, { ...draft, fields: { ...KEY, ...draft.fields } });
  return String.fromCharCode(...bytes);
}

Deno.test("buildRequest: an ordinary request", () => {
  assertEquals(
    text({}),
    "GET /echo HTTP/1.1\r\nHost: 127.0.0.1:9001\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
  );
});

Deno.test("buildRequest: a key of its own, each time another", () => {
  const [one, other] = [buildRequest(TARGET), buildRequest(TARGET)];
  assertMatch(one.key, /^[A-Za-z0-9+/]{22}==$/);
  assertEquals(one.key === other.key, false);
  assertEquals(String.fromCharCode(...one.bytes).includes(`Key: ${one.key}\r\n`), true);
});

Deno.test("buildRequest: every part can be made wrong", () => {
  const few = {
    "Upgrade": null,
    "Connection": null,
    "Sec-WebSocket-Key": null,
    "Sec-WebSocket-Version": null,
  };
  assertEquals(text({ fields: few }), "GET /echo HTTP/1.1\r\nHost: 127.0.0.1:9001\r\n\r\n");
  assertEquals(
    text({
      fields: { ...few, "Host": ({ port }) => `h:${port}` },
      start: ({ path }) => `X ${path}`,
    }),
    "X /echo\r\nHost: h:9001\r\n\r\n",
  );
  assertEquals(
    text({ fields: few, first: [" a"], lines: ["b: \u00e9"], lineEnd: "\n", before: "\n" }),
    "\nGET /echo HTTP/1.1\n a\nHost: 127.0.0.1:9001\nb: \u00e9\n\n",
  );
  assertEquals(
    text({ fields: { ...few, "X": "1" }, reversed: true, eachLine: (line) => line.toLowerCase() }),
    "GET /echo HTTP/1.1\r\nx: 1\r\nhost: 127.0.0.1:9001\r\n\r\n",
  );
  assertEquals(
    text({ fields: few, lines: () => ["Y: 2"], after: Uint8Array.of(33) }),
    "GET /echo HTTP/1.1\r\nHost: 127.0.0.1:9001\r\nY: 2\r\n\r\n!",
  );
});

Deno.test("buildResponse: an ordinary response, and what it depends on", () => {
  const request = {
    start: "GET / HTTP/1.1",
    fields: [["sec-websocket-key", KEY["Sec-WebSocket-Key"]]] as const,
  };
  assertEquals(
    new TextDecoder().decode(buildResponse(request)),
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
  );
  const fields = { "Sec-WebSocket-Accept": ({ key }: { key: string }) => key };
  assertEquals(
    new TextDecoder().decode(buildResponse(request, { start: () => "HTTP/1.1 200 OK", fields }))
      .split("\r\n"),
    [
      "HTTP/1.1 200 OK",
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZQ==",
      "",
      "",
    ],
  );
});
