/**
 * How the codec engine's transport ends: in order, by a fault, by the end of the stream,
 * by a failure below, or by our own will.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { OP, settle } from "../../support/connection_pair.ts";
import { closePayload } from "../../support/raw_frame.ts";
import { mixedTraffic, openTransport } from "../../support/transport_recorder.ts";

Deno.test("codec transport: a server ends its direction behind the close frame, a client waits", async () => {
  for (const role of ["server", "client"] as const) {
    const { link, recorder, peer } = await openTransport({ role });
    peer.sendClose(4001, "bye");
    await settle();
    assertEquals(peer.takeLines(), ["close 4001"]);
    assertEquals(recorder.events(), ["closing"]);
    assertEquals(peer.ended, role === "server", "RFC 6455 §7.1.1");
    peer.end();
    await settle();
    assertEquals(recorder.closes, [{ code: 4001, reason: "bye", wasClean: true }]);
    assert(link.destroyed);
  }
});

Deno.test("codec transport: a close frame without a code is 1005, and answered without one", async () => {
  const { recorder, peer } = await openTransport();
  peer.send({ opcode: OP.CLOSE });
  await settle();
  assertEquals(peer.takeLines(), ["close"]);
  peer.end();
  await settle();
  assertEquals(recorder.closes, [{ code: 1005, reason: "", wasClean: true }]);
});

Deno.test("codec transport: our close frame leaves behind all that waits", async () => {
  const { link, transport, recorder, peer } = await openTransport();
  link.output.stalled = true;
  transport.sendText("first", true);
  await settle();
  transport.sendText("second", true);
  transport.close(1000, "done");
  transport.close(1001, "again");
  transport.sendText("too late", true);
  await settle();
  link.output.stalled = false;
  await settle();
  assertEquals(peer.takeLines(), ["text first", "text second", "close 1000 done"]);
  assertEquals(peer.ended, false, "the peer's close frame is awaited");
  peer.sendText("still allowed");
  peer.sendClose(1000);
  peer.end();
  await settle();
  assertEquals(recorder.events(), ["text still allowed", "closing", "closed 1000 clean"]);
});

Deno.test("codec transport: what comes after the close frame is ignored", async () => {
  const { recorder, peer } = await openTransport();
  peer.sendClose(1000);
  peer.sendText("late");
  peer.send({ opcode: OP.PING });
  peer.write(new Uint8Array([0xff, 0xff, 0xff]));
  await settle();
  assertEquals(recorder.events(), ["closing"]);
  assertEquals(peer.takeLines(), ["close 1000"]);
});

Deno.test("codec transport: the end of stream without a close frame is 1006", async () => {
  const frame = (await openTransport()).peer.frame({ opcode: OP.TEXT, payload: "hello" });
  // After nothing, within a header, within a payload, and between messages.
  for (const size of [0, 1, 4, 8, frame.length]) {
    const { link, recorder, peer } = await openTransport();
    if (size > 0) peer.write(frame.subarray(0, size));
    await settle();
    peer.end();
    await settle();
    const [event] = recorder.closes;
    assertEquals([event!.code, event!.reason, event!.wasClean], [1006, "", false]);
    assertEquals((event!.error as { code?: string }).code, "ERR_STREAM_ENDED");
    assertEquals(recorder.closes.length, 1);
    assert(link.destroyed);
  }
});

Deno.test("codec transport: the end of stream after our close frame alone is 1006", async () => {
  const { transport, recorder, peer } = await openTransport();
  transport.close(1000, "");
  await settle();
  peer.end();
  await settle();
  assertEquals(recorder.events(), ["closed 1006 unclean"]);
});

Deno.test("codec transport: a reset during a send is 1006, with its cause", async () => {
  for (const role of ["server", "client"] as const) {
    const { link, transport, recorder } = await openTransport({ role });
    link.output.stalled = true;
    transport.sendBinary(new Uint8Array(1000), true);
    await settle();
    link.reset();
    transport.sendText("nothing is thrown", true);
    await settle();
    transport.sendText("nor later", true);
    await settle();
    const [event] = recorder.closes;
    assertEquals([event!.code, event!.wasClean], [1006, false]);
    const { code, message, cause } = event!.error as Error & { code?: string };
    assertEquals(code, "ERR_STREAM_FAILED");
    assertEquals(message, "the byte stream failed: Connection reset by peer");
    assertEquals((cause as Error).message, "Connection reset by peer");
    assertEquals(recorder.closes.length, 1);
  }
});

Deno.test("codec transport: a reset once both close frames are exchanged loses nothing", async () => {
  const { link, recorder, peer } = await openTransport();
  peer.sendClose(1000, "bye");
  await settle();
  link.reset();
  await settle();
  assertEquals(recorder.closes, [{ code: 1000, reason: "bye", wasClean: true }]);
});

Deno.test("codec transport: a reset before our close frame has left is not clean", async () => {
  const { link, recorder, peer } = await openTransport();
  link.output.stalled = true;
  peer.sendClose(1000, "bye");
  await settle();
  link.reset();
  await settle();
  assertEquals(recorder.closes, [{ code: 1000, reason: "bye", wasClean: false }]);
});

Deno.test("codec transport: the peer's end of stream waits for our close frame to leave", async () => {
  const { link, recorder, peer } = await openTransport();
  link.output.stalled = true;
  peer.sendClose(1000);
  await settle();
  peer.end();
  await settle();
  assertEquals(recorder.closes, []);
  link.output.stalled = false;
  await settle();
  assertEquals(recorder.closes, [{ code: 1000, reason: "", wasClean: true }]);
  assertEquals(peer.takeLines(), ["close 1000"]);
});

Deno.test("codec transport: a peer that closes and ends at once still gets all that was sent", async () => {
  for (const role of ["server", "client"] as const) {
    const { link, transport, recorder, peer } = await openTransport({ role });
    const close = peer.frame({ opcode: OP.CLOSE, payload: closePayload(1000) });
    transport.sendText("before", true);
    // Close frame and end of stream come in the same job, before what was sent has left.
    link.receiver?.onBytes(close, 0, close.length);
    link.receiver?.onEnd();
    assertEquals(recorder.closes, []);
    await settle();
    assertEquals(peer.takeLines(), ["text before", "close 1000"]);
    assertEquals(recorder.closes, [{ code: 1000, reason: "", wasClean: true }]);
    assert(link.destroyed);
  }
});

Deno.test("codec transport: destroyed once all was said on both sides, it ends cleanly", async () => {
  for (const role of ["server", "client"] as const) {
    for (const begun of ["here", "by the peer"]) {
      const { link, transport, recorder, peer } = await openTransport({ role });
      if (begun === "here") transport.close(1000, "");
      await settle();
      peer.sendClose(1000, "bye");
      await settle();
      assertEquals(recorder.closes, []);
      transport.destroy(new Error("the peer keeps the stream"));
      assertEquals(recorder.closes, [{ code: 1000, reason: "bye", wasClean: true }]);
      transport.destroy();
      assertEquals(recorder.closes.length, 1);
      assert(link.destroyed);
    }
  }
});

Deno.test("codec transport: destroyed before our close frame has left, it ends uncleanly", async () => {
  for (const within of ["the call", "a stalled write"]) {
    const { link, transport, recorder, peer } = await openTransport();
    link.output.stalled = within === "a stalled write";
    recorder.onLine = (line) => {
      if (line === "closing" && within === "the call") transport.destroy();
    };
    peer.sendClose(1000, "bye");
    await settle();
    transport.destroy();
    assertEquals(recorder.closes, [{ code: 1000, reason: "bye", wasClean: false }]);
  }
});

Deno.test("codec transport: who breaks a rule is told, and cut off by both roles", async () => {
  for (const role of ["server", "client"] as const) {
    const { recorder, peer } = await openTransport({ role });
    peer.sendText("fine");
    peer.send({ opcode: 3 });
    peer.sendText("never seen");
    await settle();
    assertEquals(peer.takeLines(), ["close 1002"]);
    assertEquals(peer.ended, true, "RFC 6455 §7.1.7");
    assertEquals(recorder.events(), ["text fine", "closing"]);
    peer.end();
    await settle();
    const [event] = recorder.closes;
    assertEquals([event!.code, event!.wasClean], [1002, false]);
    assertEquals((event!.error as { code?: string }).code, "ERR_RESERVED_OPCODE");
  }
});

Deno.test("codec transport: destroying it ends it at once, once, with the cause that is given", async () => {
  for (const error of [undefined, new Error("cause")]) {
    const { link, transport, recorder, peer } = await openTransport();
    transport.sendText("lost", true);
    transport.destroy(error);
    transport.destroy(new Error("again"));
    assertEquals(recorder.closes, [
      { code: 1006, reason: "", wasClean: false, ...(error === undefined ? {} : { error }) },
    ]);
    assert(link.destroyed);
    transport.sendText("ignored", true);
    transport.close(1000, "");
    await settle();
    assertEquals(peer.takeLines(), []);
    assertEquals(recorder.events(), ["closed 1006 unclean"]);
  }
});

Deno.test("codec transport: destroying it from within any of its calls is safe", async () => {
  for (const piecewise of [false, true]) {
    const trial = await openTransport();
    const bytes = mixedTraffic(trial.peer);
    trial.recorder.piecewise = piecewise;
    trial.peer.write(bytes);
    await settle();
    const lines = trial.recorder.taken().length;
    for (let at = 0; at < lines; at++) {
      const { transport, recorder, peer } = await openTransport();
      recorder.piecewise = piecewise;
      let left = at;
      recorder.onLine = () => {
        if (left-- === 0) transport.destroy();
      };
      peer.write(bytes);
      await settle();
      assertEquals(recorder.closes.length, 1);
      assertEquals(recorder.log.length, at + 2, "nothing follows");
    }
  }
});
