/**
 * The state as a listener and those who wait see it.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { type StateChange, StateWatch } from "../../../lib/client/reconnecting/state_watch.ts";
import { settle } from "../../support/fake_clock.ts";
import { countedSignal } from "./rig.ts";

/** Runs `run` with the console's errors taken down. */
async function withErrors(run: () => Promise<void>): Promise<unknown[][]> {
  const { error } = console;
  const errors: unknown[][] = [];
  console.error = (...args: unknown[]) => void errors.push(args);
  try {
    await run();
  } finally {
    console.error = error;
  }
  return errors;
}

Deno.test("states: a listener is told of each step", () => {
  const changes: StateChange[] = [];
  const states = new StateWatch((change) => changes.push(change));
  assertEquals(states.state, "connecting");
  states.set({ state: "connecting", attempt: 1 });
  states.set({ state: "waiting", attempt: 1, delay: 5 });
  states.end({ attempt: 1 }, new Error("over"));
  assertEquals(states.state, "closed");
  assertEquals(changes, [
    { state: "connecting", attempt: 1, previous: "connecting" },
    { state: "waiting", attempt: 1, delay: 5, previous: "connecting" },
    { state: "closed", attempt: 1, previous: "waiting" },
  ]);
});

Deno.test("states: a listener that throws or rejects is told of on the console", async () => {
  const errors = await withErrors(async () => {
    const throwing = new StateWatch(() => {
      throw new Error("thrown");
    });
    throwing.set({ state: "open", attempt: 1 });
    assertEquals(throwing.state, "open");
    const rejecting = new StateWatch(() => Promise.reject(new Error("rejected")));
    rejecting.set({ state: "open", attempt: 1 });
    await settle();
  });
  assertEquals(errors.map(([text, error]) => [text, String(error)]), [
    ["onStateChange of a reconnecting connection failed:", "Error: thrown"],
    ["onStateChange of a reconnecting connection failed:", "Error: rejected"],
  ]);
});

Deno.test("states: who waits for the present state need not wait", async () => {
  await new StateWatch(undefined).until("connecting");
});

Deno.test("states: who waits for a state sees it, however short it is", async () => {
  const states = new StateWatch(undefined);
  const passed: string[] = [];
  states.until("open").then(() => passed.push("open"));
  states.until("waiting").then(() => passed.push("waiting"));
  states.set({ state: "open", attempt: 1 });
  states.set({ state: "connecting", attempt: 2 });
  await settle();
  assertEquals(passed, ["open"]);
});

Deno.test("states: at the end all are turned away who wait for another state", async () => {
  const states = new StateWatch(undefined);
  const over = new Error("over");
  const open = assertRejects(() => states.until("open"), Error, "over");
  const closed = states.until("closed");
  states.end({ attempt: 1 }, over);
  assertEquals(await open, over);
  await closed;
  await states.until("closed");
  assertEquals(await assertRejects(() => states.until("open")), over);
});

Deno.test("states: a signal ends the waiting, and is forgotten", async () => {
  const states = new StateWatch(undefined);
  const { controller, listeners } = countedSignal();
  const opened = states.until("open", controller);
  const waiting = assertRejects(() => states.until("waiting", controller), Error, "enough");
  assertEquals(listeners(), 2);
  states.set({ state: "open", attempt: 1 });
  await opened;
  assertEquals(listeners(), 1);
  controller.abort(new Error("enough"));
  await waiting;
  assertEquals(listeners(), 0);
  await assertRejects(() => states.until("open", controller), Error, "enough");
  states.set({ state: "waiting", attempt: 1 });
});
