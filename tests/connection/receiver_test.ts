/**
 * Handlers: when they are called, and what becomes of those that throw.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { ConnectionHandlers } from "../../lib/connection/handlers.ts";
import { OP, openConnection, type Opened, settle } from "../support/connection_pair.ts";

/** Runs `body` with `console.error` replaced, and gives what was written to it. */
async function withConsole(body: () => Promise<void>): Promise<unknown[][]> {
  const written: unknown[][] = [];
  const { error } = console;
  console.error = (...data: unknown[]) => void written.push(data);
  try {
    await body();
  } finally {
    console.error = error;
  }
  return written;
}

/** Handlers that note each call. */
function noting(log: string[]): ConnectionHandlers {
  return {
    open: () => void log.push("open"),
    message: (_, data) => void log.push(`message ${data}`),
    drain: () => void log.push("drain"),
    ping: (_, payload) => void log.push(`ping ${payload.toHex()}`),
    pong: (_, payload, roundTrip) => void log.push(`pong ${payload.toHex()} ${roundTrip}`),
    close: (_, { code }) => void log.push(`close ${code}`),
  };
}

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

const failures: [how: string, fail: () => unknown][] = [
  ["throws", () => {
    throw new Error("handler failed");
  }],
  ["rejects", () => Promise.reject(new Error("handler failed"))],
];

for (const name of ["open", "message", "ping", "pong", "drain"] as const) {
  for (const [how, fail] of failures) {
    Deno.test(`handlers: one for ${name} that ${how} closes its connection with 1011`, async () => {
      const errors: unknown[] = [];
      const opened = await openConnection({
        handlers: { [name]: fail, error: (_, error) => errors.push(error) },
      });
      const { connection, peer } = opened;
      if (name === "message") peer.sendText("x");
      if (name === "ping") peer.send({ opcode: OP.PING });
      if (name === "pong") peer.send({ opcode: OP.PONG });
      if (name === "drain") connection.send(new Uint8Array(300_000));
      await settle();
      assertEquals(errors.map((error) => (error as Error).message), ["handler failed"]);
      assertEquals(connection.state, "closing");
      assertEquals(peer.takeLines().at(-1), "close 1011");
      peer.sendClose(1011);
      peer.end();
      const event = await opened.over();
      assertEquals([event.code, event.wasClean], [1011, true]);
    });
  }
}

for (const [how, fail] of failures) {
  Deno.test(`handlers: one for the end that ${how} is reported, and all is over`, async () => {
    const errors: unknown[] = [];
    const opened = await openConnection({
      handlers: { close: fail, error: (_, error) => errors.push(error) },
    });
    opened.peer.sendClose(1000);
    opened.peer.end();
    assertEquals((await opened.over()).code, 1000);
    assertEquals(errors.map((error) => (error as Error).message), ["handler failed"]);
  });

  Deno.test(`handlers: one for errors that ${how} is written to the console`, async () => {
    const written = await withConsole(async () => {
      const opened = await openConnection({
        handlers: {
          message: () => {
            throw new Error("first");
          },
          error: fail,
        },
      });
      opened.peer.sendText("x");
      await settle();
      opened.connection.destroy();
      await opened.over();
    });
    assertEquals(written.map(([text, error]) => `${text} ${(error as Error).message}`), [
      "The error handler of a WebSocket connection failed: handler failed",
    ]);
  });
}

for (const [how, fail] of failures) {
  Deno.test(`handlers: after one for messages ${how} no more of them are handled`, async () => {
    for (const clean of [true, false]) {
      const log: string[] = [];
      const opened = await openConnection({
        handlers: {
          ...noting(log),
          message: (_, data) => {
            log.push(`message ${data}`);
            return data === "bad" ? fail() : settle();
          },
          error: () => log.push("error"),
        },
      });
      const { peer } = opened;
      for (const text of ["good", "bad", "waits"]) peer.sendText(text);
      peer.send({ opcode: OP.PING });
      if (clean) peer.sendClose(1000);
      peer.end();
      while (!log.some((line) => line.startsWith("close"))) await settle();
      await opened.over();
      // The connection was closing, or over, before the handler failed.
      const code = clean ? 1000 : 1006;
      assertEquals(log, [
        ...["open", "message good", "ping ", "message bad", "error"],
        `close ${code}`,
      ]);
    }
  });

  Deno.test(`handlers: after one for streams ${how} no more of them are handled`, async () => {
    const log: string[] = [];
    const opened = await openConnection({
      options: { streaming: true },
      handlers: {
        stream: (_, message) => {
          log.push(`stream ${message.type}`);
          return fail();
        },
        error: () => log.push("error"),
        close: (_, { code }) => log.push(`close ${code}`),
      },
    });
    const { peer } = opened;
    peer.sendText("first");
    await settle();
    peer.send({ opcode: OP.BINARY, payload: new Uint8Array(1000) });
    peer.sendText("third");
    await settle();
    assertEquals(peer.takeLines(), ["close 1011"]);
    peer.sendClose(1011);
    peer.end();
    assertEquals((await opened.over()).wasClean, true);
    assertEquals(log, ["stream text", "error", "close 1011"]);
  });
}

Deno.test("handlers: one that fails takes nothing from who iterates", async () => {
  for (const name of ["ping", "close"] as const) {
    const opened = await openConnection({
      handlers: {
        [name]: () => {
          throw new Error("handler failed");
        },
        error: () => {},
      },
    });
    const { connection, peer } = opened;
    peer.sendText("one");
    peer.send({ opcode: OP.PING });
    peer.sendText("two");
    peer.sendClose(1000);
    peer.end();
    await opened.over();
    const got: unknown[] = [];
    for await (const message of connection) got.push(message);
    assertEquals(got, ["one", "two"]);
  }
});

Deno.test("handlers: without one for errors they are written to the console", async () => {
  const written = await withConsole(async () => {
    const opened = await openConnection({
      handlers: { message: () => Promise.reject(new Error("handler failed")) },
    });
    opened.peer.sendText("x");
    await settle();
    opened.connection.destroy();
    await opened.over();
  });
  assertEquals(written.map(([text, error]) => `${text} ${(error as Error).message}`), [
    "A handler of a WebSocket connection failed: handler failed",
  ]);
});

Deno.test("handlers: a send to a peer that went away is no error of the handler", async () => {
  const errors: unknown[] = [];
  const opened = await openConnection({
    handlers: {
      message: async (connection) => {
        await settle();
        await connection.send("answer");
      },
      error: (_, error) => errors.push(error),
    },
  });
  opened.peer.sendText("question");
  opened.peer.end();
  await settle();
  await opened.over();
  assertEquals(errors, []);
});

Deno.test("handlers: an error that has nothing to do with the end is reported at the end too", async () => {
  const errors: unknown[] = [];
  const opened = await openConnection({
    handlers: {
      message: async () => {
        await settle();
        throw new TypeError("a bug");
      },
      error: (_, error) => errors.push((error as Error).message),
    },
  });
  opened.peer.sendText("question");
  opened.peer.end();
  await settle();
  await opened.over();
  assertEquals(errors, ["a bug"]);
});

Deno.test("handlers: what an application throws at what it parsed closes with 1011, no more", async () => {
  const errors: string[] = [];
  const opened = await openConnection({
    handlers: {
      message: (_, data) => {
        const parsed = JSON.parse(String(data));
        JSON.stringify(parsed.value.value);
      },
      error: (_, error) => errors.push((error as Error).name),
    },
  });
  opened.peer.sendText('{"__proto__":{"value":1},"value":{"value":2}}');
  opened.peer.sendText("[".repeat(100_000));
  await settle();
  assertEquals(errors, ["SyntaxError"]);
  opened.connection.destroy();
  await opened.over();
  const other = await openConnection();
  other.peer.sendText("works on");
  assertEquals(await other.connection.receive(), "works on");
  other.connection.destroy();
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
