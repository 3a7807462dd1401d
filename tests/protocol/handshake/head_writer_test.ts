import { assertEquals, assertThrows } from "@std/assert";
import {
  applicationFields,
  checkedSubprotocol,
  isHandshakeField,
  writeHead,
} from "../../../lib/protocol/handshake/head_writer.ts";
import { text } from "./heads.ts";

Deno.test("writeHead: lines end with CR LF, and an empty one ends the head", () => {
  assertEquals(text(writeHead("GET / HTTP/1.1", [])), "GET / HTTP/1.1\r\n\r\n");
  assertEquals(
    text(writeHead("A", [["X", "1"], ["Y", "\u00ff"]])),
    "A\r\nX: 1\r\nY: \u00ff\r\n\r\n",
  );
});

Deno.test("applicationFields: good fields pass in their order", () => {
  const fields: [string, string][] = [["Set-Cookie", "a"], ["set-cookie", "b\tc"], ["X", ""]];
  assertEquals(applicationFields(fields, () => false), fields);
  assertEquals(applicationFields(new Headers({ A: "b" }), () => false), [["a", "b"]]);
});

Deno.test("applicationFields: a name must be a token", () => {
  for (const name of ["", "A B", "A:", "A\r\nB", "A\0", "\u00e9"]) {
    assertThrows(() => applicationFields([[name, "x"]], () => false), TypeError, "be a token");
  }
});

Deno.test("applicationFields: a value has no line break, no control character, only Latin-1", () => {
  for (const value of ["a\r\nB: c", "a\rb", "a\nb", "a\0b", "a\x7f", "\u20ac"]) {
    assertThrows(() => applicationFields([["X", value]], () => false), TypeError, '"X": its value');
  }
});

Deno.test("applicationFields: a reserved name is refused in any case", () => {
  assertThrows(
    () => applicationFields([["Sec-WEBSOCKET-Key", "x"]], isHandshakeField),
    TypeError,
    'Cannot write the header "Sec-WEBSOCKET-Key": it is set by the handshake itself',
  );
});

Deno.test("isHandshakeField: what belongs to the handshake or frames the message", () => {
  const reserved = ["connection", "content-length", "host", "transfer-encoding", "upgrade"];
  for (const name of [...reserved, "sec-websocket-key", "sec-websocket-anything"]) {
    assertEquals(isHandshakeField(name), true, name);
  }
  for (const name of ["origin", "cookie", "authorization", "sec-fetch-site"]) {
    assertEquals(isHandshakeField(name), false, name);
  }
});

Deno.test("checkedSubprotocol: a token, or a TypeError", () => {
  assertEquals(checkedSubprotocol("chat.v2"), "chat.v2");
  for (const subprotocol of ["", "a b", "a,b", "a\r\n", "a\0", "\u00e9"]) {
    assertThrows(() => checkedSubprotocol(subprotocol), TypeError, "it must be a token");
  }
});
