import { assertEquals } from "@std/assert";
import { EventHandlers } from "../../../lib/client/websocket/event_handlers.ts";

interface Rig {
  readonly target: EventTarget;
  readonly handlers: EventHandlers;
  readonly calls: string[];
  /** A handler that writes `name` down. */
  readonly note: (name: string) => () => void;
}

function rig(): Rig {
  const target = new EventTarget();
  const calls: string[] = [];
  const note = (name: string) => () => void calls.push(name);
  return { target, handlers: new EventHandlers(target), calls, note };
}

Deno.test("event handlers: there is none at first", () => {
  assertEquals(rig().handlers.get("open"), null);
});

Deno.test("event handlers: a handler is called with the event, on the target", () => {
  const { target, handlers } = rig();
  const seen: unknown[] = [];
  function handler(this: unknown, event: Event): void {
    seen.push(this, event);
  }
  handlers.set("open", handler);
  const event = new Event("open");
  target.dispatchEvent(event);
  assertEquals(handlers.get("open"), handler);
  assertEquals(seen[0] === target && seen[1] === event, true);
});

Deno.test("event handlers: they keep the place of the one that was set first", () => {
  const { target, handlers, calls, note } = rig();
  target.addEventListener("open", note("before"));
  handlers.set("open", note("old"));
  target.addEventListener("open", note("behind"));
  handlers.set("open", note("new"));
  target.dispatchEvent(new Event("open"));
  assertEquals(calls, ["before", "new", "behind"]);
});

Deno.test("event handlers: what was taken away comes back behind the others", () => {
  const { target, handlers, calls, note } = rig();
  handlers.set("open", note("old"));
  target.addEventListener("open", note("listener"));
  handlers.set("open", null);
  handlers.set("open", note("new"));
  target.dispatchEvent(new Event("open"));
  assertEquals(calls, ["listener", "new"]);
});

for (const value of [null, undefined, 2, "handler", true, Symbol("handler")]) {
  Deno.test(`event handlers: ${String(value)} takes the handler away`, () => {
    const { target, handlers, calls, note } = rig();
    handlers.set("open", note("handler"));
    handlers.set("open", value);
    target.dispatchEvent(new Event("open"));
    assertEquals(handlers.get("open"), null);
    assertEquals(calls, []);
  });
}

Deno.test("event handlers: an object is kept, and its handleEvent is not called", () => {
  const { target, handlers, calls, note } = rig();
  const object = { handleEvent: note("handleEvent") };
  handlers.set("open", object);
  target.dispatchEvent(new Event("open"));
  assertEquals(handlers.get("open"), object);
  assertEquals(calls, []);
});

Deno.test("event handlers: each type has its own", () => {
  const { target, handlers, calls, note } = rig();
  handlers.set("open", note("open"));
  handlers.set("close", note("close"));
  target.dispatchEvent(new Event("close"));
  assertEquals(calls, ["close"]);
});

Deno.test("event handlers: one that returns false prevents the default", () => {
  const { target, handlers } = rig();
  handlers.set("open", () => false);
  handlers.set("close", () => 0);
  assertEquals(target.dispatchEvent(new Event("open", { cancelable: true })), false);
  assertEquals(target.dispatchEvent(new Event("close", { cancelable: true })), true);
});

Deno.test("event handlers: one that is set while its event is on is called in its place", () => {
  const { target, handlers, calls, note } = rig();
  target.addEventListener("open", () => handlers.set("open", note("new")));
  handlers.set("open", note("old"));
  target.dispatchEvent(new Event("open"));
  assertEquals(calls, ["new"]);
});
