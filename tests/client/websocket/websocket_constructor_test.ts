/**
 * What the constructor takes and what it sends, where it can be, beside the runtime's class.
 *
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { WebSocket } from "../../../lib/client/websocket/websocket.ts";
import { RawListener } from "../../support/raw_peer.ts";
import { type AnySocket, CLASSES, dial, next, open, typesOf } from "./sockets.ts";

for (const [name, Class] of CLASSES) {
  for (const url of ["/echo", "ws://a b/", "ftp://127.0.0.1/", "ws://127.0.0.1/#", "about:blank"]) {
    Deno.test(`WebSocket: ${url} is a SyntaxError, ${name}`, () => {
      assertEquals(assertThrows(() => new Class(url), DOMException).name, "SyntaxError");
    });
  }

  for (const protocols of ["", "a b", ["a", "a"], ["a", "A"], ["é"], ["a,b"]]) {
    const shown = JSON.stringify(protocols);
    Deno.test(`WebSocket: the protocols ${shown} are a SyntaxError, ${name}`, () => {
      const error = assertThrows(() => new Class("ws://127.0.0.1/", protocols), DOMException);
      assertEquals(error.name, "SyntaxError");
    });
  }

  Deno.test(`WebSocket: a new one is connecting and knows nothing yet, ${name}`, async () => {
    await using dialed = await dial((url) => new Class(url, "chat"));
    const { socket, url } = dialed;
    assertEquals([socket.readyState, socket.url], [Class.CONNECTING, url]);
    assertEquals([socket.protocol, socket.extensions, socket.bufferedAmount], ["", "", 0]);
    assertEquals(socket.binaryType, "blob");
    assertEquals([socket.onopen, socket.onmessage, socket.onerror, socket.onclose], [
      null,
      null,
      null,
      null,
    ]);
  });

  Deno.test(`WebSocket: the protocols and headers of options are sent, ${name}`, async () => {
    const options = { protocols: ["b", "a"], headers: { "X-Token": "abc" } };
    await using dialed = await dial((url) => new Class(url, options));
    const { fields } = await dialed.peer.readHead();
    assertEquals(fields.get("sec-websocket-protocol"), ["b, a"]);
    assertEquals(fields.get("x-token"), ["abc"]);
  });

  Deno.test(`WebSocket: without protocols, no such field is sent, ${name}`, async () => {
    for (const protocols of [undefined, [], {}]) {
      await using dialed = await dial((url) => new Class(url, protocols));
      const { fields } = await dialed.peer.readHead();
      assertEquals(fields.has("sec-websocket-protocol"), false);
    }
  });

  Deno.test(`WebSocket: it takes the protocol that the server chose, ${name}`, async () => {
    await using dialed = await dial((url) => new Class(url, ["a", "b"]));
    const { socket, peer } = dialed;
    const opened = next(socket, "open");
    await peer.acceptUpgrade({ fields: { "Sec-WebSocket-Protocol": "b" } });
    await opened;
    assertEquals([socket.readyState, socket.protocol], [Class.OPEN, "b"]);
  });

  Deno.test(`WebSocket: http and a host in capitals connect, ${name}`, async () => {
    await using listener = await RawListener.listen();
    const socket = new Class(`HTTP://LOCALHOST:${listener.port}/Path?a b`);
    assertEquals(socket.url, `ws://localhost:${listener.port}/Path?a%20b`);
    const closed = next(socket, "close");
    await using peer = await listener.accept();
    assertEquals((await peer.readHead()).startLine, "GET /Path?a%20b HTTP/1.1");
    socket.close();
    await closed;
  });

  Deno.test(`WebSocket: a URL becomes a string once, ${name}`, async () => {
    await using listener = await RawListener.listen();
    const url = new URL(`ws://127.0.0.1:${listener.port}/a`);
    const socket = new Class(url);
    url.pathname = "/b";
    assertEquals(socket.url, `ws://127.0.0.1:${listener.port}/a`);
    const closed = next(socket, "close");
    socket.close();
    await closed;
  });

  Deno.test(`WebSocket: a refusal is error, then close with 1006, ${name}`, async () => {
    await using dialed = await dial((url) => new Class(url));
    const types = typesOf(dialed.socket);
    const closed = next(dialed.socket, "close");
    await dialed.peer.readHead();
    await dialed.peer.write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    const { wasClean, reason } = await closed;
    assertEquals({ wasClean, reason }, { wasClean: false, reason: "" });
    assertEquals(types, ["error", "close"]);
    assertEquals(dialed.socket.readyState, Class.CLOSED);
  });
}

/** What no server may answer to a client that offers nothing or the protocol `a`. */
const REFUSED: readonly [what: string, protocols: string[], fields: Record<string, string>][] = [
  ["a protocol that was not offered", [], { "Sec-WebSocket-Protocol": "a" }],
  ["another protocol", ["a"], { "Sec-WebSocket-Protocol": "b" }],
  ["a protocol in other case", ["a"], { "Sec-WebSocket-Protocol": "A" }],
  ["two protocols", ["a", "b"], { "Sec-WebSocket-Protocol": "a, b" }],
  ["none of the protocols", ["a"], {}],
  ["an extension that was not offered", [], { "Sec-WebSocket-Extensions": "x-other" }],
  ["a wrong key", [], { "Sec-WebSocket-Accept": "AAAA" }],
];

for (const [what, protocols, fields] of REFUSED) {
  Deno.test(`WebSocket: ${what} in the answer fails the connection`, async () => {
    await using dialed = await dial((url) => new WebSocket(url, protocols));
    const { socket, peer } = dialed;
    const types = typesOf(socket);
    const failed = next(socket, "error");
    const closed = next(socket, "close");
    await peer.acceptUpgrade({ fields });
    assertEquals(((await failed) as ErrorEvent).error.code, "ERR_HANDSHAKE");
    const { code, reason, wasClean } = await closed;
    assertEquals({ code, reason, wasClean }, { code: 1006, reason: "", wasClean: false });
    assertEquals(types, ["error", "close"]);
    assertEquals([socket.protocol, socket.connection], ["", undefined]);
    assertEquals((await peer.readFramesToEnd()).frames, []);
  });
}

Deno.test("WebSocket: options can stand behind the protocols, as in the package ws", async () => {
  const headers = { "X-Token": "abc" };
  for (const protocols of [undefined, null, "a", ["a"]]) {
    await using dialed = await dial((url) => new WebSocket(url, protocols, { headers }));
    const { fields } = await dialed.peer.readHead();
    assertEquals(fields.get("x-token"), ["abc"]);
    assertEquals(fields.get("sec-websocket-protocol"), protocols ? ["a"] : undefined);
  }
});

Deno.test("WebSocket: compression is offered, and what was agreed on is told", async () => {
  const agreed = "permessage-deflate; server_no_context_takeover";
  await using opened = await open({}, { fields: { "Sec-WebSocket-Extensions": agreed } });
  const [offer = ""] = opened.request.fields.get("sec-websocket-extensions") ?? [];
  assertEquals(offer.split(";")[0], "permessage-deflate");
  assertEquals(opened.socket.extensions, agreed);
});

Deno.test("WebSocket: compression can be left out", async () => {
  await using opened = await open({ compression: false });
  assertEquals(opened.request.fields.has("sec-websocket-extensions"), false);
  assertEquals(opened.socket.extensions, "");
});

Deno.test("WebSocket: user name and password of the URL become credentials", async () => {
  await using listener = await RawListener.listen();
  const socket: AnySocket = new WebSocket(`ws://foo:bar@127.0.0.1:${listener.port}/`);
  const closed = next(socket, "close");
  await using peer = await listener.accept();
  const { fields } = await peer.readHead();
  assertEquals(fields.get("authorization"), [`Basic ${btoa("foo:bar")}`]);
  socket.close();
  await closed;
});

Deno.test("WebSocket: a host that cannot be reached is error, then close with 1006", async () => {
  let port: number;
  {
    await using listener = await RawListener.listen();
    port = listener.port;
  }
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  const types = typesOf(socket);
  const failed = next(socket, "error");
  const closed = next(socket, "close");
  const { error, message } = await failed as ErrorEvent;
  assertEquals([error.code, message], ["ERR_UNREACHABLE", error.message]);
  assertEquals((await closed).code, 1006);
  assertEquals(types, ["error", "close"]);
});

Deno.test("WebSocket: a redirect is not followed", async () => {
  await using dialed = await dial((url) => new WebSocket(url));
  const failed = next(dialed.socket, "error");
  await dialed.peer.readHead();
  await dialed.peer.write(`HTTP/1.1 301 Moved\r\nLocation: ${dialed.url}\r\n\r\n`);
  await dialed.peer.halfClose();
  assertEquals((await failed as ErrorEvent).error.response.status, 301);
});

Deno.test("WebSocket: a subclass can be made", async () => {
  class Mine extends WebSocket {
    readonly mine = 1;
  }
  await using dialed = await dial((url) => new Mine(url));
  assertEquals([dialed.socket.mine, dialed.socket.readyState], [1, 0]);
  assertEquals(String(dialed.socket), "[object WebSocket]");
});
