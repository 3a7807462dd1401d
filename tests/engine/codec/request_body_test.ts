/**
 * Where the body of a request ends, however the bytes are cut.
 */
import { assertEquals } from "@std/assert";
import { RequestBody } from "../../../lib/engine/codec/request_body.ts";
import { requestHeadFrom } from "../../../lib/protocol/handshake/head.ts";
import type { HeaderField } from "../../../lib/protocol/handshake/header_list.ts";
import { everyCut } from "../../support/cuts.ts";
import { concat } from "../../support/hex.ts";

const CHUNKED: HeaderField = ["Transfer-Encoding", "Chunked"];
const BEHIND = "GET / HTTP/1.1\r\n";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function bodyOf(...fields: HeaderField[]): RequestBody {
  return new RequestBody(requestHeadFrom("POST", "/", fields));
}

/** How many of the bytes in `pieces` are the body's; `undefined` if it does not end. */
function lengthOf(body: RequestBody, pieces: Iterable<Uint8Array>): number | undefined {
  let length = 0;
  for (const piece of pieces) {
    const taken = body.take(piece);
    if (!body.ended) assertEquals(taken, piece.length);
    length += taken;
  }
  return body.ended ? length : undefined;
}

Deno.test("request body: without fields for it there is none", () => {
  for (const fields of [[], [["Content-Length", "0"]]] as HeaderField[][]) {
    const body = bodyOf(...fields);
    assertEquals([body.ended, body.take(encode(BEHIND))], [true, 0]);
  }
});

Deno.test("request body: Content-Length counts its bytes", () => {
  const bytes = encode(`0\r\n\r\n${BEHIND}`);
  for (const pieces of everyCut(bytes)) {
    assertEquals(lengthOf(bodyOf(["Content-Length", "5"]), pieces), 5);
  }
  const long = bodyOf(["Content-Length", "9007199254740991"]);
  assertEquals([long.take(bytes), long.ended], [bytes.length, false]);
});

Deno.test("request body: chunks are followed to the end of their trailer", () => {
  const rows = [
    "0\r\n\r\n",
    "000\r\n\r\n",
    "3\r\nabc\r\n0\r\n\r\n",
    "003 \t\r\nabc\r\n0\r\n\r\n",
    "a\r\n0123456789\r\nB\r\n0123456789x\r\n0\r\n\r\n",
    '1;name="value; 0"\r\nx\r\n1 ; name\r\n\n\r\n0;last\r\n\r\n',
    "5\r\n0\r\n\r\n\r\n0\r\n\r\n",
    "0\r\nTrailer: one\r\nother: 0\r\n\r\n",
  ];
  for (const row of rows) {
    for (const pieces of everyCut(encode(row + BEHIND))) {
      assertEquals(lengthOf(bodyOf(CHUNKED), pieces), row.length, JSON.stringify(row));
    }
  }
});

Deno.test("request body: a chunk may be long", () => {
  const body = bodyOf(CHUNKED);
  const bytes = concat(
    encode("100000\r\n"),
    new Uint8Array(0x100000).fill(0x0a),
    encode("\r\n0\r\n\r\n"),
  );
  assertEquals(lengthOf(body, [bytes, encode(BEHIND)]), bytes.length);
});

Deno.test("request body: chunks of a broken or unusual form never end", () => {
  const rows = [
    "\r\n\r\n",
    "x\r\n\r\n",
    "-1\r\n\r\n",
    "0x1\r\n\r\n",
    " 1\r\n\r\n",
    "1 x\r\n\r\n",
    "0\n\n",
    "0\n\r\n",
    "0\r\n\n",
    "0\r\r\n\r\n",
    "3\r\nabcd\r\n",
    "3\r\nabc\n",
    "3\r\nabc0\r\n\r\n",
    "0;a\rb\r\n\r\n",
    "0000000000001\r\nx\r\n",
    `0;${"x".repeat(1024)}\r\n\r\n`,
    `0\r\nTrailer: ${"x".repeat(1024)}\r\n\r\n`,
  ];
  for (const row of rows) {
    const bytes = encode(`${row}0\r\n\r\n${BEHIND}`);
    for (const pieces of [[bytes], Array.from(bytes, (byte) => Uint8Array.of(byte))]) {
      assertEquals(lengthOf(bodyOf(CHUNKED), pieces), undefined, JSON.stringify(row));
    }
  }
});
