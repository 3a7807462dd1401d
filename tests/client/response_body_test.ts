import { assertEquals } from "@std/assert";
import { readBody } from "../../lib/client/response_body.ts";
import type { ResponseHead } from "../../lib/protocol/handshake/head.ts";
import { type HeaderField, HeaderList } from "../../lib/protocol/handshake/header_list.ts";
import { everyCut } from "../support/cuts.ts";

const encoder = new TextEncoder();

function headWith(...fields: HeaderField[]): ResponseHead {
  return {
    status: 400,
    reason: "Bad Request",
    httpVersion: "1.1",
    headers: new HeaderList(fields),
  };
}

/** Reads a body from pieces, the first of which came with the head. */
async function read(
  head: ResponseHead,
  [first = new Uint8Array(0), ...more]: Uint8Array[],
): Promise<{ text: string; left: number }> {
  const body = await readBody(head, { first, read: () => Promise.resolve(more.shift() ?? null) });
  return { text: new TextDecoder().decode(body), left: more.length };
}

async function readText(head: ResponseHead, text: string): Promise<string> {
  return (await read(head, [encoder.encode(text)])).text;
}

const CHUNKED = headWith(["Transfer-Encoding", "chunked"]);
const CHUNKS =
  '4\r\nWiki\r\nB ; name="a;b" \r\npedia in \r\n\r\n1;x\r\n!\r\n000\r\nTrailer: 1\r\n\r\n';

Deno.test("body: the same however the stream is cut", async () => {
  const rows: [head: ResponseHead, sent: string, body: string][] = [
    [CHUNKED, CHUNKS, "Wikipedia in \r\n!"],
    [headWith(["Content-Length", "5"]), "12345678", "12345"],
    [headWith(), "up to the end", "up to the end"],
  ];
  for (const [head, sent, body] of rows) {
    for (const pieces of everyCut(encoder.encode(sent))) {
      assertEquals((await read(head, pieces)).text, body);
    }
  }
});

Deno.test("body: no more is read than belongs to it", async () => {
  const pieces = [encoder.encode("12345"), encoder.encode("next")];
  assertEquals(await read(headWith(["Content-Length", "5"]), pieces), { text: "12345", left: 1 });
  const chunks = [encoder.encode("1\r\nx\r\n0\r\n"), encoder.encode("\r\n")];
  assertEquals(await read(CHUNKED, chunks), { text: "x", left: 1 });
});

Deno.test("body: Transfer-Encoding goes before Content-Length", async () => {
  const head = headWith(["Content-Length", "2"], ["transfer-encoding", "gzip, Chunked"]);
  assertEquals(await readText(head, "3\r\nabc\r\n0\r\n\r\n"), "abc");
});

Deno.test("body: a length that is none leaves the end to the stream", async () => {
  for (const length of ["", "-1", "5, 5", "0x5", "5.0", "five"]) {
    assertEquals(await readText(headWith(["Content-Length", length]), "12345678"), "12345678");
  }
});

Deno.test("body: malformed or incomplete chunks end it", async () => {
  const rows: [sent: string, body: string][] = [
    ["", ""],
    ["\r\n", ""],
    ["x\r\nabc", ""],
    ["-3\r\nabc", ""],
    ["0x3\r\nabc", ""],
    ["3 4\r\nabc", ""],
    ["3\r\nab", "ab"],
    ["3\r\nabc", "abc"],
    ["3\r\nabcd\r\n", "abc"],
    ["3\r\nabc\r\n-1\r\nabc", "abc"],
    ["3\nabc\n2\nde\n0\n\n", "abcde"],
    [`3;${"x".repeat(300)}\r\nabc`, ""],
    ["fffffffffffff\r\nabc", ""],
    ["ffffffffffff\r\nabc", "abc"],
  ];
  for (const [sent, body] of rows) assertEquals(await readText(CHUNKED, sent), body, sent);
});

Deno.test("body: 64 KiB at most, also of many chunks", async () => {
  const chunk = encoder.encode(`2\r\nab\r\n`);
  let reads = 0;
  const read = () => {
    reads++;
    return Promise.resolve(chunk);
  };
  const body = await readBody(CHUNKED, { first: new Uint8Array(0), read });
  assertEquals([body.length, reads], [65_536, 32_768]);
});

Deno.test("body: responses that have none", async () => {
  for (const status of [199, 204, 304]) {
    const head = { ...headWith(["Content-Length", "3"]), status };
    assertEquals(await readText(head, "abc"), "");
  }
});
