/** Draining with connections that only remember what was done to them. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Connection } from "../../lib/connection/connection.ts";
import type { CloseEvent } from "../../lib/connection/transport.ts";
import { drainConnections, shutDown } from "../../lib/server/drain.ts";

const ENDED: CloseEvent = { code: 1001, reason: "", wasClean: true };

/** A connection that ends when it is closed, or never. */
class FakeConnection {
  readonly calls: string[] = [];
  readonly capabilities: { destroy: boolean };
  readonly #ended = Promise.withResolvers<CloseEvent>();
  readonly #answers: boolean;

  constructor({ answers = true, destroy = true } = {}) {
    this.#answers = answers;
    this.capabilities = { destroy };
  }

  get closed(): Promise<CloseEvent> {
    return this.#ended.promise;
  }

  close(code: number, reason: string): void {
    this.calls.push(`close ${code} ${reason}`);
    if (this.#answers) this.#ended.resolve(ENDED);
  }

  destroy(): void {
    this.calls.push("destroy");
    this.#ended.resolve(ENDED);
  }
}

/** A set from which connections go when they have ended, as in a gate. */
function open(...fakes: FakeConnection[]): Set<Connection> {
  const connections = new Set(fakes as unknown as Connection[]);
  for (const connection of connections) {
    connection.closed.then(() => connections.delete(connection));
  }
  return connections;
}

Deno.test("drain: every connection is closed with 1001 and the reason", async () => {
  const fakes = Array.from({ length: 100 }, () => new FakeConnection());
  const start = performance.now();
  await drainConnections(open(...fakes), { deadline: 10_000, reason: "bye" });
  assert(performance.now() - start < 1000);
  for (const { calls } of fakes) assertEquals(calls, ["close 1001 bye"]);
});

Deno.test("drain: many connections are not closed at the same moment, yet within a sixth of the time", async () => {
  const fakes = Array.from({ length: 1000 }, () => new FakeConnection());
  const closed = () => fakes.filter(({ calls }) => calls.length > 0).length;
  const start = performance.now();
  const draining = drainConnections(open(...fakes), { deadline: 1200, reason: "" });
  assertEquals(closed(), 100);
  await draining;
  const took = performance.now() - start;
  assertEquals(closed(), 1000);
  assert(took >= 9 * 20 - 5 && took < 1200, `${took} ms`);
});

Deno.test("drain: who does not answer is cut at the deadline, unless the engine cannot", async () => {
  const silent = new FakeConnection({ answers: false });
  const native = new FakeConnection({ answers: false, destroy: false });
  const start = performance.now();
  await drainConnections(open(silent, native), { deadline: 60, reason: "" });
  const took = performance.now() - start;
  assert(took >= 55 && took < 1000, `${took} ms`);
  assertEquals(silent.calls, ["close 1001 ", "destroy"]);
  assertEquals(native.calls, ["close 1001 "]);
});

Deno.test("drain: with a deadline of 0 everything is asked once and cut", async () => {
  const silent = new FakeConnection({ answers: false });
  await drainConnections(open(silent), { deadline: 0, reason: "" });
  assertEquals(silent.calls, ["close 1001 ", "destroy"]);
});

Deno.test("drain: nobody there is no reason to wait", async () => {
  await drainConnections(new Set(), { deadline: 2 ** 31 - 1, reason: "" });
});

/** What a shutdown asks for, in order. */
function parts(log: string[], stop: (drained: Promise<unknown>) => Promise<void>) {
  return {
    gate: { connections: open(), drain: () => void log.push("drain") },
    server: {
      stop: async (drained: Promise<unknown>) => {
        log.push("stop");
        await stop(drained);
        log.push("stopped");
      },
      abort: () => void log.push("abort"),
    },
  };
}

Deno.test("shutDown: refuse, stop, wait, and cut what is left", async () => {
  const log: string[] = [];
  const { gate, server } = parts(log, async (drained) => void await drained);
  await shutDown({ gate, server }, {});
  assertEquals(log, ["drain", "stop", "stopped", "abort"]);
});

Deno.test("shutDown: what does not stop is cut at the deadline", async () => {
  const log: string[] = [];
  const aborted = Promise.withResolvers<void>();
  const { gate, server } = parts(log, () => aborted.promise);
  const abort = () => {
    server.abort();
    aborted.resolve();
  };
  await shutDown({ gate, server: { ...server, abort } }, { deadline: 20 });
  assertEquals(log, ["drain", "stop", "abort", "stopped", "abort"]);
});

Deno.test("shutDown: wrong options are refused before anything has begun", () => {
  const log: string[] = [];
  const wrong = [
    [{ deadline: -1 }, RangeError, "deadline must be a whole number from 0"],
    [{ deadline: NaN }, RangeError, "deadline"],
    [{ deadline: 2 ** 31 }, RangeError, "deadline"],
    [{ deadline: "1" as unknown as number }, TypeError, "deadline must be a number"],
    [{ reason: "x".repeat(124) }, RangeError, "123"],
  ] as const;
  for (const [options, kind, message] of wrong) {
    assertThrows(
      () => void shutDown(parts(log, () => Promise.resolve()), options),
      kind,
      message,
    );
  }
  assertEquals(log, []);
});
