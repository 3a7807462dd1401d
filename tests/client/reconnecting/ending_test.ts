/**
 * Ending it for good, from every state: by `close`, by disposal and by the signal.
 *
 * @module
 */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ConnectionClosedError } from "../../../lib/connection/errors.ts";
import type { Connection } from "../../../lib/connection/connection.ts";
import { openConnection, settle } from "../../support/connection_pair.ts";
import { answerClose, breakOff, countedSignal, Rig, type RigOptions } from "./rig.ts";

/** A rig in some state; `finish` does what is left for the test to do when it is ended. */
interface Situation {
  readonly rig: Rig;
  finish?(): Promise<unknown>;
}

const silent = Promise.withResolvers<never>().promise;

/** Every state in which it can be ended, other than by an open connection. */
const UNCONNECTED: Record<string, (options: RigOptions) => Promise<Situation>> = {
  "before the first attempt": (options) => Promise.resolve({ rig: new Rig(options) }),
  "while beforeAttempt is asked": async (options) => {
    const rig = new Rig({ ...options, beforeAttempt: () => silent });
    await settle();
    return { rig };
  },
  "while the URL is asked for": async (options) => {
    const rig = new Rig({ ...options, url: () => silent });
    await settle();
    return { rig };
  },
  "while connecting": async (options) => {
    const rig = new Rig(options);
    await rig.attempt();
    return { rig };
  },
  "while waiting": async (options) => {
    const rig = new Rig(options);
    await (await rig.attempt()).fail();
    return { rig };
  },
  "while waiting after a connection": async (options) => {
    const rig = new Rig(options);
    await breakOff(await rig.open());
    return { rig };
  },
  "while connecting again": async (options) => {
    const rig = new Rig(options);
    await breakOff(await rig.open());
    await rig.clock.advance(499);
    return { rig };
  },
};

for (const [when, prepare] of Object.entries(UNCONNECTED)) {
  Deno.test(`ending: close ${when}`, async () => {
    const { rig } = await prepare({});
    const sending = rig.tested.send("unsent");
    const receiving = rig.tested.receive();
    const closed = rig.tested.close(4000, "enough");
    assertEquals(rig.tested.state, "closing");
    await assertRejects(async () => await rig.tested.send("late"), ConnectionClosedError);
    const end = await rig.over();
    assertEquals([end.why, end.error, end.unsent], ["closed", undefined, 1]);
    assertEquals(await closed, end);
    assertEquals(await receiving, undefined);
    await assertRejects(async () => await sending, ConnectionClosedError);
    await assertRejects(() => rig.tested.until("open"), ConnectionClosedError);
    assertEquals(await rig.tested.close(), end);
    assertEquals(rig.states.slice(-2).map((state) => state.split(" ")[0]), ["closing", "closed"]);
  });

  Deno.test(`ending: the signal fires ${when}`, async () => {
    const controller = new AbortController();
    const { rig } = await prepare({ signal: controller.signal });
    const reason = new Error("out of patience");
    const receiving = assertRejects(() => rig.tested.receive());
    const sending = assertRejects(async () => await rig.tested.send("unsent"));
    const open = assertRejects(() => rig.tested.until("open"));
    controller.abort(reason);
    const end = await rig.over();
    assertEquals([end.why, end.error, end.unsent], ["aborted", reason, 1]);
    assertEquals([await receiving, await open], [reason, reason]);
    assertEquals((await sending) instanceof ConnectionClosedError, true);
  });
}

Deno.test("ending: a signal that has fired already ends it before the first attempt", async () => {
  const reason = new Error("before it began");
  const rig = new Rig({ signal: AbortSignal.abort(reason) });
  const end = await rig.over();
  assertEquals([end.why, end.error, rig.attempts.length], ["aborted", reason, 0]);
});

Deno.test("ending: a reason that is no error is passed on as it is", async () => {
  for (const reason of ["enough", null, 0]) {
    const controller = new AbortController();
    const rig = new Rig({ signal: controller.signal });
    const receiving = rig.tested.receive().then(() => "nothing", (error) => error);
    controller.abort(reason);
    assertEquals((await rig.over()).error, reason);
    assertEquals(await receiving, reason);
  }
});

Deno.test("ending: close on an open connection is the closing handshake", async () => {
  const rig = new Rig();
  const opened = await rig.open();
  const closed = rig.tested.close(4000, "enough");
  assertEquals(rig.tested.state, "closing");
  await assertRejects(async () => await rig.tested.send("late"), ConnectionClosedError);
  assertEquals(await answerClose(opened), ["close 4000 enough"]);
  const end = await rig.over();
  assertEquals(end, {
    why: "closed",
    cause: { kind: "closed", event: { code: 4000, reason: "", wasClean: true } },
    unsent: 0,
  });
  assertEquals(await closed, end);
  assertEquals(rig.states, ["connecting 1", "open 1", "closing 1", "closed 1"]);
});

Deno.test("ending: a peer that does not answer holds it up for no longer than closeTimeout", async () => {
  const rig = new Rig({ closeTimeout: 700 });
  await rig.open();
  rig.tested.close();
  await rig.clock.advance(699);
  assertEquals(rig.tested.state, "closing");
  await rig.clock.advance(1);
  const { why, cause } = await rig.over();
  assertEquals([why, cause?.kind === "closed" && cause.event.code], ["closed", 1006]);
});

Deno.test("ending: the signal closes an open connection with 1001", async () => {
  const controller = new AbortController();
  const rig = new Rig({ signal: controller.signal });
  const opened = await rig.open();
  const receiving = assertRejects(() => rig.tested.receive());
  const reason = new Error("out of patience");
  controller.abort(reason);
  assertEquals(rig.tested.state, "closing");
  assertEquals(await answerClose(opened), ["close 1001"]);
  const { why, error } = await rig.over();
  assertEquals([why, error], ["aborted", reason]);
  assertEquals(await receiving, reason);
});

Deno.test("ending: what came first decides how it ends", async () => {
  const controller = new AbortController();
  const rig = new Rig({ signal: controller.signal });
  const opened = await rig.open();
  rig.tested.close(1000, "by hand");
  controller.abort();
  rig.tested.close(4000, "again");
  assertEquals(await answerClose(opened), ["close 1000 by hand"]);
  assertEquals((await rig.over()).why, "closed");
});

Deno.test("ending: the signal is forgotten at the end", async () => {
  const { controller, listeners } = countedSignal();
  const rig = new Rig({ signal: controller.signal });
  await breakOff(await rig.open());
  assertEquals(listeners(), 1);
  rig.tested.close();
  const end = await rig.over();
  assertEquals(listeners(), 0);
  controller.abort();
  assertEquals(await rig.over(), end);
});

Deno.test("ending: disposal closes with 1000 and waits for the end", async () => {
  const rig = new Rig();
  const opened = await rig.open();
  const disposed = rig.tested[Symbol.asyncDispose]();
  assertEquals(await answerClose(opened), ["close 1000"]);
  await disposed;
  assertEquals((await rig.over()).why, "closed");
});

Deno.test("ending: wrong arguments of close change nothing", async () => {
  const rig = new Rig();
  const opened = await rig.open();
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, NaN, 1000.5]) {
    assertThrows(() => rig.tested.close(code), RangeError, `Cannot close with code ${code}`);
  }
  assertThrows(() => rig.tested.close(1000, "x".repeat(124)), RangeError, "124 bytes");
  assertThrows(() => rig.tested.close(1000, 5 as unknown as string), TypeError, "a string");
  assertEquals(rig.tested.state, "open");
  rig.tested.close(1000, "x".repeat(123));
  await answerClose(opened);
  await rig.over();
});

Deno.test("ending: a connection that comes although nobody wants it is closed", async () => {
  const rig = new Rig({ deaf: true });
  const attempt = await rig.attempt();
  rig.tested.close();
  await rig.over();
  const opened = await attempt.open();
  opened.peer.sendText("too late");
  assertEquals(await answerClose(opened), ["close 1001"]);
  await opened.over();
  assertEquals([await rig.tested.receive(), rig.tested.missedMessages], [undefined, 1]);
});

Deno.test("ending: an attempt that fails although nobody waits for it does no harm", async () => {
  const rig = new Rig({ deaf: true });
  const attempt = await rig.attempt();
  rig.tested.close();
  await rig.over();
  await attempt.fail();
});

Deno.test("ending: a connection that opens in the very turn of the end is closed", async () => {
  const rig = new Rig({ deaf: true });
  const attempt = await rig.attempt();
  const opened = await openConnection({ role: "client", clock: rig.clock });
  const { connection }: { connection: Connection } = opened;
  attempt.opening.resolve(connection);
  await Promise.resolve();
  await Promise.resolve();
  rig.tested.close();
  assertEquals((await answerClose(opened)).length, 1);
  await rig.over();
  assertEquals(connection.state, "closed");
});
