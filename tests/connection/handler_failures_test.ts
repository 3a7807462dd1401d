/**
 * Handlers that throw or reject: what becomes of their connection, and who is told.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { OP, openConnection, settle } from "../support/connection_pair.ts";
import { noting } from "../support/noting_handlers.ts";

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
