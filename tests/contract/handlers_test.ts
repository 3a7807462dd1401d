/**
 * The contract for handlers: which are called, how often, and in which order.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import type { Connection } from "../../lib/connection/connection.ts";
import type { ConnectionHandlers } from "../../lib/connection/handlers.ts";
import type { Endpoint } from "../../lib/server/endpoint.ts";
import { contract, openPair, plain } from "./contract.ts";

/** Handlers that note each call. */
function noting(): ConnectionHandlers & {
  readonly calls: unknown[];
  readonly over: Promise<void>;
} {
  const calls: unknown[] = [];
  const over = Promise.withResolvers<void>();
  return {
    calls,
    over: over.promise,
    open: () => calls.push("open"),
    message: (_, data) => calls.push(data),
    close: (_, event) => {
      calls.push(plain(event));
      over.resolve();
    },
    error: (_, error) => calls.push(error),
  };
}

const CLOSED = { code: 1000, reason: "", wasClean: true };

contract("open comes first, close last, each once, at both ends", async (ground) => {
  const [serverSide, clientSide] = [noting(), noting()];
  const { calls: _, over: __, ...endpoint } = serverSide;
  await using pair = await openPair(ground, { endpoint, client: { handlers: clientSide } });
  pair.client.send("to the server");
  pair.accepted.send("to the client");
  pair.client.send("again");
  await pair.client.close();
  await Promise.all([serverSide.over, clientSide.over]);
  await pair.server.shutdown();
  assertEquals(serverSide.calls, ["open", "to the server", "again", CLOSED]);
  assertEquals(clientSide.calls, ["open", "to the client", CLOSED]);
});

contract("while a handler is at work, the next message waits", async (ground) => {
  const steps: string[] = [];
  const allowed = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const message = async (_: Connection, data: string | Uint8Array) => {
    steps.push(`begin ${data}`);
    await new Promise((resolve) => setTimeout(resolve, 0));
    steps.push(`end ${data}`);
  };
  await using pair = await openPair(ground, {
    endpoint: { message, open: () => allowed.promise, close: () => over.resolve() },
  });
  for (const text of ["a", "b", "c"]) pair.client.send(text);
  await pair.client.close();
  await pair.accepted.closed;
  assertEquals(steps, [], "open has not settled");
  allowed.resolve();
  await over.promise;
  assertEquals(steps, ["begin a", "end a", "begin b", "end b", "begin c", "end c"]);
});

contract("close comes after the last message was handled", async (ground) => {
  const calls: string[] = [];
  const work = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  await using pair = await openPair(ground, {
    endpoint: {
      async message() {
        calls.push("message");
        await work.promise;
        calls.push("handled");
      },
      close() {
        calls.push("close");
        over.resolve();
      },
    },
  });
  pair.client.send("a");
  await pair.client.close();
  await pair.accepted.closed;
  work.resolve();
  await over.promise;
  assertEquals(calls, ["message", "handled", "close"]);
});

const FAILURE = new Error("the handler's own");
const FAILING: readonly (readonly [string, ConnectionHandlers])[] = [
  ["open throws", {
    open() {
      throw FAILURE;
    },
  }],
  ["open rejects", { open: () => Promise.reject(FAILURE) }],
  ["message throws", {
    message() {
      throw FAILURE;
    },
  }],
  ["message rejects", { message: () => Promise.reject(FAILURE) }],
];

for (const [what, failing] of FAILING) {
  contract(`when ${what}, the connection closes with 1011 and error is told`, async (ground) => {
    const errors: unknown[] = [];
    const endpoint = { ...failing, error: (_: Connection, error: unknown) => errors.push(error) };
    await using pair = await openPair(ground, { endpoint });
    pair.client.send("a");
    assertEquals(plain(await pair.client.closed), { code: 1011, reason: "", wasClean: true });
    assertEquals(errors, [FAILURE]);
  });
}

contract("a handler that failed gets no more messages", async (ground) => {
  const calls: unknown[] = [];
  const over = Promise.withResolvers<void>();
  const endpoint: Endpoint = {
    message(_, data) {
      calls.push(data);
      if (data === "bad") throw FAILURE;
    },
    error: (_, error) => calls.push(error),
    close: () => over.resolve(),
  };
  await using pair = await openPair(ground, { endpoint });
  for (const text of ["good", "bad", "worse", "worst"]) pair.client.send(text);
  const { code } = await pair.client.closed;
  // The runtime's own engine drops the stream when data comes after its close frame.
  assertEquals(code, ground.engine === "native" ? 1006 : 1011);
  await over.promise;
  assertEquals(calls, ["good", "bad", FAILURE]);
});

contract("handlers that would never be called are refused at once", async (ground) => {
  const nothing = () => {};
  const misfits = [
    { handlers: { message: nothing }, options: { streaming: true } },
    { handlers: { stream: nothing }, options: {} },
  ];
  await using server = await ground.serve({ websocket: {} });
  for (const { handlers, options } of misfits) {
    const endpoint: Endpoint = { ...handlers, ...options };
    await assertRejects(() => ground.serve({ websocket: endpoint }), TypeError);
    await assertRejects(() => ground.serve({ routes: { "/a": endpoint } }), TypeError);
    await assertRejects(() => server.connect("/", { handlers, ...options }), TypeError, "stream");
  }
});
