import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { closingOnFailure, closingOnThrow, unlessAborted } from "../../lib/client/abort.ts";
import { settle } from "../support/fake_clock.ts";
import { countedSignal } from "./reconnecting/rig.ts";

/** Something that knows how often it was closed. */
class Stream {
  closed = 0;
  close(): void {
    this.closed++;
  }
}

const NEVER = new AbortController().signal;

function sleep(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}

Deno.test("abort: work that ends before the signal gives what it gives", async () => {
  const controller = new AbortController();
  const calls: string[] = [];
  const options = { stop: () => calls.push("stop"), dispose: () => calls.push("dispose") };
  assertEquals(await unlessAborted(Promise.resolve(7), controller.signal, options), 7);
  const failing = Promise.reject(new Error("no"));
  await assertRejects(() => unlessAborted(failing, controller.signal, options), Error, "no");
  controller.abort();
  await sleep(80);
  assertEquals(calls, []);
});

Deno.test("abort: the signal's reason is told at once, and the work is stopped a moment later", async () => {
  const controller = new AbortController();
  const work = Promise.withResolvers<number>();
  const stopped = Promise.withResolvers<void>();
  const disposed: number[] = [];
  const waiting = unlessAborted(work.promise, controller.signal, {
    stop: () => stopped.resolve(),
    dispose: (value) => disposed.push(value),
  });
  controller.abort("enough");
  assertEquals(await waiting.catch((error) => error), "enough");
  await stopped.promise;
  work.resolve(7);
  await sleep(0);
  assertEquals(disposed, [7]);
});

Deno.test("abort: what comes in that moment is disposed of, and nothing is stopped", async () => {
  const calls: string[] = [];
  const options = { stop: () => calls.push("stop"), dispose: () => calls.push("dispose") };
  const signal = AbortSignal.abort("enough");
  const waiting = unlessAborted(Promise.resolve(7), signal, options);
  assertEquals(await waiting.catch((error) => error), "enough");
  const failing = unlessAborted(Promise.reject(new Error("no")), signal, options);
  assertEquals(await failing.catch((error) => error), "enough");
  await sleep(80);
  assertEquals(calls, ["dispose"]);
});

Deno.test("abort: what comes first is passed on, and the signal is forgotten", async () => {
  const { controller, listeners } = countedSignal();
  const { signal } = controller;
  assertEquals(await unlessAborted(Promise.resolve(7), signal), 7);
  await assertRejects(() => unlessAborted(Promise.reject(new Error("no")), signal), Error, "no");
  assertEquals(listeners(), 0);
  const waiting = unlessAborted(Promise.withResolvers<void>().promise, signal);
  assertEquals(listeners(), 1);
  controller.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  assertEquals(listeners(), 0);
});

Deno.test("abort: a signal that has fired wins, and a late rejection does no harm", async () => {
  const late = Promise.withResolvers<void>();
  const signal = AbortSignal.abort(new Error("before"));
  await assertRejects(() => unlessAborted(late.promise, signal), Error, "before");
  late.reject(new Error("nobody waits for this"));
  await settle();
});

Deno.test("abort: work that nothing can stop is given no timer", async () => {
  const { setTimeout } = globalThis;
  const timers: unknown[] = [];
  const counting = (...args: unknown[]) => timers.push(args);
  globalThis.setTimeout = counting as unknown as typeof setTimeout;
  try {
    const never = Promise.withResolvers<void>().promise;
    const waiting = unlessAborted(never, AbortSignal.abort("enough"));
    assertEquals(await waiting.catch((error) => error), "enough");
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  assertEquals(timers, []);
});

Deno.test("abort: a stream whose work succeeds stays open, whatever the signal does later", async () => {
  const stream = new Stream();
  const controller = new AbortController();
  assertEquals(await closingOnFailure(stream, controller.signal, () => Promise.resolve(7)), 7);
  controller.abort();
  assertEquals(stream.closed, 0);
});

Deno.test("abort: a stream is closed when the work fails, the signal fires, or has fired", async () => {
  const stream = new Stream();
  const reason = new Error("no");
  const failing = closingOnFailure(stream, NEVER, () => Promise.reject(reason));
  assertStrictEquals(await failing.catch((error) => error), reason);
  assertEquals(stream.closed, 1);

  const controller = new AbortController();
  const reading = Promise.withResolvers<void>();
  const cut = new Stream();
  cut.close = () => reading.reject(new Error("closed"));
  const work = closingOnFailure(cut, controller.signal, () => reading.promise);
  controller.abort();
  await assertRejects(() => work, Error, "closed");

  const late = new Stream();
  const never = closingOnFailure(late, AbortSignal.abort("before"), () => {
    throw new Error("the work was begun");
  });
  assertEquals(await never.catch((error) => error), "before");
  assertEquals(late.closed, 1);
});

Deno.test("abort: a step that throws closes the stream", () => {
  const stream = new Stream();
  assertEquals(closingOnThrow(stream, () => 7), 7);
  assertEquals(stream.closed, 0);
  assertThrows(
    () =>
      closingOnThrow(stream, () => {
        throw new Error("no");
      }),
    Error,
    "no",
  );
  assertEquals(stream.closed, 1);
});
