/**
 * A connection as an application uses it: messages in and out, iteration, pings, and what
 * it says of itself.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { Connection } from "../../lib/connection/connection.ts";
import { ConnectionClosedError, ConnectionError } from "../../lib/connection/errors.ts";
import { resolveOptions } from "../../lib/connection/options.ts";
import { PreparedMessage } from "../../lib/connection/prepared_message.ts";
import type { Capabilities } from "../../lib/connection/transport.ts";
import { OP, openConnection, openPair, settle } from "../support/connection_pair.ts";
import { FakeTransport } from "../support/fake_transport.ts";

Deno.test("connection: it says what it is", async () => {
  const { connection } = await openConnection({ role: "client" });
  assertEquals(connection.role, "client");
  assertEquals(connection.url, "ws://localhost/");
  assertEquals(connection.subprotocol, "");
  assertEquals(connection.extensions, "");
  assertEquals(connection.remoteAddress, {
    transport: "tcp",
    hostname: "127.0.0.1",
    port: 4321,
  });
  assertEquals(connection.engine, "codec");
  assertEquals(connection.state, "open");
  assertEquals(Object.values(connection.capabilities), Array(8).fill(true));
  assertEquals(connection.data, undefined);
  connection.data = { user: 1 };
  assertEquals(connection.data, { user: 1 });
  connection.destroy();
});

Deno.test("connection: messages of every boundary length arrive as sent, both ways", async () => {
  const lengths = [0, 1, 2, 125, 126, 127, 65_535, 65_536, 1_048_576];
  const { client, server } = await openPair();
  for (const [from, to] of [[client, server], [server, client]] as const) {
    for (const length of lengths) {
      const text = "x".repeat(length);
      const bytes = crypto.getRandomValues(new Uint8Array(Math.min(length, 65_536)));
      from.connection.send(text);
      from.connection.send(bytes);
      assert(await to.connection.receive() === text);
      assertEquals(await to.connection.receive(), bytes);
    }
  }
  client.connection.close();
  await server.over();
  await client.over();
});

Deno.test("connection: an echo by iteration", async () => {
  const { client, server } = await openPair();
  const echo = (async () => {
    for await (const message of server.connection) await server.connection.send(message);
  })();
  for (let i = 0; i < 100; i++) client.connection.send(`${i}`);
  for (let i = 0; i < 100; i++) assertEquals(await client.connection.receive(), `${i}`);
  client.connection.close();
  await echo;
  await client.over();
  await server.over();
});

Deno.test("connection: iteration throws when the end is not clean", async () => {
  const opened = await openConnection();
  const got: unknown[] = [];
  const iteration = (async () => {
    for await (const message of opened.connection) got.push(message);
  })();
  opened.peer.sendText("one");
  opened.peer.end();
  const error = await assertRejects(() => iteration, ConnectionClosedError, "code 1006");
  assertEquals(error.event?.code, 1006);
  assertEquals(got, ["one"]);
  await opened.over();
});

Deno.test("connection: leaving a loop leaves it open, and another goes on", async () => {
  const { connection, peer } = await openConnection();
  for (let i = 0; i < 4; i++) peer.sendText(`${i}`);
  for await (const message of connection) {
    assertEquals(message, "0");
    break;
  }
  const got: unknown[] = [];
  for await (const message of connection) {
    if (got.push(message) === 3) break;
  }
  assertEquals(got, ["1", "2", "3"]);
  assertEquals(connection.state, "open");
  connection.destroy();
});

Deno.test("connection: a signal ends receive, and loses no message", async () => {
  const opened = await openConnection();
  const { connection, peer } = opened;
  const controller = new AbortController();
  const aborted = connection.receive({ signal: controller.signal });
  controller.abort(new Error("enough"));
  await assertRejects(() => aborted, Error, "enough");
  await assertRejects(() => connection.receive({ signal: AbortSignal.abort() }), DOMException);
  peer.sendText("kept");
  assertEquals(await connection.receive({ signal: new AbortController().signal }), "kept");
  connection.destroy();
  await opened.over();
});

Deno.test("connection: what is sent was copied when send returned, whatever it came in", async () => {
  for (const slowConsumer of ["disconnect", "drop-oldest"] as const) {
    for (const fill of [0, 10_000]) {
      const options = { sendHighWaterMark: 5000, slowConsumer };
      const { connection, peer, link } = await openConnection({ options });
      link.output.stalled = true;
      if (fill > 0) connection.send(new Uint8Array(fill));
      await settle();
      peer.takeAll();
      const shared = new Uint8Array(new SharedArrayBuffer(2));
      const sent = [new Uint8Array([1, 2]), Buffer.from([1, 2]), shared];
      shared.set([1, 2]);
      for (const bytes of sent) {
        connection.send(bytes);
        bytes.fill(9);
      }
      const view = new DataView(new Uint8Array([0, 1, 2, 0]).buffer, 1, 2);
      connection.send(view);
      view.setUint16(0, 0);
      const prepared = Buffer.from([1, 2]);
      connection.send(new PreparedMessage(prepared));
      prepared.fill(9);
      link.output.stalled = false;
      await settle();
      const lines = peer.takeLines();
      assertEquals(lines.slice(fill === 0 ? 0 : 1), Array(5).fill("binary 0102"));
      connection.destroy();
    }
  }
});

Deno.test("connection: what is received is the receiver's own", async () => {
  const { connection, peer } = await openConnection();
  for (let i = 1; i <= 3; i++) {
    peer.send({ opcode: OP.BINARY, payload: new Uint8Array(8).fill(i) });
  }
  await settle();
  const got: Uint8Array[] = [];
  for (let i = 1; i <= 3; i++) got.push(await connection.receive() as Uint8Array);
  got[0]!.fill(99);
  peer.sendText("more input");
  await settle();
  assertEquals(got.map((bytes) => bytes[7]), [99, 2, 3]);
  connection.destroy();
});

Deno.test("connection: ping gives the round trip in milliseconds", async () => {
  const { client, server, clock } = await openPair();
  server.link.output.held = true;
  const answer = client.connection.ping();
  await clock.advance(123);
  server.link.output.held = false;
  assertEquals(await answer, 123);
  assertEquals(client.connection.latency, 123);
  assertEquals(await server.connection.ping(new Uint8Array(125)), 0);
  client.connection.close();
  await client.over();
  await server.over();
});

Deno.test("connection: a ping takes a Uint8Array of at most 125 bytes, and copies it", async () => {
  const { connection, peer } = await openConnection();
  const wrong: unknown[] = [
    new Uint16Array(1),
    new DataView(new ArrayBuffer(1)),
    new ArrayBuffer(1),
    "text",
    5,
    null,
    [1],
  ];
  for (const payload of wrong) {
    assertThrows(() => connection.ping(payload as Uint8Array), TypeError, "must be a Uint8Array");
    assertThrows(() => connection.pong(payload as Uint8Array), TypeError, "must be a Uint8Array");
  }
  assertThrows(() => connection.ping(new Uint8Array(126)), RangeError, "125 at most");
  assertThrows(() => connection.pong(new Uint8Array(126)), RangeError, "125 at most");
  await settle();
  assertEquals(peer.takeLines(), []);
  const buffer = Buffer.from([0, 1, 2, 3]).subarray(1, 3);
  const answer = connection.ping(buffer);
  connection.pong(buffer);
  connection.pong();
  buffer.fill(9);
  await settle();
  assertEquals(peer.takeLines(), ["ping 0102", "pong 0102", "pong"]);
  peer.send({ opcode: OP.PONG, payload: new Uint8Array([1, 2]) });
  assertEquals(await answer, 0);
  connection.destroy();
});

Deno.test("connection: a signal ends the waiting for a pong", async () => {
  const opened = await openConnection();
  const { connection } = opened;
  const controller = new AbortController();
  const answer = connection.ping(undefined, { signal: controller.signal });
  controller.abort(new Error("enough"));
  await assertRejects(() => answer, Error, "enough");
  connection.ping(undefined, { signal: controller.signal }); // nobody waits
  assertEquals(connection.state, "open");
  connection.destroy();
  await opened.over();
});

Deno.test("connection: a ping at every boundary is answered at once, and the message stays whole", async () => {
  const pings: string[] = [];
  const { connection, peer } = await openConnection({
    handlers: { ping: (_, payload) => pings.push(new TextDecoder().decode(payload)) },
  });
  peer.send({ opcode: OP.PING, payload: "0" });
  for (let i = 1; i <= 5; i++) {
    peer.send({ opcode: i === 1 ? OP.TEXT : OP.CONT, fin: i === 5, payload: `${i}` });
    peer.send({ opcode: OP.PING, payload: `${i}` });
    await settle();
    assertEquals(peer.takeAll().length, i === 1 ? 2 : 1);
  }
  assertEquals(await connection.receive(), "12345");
  assertEquals(pings, ["0", "1", "2", "3", "4", "5"]);
  connection.destroy();
});

Deno.test("connection: each way of receiving refuses the others", async () => {
  const opened = await openConnection({ options: { streaming: true } });
  const { connection } = opened;
  const error = await assertRejects(() => connection.receive(), ConnectionError, "use streams()");
  assertEquals(error.code, "ERR_INVALID_STATE");
  await assertRejects(async () => {
    for await (const _ of connection);
  }, ConnectionError);
  connection.destroy();
  const plain = await openConnection();
  await assertRejects(
    async () => {
      for await (const _ of plain.connection.streams());
    },
    ConnectionError,
    "use for await (… of connection)",
  );
  plain.connection.destroy();
  const handled = await openConnection({ handlers: { message: () => {} } });
  await assertRejects(() => handled.connection.receive(), ConnectionError, "go to a handler");
  handled.connection.destroy();
});

Deno.test("connection: what an engine lacks is refused with an error that names it", async () => {
  const open = (lacks: (keyof Capabilities)[]) => {
    const transport = new FakeTransport(lacks);
    const options = resolveOptions({});
    const info = {
      role: "server",
      url: "ws://localhost/",
      subprotocol: "",
      extensions: "",
      remoteAddress: { transport: "tcp", hostname: "", port: 0 },
    } as const;
    return { transport, connection: new Connection({ transport, info, options }) };
  };
  const uses: [keyof Capabilities, (connection: Connection) => unknown][] = [
    ["ping", (connection) => connection.ping()],
    ["ping", (connection) => connection.pong()],
    ["streaming", (connection) => connection.sendStream("text")],
    ["destroy", (connection) => connection.destroy()],
  ];
  for (const [capability, use] of uses) {
    const { connection, transport } = open([capability]);
    const error = assertThrows(() => use(connection), ConnectionError, `lacks ${capability}`);
    assertEquals(error.code, "ERR_NOT_SUPPORTED");
    assertEquals(transport.taken(), []);
    transport.destroy();
  }
  // How a prepared message is framed is the engine's business; without drain nothing waits.
  const { connection, transport } = open(["prepared", "drain", "ping"]);
  transport.bufferedAmount = 1_000_000;
  assertEquals(connection.send(new PreparedMessage("hi")), undefined);
  assertEquals(transport.taken(), ["prepared hi"]);
  transport.destroy(); // on the system's clock: this test fails if a timer is left
  await connection.closed;
});

Deno.test("connection: messages, pings and the close frame keep their order", async () => {
  const { connection, peer } = await openConnection();
  connection.send("1");
  connection.ping(new Uint8Array([2]));
  connection.send(new Uint8Array([3]));
  connection.pong(new Uint8Array([4]));
  connection.send(new PreparedMessage("5"));
  connection.close(1000, "6");
  await settle();
  assertEquals(peer.takeLines(), [
    "text 1",
    "ping 02",
    "binary 03",
    "pong 04",
    "text 5",
    "close 1000 6",
  ]);
  connection.destroy();
});
