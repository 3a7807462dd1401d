/**
 * The ends of connections on the codec engine over real TCP: peers that do not answer, do not
 * read, flood, reset, or end their direction (RFC 6455 §7).
 */
import { assert, assertEquals } from "@std/assert";
import type { ConnectionOptions } from "../../../lib/connection/options.ts";
import { buildFrame, closePayload, RawPeer, SOME_MASK } from "../../support/raw_peer.ts";
import { assertEcho, ECHO, ServerRig } from "../../support/server_rig.ts";

/** An echo with other options. */
function echo(options: ConnectionOptions): ServerRig {
  return new ServerRig({ endpoint: { ...ECHO, ...options } });
}

/** What `peer` sees until the end: the code of the close frame, and how the stream ended. */
async function endOf(peer: RawPeer): Promise<{ closes: number[]; frames: number; end: string }> {
  const { frames, end } = await peer.readFramesToEnd();
  const closes = frames.filter(({ opcode }) => opcode === 8)
    .map(({ payload }) => payload.length < 2 ? 1005 : payload[0]! << 8 | payload[1]!);
  return { closes, frames: frames.length, end };
}

Deno.test("closing: a client that floods on gets the close frame 1009 before the end", async () => {
  await using rig = echo({ maxMessageBytes: 1024, closeTimeout: 1000 });
  await using witness = await RawPeer.open(rig.port);
  await using peer = await RawPeer.open(rig.port);
  const megabyte = buildFrame({ opcode: 2, mask: SOME_MASK, payload: new Uint8Array(1 << 20) });
  let flooding = true;
  const flood = (async () => {
    while (flooding) await peer.write(megabyte);
  })();
  flood.catch(() => {});
  const { opcode, payload } = await peer.readFrame();
  assertEquals([opcode, payload[0]! << 8 | payload[1]!], [8, 1009]);
  await assertEcho(witness);
  // The server has ended its direction, and goes on reading so that nothing is lost by a reset.
  assertEquals(await endOf(peer), { closes: [], frames: 0, end: "eof" });
  flooding = false;
  await flood;
  await peer[Symbol.asyncDispose]();
  assertEquals(await rig.nextClose(), {
    code: 1009,
    wasClean: false,
    error: "ERR_FRAME_TOO_LARGE",
  });
  await rig.untilPlaces(1);
  await rig.assertEchoes();
});

Deno.test("closing: a client that floods without end is cut at closeTimeout", async () => {
  await using rig = echo({ maxMessageBytes: 1024, closeTimeout: 200 });
  await using peer = await RawPeer.open(rig.port);
  const megabyte = buildFrame({ opcode: 2, mask: SOME_MASK, payload: new Uint8Array(1 << 20) });
  const start = performance.now();
  await (async () => {
    while (true) await peer.write(megabyte);
  })().catch(() => {});
  assert(performance.now() - start < 3000);
  assertEquals((await rig.nextClose()).code, 1009);
  await rig.untilPlaces(0);
  await rig.assertEchoes();
});

Deno.test("closing: a peer that never echoes is cut at closeTimeout", async () => {
  await using rig = echo({ closeTimeout: 150 });
  await using peer = await RawPeer.open(rig.port);
  await rig.untilOpened(1);
  const start = performance.now();
  const event = await rig.opened[0]!.close(4000, "bye");
  const took = performance.now() - start;
  assert(took >= 145 && took < 1500, `${took} ms`);
  assertEquals([event.code, event.wasClean], [1006, false]);
  assertEquals((await endOf(peer)).closes, [4000]);
  await rig.untilPlaces(0);
  assertEquals((await rig.nextClose()).error, "ERR_CLOSE_TIMEOUT");
  await rig.assertEchoes();
});

Deno.test("closing: a peer that does not read is cut at closeTimeout as well", async () => {
  await using rig = echo({ closeTimeout: 150, sendLimit: 1 << 26 });
  await using peer = await RawPeer.open(rig.port);
  await rig.untilOpened(1);
  const [connection] = rig.opened;
  void connection!.send(new Uint8Array(1 << 25));
  const event = await connection!.close(1000);
  assertEquals([event.code, event.wasClean], [1006, false]);
  assertEquals(connection!.bufferedAmount > 0, true);
  await rig.untilPlaces(0);
  await rig.nextClose();
  await rig.assertEchoes();
  await peer.readToEnd();
});

Deno.test("closing: a peer that takes nothing is cut at writeTimeout", async () => {
  await using rig = echo({ writeTimeout: 150, sendLimit: 1 << 26 });
  await using peer = await RawPeer.open(rig.port);
  await rig.untilOpened(1);
  void rig.opened[0]!.send(new Uint8Array(1 << 25));
  const close = await rig.nextClose();
  assertEquals(close, { code: 1006, wasClean: false, error: "ERR_WRITE_TIMEOUT" });
  await rig.untilPlaces(0);
  await rig.assertEchoes();
  await peer.readToEnd();
});

Deno.test("closing: a reset during a send is 1006, and what waits for the send is told", async () => {
  await using rig = echo({ sendLimit: 1 << 26 });
  await using peer = await RawPeer.open(rig.port);
  await rig.untilOpened(1);
  const [connection] = rig.opened;
  const sending = connection!.send(new Uint8Array(1 << 25));
  const failed = sending!.then(() => undefined, (error) => error.code);
  await peer.reset();
  const { code, wasClean, error } = await rig.nextClose();
  assertEquals([code, wasClean, error], [1006, false, "ERR_STREAM_FAILED"]);
  assertEquals(await failed, "ERR_CLOSED");
  assertEquals(await connection!.send("late")?.catch((late) => late.code), "ERR_CLOSED");
  await rig.untilPlaces(0);
  await rig.assertEchoes();
});

Deno.test("closing: the end of the stream without a close frame is 1006, wherever it comes", async () => {
  await using rig = echo({});
  const frame = buildFrame({ opcode: 1, mask: SOME_MASK, payload: "x".repeat(200) });
  for (const length of [0, 1, 3, 7, 8, 100]) {
    await using peer = await RawPeer.open(rig.port);
    await peer.write(frame.subarray(0, length));
    await peer.halfClose();
    assertEquals((await endOf(peer)).end, "eof");
    assertEquals(await rig.nextClose(), {
      code: 1006,
      wasClean: false,
      error: "ERR_STREAM_ENDED",
    });
  }
  await rig.untilPlaces(0);
  await rig.assertEchoes();
});

Deno.test("closing: the server ends the stream first, and the peer's end completes it", async () => {
  await using rig = echo({});
  await using peer = await RawPeer.open(rig.port);
  await peer.sendMasked({ opcode: 8, payload: closePayload(4321, "done") });
  await peer.sendMasked({ opcode: 1, payload: "after the close frame" });
  assertEquals(await endOf(peer), { closes: [4321], frames: 1, end: "eof" });
  assertEquals(rig.places, 1);
  await peer.halfClose();
  assertEquals(await rig.nextClose(), { code: 4321, wasClean: true, error: undefined });
  await rig.untilPlaces(0);
});

Deno.test("closing: after both close frames a reset changes nothing", async () => {
  await using rig = echo({});
  await using peer = await RawPeer.open(rig.port);
  await peer.sendMasked({ opcode: 8, payload: closePayload(1000) });
  await peer.readFrame();
  await peer.reset();
  assertEquals(await rig.nextClose(), { code: 1000, wasClean: true, error: undefined });
  await rig.untilPlaces(0);
});

Deno.test("closing: a peer that stays after both close frames is let go at closeTimeout", async () => {
  await using rig = echo({ closeTimeout: 150 });
  await using peer = await RawPeer.open(rig.port);
  await peer.sendMasked({ opcode: 8, payload: closePayload(1000) });
  assertEquals((await endOf(peer)).closes, [1000]);
  const { code } = await rig.nextClose();
  assertEquals(code, 1000);
  await rig.untilPlaces(0);
});

Deno.test("closing: simultaneous closes end cleanly with one event", async () => {
  await using rig = echo({});
  await using peer = await RawPeer.open(rig.port);
  await rig.untilOpened(1);
  const closing = rig.opened[0]!.close(4001);
  await peer.sendMasked({ opcode: 8, payload: closePayload(4002) });
  assertEquals((await endOf(peer)).closes, [4001]);
  await peer.halfClose();
  const { code, wasClean } = await closing;
  assertEquals([code, wasClean], [4002, true]);
  assertEquals((await rig.nextClose()).code, 4002);
  await rig.untilPlaces(0);
});

Deno.test("closing: a peer that goes silent is gone after the heartbeat's interval and timeout", async () => {
  await using rig = echo({ heartbeat: { interval: 60, timeout: 60 } });
  await using peer = await RawPeer.open(rig.port);
  const start = performance.now();
  const close = await rig.nextClose();
  assertEquals(close, { code: 1006, wasClean: false, error: "ERR_HEARTBEAT_TIMEOUT" });
  assert(performance.now() - start < 1500);
  const { frames } = await peer.readFramesToEnd();
  assertEquals(frames.map(({ opcode }) => opcode).slice(0, 1), [9]);
  await rig.untilPlaces(0);
});
