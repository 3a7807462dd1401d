/**
 * How connections end: who closes, with which code, cleanly or not, and in how long. What
 * becomes of messages is in `closing_messages_test.ts`.
 *
 * @module
 */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConnectionClosedError, type ConnectionError } from "../../lib/connection/errors.ts";
import { OP, openConnection, openPair, settle } from "../support/connection_pair.ts";
import { closePayload } from "../support/raw_frame.ts";

const ROLES = ["server", "client"] as const;

for (const role of ROLES) {
  Deno.test(`close: begun here as ${role}, it ends with the peer's answer`, async () => {
    const opened = await openConnection({ role });
    const { connection, peer } = opened;
    connection.send("before");
    const closed = connection.close(4321, "enough");
    assertEquals(connection.state, "closing");
    await settle();
    assertEquals(peer.takeLines(), ["text before", "close 4321 enough"]);
    peer.sendClose(4321);
    await settle();
    assertEquals(peer.ended, role === "server", "RFC 6455 §7.1.1: the server ends first");
    peer.end();
    const event = await opened.over();
    assertEquals(event, { code: 4321, reason: "", wasClean: true });
    assertEquals(await closed, event);
  });

  Deno.test(`close: begun by the peer against a ${role}, it is answered with its code`, async () => {
    const opened = await openConnection({ role });
    const { connection, peer } = opened;
    peer.sendClose(1001, "going");
    await settle();
    assertEquals(connection.state, "closing");
    assertEquals(peer.takeLines(), ["close 1001"]);
    peer.end();
    assertEquals(await opened.over(), { code: 1001, reason: "going", wasClean: true });
  });

  Deno.test(`close: a ${role} whose peer never answers is cut off after 5 s`, async () => {
    for (const reads of [true, false]) {
      const opened = await openConnection({ role });
      const { connection, clock, link } = opened;
      link.output.stalled = !reads;
      connection.send("x".repeat(1000));
      connection.close();
      await clock.advance(4999);
      assertEquals(connection.state, "closing");
      await clock.advance(1);
      const event = await opened.over();
      assertEquals([event.code, event.wasClean], [1006, false]);
      assertEquals((event.error as ConnectionError).code, "ERR_CLOSE_TIMEOUT");
    }
  });

  Deno.test(`close: a ${role} whose peer sends on but never closes is cut off after 5 s`, async () => {
    const opened = await openConnection({ role });
    const { connection, clock, peer } = opened;
    connection.close();
    for (let i = 0; i < 50; i++) {
      peer.sendText("on and on");
      peer.send({ opcode: OP.PING });
      await clock.advance(100);
    }
    assertEquals((await opened.over()).code, 1006);
  });

  // Once both close frames were exchanged, the stream may end as it likes (RFC 6455 §7.1.4).
  Deno.test(`close: a ${role} whose peer keeps the stream is done after 5 s, cleanly`, async () => {
    for (const begun of ["here", "by the peer", "by both"]) {
      const opened = await openConnection({ role });
      const { connection, peer, clock } = opened;
      if (begun !== "by the peer") connection.close(1000);
      if (begun === "here") await settle();
      peer.sendClose(1000, "bye");
      await clock.advance(4999);
      assertEquals(connection.state, "closing");
      assertEquals(peer.takeLines(), ["close 1000"]);
      await clock.advance(1);
      assertEquals(await opened.over(), { code: 1000, reason: "bye", wasClean: true }, begun);
    }
  });

  Deno.test(`close: a ${role} whose peer takes no close frame is done after 5 s, not cleanly`, async () => {
    for (const begun of ["here", "by the peer"]) {
      const opened = await openConnection({ role });
      const { connection, peer, clock, link } = opened;
      link.output.stalled = true;
      if (begun === "here") connection.close(1000);
      peer.sendClose(1000, "bye");
      await clock.advance(4999);
      assertEquals(connection.state, "closing");
      await clock.advance(1);
      const event = await opened.over();
      assertEquals([event.code, event.reason, event.wasClean], [1000, "bye", false], begun);
    }
  });

  Deno.test(`close: destroying a ${role} is clean once both close frames were exchanged`, async () => {
    for (const when of ["before the answer has left", "after it"]) {
      const opened = await openConnection({ role });
      const { connection, peer, link } = opened;
      link.output.stalled = when !== "after it";
      peer.sendClose(4000, "bye");
      await settle();
      connection.destroy();
      const event = await opened.over();
      assertEquals(event, { code: 4000, reason: "bye", wasClean: when === "after it" });
    }
  });

  Deno.test(`close: the end of stream without a close frame is 1006, as ${role}`, async () => {
    const opened = await openConnection({ role });
    const { connection, peer } = opened;
    const next = connection.receive();
    peer.end();
    const error = await assertRejects(() => next, ConnectionClosedError);
    const event = await opened.over();
    assertEquals(error.event, event);
    assertEquals([event.code, event.wasClean], [1006, false]);
    assertEquals((event.error as ConnectionError).code, "ERR_STREAM_ENDED");
  });

  Deno.test(`close: a reset during a send is 1006, and nothing is thrown, as ${role}`, async () => {
    const opened = await openConnection({ role });
    const { connection, link } = opened;
    link.output.stalled = true;
    const waiting = connection.send(new Uint8Array(300_000));
    await settle();
    link.reset();
    connection.send("nor now");
    const error = await assertRejects(() => waiting!, ConnectionClosedError);
    const event = await opened.over();
    assertEquals([event.code, (event.error as ConnectionError).code], [1006, "ERR_STREAM_FAILED"]);
    assertEquals(error.cause, event.error);
    await assertRejects(() => connection.send("later")!, ConnectionClosedError);
    connection.send("without waiting"); // must not become an unhandled rejection
    connection.pong();
    assertEquals(await connection.close(), event);
  });

  Deno.test(`close: destroying is 1006 at once, as ${role}`, async () => {
    const opened = await openConnection({ role });
    const { connection, peer } = opened;
    connection.send("lost");
    connection.destroy();
    assertEquals(connection.state, "closed");
    connection.destroy();
    assertEquals(await opened.over(), { code: 1006, reason: "", wasClean: false });
    assertEquals(peer.takeLines(), []);
  });

  Deno.test(`close: what comes after the peer's close frame is ignored, as ${role}`, async () => {
    const got: unknown[] = [];
    const opened = await openConnection({
      role,
      handlers: {
        message: (_, data) => got.push(data),
        ping: () => got.push("ping"),
      },
    });
    const { peer } = opened;
    peer.sendText("before");
    peer.sendClose(1000);
    peer.sendText("after");
    peer.send({ opcode: OP.PING });
    peer.write(new Uint8Array([0xff, 0xff]));
    peer.sendClose(4000);
    peer.end();
    assertEquals(await opened.over(), { code: 1000, reason: "", wasClean: true });
    assertEquals(got, ["before"]);
    assertEquals(peer.takeLines(), ["close 1000"]);
  });
}

Deno.test("close: both at once is one clean event on each side", async () => {
  const { client, server } = await openPair();
  client.connection.close(4001, "client");
  server.connection.close(4002, "server");
  assertEquals(await client.over(), { code: 4002, reason: "server", wasClean: true });
  assertEquals(await server.over(), { code: 4001, reason: "client", wasClean: true });
});

Deno.test("close: from either side it is clean on both", async () => {
  for (const side of ["client", "server"] as const) {
    const pair = await openPair();
    const { clock } = pair;
    pair[side].connection.close(3000, "over");
    const events = { client: await pair.client.over(), server: await pair.server.over() };
    assertEquals(events[side], { code: 3000, reason: "", wasClean: true });
    const other = side === "client" ? "server" : "client";
    assertEquals(events[other], { code: 3000, reason: "over", wasClean: true });
    assertEquals(clock.timers, 0);
  }
});

for (const role of ROLES) {
  Deno.test(`close: with null the close frame of a ${role} has no code`, async () => {
    const opened = await openConnection({ role });
    const { connection, peer } = opened;
    assertThrows(() => connection.close(null, "why"), TypeError, "a reason needs a code");
    assertEquals(connection.state, "open");
    connection.close(null);
    await settle();
    assertEquals(peer.takeLines(), ["close"]);
    peer.send({ opcode: OP.CLOSE });
    peer.end();
    assertEquals(await opened.over(), { code: 1005, reason: "", wasClean: true });
  });
}

Deno.test("close: without a code it is 1000; a peer that gives none makes it 1005", async () => {
  const { client, server } = await openPair();
  client.connection.close();
  assertEquals((await server.over()).code, 1000);
  assertEquals((await client.over()).code, 1000);
  const opened = await openConnection();
  opened.peer.send({ opcode: OP.CLOSE });
  opened.peer.end();
  assertEquals(await opened.over(), { code: 1005, reason: "", wasClean: true });
});

Deno.test("close: codes and reasons that must not be sent are thrown, and change nothing", async () => {
  const opened = await openConnection();
  const { connection, peer } = opened;
  const codes = [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535, NaN, 1000.5, -1];
  for (const code of codes) {
    assertThrows(() => connection.close(code), RangeError, `code ${code}`);
  }
  assertThrows(() => connection.close("1000" as unknown as number), RangeError);
  assertThrows(() => connection.close(1000, "x".repeat(124)), RangeError, "124 bytes");
  assertThrows(() => connection.close(1000, "é".repeat(62)), RangeError, "124 bytes");
  for (const reason of [new Uint8Array([0x61]), new DataView(new ArrayBuffer(1)), 5, null]) {
    assertThrows(
      () => connection.close(1000, reason as unknown as string),
      TypeError,
      "the reason must be a string",
    );
  }
  assertEquals(connection.state, "open");
  await settle();
  assertEquals(peer.takeLines(), []);
  connection.close(1014, "é".repeat(61) + "x");
  await settle();
  assertEquals(peer.take().payload.length, 125);
  connection.destroy();
  await opened.over();
});

Deno.test("close: lone surrogates in the reason become U+FFFD", async () => {
  const opened = await openConnection();
  opened.connection.close(1000, "a\ud83d");
  await settle();
  assertEquals(opened.peer.take().payload, closePayload(1000, "a\ufffd"));
  opened.connection.destroy();
});

Deno.test("close: closing again, in every state and every handler, does nothing more", async () => {
  const again: Promise<unknown>[] = [];
  const opened = await openConnection({
    handlers: {
      open: (c) => void again.push(c.closed),
      message: (c) => {
        again.push(c.close(4000), c.close(4001));
      },
      close: (c) => void again.push(c.close(4002)),
    },
  });
  const { connection, peer } = opened;
  peer.sendText("go");
  await settle();
  again.push(connection.close(4003));
  assertThrows(() => connection.close(1005), RangeError);
  peer.sendClose(4000);
  peer.end();
  const event = await opened.over();
  again.push(connection.close(4004));
  assertEquals(peer.takeLines(), ["close 4000"]);
  for (const closed of again) assertEquals(await closed, event);
  assertEquals(again.length, 6);
});

Deno.test("close: why we gave a peer up says more than how it then ended", async () => {
  for (const ending of ["silence", "end of stream", "reset"]) {
    const opened = await openConnection({ options: { idleTimeout: 1000 } });
    const { clock, peer, link } = opened;
    await clock.advance(1000);
    if (ending === "end of stream") peer.end();
    if (ending === "reset") link.reset();
    if (ending === "silence") await clock.advance(5000);
    const event = await opened.over();
    assertEquals([event.code, event.wasClean], [1006, false]);
    assertEquals((event.error as ConnectionError).code, "ERR_IDLE_TIMEOUT");
  }
});

Deno.test("close: leaving the scope of `await using` closes and waits", async () => {
  const { client, server } = await openPair();
  {
    await using connection = client.connection;
    connection.send("inside");
  }
  assertEquals(client.connection.state, "closed");
  assertEquals(await server.connection.receive(), "inside");
  assertEquals((await server.over()).code, 1000);
  await client.over();
});

Deno.test("close: with no handlers at all every ending is quiet", async () => {
  const endings: ((opened: Awaited<ReturnType<typeof openConnection>>) => void)[] = [
    ({ peer }) => peer.end(),
    ({ link }) => link.reset(),
    ({ connection }) => connection.destroy(),
    ({ peer }) => {
      peer.write(new Uint8Array([0xff, 0xff]));
      peer.end();
    },
    ({ peer }) => {
      peer.sendClose(1000);
      peer.end();
    },
    ({ connection, link }) => {
      link.output.stalled = true;
      for (let i = 0; i < 100; i++) connection.send(new Uint8Array(300_000));
      connection.ping();
      link.reset();
    },
  ];
  for (const end of endings) {
    const opened = await openConnection({ bare: true });
    opened.peer.sendText("nobody asked");
    opened.peer.send({ opcode: OP.PING });
    opened.peer.send({ opcode: OP.PONG });
    await settle();
    end(opened);
    await opened.clock.advance(5000);
    await opened.over();
  }
});
