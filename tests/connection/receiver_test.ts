/**
 * Handlers: when they are called. What becomes of those that throw is in
 * `handler_failures_test.ts`.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ConnectionHandlers } from "../../lib/connection/handlers.ts";
import { OP, openConnection, type Opened, settle } from "../support/connection_pair.ts";
import { noting } from "../support/noting_handlers.ts";

Deno.test("handlers: each is called with what it is for, in order", async () => {
  const log: string[] = [];
  const opened = await openConnection({ handlers: noting(log) });
  const { connection, peer, clock } = opened;
  assertEquals(log, ["open"]);
  const answer = connection.ping(new Uint8Array([1]));
  await clock.advance(5);
  peer.sendText("a");
  peer.send({ opcode: OP.PING, payload: "\x02" });
  peer.send({ opcode: OP.PONG, payload: "\x01" });
  peer.send({ opcode: OP.PONG, payload: "\x01" });
  peer.sendText("b");
  await answer;
  connection.send(new Uint8Array(300_000));
  await settle();
  peer.sendClose(1000);
  peer.end();
  await opened.over();
  assertEquals(log.slice(1), [
    "message a",
    "ping 02",
    "pong 01 5",
    "pong 01 undefined",
    "message b",
    "drain",
    "close 1000",
  ]);
});

Deno.test("handlers: one object serves many connections", async () => {
  const seen = new Map<unknown, string[]>();
  const handlers: ConnectionHandlers = {
    message(connection, data) {
      seen.set(connection, [...seen.get(connection) ?? [], String(data)]);
    },
  };
  const two = [await openConnection({ handlers }), await openConnection({ handlers })];
  two.forEach(({ peer }, i) => peer.sendText(`to ${i}`));
  await settle();
  assertEquals(two.map(({ connection }) => seen.get(connection)), [["to 0"], ["to 1"]]);
  for (const { connection } of two) connection.destroy();
});

Deno.test("handlers: messages are handled once the open handler has settled", async () => {
  for (const settles of ["resolves", "rejects"]) {
    const log: string[] = [];
    const gate = Promise.withResolvers<void>();
    const opened = await openConnection({
      handlers: { ...noting(log), open: () => gate.promise, error: () => log.push("error") },
    });
    opened.peer.sendText("early");
    await settle();
    assertEquals(log, []);
    if (settles === "resolves") gate.resolve();
    else gate.reject(new Error("open failed"));
    await settle();
    opened.peer.sendText("later");
    await settle();
    // A handler that failed gets no more messages.
    assertEquals(log, settles === "resolves" ? ["message early", "message later"] : ["error"]);
    assertEquals(opened.connection.state, settles === "resolves" ? "open" : "closing");
    opened.connection.destroy();
  }
});

Deno.test("handlers: the close event waits for the open handler and all messages", async () => {
  for (const withMessage of [true, false]) {
    const log: string[] = [];
    const gate = Promise.withResolvers<void>();
    const handlers = noting(log);
    if (!withMessage) delete handlers.message;
    const opened = await openConnection({ handlers: { ...handlers, open: () => gate.promise } });
    opened.peer.sendText("early");
    opened.peer.sendClose(1000);
    opened.peer.end();
    await settle();
    assertEquals(opened.connection.state, "closed");
    assertEquals(log, []);
    gate.resolve();
    await opened.over();
    assertEquals(log, withMessage ? ["message early", "close 1000"] : ["close 1000"]);
  }
});

Deno.test("handlers: the close event comes after the last message was handled", async () => {
  const log: string[] = [];
  const gates: (() => void)[] = [];
  const opened = await openConnection({
    handlers: {
      ...noting(log),
      message: async (_, data) => {
        log.push(`begin ${data}`);
        await new Promise<void>((resolve) => gates.push(resolve));
        log.push(`end ${data}`);
      },
    },
  });
  opened.peer.sendText("1");
  opened.peer.sendText("2");
  opened.peer.end();
  await settle();
  assertEquals((await opened.connection.closed).code, 1006);
  for (let i = 0; i < 2; i++) {
    gates.shift()!();
    await settle();
  }
  await opened.over();
  assertEquals(log, ["open", "begin 1", "end 1", "begin 2", "end 2", "close 1006"]);
});

Deno.test("handlers: destroying in any of them ends it once, after the handler", async () => {
  for (const name of ["open", "message", "ping", "pong", "drain", "close"] as const) {
    for (const takesTime of [false, true]) {
      const log: string[] = [];
      const opened = await openConnection({
        handlers: {
          ...noting(log),
          [name]: (connection: Opened["connection"]) => {
            connection.destroy();
            log.push(`${name} begins`);
            return takesTime ? settle().then(() => log.push(`${name} ends`)) : undefined;
          },
        },
      });
      const { connection, peer } = opened;
      if (connection.state === "open") connection.send(new Uint8Array(300_000));
      peer.sendText("1");
      peer.send({ opcode: OP.PING });
      peer.send({ opcode: OP.PONG });
      peer.sendText("2");
      await settle();
      if (name === "close") peer.end();
      await settle();
      await settle();
      await opened.over();
      const code = name === "close" ? [] : ["close 1006"];
      const own = takesTime ? [`${name} begins`, `${name} ends`] : [`${name} begins`];
      // The close event waits for handlers of messages, and for the one that opens.
      if (name === "message" || name === "open") {
        assertEquals(log.slice(-own.length - 1), [...own, ...code]);
      } else assert(log.includes(own[0]!));
    }
  }
});

Deno.test("handlers: messages to a handler are not for iteration", async () => {
  const opened = await openConnection({ handlers: { message: () => {} } });
  await assertRejects(
    async () => {
      for await (const _ of opened.connection);
    },
    Error,
    "messages go to a handler",
  );
  opened.connection.destroy();
});
