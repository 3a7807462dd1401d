/**
 * What is mounted in a `node:http` server: faults of its clients, and all that a server of
 * our own would not meet. The rest is in tests/contract/.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect } from "../../lib/client/connect.ts";
import { createUpgradeHandler, type UpgradeHandler } from "../../lib/server/mount.ts";
import type { UpgradeOptions } from "../../lib/server/options.ts";
import { RawPeer, upgradeRequest } from "../support/raw_peer.ts";

const ECHO: UpgradeOptions = {
  websocket: { message: (connection, data) => connection.send(data) },
};

/** An HTTP server with a handler mounted, on a free port of the loopback address. */
class Mounted implements AsyncDisposable {
  readonly upgrades: UpgradeHandler;
  /** The sockets that were upgraded. */
  readonly sockets: Socket[] = [];
  readonly #server: Server;

  private constructor(server: Server, options: UpgradeOptions) {
    this.upgrades = createUpgradeHandler(options);
    this.#server = server;
    server.on("upgrade", (_, socket) => this.sockets.push(socket as Socket));
    server.on("upgrade", this.upgrades.handleUpgrade);
  }

  static async start(options: UpgradeOptions, server = createServer()): Promise<Mounted> {
    const mounted = new Mounted(server, options);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return mounted;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Asserts that it serves. */
  async assertEchoes(): Promise<void> {
    await using client = await connect(`ws://127.0.0.1:${this.port}/`);
    client.send("still here");
    assertEquals(await client.receive(), "still here");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.upgrades.shutdown({ deadline: 500 });
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** Waits until a stream is closed. */
async function closed(stream: Duplex | undefined): Promise<void> {
  if (stream !== undefined && !stream.closed) await once(stream, "close");
}

Deno.test("mount: a wrong option is refused when the handler is made", () => {
  assertThrows(() => createUpgradeHandler({ handshakeTimeout: 0 }), RangeError, "handshakeTimeout");
  assertThrows(() => createUpgradeHandler({ perIp: -1 }), RangeError, "perIp");
  assertThrows(() => createUpgradeHandler({ routes: { "a": {} } }), TypeError, "routes");
  const websocket = { maxMessageBytes: 1.5 };
  assertThrows(() => createUpgradeHandler({ websocket }), RangeError, "maxMessageBytes");
});

Deno.test("mount: an upgrade to something else is 426", async () => {
  await using mounted = await Mounted.start(ECHO);
  await using peer = await RawPeer.connect(mounted.port);
  const head = await peer.requestUpgrade({ fields: { "Upgrade": "h2c" } });
  assertMatch(head.startLine, /^HTTP\/1\.1 426 /);
  assertEquals(head.fields.get("upgrade"), ["websocket"]);
});

Deno.test("mount: HTTP/1.0, two hosts and odd targets are refused", async () => {
  await using mounted = await Mounted.start(ECHO);
  for (
    const [status, changes] of [
      [426, { startLine: "GET / HTTP/1.0" }],
      [400, { lines: ["Host: other.example"] }],
      [400, { startLine: "GET http://bad|host/ HTTP/1.1" }],
      [400, { startLine: "GET /caf\u00e9 HTTP/1.1" }],
    ] as const
  ) {
    await using peer = await RawPeer.connect(mounted.port);
    const head = await peer.requestUpgrade(changes);
    assertMatch(head.startLine, new RegExp(`^HTTP/1\\.1 ${status} `));
    assertEquals((await peer.readToEnd()).end, "eof");
  }
  await mounted.assertEchoes();
});

Deno.test("mount: a refusal reaches a client that has sent more than it should", async () => {
  await using mounted = await Mounted.start({ routes: {} });
  await using peer = await RawPeer.connect(mounted.port);
  await peer.write(upgradeRequest() + "x".repeat(300_000));
  const head = await peer.readHead();
  assertMatch(head.startLine, /^HTTP\/1\.1 404 /);
  await peer.halfClose();
  assertEquals((await peer.readToEnd()).end, "eof");
  await closed(mounted.sockets[0]);
});

Deno.test("mount: a client that is gone before the answer opens nothing", async () => {
  const asked = Promise.withResolvers<void>();
  const decide = Promise.withResolvers<void>();
  let opened = 0;
  await using mounted = await Mounted.start({
    maxConnections: 1,
    websocket: {
      upgrade: async () => {
        asked.resolve();
        await decide.promise;
      },
      open: () => opened++,
    },
  });
  const peer = await RawPeer.connect(mounted.port);
  await peer.write(upgradeRequest());
  await asked.promise;
  mounted.sockets[0]?.destroy();
  await closed(mounted.sockets[0]);
  decide.resolve();
  await peer[Symbol.asyncDispose]();
  assertEquals([opened, mounted.upgrades.connections.size], [0, 0]);
  // And the place is free again.
  await using next = await connect(`ws://127.0.0.1:${mounted.port}/`);
  assertEquals(next.state, "open");
});

Deno.test("mount: a reset of an open connection ends that connection alone", async () => {
  const ended = Promise.withResolvers<number>();
  await using mounted = await Mounted.start({
    websocket: { ...ECHO.websocket, close: (_, { code }) => ended.resolve(code) },
  });
  const peer = await RawPeer.open(mounted.port);
  await peer.reset();
  assertEquals(await ended.promise, 1006);
  await mounted.assertEchoes();
});

Deno.test("mount: a flood beyond maxConnections is answered, and the places come back", async () => {
  await using mounted = await Mounted.start({ ...ECHO, maxConnections: 2 });
  const peers = await Promise.all(Array.from({ length: 20 }, () => RawPeer.connect(mounted.port)));
  const heads = await Promise.all(peers.map((peer) => peer.requestUpgrade()));
  const statuses = heads.map(({ startLine }) => startLine.split(" ")[1]);
  assertEquals(statuses.filter((status) => status === "101").length, 2);
  assertEquals(statuses.filter((status) => status === "503").length, 18);
  await Promise.all(peers.map((peer) => peer[Symbol.asyncDispose]()));
  await Promise.all(mounted.sockets.map(closed));
  await mounted.assertEchoes();
});

Deno.test("mount: by default this machine's own addresses are not counted", async () => {
  await using mounted = await Mounted.start(ECHO);
  const clients = await Promise.all(
    Array.from({ length: 25 }, () => connect(`ws://127.0.0.1:${mounted.port}/`)),
  );
  await Promise.all(clients.map((client) => client.close()));
});

Deno.test("mount: by default a remote address has 20 places", async () => {
  const upgrades = createUpgradeHandler(ECHO);
  const answers = Array.from({ length: 21 }, () => new FarSocket("192.0.2.1"));
  for (const socket of answers) {
    upgrades.handleUpgrade(socket.request, socket, new Uint8Array(0));
  }
  const statuses = await Promise.all(answers.map((socket) => socket.status));
  assertEquals(statuses.filter((status) => status === "101").length, 20);
  assertEquals(statuses[20], "429");
  for (const socket of answers) socket.destroy();
  await upgrades.shutdown({ deadline: 500 });
});

Deno.test("mount: a hook that hangs does not hold up the shutdown beyond its deadline", async () => {
  const asked = Promise.withResolvers<AbortSignal>();
  await using mounted = await Mounted.start({
    websocket: {
      upgrade: ({ signal }) => {
        asked.resolve(signal);
        return new Promise(() => {});
      },
    },
  });
  await using peer = await RawPeer.connect(mounted.port);
  await peer.write(upgradeRequest());
  const signal = await asked.promise;
  await mounted.upgrades.shutdown({ deadline: 50 });
  assert(signal.aborted);
  assert(mounted.sockets[0]?.destroyed);
});

Deno.test("mount: after the shutdown upgrades are answered with 503", async () => {
  await using mounted = await Mounted.start(ECHO);
  await mounted.upgrades.shutdown();
  await using peer = await RawPeer.connect(mounted.port);
  assertMatch((await peer.requestUpgrade()).startLine, /^HTTP\/1\.1 503 /);
});

Deno.test("mount: a signal that has fired already admits nobody", async () => {
  await using mounted = await Mounted.start({ ...ECHO, signal: AbortSignal.abort() });
  await using peer = await RawPeer.connect(mounted.port);
  assertMatch((await peer.requestUpgrade()).startLine, /^HTTP\/1\.1 503 /);
});

Deno.test("mount: within node:https the connection is known to be secure", async () => {
  const fixture = (name: string) =>
    Deno.readTextFileSync(new URL(`../fixtures/${name}`, import.meta.url));
  const tls = { cert: fixture("localhost.pem"), key: fixture("localhost_key.pem") };
  let secure: boolean | undefined;
  await using mounted = await Mounted.start({
    websocket: {
      ...ECHO.websocket,
      upgrade: (request) => void (secure = request.secure),
    },
  }, createTlsServer(tls));
  const url = `wss://127.0.0.1:${mounted.port}/`;
  const client = await connect(url, { tls: { caCerts: [fixture("ca.pem")] } });
  client.send("x".repeat(200_000));
  assertEquals((await client.receive())?.length, 200_000);
  const [accepted] = mounted.upgrades.connections;
  assertEquals([secure, accepted?.url], [true, url]);
  await client.close();
});

/** A socket that says to come from elsewhere, with the request that came on it. */
class FarSocket extends Duplex {
  readonly remoteAddress: string;
  readonly remotePort = 4321;
  /** The status of what is written first. */
  readonly status: Promise<string>;
  readonly #status = Promise.withResolvers<string>();

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
    this.status = this.#status.promise;
  }

  get request(): Parameters<UpgradeHandler["handleUpgrade"]>[0] {
    const lines = upgradeRequest().trimEnd().split("\r\n").slice(1);
    const rawHeaders = lines.flatMap((line) => line.split(": "));
    return { method: "GET", url: "/", httpVersion: "1.1", rawHeaders } as Parameters<
      UpgradeHandler["handleUpgrade"]
    >[0];
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#status.resolve(new TextDecoder().decode(chunk).split(" ")[1] ?? "");
    done();
  }
}
