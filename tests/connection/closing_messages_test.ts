/**
 * What becomes of messages when a connection closes, and of those who send and wait.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConnectionClosedError } from "../../lib/connection/errors.ts";
import { OP, openConnection, settle } from "../support/connection_pair.ts";

Deno.test("close: nothing can be sent any more, and whoever waits is told", async () => {
  const opened = await openConnection();
  const { connection, peer } = opened;
  const ping = connection.ping();
  connection.close();
  const refused = await assertRejects(() => connection.send("late")!, ConnectionClosedError);
  assertEquals([refused.code, refused.event], ["ERR_CLOSED", undefined]);
  await assertRejects(() => connection.ping(), ConnectionClosedError);
  assertThrows(() => connection.sendStream("text"), ConnectionClosedError);
  assertThrows(() => connection.send(5 as unknown as string), TypeError);
  connection.ping().then(() => assert(false), () => {});
  connection.ping(); // nobody waits: no unhandled rejection
  connection.send("nobody waits");
  connection.pong();
  await settle();
  assertEquals(peer.takeLines(), ["ping 00000001", "close 1000"]);
  peer.sendClose(1000);
  peer.end();
  const event = await opened.over();
  const error = await assertRejects(() => ping, ConnectionClosedError);
  assertEquals(error.event, event);
  assertEquals(error.message, "the connection is closed: code 1000");
});

Deno.test("close: messages that came before it are still handed out", async () => {
  const opened = await openConnection();
  const { connection, peer } = opened;
  peer.sendText("one");
  peer.sendText("two");
  peer.sendClose(1000);
  peer.end();
  await opened.over();
  const got: unknown[] = [];
  for await (const message of connection) got.push(message);
  assertEquals(got, ["one", "two"]);
  assertEquals(await connection.receive(), undefined);
});

Deno.test("close: in a message it is answered, and the part that came is never delivered", async () => {
  for (const streaming of [false, true]) {
    const opened = await openConnection({ options: { streaming } });
    const { connection, peer } = opened;
    peer.send({ opcode: OP.TEXT, fin: false, payload: "half" });
    peer.sendClose(1000);
    peer.end();
    assertEquals(await opened.over(), { code: 1000, reason: "", wasClean: true });
    assertEquals(peer.takeLines(), ["close 1000"]);
    if (!streaming) {
      assertEquals(await connection.receive(), undefined);
      continue;
    }
    for await (const message of connection.streams()) {
      await assertRejects(() => message.text(), ConnectionClosedError);
    }
  }
});

Deno.test("close: a peer that was made to wait can still close, however little is consumed", async () => {
  const opened = await openConnection({ options: { receiveHighWaterMark: 1000 } });
  const { clock, connection, peer, link } = opened;
  link.other.output.pieces = [200]; // what one read brings
  for (let i = 0; i < 100; i++) peer.sendText(`${i}`.padEnd(100));
  await settle();
  assert(link.paused);
  connection.close();
  assert(link.paused, "whoever consumes has some time yet");
  await clock.advance(1000);
  assert(!link.paused);
  peer.sendClose(1000);
  peer.end();
  assertEquals((await opened.over()).wasClean, true);
  const got: string[] = [];
  for await (const message of connection) got.push((message as string).trim());
  assert(got.length < 100, "what did not fit was dropped");
  assertEquals(got, got.map((_, i) => `${i}`), "without a gap");
});

Deno.test("close: whoever goes on consuming gets all that was on its way", async () => {
  const opened = await openConnection({ options: { receiveHighWaterMark: 1000 } });
  const { connection, peer, link } = opened;
  link.other.output.pieces = [200];
  for (let i = 0; i < 100; i++) peer.sendText(`${i}`.padEnd(100));
  peer.sendClose(1000);
  peer.end();
  await settle();
  assert(link.paused);
  connection.close();
  let count = 0;
  for await (const message of connection) assertEquals((message as string).trim(), `${count++}`);
  assertEquals(count, 100);
  assertEquals((await opened.over()).wasClean, true);
});
