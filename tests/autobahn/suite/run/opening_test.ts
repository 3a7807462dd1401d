/**
 * Opening a WebSocket on a stream, in both parts.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { openAsClient, openAsServer } from "../../../../autobahn/suite/run/opening.ts";
import { parseHead, requestHead, responseHead } from "../../../../autobahn/suite/wire/handshake.ts";
import { StreamReader } from "../../../../autobahn/suite/wire/stream_reader.ts";
import { WireLog } from "../../../../autobahn/suite/wire/wire_log.ts";
import { concat } from "../../../support/hex.ts";
import { MemoryStream } from "../stream_rig.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ANY = { noContextTakeover: false, maxWindowBits: 0 };
const PLAIN = { noContextTakeover: false, windowBits: 15 };
const TARGET = { path: "/a", host: "x:1", deflate: [] };

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const written = (stream: MemoryStream): string =>
  new TextDecoder().decode(concat(...stream.writes));

function setUp(): { stream: MemoryStream; reader: StreamReader } {
  const stream = new MemoryStream();
  return { stream, reader: new StreamReader(stream, new WireLog()) };
}

/** The key in what a client has written. */
function keyIn(stream: MemoryStream): string {
  return /Sec-WebSocket-Key: (\S+)/.exec(written(stream))?.[1] ?? "";
}

Deno.test("opening: as a client, with what follows the server's head left to read", async () => {
  const { stream, reader } = setUp();
  const opening = openAsClient(reader, { ...TARGET, deflate: [ANY] });
  const fields = [["Sec-WebSocket-Extensions", "permessage-deflate"]] as const;
  stream.receive(bytes(responseHead({ key: keyIn(stream), fields }) + "rest"));
  const { failure, timedOut, deflate, request, response } = await opening;
  assertEquals([failure, timedOut], [undefined, false]);
  assertEquals(deflate, { outgoing: PLAIN, incoming: PLAIN });
  assertEquals(request, written(stream));
  assertStringIncludes(request, "GET /a HTTP/1.1\r\nHost: x:1\r\n");
  assertStringIncludes(request, "Sec-WebSocket-Extensions: permessage-deflate; client_no_");
  assertEquals(response.endsWith("\r\n\r\n"), true);
  assertEquals(reader.takeRest(), bytes("rest"));
});

Deno.test("opening: as a client, without an offer there is no extension", async () => {
  const { stream, reader } = setUp();
  const opening = openAsClient(reader, TARGET);
  assertEquals(written(stream).includes("Extensions"), false);
  const fields = [["Sec-WebSocket-Extensions", "permessage-deflate"]] as const;
  stream.receive(bytes(responseHead({ key: keyIn(stream), fields })));
  assertStringIncludes((await opening).failure ?? "", "which was not offered");
});

Deno.test("opening: as a client, what goes wrong is said", async () => {
  const rows: [act: (stream: MemoryStream) => void, failure: string, timedOut: boolean][] = [
    [(stream) => stream.receiveEnd(), "the server ended the connection", false],
    [() => {}, "the server did not answer within 0.02 seconds", true],
    [(stream) => stream.receive(new Uint8Array(70_000)), "the server's answer has no end", false],
    [
      (stream) => stream.receive(bytes("HTTP/1.1 404 Not Found\r\n\r\n")),
      "the server refused with 404 Not Found",
      false,
    ],
  ];
  for (const [act, failure, timedOut] of rows) {
    const { stream, reader } = setUp();
    const opening = openAsClient(reader, { ...TARGET, limit: 20 });
    act(stream);
    const result = await opening;
    assertEquals([result.failure, result.timedOut], [failure, timedOut]);
  }
});

/** Answers a request with these fields. */
async function answer(
  fields: readonly (readonly [string, string])[],
  deflate = [ANY],
): Promise<{ text: string; failure: string | undefined; deflate: unknown }> {
  const { stream, reader } = setUp();
  const text = requestHead({ path: "/", host: "x", key: KEY, fields });
  const request = { text, head: parseHead(bytes(text))! };
  const opening = await openAsServer(reader, request, { deflate });
  assertEquals(opening.request, text);
  assertEquals(opening.response, written(stream));
  return { text: opening.response, failure: opening.failure, deflate: opening.deflate };
}

Deno.test("opening: as a server, with compression where it is offered", async () => {
  const plain = await answer([]);
  assertEquals([plain.failure, plain.deflate], [undefined, undefined]);
  assertStringIncludes(plain.text, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
  assertEquals(plain.text.includes("Extensions"), false);
  const compressed = await answer([["Sec-WebSocket-Extensions", "permessage-deflate"]]);
  assertStringIncludes(compressed.text, "Sec-WebSocket-Extensions: permessage-deflate\r\n");
  assertEquals(compressed.deflate, { outgoing: PLAIN, incoming: PLAIN });
  const unasked = await answer([["Sec-WebSocket-Extensions", "permessage-deflate"]], []);
  assertEquals(unasked.deflate, undefined);
});

Deno.test("opening: as a server, a request that is wrong is refused", async () => {
  const twice = await answer([["Sec-WebSocket-Version", "13"]]);
  assertEquals(twice.text.split("\r\n")[0], "HTTP/1.1 426 Upgrade Required");
  assertStringIncludes(twice.text, "Sec-WebSocket-Version: 13\r\n");
  assertStringIncludes(twice.failure ?? "", "must be 13");
  const offer = await answer([["Sec-WebSocket-Extensions", "permessage-deflate; x"]]);
  assertEquals(offer.text.split("\r\n")[0], "HTTP/1.1 400 Bad Request");
  assertStringIncludes(offer.failure ?? "", "not known");
});
