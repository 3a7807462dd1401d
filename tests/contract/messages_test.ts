/**
 * The contract for messages: what is sent arrives, whole, once and in order.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Connection } from "../../lib/connection/connection.ts";
import { ConnectionClosedError, ConnectionError } from "../../lib/connection/errors.ts";
import { PreparedMessage } from "../../lib/connection/prepared_message.ts";
import { contract, ECHO, openPair, pattern } from "./contract.ts";

/** Lengths at which the form of the header or of a buffer changes (RFC 6455 §5.2). */
const SIZES = [0, 1, 125, 126, 65_535, 65_536, 1024 * 1024];

/** All messages until the end. */
async function collect(connection: Connection): Promise<(string | Uint8Array)[]> {
  const messages = [];
  for await (const message of connection) messages.push(message);
  return messages;
}

contract("text of every boundary length goes both ways", async (ground) => {
  await using pair = await openPair(ground, { endpoint: ECHO });
  for (const size of SIZES) {
    const text = "0123456789abcdef".repeat(Math.ceil(size / 16)).slice(0, size);
    pair.client.send(text);
    assert(await pair.client.receive() === text, `${size} characters`);
  }
});

contract("binary messages of every boundary length go both ways", async (ground) => {
  await using pair = await openPair(ground, { endpoint: ECHO });
  for (const size of SIZES) {
    const bytes = pattern(size);
    pair.client.send(bytes);
    assertEquals(await pair.client.receive(), bytes, `${size} bytes`);
  }
});

contract("text of any language goes both ways", async (ground) => {
  await using pair = await openPair(ground, { endpoint: ECHO });
  for (const text of ["ångström", "日本語", "🌊 \u{10ffff}", "\u0000\u007f\u0080", "\ufeffmark"]) {
    pair.client.send(text);
    assertEquals(await pair.client.receive(), text);
  }
  pair.client.send("a\ud800b");
  assertEquals(await pair.client.receive(), "a\ufffdb", "a lone surrogate has no UTF-8");
});

contract("every kind of buffer and view is sent as its own bytes", async (ground) => {
  await using pair = await openPair(ground);
  const { buffer } = pattern(64);
  const shared = new SharedArrayBuffer(4);
  new Uint8Array(shared).set([1, 2, 3, 4]);
  const sent = [
    [buffer, pattern(64)],
    [new Uint8Array(buffer, 3, 5), pattern(64).slice(3, 8)],
    [new DataView(buffer, 1, 2), pattern(64).slice(1, 3)],
    [new Float64Array(buffer, 8, 2), pattern(64).slice(8, 24)],
    [shared, Uint8Array.of(1, 2, 3, 4)],
    [new Uint8Array(shared, 1, 2), Uint8Array.of(2, 3)],
  ] as const;
  for (const [data, bytes] of sent) {
    pair.client.send(data);
    assertEquals(await pair.accepted.receive(), bytes);
    pair.accepted.send(data);
    assertEquals(await pair.client.receive(), bytes);
  }
});

contract("what is sent is what the buffer held at the call", async (ground) => {
  await using pair = await openPair(ground);
  for (const [from, to] of [[pair.client, pair.accepted], [pair.accepted, pair.client]] as const) {
    const bytes = Uint8Array.of(1, 2, 3);
    from.send(bytes);
    bytes.fill(9);
    assertEquals(await to.receive(), Uint8Array.of(1, 2, 3));
  }
});

contract("what is no message is refused", async (ground) => {
  await using pair = await openPair(ground);
  for (const end of [pair.client, pair.accepted]) {
    for (const wrong of [undefined, null, 1, {}, ["a"]]) {
      await assertRejects(async () => await end.send(wrong as unknown as string), TypeError);
    }
    assertEquals(end.state, "open");
  }
});

contract("a thousand messages keep their order, in both directions at once", async (ground) => {
  await using pair = await openPair(ground);
  const messages = Array.from(
    { length: 1000 },
    (_, at) => at % 2 === 0 ? `message ${at}` : pattern(at),
  );
  const sendAll = async (connection: Connection) => {
    for (const message of messages) await connection.send(message);
  };
  const receiveAll = async (connection: Connection) => {
    for (const message of messages) assertEquals(await connection.receive(), message);
  };
  await Promise.all([pair.client, pair.accepted].flatMap((end) => [sendAll(end), receiveAll(end)]));
});

contract("iteration gives every message and ends with the connection", async (ground) => {
  await using pair = await openPair(ground);
  const collected = collect(pair.accepted);
  pair.client.send("one");
  pair.client.send(Uint8Array.of(2));
  pair.client.send("three");
  await pair.client.close();
  assertEquals(await collected, ["one", Uint8Array.of(2), "three"]);
  assertEquals(await collect(pair.client), []);
});

contract("iteration throws when the connection is cut", async (ground) => {
  await using pair = await openPair(ground);
  pair.client.send("last words");
  assertEquals(await pair.accepted.receive(), "last words");
  const collected = collect(pair.accepted);
  pair.client.destroy();
  const error = await assertRejects(() => collected, ConnectionClosedError);
  assertEquals(error.event?.code, 1006);
  await assertRejects(() => collect(pair.client), ConnectionClosedError);
});

contract("leaving an iteration leaves the connection open", async (ground) => {
  await using pair = await openPair(ground);
  pair.client.send("one");
  pair.client.send("two");
  for await (const message of pair.accepted) {
    assertEquals(message, "one");
    break;
  }
  assertEquals(await pair.accepted.receive(), "two");
  assertEquals(pair.accepted.state, "open");
});

contract("receive waits, can be given up, and gives undefined at the end", async (ground) => {
  await using pair = await openPair(ground);
  const first = pair.accepted.receive();
  const second = pair.accepted.receive();
  const reason = new Error("no time");
  const signal = AbortSignal.abort(reason);
  assertEquals(await assertRejects(() => pair.accepted.receive({ signal })), reason);
  pair.client.send("one");
  pair.client.send("two");
  assertEquals([await first, await second], ["one", "two"]);
  await pair.client.close();
  assertEquals(await pair.accepted.receive(), undefined);
  assertEquals(await pair.client.receive(), undefined);
});

contract("what came before the end can be received after it", async (ground) => {
  await using pair = await openPair(ground);
  pair.client.send("one");
  await pair.client.close();
  await pair.accepted.closed;
  assertEquals(await pair.accepted.receive(), "one");
  assertEquals(await pair.accepted.receive(), undefined);
});

contract("receive is refused where messages go to a handler", async (ground) => {
  await using pair = await openPair(ground, { endpoint: ECHO });
  const error = await assertRejects(() => pair.accepted.receive(), ConnectionError);
  assertEquals(error.code, "ERR_INVALID_STATE");
});

contract("a prepared message is sent to many, text or binary", async (ground) => {
  const accepted: Connection[] = [];
  const complete = Promise.withResolvers<void>();
  const open = (connection: Connection) => {
    if (accepted.push(connection) === 3) complete.resolve();
  };
  await using server = await ground.serve({ websocket: { open } });
  const clients = await Promise.all([server.connect(), server.connect(), server.connect()]);
  await complete.promise;
  for (const data of ["🌊 to all", pattern(300)]) {
    const message = new PreparedMessage(data);
    for (const connection of accepted) connection.send(message);
    for (const client of clients) {
      assertEquals(await client.receive(), data);
      client.send(message);
    }
    for (const connection of accepted) assertEquals(await connection.receive(), data);
  }
  await Promise.all(clients.map((client) => client.close()));
});
