import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { connect } from "../../lib/client/connect.ts";
import { ConnectError } from "../../lib/client/connect_error.ts";
import type { ConnectPhase } from "../../lib/client/phases.ts";
import { CA, TlsServer } from "./tls_server.ts";
import { UnixServer } from "./unix_server.ts";

/** A path at which nothing is. */
const NOWHERE = `${UnixServer.path}.none`;

Deno.test("unix: the URL gives the Host field and the path of the request", async () => {
  await using server = new UnixServer();
  const phases: ConnectPhase[] = [];
  const opening = connect("ws://user:pw@api.example:8080/v1/events?x=1", {
    unix: server.path,
    onPhase: (phase) => phases.push(phase),
  });
  const request = await server.acceptUpgrade();
  const connection = await opening;
  assertEquals(request.startLine, "GET /v1/events?x=1 HTTP/1.1");
  assertEquals(request.fields.get("host"), ["api.example:8080"]);
  assertEquals(request.fields.get("authorization"), [`Basic ${btoa("user:pw")}`]);
  assertEquals(connection.url, "ws://api.example:8080/v1/events?x=1");
  assertEquals(connection.remoteAddress.transport, "unix");
  assertEquals(phases.map(({ phase }) => phase), ["connect", "request", "response", "open"]);
  connection.destroy();
  await connection.closed;
});

Deno.test("unix: wss speaks TLS with the host of the URL", async () => {
  for (const [host, code] of [["localhost", "open"], ["other.example", "ERR_TLS"]]) {
    await using secure = new TlsServer("localhost");
    await using server = new UnixServer();
    const opening = connect(`wss://${host}/`, { unix: server.path, tls: { caCerts: [CA] } });
    const result = opening.then(() => "open", (error) => error.code);
    const splicing = server.splice(secure.port);
    if (code === "open") {
      await secure.acceptUpgrade();
      const connection = await opening;
      connection.destroy();
      await connection.closed;
    } else {
      assertEquals((await secure.readToEnd()).count, 0);
    }
    assertEquals(await result, code);
    await splicing;
  }
});

Deno.test("unix: redirects stay on the socket", async () => {
  await using server = new UnixServer();
  const url = "ws://api.example/a";
  const opening = connect(url, { unix: server.path, redirects: 3 });
  const moved = (location: string) =>
    `HTTP/1.1 307 Moved\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;
  await server.answer(moved("/b"));
  assertEquals((await server.acceptUpgrade()).startLine, "GET /b HTTP/1.1");
  const connection = await opening;
  connection.destroy();
  await connection.closed;

  const failing = assertRejects(
    () => connect(url, { unix: server.path, redirects: 3 }),
    ConnectError,
    "its redirect to ws://127.0.0.1:9/ is not followed: it leads away from the unix socket",
  );
  await server.answer(moved("ws://127.0.0.1:9/"));
  await failing;
});

Deno.test("unix: a path where nothing listens cannot be reached", async () => {
  const { path } = UnixServer;
  Deno.writeTextFileSync(path, "no socket");
  try {
    const error = await assertRejects(() => connect("ws://a/", { unix: path }), ConnectError);
    assertEquals(error.code, "ERR_UNREACHABLE");
    assertStringIncludes(error.message, `Cannot open the connection: ${path} cannot be reached: `);
  } finally {
    Deno.removeSync(path);
  }
});

Deno.test("unix: a missing permission is told in the runtime's own words", async () => {
  await assertRejects(() => connect("ws://a/", { unix: NOWHERE }), Deno.errors.NotCapable);
});

Deno.test("unix: the signal ends the attempt, before and after the stream is open", async () => {
  await using server = new UnixServer();
  for (const late of [false, true]) {
    const controller = new AbortController();
    const opening = connect("ws://a/", { unix: server.path, signal: controller.signal });
    const caught = opening.catch((error) => error);
    if (!late) controller.abort("enough");
    const ended = server.answer("");
    if (late) {
      await server.asked;
      controller.abort("enough");
    }
    assertEquals(await caught, "enough");
    await ended.catch(() => {}); // the client may be gone before its request
  }
});

Deno.test("unix: a wrong path, or a URL with a path in it, is refused", async () => {
  const rows: [url: string, unix: unknown, message: string][] = [
    ["ws://a/", 5, "unix must be a string; got number"],
    ["ws://a/", null, "unix must be a string; got null"],
    ["ws://a/", "", "unix must be the path of a socket"],
    ["ws://a/", "/run/a\0b", "unix must be the path of a socket"],
    ["ws+unix:/run/a.sock", undefined, "take ws: or wss: and the option unix"],
    ["wss+unix:/run/a.sock:/path", undefined, "take ws: or wss: and the option unix"],
  ];
  for (const [url, unix, message] of rows) {
    const options = unix === undefined ? {} : { unix: unix as string };
    await assertRejects(() => connect(url, options), TypeError, message);
  }
});
