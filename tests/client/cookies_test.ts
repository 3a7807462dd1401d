import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { connect } from "../../lib/client/connect.ts";
import { ConnectError } from "../../lib/client/connect_error.ts";
import type { CookieStore } from "../../lib/client/cookies.ts";
import { RawListener } from "../support/raw_peer.ts";
import { CA, TlsServer } from "./tls_server.ts";
import { TunnelProxy } from "./tunnel_proxy.ts";

/** A store that keeps the latest cookies of each host and port, and nothing of their attributes. */
class Store implements CookieStore {
  /** The URLs that cookies were asked for. */
  readonly asked: string[] = [];
  /** What was set. */
  readonly lines: [url: string, setCookie: readonly string[]][] = [];
  readonly #cookies = new Map<string, string>();

  get(url: URL): Promise<string> {
    this.asked.push(url.href);
    return Promise.resolve(this.#cookies.get(url.host) ?? "");
  }

  set(url: URL, setCookie: readonly string[]): void {
    this.lines.push([url.href, setCookie]);
    this.#cookies.set(url.host, setCookie.map((line) => line.split(";")[0]).join("; "));
  }
}

Deno.test("cookies: those of 101 are stored before the connection is given, and sent the next time", async () => {
  await using listener = await RawListener.listen();
  const cookies = new Store();
  const url = `127.0.0.1:${listener.port}/chat?x=1`;
  const sent: unknown[] = [];
  for (let round = 0; round < 2; round++) {
    const opening = connect(`ws://user:pw@${url}`, { cookies });
    await using peer = await listener.accept();
    const lines = ["Set-Cookie: id=7; HttpOnly", "set-cookie: a=b, c"];
    const { fields } = await peer.acceptUpgrade({ lines });
    sent.push(fields.get("cookie"));
    const connection = await opening;
    assertEquals(cookies.lines.length, round + 1);
    connection.destroy();
    await connection.closed;
  }
  assertEquals(cookies.asked, [`http://${url}`, `http://${url}`]);
  assertEquals(cookies.lines[0], [`http://${url}`, ["id=7; HttpOnly", "a=b, c"]]);
  assertEquals(sent, [undefined, ["id=7; a=b, c"]]);
});

Deno.test("cookies: there is one field, with those that were given first", async () => {
  await using listener = await RawListener.listen();
  const opening = connect(`ws://127.0.0.1:${listener.port}/`, {
    headers: [["Cookie", "a=1"], ["X-Other", "x"], ["cookie", "b=2"]],
    cookies: { get: () => "c=3", set: () => {} },
  });
  await using peer = await listener.accept();
  const { fields } = await peer.acceptUpgrade();
  const connection = await opening;
  assertEquals(fields.get("cookie"), ["a=1; b=2; c=3"]);
  assertEquals(fields.get("x-other"), ["x"]);
  connection.destroy();
  await connection.closed;
});

Deno.test("cookies: wss asks for those of https", async () => {
  await using server = new TlsServer("localhost");
  const cookies = new Store();
  const opening = connect(`wss://localhost:${server.port}/`, { cookies, tls: { caCerts: [CA] } });
  await server.acceptUpgrade();
  const connection = await opening;
  assertEquals(cookies.asked, [`https://localhost:${server.port}/`]);
  connection.destroy();
  await connection.closed;
});

Deno.test("cookies: those of a refusal are stored, and visible in the error", async () => {
  await using listener = await RawListener.listen();
  const cookies = new Store();
  const failing = assertRejects(
    () => connect(`ws://127.0.0.1:${listener.port}/`, { cookies }),
    ConnectError,
  );
  await using peer = await listener.accept();
  await peer.readHead();
  await peer.write("HTTP/1.1 401 No\r\nSet-Cookie: id=7\r\nContent-Length: 0\r\n\r\n");
  assertEquals((await failing).response?.headers.getSetCookie(), ["id=7"]);
  assertEquals(cookies.lines.map(([, lines]) => lines), [["id=7"]]);
});

Deno.test("cookies: a redirect to the same place is followed with the cookie that it set", async () => {
  await using listener = await RawListener.listen();
  const opening = connect(`ws://127.0.0.1:${listener.port}/`, {
    redirects: 1,
    cookies: new Store(),
  });
  await using first = await listener.accept();
  await first.readHead();
  await first.write("HTTP/1.1 302 Found\r\nLocation: /\r\nSet-Cookie: seen=1\r\n\r\n");
  await using second = await listener.accept();
  const { fields } = await second.acceptUpgrade();
  const connection = await opening;
  assertEquals(fields.get("cookie"), ["seen=1"]);
  connection.destroy();
  await connection.closed;
});

Deno.test("cookies: a proxy gets and sets none", async () => {
  await using proxy = new TunnelProxy({
    answer: "HTTP/1.1 403 No\r\nSet-Cookie: id=7\r\nContent-Length: 0\r\n\r\n",
  });
  const cookies = new Store();
  cookies.set(new URL("http://127.0.0.1:9/"), ["id=1"]);
  await assertRejects(
    () => connect("ws://127.0.0.1:9/", { cookies, proxy: `http://127.0.0.1:${proxy.port}` }),
    ConnectError,
  );
  assertEquals(cookies.lines.length, 1);
  assertEquals(proxy.requests[0]?.fields.has("cookie"), false);
});

Deno.test("cookies: what a store throws ends the attempt, and nothing stays open", async () => {
  await using listener = await RawListener.listen();
  const url = `ws://127.0.0.1:${listener.port}/`;
  const reason = new Error("the disk is full");
  const failing: CookieStore["get"] = () => Promise.reject(reason);
  const early = connect(url, { cookies: { get: failing, set: () => {} } });
  assertStrictEquals(await early.catch((error) => error), reason);

  const late = connect(url, {
    cookies: { get: () => undefined, set: () => failing(new URL(url)) },
  });
  const caught = late.catch((error) => error);
  await using peer = await listener.accept();
  await peer.acceptUpgrade({ lines: ["Set-Cookie: a=b"] });
  assertStrictEquals(await caught, reason);
  await peer.readToEnd();
});

Deno.test("cookies: a store that hangs is bounded by the timeout and the signal", async () => {
  const never = () => new Promise<string>(() => {});
  await using listener = await RawListener.listen();
  const url = `ws://127.0.0.1:${listener.port}/`;
  const error = await assertRejects(
    () => connect(url, { timeout: 50, cookies: { get: never, set: () => {} } }),
    ConnectError,
  );
  assertEquals(error.code, "ERR_TIMEOUT");
  const controller = new AbortController();
  const opening = connect(url, {
    signal: controller.signal,
    cookies: {
      get: () => "",
      set: () => {
        controller.abort("enough");
        return never();
      },
    },
  });
  const caught = opening.catch((error) => error);
  await using peer = await listener.accept();
  await peer.acceptUpgrade({ lines: ["Set-Cookie: a=b"] });
  assertEquals(await caught, "enough");
  await peer.readToEnd();
});

Deno.test("cookies: a store that is none, or gives what is none", async () => {
  const set = () => {};
  const rows: [cookies: unknown, message: string][] = [
    [5, "cookies must be an object; got number"],
    [null, "cookies must be an object; got null"],
    [{ set }, "cookies.get must be a function; got undefined"],
    [{ get: set, set: "x" }, "cookies.set must be a function; got string"],
    [{ get: () => 5, set }, "What cookies.get gives must be a string; got number"],
    [{ get: () => "a=1\r\nX: y", set }, "line break"],
  ];
  for (const [cookies, message] of rows) {
    await assertRejects(
      () => connect("ws://127.0.0.1:9/", { cookies: cookies as CookieStore }),
      TypeError,
      message,
    );
  }
});
