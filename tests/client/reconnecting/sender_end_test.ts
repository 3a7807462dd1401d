/**
 * What becomes of the queue of unsent messages when it is ended while a connection is open.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { settle } from "../../support/fake_clock.ts";
import { answerClose, Rig } from "./rig.ts";

Deno.test("sending: close lets the queue leave first", async () => {
  const rig = new Rig({ sendHighWaterMark: 500 });
  const texts = Array.from({ length: 10 }, (_, i) => `${i}`.padEnd(400, "x"));
  for (const text of texts) rig.tested.send(text);
  const opened = await rig.open({ stalled: true });
  rig.tested.close();
  await settle();
  assertEquals([rig.tested.state, opened.connection.state], ["closing", "open"]);
  opened.link.output.stalled = false;
  const lines = await answerClose(opened);
  assertEquals(lines, [...texts.map((text) => `text ${text}`), "close 1000"]);
  assertEquals((await rig.over()).unsent, 0);
});

Deno.test("sending: a peer that takes nothing holds close up for twice closeTimeout", async () => {
  const rig = new Rig({ sendHighWaterMark: 500, closeTimeout: 1000 });
  for (let i = 0; i < 10; i++) rig.tested.send("x".repeat(600));
  const { connection } = await rig.open({ stalled: true });
  rig.tested.close();
  await rig.clock.advance(999);
  assertEquals(connection.state, "open");
  await rig.clock.advance(1);
  assertEquals(connection.state, "closing");
  await rig.clock.advance(999);
  assertEquals(rig.tested.state, "closing");
  await rig.clock.advance(1);
  const { why, unsent } = await rig.over();
  assertEquals([why, unsent], ["closed", 9]);
});

Deno.test("sending: the signal waits for no queue", async () => {
  const controller = new AbortController();
  const rig = new Rig({ sendHighWaterMark: 500, signal: controller.signal });
  for (let i = 0; i < 10; i++) rig.tested.send("x".repeat(600));
  const opened = await rig.open({ stalled: true });
  controller.abort();
  assertEquals(opened.connection.state, "closing");
  opened.link.output.stalled = false;
  await answerClose(opened);
  assertEquals((await rig.over()).unsent, 9);
});

Deno.test("sending: close in the very moment of opening lets the queue leave first", async () => {
  const rig: Rig = new Rig({
    sendHighWaterMark: 500,
    onStateChange: ({ state }) => {
      if (state !== "open") return;
      rig.tested.send("last");
      rig.tested.close();
    },
  });
  const texts = Array.from({ length: 10 }, (_, i) => `${i}`.padEnd(400, "x"));
  for (const text of texts) rig.tested.send(text);
  const opened = await rig.open();
  const expected = [...texts, "last"].map((text) => `text ${text}`);
  assertEquals(await answerClose(opened), [...expected, "close 1000"]);
  assertEquals((await rig.over()).unsent, 0);
});

Deno.test("sending: close from within the handler open is no other than a moment later", async () => {
  const rig: Rig = new Rig({ handlers: { open: () => void rig.tested.close(4000, "mine") } });
  rig.tested.send("before");
  const opened = await rig.open();
  assertEquals([rig.tested.state, opened.connection.state], ["closing", "closing"]);
  assertEquals(await answerClose(opened), ["text before", "close 4000 mine"]);
  const { why, unsent, cause } = await rig.over();
  assertEquals([why, unsent, cause?.kind], ["closed", 0, "closed"]);
  assertEquals(rig.states, ["connecting 1", "closing 1", "closed 1"]);
});

Deno.test("sending: the signal from within the handler open closes the connection with 1001", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const rig = new Rig({ signal, handlers: { open: () => controller.abort("enough") } });
  const opened = await rig.open();
  assertEquals(await answerClose(opened), ["close 1001"]);
  const { why, error, cause } = await rig.over();
  assertEquals([why, error, cause?.kind], ["aborted", "enough", "closed"]);
});
