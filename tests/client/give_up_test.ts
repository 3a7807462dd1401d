import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { connect } from "../../lib/client/connect.ts";
import { ConnectError } from "../../lib/client/connect_error.ts";
import { HELD, HeldTimers } from "../support/held_timers.ts";
import { RawListener } from "../support/raw_peer.ts";
import { ask, call, open } from "./raw_server.ts";
import { PHASES, type StuckAttempt } from "./stuck_attempts.ts";

/** Waits until the client has given its stream up. */
async function givenUp({ peer }: StuckAttempt): Promise<void> {
  await peer?.readToEnd();
}

Deno.test("abort: in every phase it ends the attempt, with the signal's reason", async (t) => {
  for (const [phase, start] of Object.entries(PHASES)) {
    await t.step(phase, async () => {
      const reason = { why: phase };
      const controller = new AbortController();
      await using attempt = await start({ signal: controller.signal });
      controller.abort(reason);
      const thrown = await attempt.opening.then(() => undefined, (error) => error);
      assertStrictEquals(thrown, reason);
      await givenUp(attempt);
    });
  }
});

Deno.test("timeout: in every phase it ends the attempt", async (t) => {
  for (const [phase, start] of Object.entries(PHASES)) {
    await t.step(phase, async () => {
      using timers = new HeldTimers();
      await using attempt = await start({ timeout: HELD });
      assertEquals(timers.made, 1);
      timers.expire();
      const error = await assertRejects(() => attempt.opening, ConnectError);
      if (phase.startsWith("within the body")) {
        assertEquals(error.code, "ERR_REFUSED");
        assertEquals(new TextDecoder().decode(error.response?.body), "Who");
      } else {
        assertEquals(error.code, "ERR_TIMEOUT");
        assert(
          /^Cannot open the connection: 127\.0\.0\.1:\d+ did not complete it within 54321 ms$/
            .test(error.message),
          error.message,
        );
      }
      await givenUp(attempt);
    });
  }
});

Deno.test("timeout: a response at one byte a moment does not put it off", async () => {
  using timers = new HeldTimers();
  await using asker = await ask({ timeout: HELD });
  for (const byte of "HTTP/1.1 101 Switching Protocols\r\nX: xxxx") {
    await asker.peer.write(byte);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertEquals([timers.made, timers.waiting], [1, 1]);
  timers.expire();
  const error = await assertRejects(() => asker.opening, ConnectError);
  assertEquals(error.code, "ERR_TIMEOUT");
});

Deno.test("timeout: 10 s by default", async () => {
  using timers = new HeldTimers(10_000);
  await using asker = await ask();
  timers.expire();
  const error = await assertRejects(() => asker.opening, ConnectError, "within 10000 ms");
  assertEquals(error.code, "ERR_TIMEOUT");
});

Deno.test("abort: a signal that has fired already keeps from connecting", async () => {
  await using listener = await RawListener.listen();
  const url = `ws://127.0.0.1:${listener.port}`;
  const error = await assertRejects(
    () => connect(`${url}/first`, { signal: AbortSignal.abort() }),
    DOMException,
  );
  assertEquals(error.name, "AbortError");
  const opening = connect(`${url}/second`);
  await using peer = await listener.accept();
  assertEquals((await peer.acceptUpgrade()).startLine, "GET /second HTTP/1.1");
  const connection = await opening;
  connection.destroy();
  await connection.closed;
});

Deno.test("abort: at once after the call, while the name is looked up", async () => {
  await using listener = await RawListener.listen();
  for (const scheme of ["ws", "wss"]) {
    const controller = new AbortController();
    const opening = connect(`${scheme}://localhost:${listener.port}/`, {
      signal: controller.signal,
    });
    controller.abort("changed my mind");
    assertEquals(await opening.catch((error) => error), "changed my mind");
  }
});

Deno.test("abort: in the very turn in which the stream opens, no stream is lost", async () => {
  await using listener = await RawListener.listen();
  const url = `ws://127.0.0.1:${listener.port}/`;
  for (let round = 0; round < 40; round++) {
    const controller = new AbortController();
    const attempts = Array.from(
      { length: 4 },
      () => connect(url, { signal: controller.signal }).catch((error) => error),
    );
    const peer = await listener.accept();
    controller.abort("enough");
    assertEquals(await Promise.all(attempts), Array(4).fill("enough"));
    await peer[Symbol.asyncDispose]();
  }
});

Deno.test("abort: in the turn in which the response comes, it opens or not, and nothing else", async () => {
  for (let round = 0; round < 20; round++) {
    const controller = new AbortController();
    await using caller = await call({ signal: controller.signal });
    await caller.peer.acceptUpgrade();
    for (let turn = 0; turn < round % 5; turn++) {
      await new Promise((resolve) => setTimeout(resolve));
    }
    controller.abort("enough");
    const result = await caller.opening.catch((error) => error);
    if (result === "enough") await caller.peer.readToEnd();
    else assertEquals(result.state, "open");
  }
});

Deno.test("abort: an open connection is not touched, and the signal keeps no listener", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--;
    removeEventListener.apply(signal, args);
  };
  await using opened = await open({ signal });
  assertEquals(listeners, 0);
  controller.abort();
  await opened.peer.send({ opcode: 1, payload: "still here" });
  assertEquals(await opened.connection.receive(), "still here");
  assertEquals(opened.connection.state, "open");
});

Deno.test("abort: a timeout signal's own error is thrown", async () => {
  await using listener = await RawListener.listen();
  // It may fire before the server has seen anything.
  const signal = AbortSignal.timeout(50);
  const opening = connect(`ws://127.0.0.1:${listener.port}/`, { signal });
  const error = await assertRejects(() => opening, DOMException);
  assertEquals(error.name, "TimeoutError");
});
