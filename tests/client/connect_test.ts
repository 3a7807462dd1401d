import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { connect, type ConnectOptions } from "../../lib/client/connect.ts";
import { ConnectError } from "../../lib/client/connect_error.ts";
import { RawListener } from "../support/raw_peer.ts";
import { ask, open } from "./raw_server.ts";

Deno.test("connect: the request is the one of RFC 6455 §4.1, byte for byte", async () => {
  await using asker = await ask({ compression: false }, "/chat?room=1");
  const { text, fields } = asker.request;
  const key = fields.get("sec-websocket-key")?.[0] ?? "";
  const port = fields.get("host")?.[0]?.split(":")[1];
  assertEquals(
    text,
    `GET /chat?room=1 HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\n` +
      `Connection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  assertEquals(Uint8Array.fromBase64(key).length, 16);
});

Deno.test("connect: the request carries headers as they were given, and the subprotocols", async () => {
  const headers: [string, string][] = [["Cookie", "a=1"], ["cookie", "b=2"], ["X-Empty", ""]];
  const subprotocols = ["chat.v2", "chat.v1"];
  await using asker = await ask({ headers, subprotocols, compression: false });
  const [, ...lines] = asker.request.text.split("\r\n");
  assertEquals(lines.slice(5), [
    "Sec-WebSocket-Protocol: chat.v2, chat.v1",
    "Cookie: a=1",
    "cookie: b=2",
    "X-Empty: ",
    "",
    "",
  ]);
});

Deno.test("connect: headers can be a Headers object or a record, a subprotocol a string", async () => {
  for (
    const headers of [new Headers({ Origin: "https://a.example" }), { origin: "https://a.example" }]
  ) {
    await using asker = await ask({ headers, subprotocols: "chat" });
    assertEquals(asker.request.fields.get("origin"), ["https://a.example"]);
    assertEquals(asker.request.fields.get("sec-websocket-protocol"), ["chat"]);
  }
});

Deno.test("connect: subprotocols can be anything that gives them once", async () => {
  const names = new Set(["b", "a"]).values() as unknown as string[];
  await using asker = await ask({ subprotocols: names });
  assertEquals(asker.request.fields.get("sec-websocket-protocol"), ["b, a"]);
});

Deno.test("connect: each attempt has a key of its own", async () => {
  await using first = await ask();
  await using second = await ask();
  assertNotEquals(
    first.request.fields.get("sec-websocket-key"),
    second.request.fields.get("sec-websocket-key"),
  );
});

Deno.test("connect: the connection knows what it is connected to", async () => {
  const data = { user: 7 };
  await using opened = await open({ data, subprotocols: ["a", "b"] }, {
    fields: { "Sec-WebSocket-Protocol": "b" },
  });
  const { connection, request } = opened;
  const port = Number(request.fields.get("host")?.[0]?.split(":")[1]);
  assertEquals(connection.role, "client");
  assertEquals(connection.engine, "codec");
  assertEquals(connection.state, "open");
  assertEquals(connection.url, `ws://127.0.0.1:${port}/`);
  assertEquals(connection.subprotocol, "b");
  assertEquals(connection.extensions, "");
  assertEquals(connection.remoteAddress, { transport: "tcp", hostname: "127.0.0.1", port });
  assertEquals(connection.data, data);
});

Deno.test("connect: handlers are called as without them messages would wait", async () => {
  const events: string[] = [];
  const handlers = {
    open: () => events.push("open"),
    message: (_: unknown, data: unknown) => events.push(`message ${data}`),
    close: () => events.push("close"),
  };
  await using opened = await open({ handlers });
  await opened.peer.send({ opcode: 1, payload: "Hi" });
  await opened.peer.send({ opcode: 8, payload: new Uint8Array([3, 232]) });
  await opened.peer.readFrame();
  await opened.peer.halfClose();
  await opened.connection.closed;
  assertEquals(events, ["open", "message Hi", "close"]);
});

Deno.test("connect: user name and password go into Authorization, and not into what is shown", async () => {
  await using listener = await RawListener.listen();
  const opening = connect(`ws://aladdin:open%20sesame@127.0.0.1:${listener.port}/`);
  await using peer = await listener.accept();
  const request = await peer.acceptUpgrade();
  assertEquals(request.fields.get("authorization"), [`Basic ${btoa("aladdin:open sesame")}`]);
  assertEquals(request.fields.get("host"), [`127.0.0.1:${listener.port}`]);
  const connection = await opening;
  assertEquals(connection.url, `ws://127.0.0.1:${listener.port}/`);
  connection.destroy();
  await connection.closed;

  const failing = assertRejects(
    () => connect(`ws://aladdin:sesame@127.0.0.1:${listener.port}/`),
    ConnectError,
  );
  await using second = await listener.accept();
  await second.write("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n");
  const { message } = await failing;
  assert(!message.includes("sesame"), message);
});

Deno.test("connect: http and https mean ws and wss", async () => {
  await using listener = await RawListener.listen();
  const opening = connect(new URL(`http://localhost:${listener.port}/x`));
  await using peer = await listener.accept();
  await peer.acceptUpgrade();
  const connection = await opening;
  assertEquals(connection.url, `ws://localhost:${listener.port}/x`);
  connection.destroy();
  await connection.closed;
});

/** Arguments that are wrong in themselves. */
const WRONG: [what: string, url: string, options: ConnectOptions, error: string][] = [
  ["no URL", "echo", {}, "absolute URL"],
  ["another scheme", "ftp://127.0.0.1/", {}, "its scheme must be ws: or wss:"],
  ["a fragment", "ws://127.0.0.1/#top", {}, "fragment"],
  ["port 0", "ws://127.0.0.1:0/", {}, "the port must be from 1"],
  ["CR in the URL", "ws://127.0.0.1:PORT/a\rb", {}, "control characters"],
  ["LF in the URL", "ws://127.0.0.1:PORT/a\nb", {}, "control characters"],
  ["LF behind the URL", "ws://127.0.0.1:PORT/a\n", {}, "control characters"],
  ["NUL in the URL", "ws://127.0.0.1:PORT/a\0b", {}, "control characters"],
  ["LF in a header", "", { headers: { a: "b\nc" } }, "line break"],
  ["CR LF behind a header", "", { headers: { a: "b\r\n" } }, "line break"],
  ["CR before a header", "", { headers: [["a", "\rb"]] }, "line break"],
  ["NUL in a header", "", { headers: { a: "b\0c" } }, "control character"],
  ["a header beyond Latin-1", "", { headers: { a: "€" } }, "U+00FF"],
  ["LF in a header's name", "", { headers: { "a\nb": "c" } }, "must be a token"],
  ["a space in a header's name", "", { headers: { "a b": "c" } }, "must be a token"],
  ["no name", "", { headers: { "": "c" } }, "must be a token"],
  ["Host", "", { headers: { host: "a" } }, "set by the handshake itself"],
  ["Sec-WebSocket-Key", "", { headers: { "sec-websocket-key": "a" } }, "handshake itself"],
  ["no pair", "", { headers: [["a"]] as unknown as HeadersInit }, "a name and a value"],
  ["CR LF in a subprotocol", "", { subprotocols: "a\r\nb: c" }, "must be a token"],
  ["NUL in a subprotocol", "", { subprotocols: ["a\0"] }, "must be a token"],
  ["an empty subprotocol", "", { subprotocols: [""] }, "must be a token"],
  ["a subprotocol twice", "", { subprotocols: ["a", "a"] }, "only once"],
  ["a timeout of 0", "", { timeout: 0 }, "timeout must be a whole number from 1"],
  ["a timeout that is no number", "", { timeout: NaN }, "timeout must be a whole number"],
  ["a timeout in words", "", { timeout: "1s" as unknown as number }, "timeout must be a number"],
  ["a limit of -1", "", { maxMessageBytes: -1 }, "maxMessageBytes must be a whole number"],
  ["no options", "", null as unknown as ConnectOptions, "must be an object; got null"],
  ["options in words", "", "x" as ConnectOptions, "must be an object; got string"],
  ["no signal", "", { signal: {} as AbortSignal }, "signal must be an AbortSignal; got object"],
  ["headers in words", "", { headers: "a: b" as unknown as HeadersInit }, "headers must be an"],
  ["no headers", "", { headers: null as unknown as HeadersInit }, "headers must be an object"],
  ["a number in headers", "", { headers: { a: 1 } as unknown as HeadersInit }, '"a" in headers'],
  [
    "a number for a name",
    "",
    { headers: [[1, "a"]] as unknown as HeadersInit },
    "A name in headers must be a string; got number",
  ],
  ["a text in headers", "", { headers: ["a:b"] as unknown as HeadersInit }, "a name and a value"],
  [
    "no subprotocols",
    "",
    { subprotocols: null as unknown as string },
    "subprotocols must be a string or a list of strings; got null",
  ],
  [
    "a number for subprotocols",
    "",
    { subprotocols: 5 as unknown as string },
    "subprotocols must be a string or a list of strings; got number",
  ],
  [
    "a number for a subprotocol",
    "",
    { subprotocols: ["a", 5] as unknown as string[] },
    "subprotocols[1] must be a string; got number",
  ],
  ["-1 redirects", "", { redirects: -1 }, "redirects must be a whole number from 0 to 100"],
  ["101 redirects", "", { redirects: 101 }, "redirects must be a whole number from 0 to 100"],
  ["true for redirects", "", { redirects: true as unknown as number }, "redirects must be a num"],
  [
    "a text for sensitive headers",
    "",
    { sensitiveHeaders: "a" as unknown as string[] },
    "sensitiveHeaders must be a list of strings; got string",
  ],
  [
    "a number for a sensitive header",
    "",
    { sensitiveHeaders: [1] as unknown as string[] },
    "A name in sensitiveHeaders must be a string; got number",
  ],
  ["no host", "ws://", {}, "absolute URL"],
  ["a number for a URL", 5 as unknown as string, {}, "absolute URL"],
];

Deno.test("connect: a wrong argument throws before anything is connected", async (t) => {
  await using listener = await RawListener.listen();
  const base = `ws://127.0.0.1:${listener.port}`;
  for (const [what, url, options, message] of WRONG) {
    await t.step(what, async () => {
      const isText = typeof url === "string";
      const target = url === "" ? base : isText ? url.replace("PORT", `${listener.port}`) : url;
      const error = await assertRejects(() => connect(target, options));
      assert(error instanceof TypeError || error instanceof RangeError, String(error));
      assertStringIncludes(error.message, message);
    });
  }
  const opening = connect(`${base}/the-first`);
  await using peer = await listener.accept();
  assertMatch((await peer.acceptUpgrade()).startLine, /^GET \/the-first /);
  const connection = await opening;
  connection.destroy();
  await connection.closed;
});

Deno.test("connect: an address where nothing listens cannot be reached", async () => {
  let port: number;
  {
    await using listener = await RawListener.listen();
    port = listener.port;
  }
  const error = await assertRejects(() => connect(`ws://127.0.0.1:${port}/`), ConnectError);
  assertEquals(error.code, "ERR_UNREACHABLE");
  assertEquals(
    error.message,
    `Cannot open the connection: 127.0.0.1:${port} cannot be reached: Connection refused`,
  );
  assert(error.cause instanceof Deno.errors.ConnectionRefused);
  assertEquals(error.response, undefined);
});

Deno.test({
  name: "connect: a missing permission is told in the runtime's own words",
  permissions: { net: ["127.0.0.1:9"] },
  fn: async () => {
    for (const scheme of ["ws", "wss"]) {
      await assertRejects(
        () => connect(`${scheme}://127.0.0.1:10/`),
        Deno.errors.NotCapable,
        "--allow-net",
      );
    }
  },
});
